"""The variables of a story as ``VAR``s with the values that they have at the start."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.domains import kind_of
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.story import EngineStory

_DEFAULTS: Mapping[str, Value] = {"number": 0, "formula": 0, "boolean": False, "multi_select": []}


class InkVariables:
    """Declares variables; ``values`` are those at the start, formulas worked out."""

    def __init__(self, story: EngineStory, values: Mapping[str, Value]) -> None:
        self._story, self._values = story, values

    def declarations(self) -> Iterator[str]:
        """A ``VAR`` for each variable, by name."""
        for name, variable in self._story.variables.variables.items():
            literal = self._literal(variable, self._values[name])
            yield f"VAR {self._story.emitter.identifiers.of(name)} = {literal}"

    def facts(self) -> Iterator[dict[str, Any]]:
        """What the metadata says of each variable."""
        for name, variable in self._story.variables.variables.items():
            ink = self._story.emitter.identifiers.of(name)
            yield {
                "name": name,
                "ink": ink,
                "type": variable.type,
                "initial": self._values[name],
                "limits": {
                    key: variable.config[key] for key in _LIMITS if variable.config.get(key)
                },
            }

    def _literal(self, variable: Variable, value: Value) -> str:
        """A value as Ink can hold it; what it cannot is told."""
        emitter, told = self._story.emitter, self._story.told
        where = f"variable {variable.full_name}"
        if not emitter.facts.can_hold(variable, kind_of(value)):
            default = _DEFAULTS.get(variable.type, "")
            message = f"it cannot hold {_short(value)} in Ink: it begins with {_short(default)}"
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
            return _bare(emitter.value(kept))
        except CannotSayError as reason:
            told.add("XP0204", f"it begins with 0 instead of {_short(value)}: {reason}", where)
            return "0"


_LIMITS = ("min", "max", "max_length", "max_options", "min_date", "max_date", "mode")
_NEGATIVE = re.compile(r"\((-[0-9.]+)\)")


def _bare(literal: str) -> str:
    """A literal without the parentheses that negative numbers have in expressions."""
    found = _NEGATIVE.fullmatch(literal)
    return found[1] if found else literal


def _short(value: Value) -> str:
    text = "nil" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
