"""Formula cells as smart variables, which Yarn Spinner works out whenever they are read.

Yarn has no nil: a formula that has no value, as after a division by zero, is 0.
"""

from collections.abc import Iterator

from storyarn_pipelines.expressions.ast import Instruction, Ref
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.yarn.functions import UsedFunctions
from storyarn_pipelines.story.formulas import FUNCTIONS
from storyarn_pipelines.story.recompute import Formula

_MAY_FAIL = ("/", "^", "sqrt")
_LONGEST = 10_000


class YarnFormulas:
    """The formulas of a story, those first that others build on."""

    def __init__(self, story: EngineStory, used: UsedFunctions) -> None:
        self._story, self._used = story, used
        self._by_name = {formula.name: formula for formula in story.variables.formulas}
        self._in_order, self._circular = self._ordered()

    @property
    def names(self) -> frozenset[str]:
        """The variables that are formulas."""
        return frozenset(self._by_name)

    def declarations(self) -> Iterator[str]:
        """Their declarations; what cannot be said is told."""
        for formula in self._in_order:
            yield self._declared(formula)
        for formula in self._circular:
            self._tell(
                formula, "is 0: formulas that build on each other in a circle cannot be said"
            )
            yield f"<<declare {self._target(formula)} = 0 as number>>"

    def reads_early(self, instruction: Instruction) -> str | None:
        """A formula that assignments read after others may have changed what it depends on.

        Storyarn works formulas out after the whole instruction, Yarn when they are read.
        """
        if not self._by_name:
            return None
        for assignment in instruction[1:]:
            value = assignment.value
            if isinstance(value, Ref) and value.full_name in self._by_name:
                return value.full_name
        return None

    def _ordered(self) -> tuple[list[Formula], list[Formula]]:
        waiting = {
            name: {x for x in formula.bindings.values() if x in self._by_name}
            for name, formula in self._by_name.items()
        }
        readers: dict[str, list[str]] = {}
        for name, sources in waiting.items():
            for source in sources:
                readers.setdefault(source or "", []).append(name)
        ready = [name for name, sources in waiting.items() if not sources]
        for name in ready:  # grows while it is walked
            for reader in readers.get(name, ()):
                waiting[reader].discard(name)
                if not waiting[reader]:
                    ready.append(reader)
        done = set(ready)
        circular = [x for name, x in self._by_name.items() if name not in done]
        return [self._by_name[name] for name in ready], circular

    def _declared(self, formula: Formula) -> str:
        try:
            text = self._expression(formula)
        except CannotSayError as reason:
            self._tell(formula, f"is 0: {reason}")
            return f"<<declare {self._target(formula)} = 0 as number>>"
        assert formula.program is not None
        if any(step.text in _MAY_FAIL for step in formula.program if step.kind != "name"):
            self._tell(formula, "is 0 where it has no value: Yarn has no nil")
            text = f"formula_result({text})"
        return f"<<declare {self._target(formula)} = {self._used.note(text)}>>"

    def _tell(self, formula: Formula, message: str) -> None:
        told = f"the formula `{formula.text[:200]}` {message}"
        self._story.told.add("XP0204", told, f"variable {formula.name}")

    def _target(self, formula: Formula) -> str:
        return f"${self._story.emitter.identifiers.of(formula.name)}"

    def _expression(self, formula: Formula) -> str:
        if formula.program is None:
            raise CannotSayError("it cannot be read")
        stack: list[str] = []
        for step in formula.program:
            match step.kind:
                case "number":
                    stack.append(self._story.emitter.number(step.number))
                case "name":
                    stack.append(self._bound(formula, step.text))
                case "operator" if step.text == "negate":
                    stack.append(f"(0 - {stack.pop()})")
                case "operator":
                    right, left = stack.pop(), stack.pop()
                    stack.append(_operated(step.text, left, right))
                case _:
                    if step.count != FUNCTIONS[step.text]:
                        raise CannotSayError(f"{step.text} has a wrong number of arguments")
                    arguments = stack[-step.count :]
                    del stack[-step.count :]
                    stack.append(_called(step.text, arguments))
            if len(stack[-1]) > _LONGEST:
                raise CannotSayError("it is too long")
        return stack.pop()

    def _bound(self, formula: Formula, symbol: str) -> str:
        if symbol not in formula.bindings:
            raise CannotSayError(f"{symbol} has no value")
        variable = self._story.variables.variables.get(formula.bindings[symbol] or "")
        if variable is None:
            return "0"
        if variable.type in ("number", "formula"):
            return self._story.emitter.reference(variable)
        if variable.type not in ("boolean", "multi_select"):
            self._tell(formula, f"counts {variable.full_name} as 0, whatever text it holds")
        return "0"


def _operated(sign: str, left: str, right: str) -> str:
    named = {"/": "formula_divide", "^": "formula_power"}.get(sign)
    return f"{named}({left}, {right})" if named else f"({left} {sign} {right})"


def _called(function: str, arguments: list[str]) -> str:
    joined = ", ".join(arguments)
    match function:
        case "sqrt":
            return f"formula_power({joined}, 0.5)"
        case "abs":
            return f"max({joined}, 0 - {joined})"
        case "min" | "max":
            return f"{function}({joined})"
    return f"formula_{function}({joined})"
