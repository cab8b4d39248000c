"""The story's variables as the database declares them, and those that the export itself needs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters import Emitter
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.unity.fields import BOOLEAN, NUMBER, TEXT, asset, field
from storyarn_pipelines.serializers.unity.ids import Numbers
from storyarn_pipelines.serializers.unity.markup import acts
from storyarn_pipelines.story.text import shown_whole

BOTTOM = "."
"""What the stack of calls holds when nobody called."""

_COARSE = 2**10
"""Sums of fractions with a power of two up to this below the line stay short."""

_TYPES = {"number": NUMBER, "formula": NUMBER, "boolean": BOOLEAN}
_DEFAULTS = {NUMBER: "0", BOOLEAN: "False", TEXT: ""}
# A name with one of these is written in its changed form, which every version reads as it is.
_CHANGED = frozenset('"()/[]\\|')


@dataclass(frozen=True, slots=True)
class Runtime:
    """Names of the export's own variables: the stack of calls, the exit by which a called flow
    came back, and rounds of a loop that says nothing."""

    calls: str
    exit: str
    rounds: str

    @classmethod
    def beside(cls, emitter: Emitter) -> "Runtime":
        """Names that no variable of the story has."""
        taken = set(emitter.identifiers.mapping().values())

        def free(name: str) -> str:
            while name in taken:
                name += "_"
            return name

        return cls(free("storyarn.calls"), free("storyarn.exit"), free("storyarn.rounds"))


def shows_otherwise(value: Value) -> bool:
    """Whether the plugin may show a number, or sums with it, in another way than Storyarn."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    if f"{value:.14g}" != shown_whole(value):
        return True
    return isinstance(value, float) and value.as_integer_ratio()[1] > _COARSE


class Variables:
    """Writes the variables, and remembers what only a script can set."""

    def __init__(
        self, emitter: Emitter, initial: dict[str, Value], runtime: Runtime, told: Told
    ) -> None:
        """``initial`` are first values of formulas."""
        self._emitter, self._initial = emitter, initial
        self._runtime, self._told = runtime, told
        self._scripts: list[str] = []

    def first(self, variable: Variable) -> Value:
        """What a variable holds at the start."""
        return self._initial.get(variable.full_name, variable.initial)

    def written(self) -> Iterator[bytes]:
        """Every variable as JSON; afterwards ``script`` is complete."""
        numbers = Numbers()
        for diagnostic in self._emitter.identifiers.diagnostics:
            self._told.found.append(diagnostic)
        for name, variable in self._emitter.variables.items():
            index = self._emitter.identifiers.of(name)
            plain = name if _index(name) == index and not _CHANGED & set(name) else index
            value, kind = self._field(variable, index)
            yield asset(
                numbers.made(name),
                (
                    field("Name", plain),
                    field("Initial Value", value, kind),
                    field("Description", ""),
                    field("Storyarn Name", name),
                    field("Storyarn Type", variable.type),
                ),
            )
        runtime = self._runtime
        for name, value, kind, text in (
            (runtime.calls, BOTTOM, TEXT, "Flows that wait for a called one, the last first."),
            (runtime.exit, "", TEXT, "The exit by which the last called flow came back."),
            (runtime.rounds, "0", NUMBER, "Rounds of a loop that says nothing."),
        ):
            yield asset(
                numbers.made(f"@{name}"),
                (
                    field("Name", name),
                    field("Initial Value", value, kind),
                    field("Description", f"Used by the exported conversations. {text}"),
                ),
            )

    @property
    def script(self) -> str:
        """Sets what a first value cannot say: nil, and numbers that single floats do not hold."""
        return "\n".join(self._scripts)

    def _field(self, variable: Variable, index: str) -> tuple[str, int]:
        """The text of the first value, and the type of its field."""
        value = self._emitter.kept(variable, self.first(variable))
        reference = f'Variable["{index}"]'
        match value:
            case None:
                kind = _TYPES.get(variable.type, TEXT)
                self._scripts.append(f"{reference} = nil")
                return _DEFAULTS[kind], kind
            case bool():
                return str(value), BOOLEAN
            case str():
                if acts(value):
                    message = "its first value holds marks that act where it is put into a text"
                    self._told.add("XP0202", message, f"variable {variable.full_name}")
                return value, TEXT
        try:
            literal = self._emitter.value(value)
        except CannotSayError as reason:
            message = f"its first value becomes 0: {reason}"
            self._told.add("XP0204", message, f"variable {variable.full_name}")
            return "0", NUMBER
        if not _is_single(float(value)):
            self._scripts.append(f"{reference} = {literal.strip('()')}")
        return literal.strip("()"), NUMBER


def _index(name: str) -> str:
    """The index in ``Variable`` that the plugin makes of a name."""
    return "".join(["_" if x in '" -()/' else x for x in name])


def _is_single(number: float) -> bool:
    """Whether a single float, as which the plugin reads a first value, holds the number."""
    try:
        (single,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        return False
    return bool(single == number)
