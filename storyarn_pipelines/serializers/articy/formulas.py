"""Formula cells: worked out again, in whole numbers, after what they build on has changed."""

from collections.abc import Collection

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.story.formulas import FUNCTIONS
from storyarn_pipelines.story.recompute import Formula, Recomputation
from storyarn_pipelines.story.variables import StoryVariables

_BASE = 1_000_000_000
_LONGEST = 2_000


class ArticyFormulas:
    """The formulas of a story as statements. ``values`` are those of all variables at the start."""

    def __init__(self, variables: StoryVariables, emitter: Emitter) -> None:
        self._formulas = {x.name: x for x in variables.formulas}
        self._emitter = emitter
        self._recomputation = Recomputation(variables.formulas)
        self.values: dict[str, Value] = {
            x.full_name: x.initial for x in variables.variables.values()
        }
        self._recomputation.all(self.values)
        sources = [y for x in variables.formulas for y in x.bindings.values() if y is not None]
        self._sources = frozenset(sources)
        self._known: dict[frozenset[str], tuple[str, list[str]]] = {}

    @property
    def used(self) -> bool:
        """Whether the story has formulas."""
        return bool(self._formulas)

    def after(self, changed: Collection[str]) -> tuple[str, list[str]]:
        """Statements that work out what depends on variables, and the formulas that have none."""
        touched = self._sources.intersection(changed)
        if not touched:
            return "", []
        if touched not in self._known:
            self._known[touched] = self._statements(touched)
        return self._known[touched]

    def _statements(self, touched: frozenset[str]) -> tuple[str, list[str]]:
        made, lost = [], []
        for name in self._recomputation.after(touched, dict(self.values)):
            formula = self._formulas[name]
            try:
                text = self._expression(formula)
            except CannotSayError:
                lost.append(name)
                continue
            target = self._emitter.reference(self._emitter.variables[name])
            made.append(self._emitter.assignment.format(variable=target, value=text))
        return " ".join(made), lost

    def _expression(self, formula: Formula) -> str:
        """A formula as whole arithmetic. Raises CannotSayError."""
        if formula.program is None:
            raise CannotSayError("it cannot be read")
        stack: list[str] = []
        for step in formula.program:
            match step.kind:
                case "number":
                    stack.append(self._whole(step.number))
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

    def _whole(self, number: float) -> str:
        if not number.is_integer():
            raise CannotSayError("numbers are whole there")
        return self._emitter.number(number)

    def _bound(self, formula: Formula, symbol: str) -> str:
        if symbol not in formula.bindings:
            raise CannotSayError(f"{symbol} stands for nothing")
        variable = self._emitter.variables.get(formula.bindings[symbol] or "")
        if variable is None or variable.type == "boolean":
            return "0"
        if variable.type not in ("number", "formula"):
            raise CannotSayError("no number can be read from a text there")
        return self._emitter.reference(variable)


def _operated(sign: str, left: str, right: str) -> str:
    if sign in "+-*":
        return f"({left} {sign} {right})"
    raise CannotSayError("numbers are whole there")


def _called(function: str, arguments: list[str]) -> str:
    """Functions of whole numbers, by arithmetic that comes out even within the base."""
    match function, arguments:
        case "floor" | "ceil" | "round", [inner]:
            return inner
        case "abs", [inner]:
            return _greater(inner, f"(0 - {inner})")
        case "max", [left, right]:
            return _greater(left, right)
        case "min", [left, right]:
            return f"(0 - {_greater(f'(0 - {left})', f'(0 - {right})')})"
    raise CannotSayError("numbers are whole there")


def _greater(left: str, right: str) -> str:
    above = f"({left} - {right})"
    step = f"(({above} + {_BASE} - ({above} + {_BASE}) % {_BASE}) / {_BASE})"
    return f"({right} + {above} * {step})"
