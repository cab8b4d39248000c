"""Formula cells as ``set`` events, worked out again after what they depend on has changed.

Dialogic has no nil: a formula without a value, as after a division by zero, is 0.
"""

from collections.abc import Iterator, Set

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.story.formulas import FUNCTIONS
from storyarn_pipelines.story.recompute import Formula, Recomputation

_LONGEST = 10_000
_NUMBERS = ("number", "formula")


class GodotFormulas:
    """The formulas of a story. ``first_values`` are those of all variables at the start."""

    def __init__(self, story: EngineStory) -> None:
        self._story = story
        by_name = {formula.name: formula for formula in story.variables.formulas}
        self.first_values: dict[str, Value] = {
            name: variable.initial for name, variable in story.variables.variables.items()
        }
        Recomputation(by_name.values()).all(self.first_values)
        order: dict[str, Value] = {}  # takes the values as they are worked out
        Recomputation(by_name.values()).all(order)
        formulas = [by_name[name] for name in order]
        self._sources: Set[str] = {
            name for formula in formulas for name in formula.bindings.values() if name
        }
        self._are_chained = not self._sources.isdisjoint(by_name)
        self.events = tuple(event for formula in formulas for event in self._assigned(formula))
        """The events that work all formulas out."""

    def after(self, instruction: Instruction) -> tuple[str, ...]:
        """What must follow some assignments."""
        if not self.events:
            return ()
        touched = any(x.target.full_name in self._sources for x in instruction)
        return self.events if touched or (self._are_chained and instruction) else ()

    def _assigned(self, formula: Formula) -> Iterator[str]:
        emitter, told = self._story.emitter, self._story.told
        target = f"{{{emitter.identifiers.of(formula.name)}}}"
        where, shown = f"variable {formula.name}", formula.text[:200]
        try:
            text = self._expression(formula)
        except CannotSayError as reason:
            told.add("XP0204", f"the formula `{shown}` is 0: {reason}", where)
            yield f"set {target} = 0"
            return
        # `inf` and `nan` are no words of Godot's expressions: they must never be stored.
        yield f"set {target} = [0.0, {text}][int(is_finite({text}))]"
        whole = f"{target} == floor({target}) and abs({target}) <= 1000000000000000.0"
        yield f"set {target} = [{target}, int({target})][int({whole})]"
        if any(step.text in ("/", "^", "sqrt") for step in formula.program or ()):
            message = f"the formula `{shown}` is 0 where it has no value: Dialogic has no nil"
            told.add("XP0204", message, where)

    def _expression(self, formula: Formula) -> str:
        """A formula in floats, since Godot divides whole numbers without a rest."""
        if formula.program is None:
            raise CannotSayError("it cannot be read")
        stack: list[str] = []
        for step in formula.program:
            match step.kind:
                case "number":
                    stack.append(f"float({self._story.emitter.number(step.number)})")
                case "name":
                    stack.append(self._bound(formula, step.text))
                case "operator" if step.text == "negate":
                    stack.append(f"(-{stack.pop()})")
                case "operator":
                    right, left = stack.pop(), stack.pop()
                    is_power = step.text == "^"
                    stack.append(
                        f"pow({left}, {right})" if is_power else f"({left} {step.text} {right})"
                    )
                case _:
                    if step.count != FUNCTIONS[step.text]:
                        raise CannotSayError(f"{step.text} has a wrong number of arguments")
                    arguments = stack[-step.count :]
                    del stack[-step.count :]
                    stack.append(f"{step.text}({', '.join(arguments)})")
            if len(stack[-1]) > _LONGEST:
                raise CannotSayError("it is too long")
        return stack.pop()

    def _bound(self, formula: Formula, symbol: str) -> str:
        if symbol not in formula.bindings:
            raise CannotSayError(f"{symbol} has no value")
        variable = self._story.variables.variables.get(formula.bindings[symbol] or "")
        if variable is None:
            return "0.0"
        if variable.type not in _NUMBERS:
            if variable.type not in ("boolean", "multi_select"):
                message = f"{variable.full_name} counts as 0: no number is read from a text there"
                self._story.told.add("XP0204", message, f"variable {formula.name}")
            return "0.0"
        return f"float({self._story.emitter.reference(variable)})"
