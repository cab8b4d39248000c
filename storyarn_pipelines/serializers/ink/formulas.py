"""Formula cells as functions of Ink, worked out again after what they depend on has changed.

Ink has no nil: a formula that cannot be worked out, as after a division by zero, is 0.
"""

import re
from collections.abc import Iterator, Mapping, Set

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.story.formulas import FUNCTIONS
from storyarn_pipelines.story.recompute import Formula, Recomputation

_HELPERS: Mapping[str, str] = {
    "abs": """=== function {abs}({x})
{{ {x} < 0:
    ~ return 0 - {x}
}}
~ return {x}
""",
    "round": """=== function {round}({x})
{{ {x} < 0:
    ~ return CEILING({x} - 0.5)
}}
~ return FLOOR({x} + 0.5)
""",
    "divide": """=== function {divide}({x}, {y})
{{ {y} == 0:
    ~ {failed} = true
    ~ return 0
}}
~ return FLOAT({x}) / FLOAT({y})
""",
    "power": """=== function {power}({x}, {y})
{{ ({x} < 0 and {y} != FLOOR({y})) or ({x} == 0 and {y} < 0):
    ~ {failed} = true
    ~ return 0
}}
~ return POW({x}, {y})
""",
}
_MAY_FAIL = ("divide", "power")
_NUMBER = re.compile(r"\(?-?(?:[1-9][0-9]*(?:\.[0-9]+)?|0?\.[0-9]*[1-9][0-9]*)\)?")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_LONGEST = 10_000


class InkFormulas:
    """The formulas of a story; ``used`` when there are any.

    ``first_values`` are those of all variables at the start. Formulas that build on others may
    go in a circle, and then every instruction changes them.
    """

    def __init__(self, story: EngineStory, names: InkNames) -> None:
        self._story, self._own = story, names.own
        by_name = {formula.name: formula for formula in story.variables.formulas}
        self.first_values: dict[str, Value] = {
            name: variable.initial for name, variable in story.variables.variables.items()
        }
        Recomputation(by_name.values()).all(self.first_values)
        order: dict[str, Value] = {}  # takes the values as they are worked out
        Recomputation(by_name.values()).all(order)
        self._formulas = [by_name[name] for name in order]
        self._sources: Set[str] = {
            name for formula in self._formulas for name in formula.bindings.values() if name
        }
        self.used = bool(by_name)
        self._are_chained = not self._sources.isdisjoint(by_name)

    def depend_on(self, instruction: Instruction) -> bool:
        """Whether formulas must be worked out again after some assignments."""
        if not self.used:
            return False
        return self._are_chained or any(x.target.full_name in self._sources for x in instruction)

    def call(self) -> str:
        """The statement that works all formulas out."""
        return f"~ {self._own['formulas']}()"

    def variables(self) -> Iterator[str]:
        """What the functions need."""
        if self.used:
            yield f"VAR {self._own['failed']} = false"

    def functions(self) -> Iterator[str]:
        """The functions, and what cannot be said of them as diagnostics."""
        if not self.used:
            return
        assigned = "\n".join([line for x in self._formulas for line in self._assigned(x)])
        for name, helper in _HELPERS.items():
            if f"{self._own[name]}(" in assigned:
                yield helper.format(**self._own)
        yield f"=== function {self._own['formulas']}()"
        yield assigned
        yield "~ return true"

    def _assigned(self, formula: Formula) -> Iterator[str]:
        told, emitter = self._story.told, self._story.emitter
        target, failed = emitter.identifiers.of(formula.name), self._own["failed"]
        where = f"variable {formula.name}"
        try:
            text = self._expression(formula)
        except CannotSayError as reason:
            told.add("XP0204", f"the formula `{formula.text[:200]}` is 0: {reason}", where)
            yield f"~ {target} = 0"
            return
        if not any(f"{self._own[name]}(" in text for name in _MAY_FAIL):
            yield f"~ {target} = {text}"
            return
        message = f"the formula `{formula.text[:200]}` is 0 where it has no value: Ink has no nil"
        told.add("XP0204", message, where)
        yield f"~ {failed} = false"
        yield f"~ {target} = {text}"
        yield f"{{ {failed}:"
        yield f"    ~ {target} = 0"
        yield "}"

    def _expression(self, formula: Formula) -> str:
        """A formula in Ink; operands that are names stand bare, since ``(name)`` is a list."""
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
                    stack.append(self._operated(step.text, left, right))
                case _:
                    if step.count != FUNCTIONS[step.text]:
                        raise CannotSayError(f"{step.text} has a wrong number of arguments")
                    arguments = stack[-step.count :]
                    del stack[-step.count :]
                    stack.append(self._called(step.text, arguments))
            if len(stack[-1]) > _LONGEST:
                raise CannotSayError("it is too long")
        return stack.pop()

    def _operated(self, sign: str, left: str, right: str) -> str:
        """A power or quotient with a right side that cannot fail needs no care."""
        if sign == "/" and not _NUMBER.fullmatch(right):
            return f"{self._own['divide']}({left}, {right})"
        if sign == "^":
            name = "POW" if _COUNT.fullmatch(right) else self._own["power"]
            return f"{name}({left}, {right})"
        return f"(FLOAT({left}) / {right})" if sign == "/" else f"({left} {sign} {right})"

    def _called(self, function: str, arguments: list[str]) -> str:
        joined = ", ".join(arguments)
        match function:
            case "sqrt":
                return f"{self._own['power']}({joined}, 0.5)"
            case "abs" | "round":
                return f"{self._own[function]}({joined})"
            case "ceil":
                return f"CEILING({joined})"
        return f"{function.upper()}({joined})"

    def _bound(self, formula: Formula, symbol: str) -> str:
        if symbol not in formula.bindings:
            raise CannotSayError(f"{symbol} has no value")
        variables: Mapping[str, Variable] = self._story.variables.variables
        variable = variables.get(formula.bindings[symbol] or "")
        if variable is None:
            return "0"
        if variable.type not in ("number", "formula"):
            if variable.type not in ("boolean", "multi_select"):
                message = f"{variable.full_name} counts as 0: Ink reads no number from a text"
                self._story.told.add("XP0204", message, f"variable {formula.name}")
            return "0"
        return self._story.emitter.reference(variable)
