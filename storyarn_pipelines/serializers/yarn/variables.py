"""The variables of a story as typed declarations with the values that they have at the start."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.domains import kind_of
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError, Scalar
from storyarn_pipelines.expressions.emitters.literals import is_number
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.yarn.formulas import YarnFormulas
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.story.recompute import Recomputation

_DEFAULTS: Mapping[str, Value] = {"number": 0, "formula": 0, "boolean": False, "multi_select": []}
_KINDS = {"number": "number", "formula": "number", "boolean": "bool"}
_LIMITS = ("min", "max", "max_length", "max_options", "min_date", "max_date", "mode")
_LONGEST = 60


class YarnVariables:
    """Declares the variables; formulas come last, since they read the others."""

    def __init__(self, story: EngineStory, names: YarnNames, formulas: YarnFormulas) -> None:
        self._story, self._names, self._formulas = story, names, formulas
        self._values: dict[str, Value] = {
            name: variable.initial for name, variable in story.variables.variables.items()
        }
        Recomputation(story.variables.formulas).all(self._values)

    def declarations(self) -> Iterator[str]:
        """A command for each variable."""
        for name, variable in self._story.variables.variables.items():
            if name not in self._formulas.names:
                literal, kind = self._literal(variable), _kind(variable)
                yield f"<<declare ${self._yarn(name)} = {literal} as {kind}>>"
        yield f'<<declare ${self._names.exit} = "" as string>>'
        yield f"<<declare ${self._names.rounds} = 0 as number>>"
        yield from self._formulas.declarations()

    def facts(self) -> Iterator[dict[str, Any]]:
        """What the metadata says of each variable."""
        for name, variable in self._story.variables.variables.items():
            yield {
                "name": name,
                "yarn": f"${self._yarn(name)}",
                "type": variable.type,
                "yarn_type": _kind(variable),
                "initial": self._values[name],
                "limits": {x: variable.config[x] for x in _LIMITS if variable.config.get(x)},
            }

    def _yarn(self, name: str) -> str:
        return self._story.emitter.identifiers.of(name)

    def _literal(self, variable: Variable) -> str:
        """The first value as Yarn can hold it; what it cannot is told."""
        emitter, told = self._story.emitter, self._story.told
        where, value = f"variable {variable.full_name}", variable.initial
        if not emitter.facts.can_hold(variable, kind_of(value)):
            default = _DEFAULTS.get(variable.type, "")
            message = f"it cannot hold {_short(value)} in Yarn: it begins with {_short(default)}"
            told.add("XP0204", message, where)
            value = default
        kept = emitter.kept(variable, value)
        if isinstance(kept, str):
            plain = emitter.refused.sub(" ", kept)
            if plain != kept:
                message = "line breaks and control characters of its first value become blanks"
                told.add("XP0202", message, where)
            return emitter.text(plain)
        try:
            self._check_digits(kept, where)
            return emitter.value(kept).strip("()")  # a bare literal, or it would be an expression
        except CannotSayError as reason:
            told.add("XP0204", f"it begins with 0 instead of {_short(value)}: {reason}", where)
            return "0"

    def _check_digits(self, value: Scalar | None, where: str) -> None:
        """Tell of a number that Yarn, which counts in single floats, shows in other digits."""
        if not is_number(value) or isinstance(value, str | None):
            return
        single = f"{value:.7g}"
        if float(single) != value:
            message = f"it begins with about {single} instead of {value!r}, to seven digits"
            self._story.told.add("XP0204", message, where)


def _kind(variable: Variable) -> str:
    return _KINDS.get(variable.type, "string")


def _short(value: Value) -> str:
    text = "nil" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
