"""Formula cells in Lua: statements that work them out again after a change.

A formula that has no value is nil: division by zero, the root of a negative number. So its
statements ask first whether each step has a value.
"""

from collections.abc import Iterable

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.emitters import Emitter
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.story.formulas import FUNCTIONS
from storyarn_pipelines.story.recompute import Formula, Recomputation
from storyarn_pipelines.story.variables import StoryVariables

_LONGEST = 4_000
_LARGEST = "1.7976931348623157e+308"


class FormulaScripts:
    """The formulas of a story as statements, those first that others build on."""

    def __init__(self, variables: StoryVariables, emitter: Emitter, told: Told) -> None:
        self._emitter = emitter
        self._statements: dict[str, str] = {}
        self._users: dict[str, list[str]] = {}
        formulas = {formula.name: formula for formula in variables.formulas}
        order, stuck = _in_order(formulas)
        for name in order:
            try:
                self._statements[name] = self._statement(formulas[name])
            except CannotSayError as reason:
                stuck.append(name)
                told.add("XP0204", f"the formula keeps its first value: {reason}", name)
                continue
            for source in _sources(formulas[name]):
                self._users.setdefault(source, []).append(name)
        for name in sorted(set(stuck) - set(order)):
            told.add("XP0204", "the formula keeps its first value: it builds on itself", name)
        self._rank = {name: rank for rank, name in enumerate(order)}
        self.fractions = {name for name in order if _divides(formulas[name])}
        """Formulas whose values may have many digits."""
        self.initial = _initial(variables)
        """What formulas hold at the start."""

    def after(self, changed: Iterable[str]) -> list[str]:
        """Statements that work out again what depends on changed variables."""
        if not self._users:
            return []
        touched: set[str] = set()
        waiting = list(changed)
        while waiting:
            for user in self._users.get(waiting.pop(), ()):
                if user not in touched:
                    touched.add(user)
                    waiting.append(user)
        return [self._statements[name] for name in sorted(touched, key=self._rank.__getitem__)]

    def _statement(self, formula: Formula) -> str:
        variable = self._emitter.variables[formula.name]
        target = self._emitter.reference(variable)
        nothing = f"{target} = nil"
        program = formula.program
        if program is None or any(
            step.kind == "name" and step.text not in formula.bindings for step in program
        ):
            return nothing
        lua, guards = _Lua(self._emitter, formula).written()
        # A guard must not read what it guards: nil comes first, and nothing builds on itself.
        asked = " and ".join(f"({guard})" for guard in guards)
        text = f"{nothing}\nif {asked} then {target} = {lua} end" if guards else f"{target} = {lua}"
        if len(text) > _LONGEST:
            raise CannotSayError("it is too long")
        return text


class _Lua:
    """Turns the steps of one formula into an expression."""

    def __init__(self, emitter: Emitter, formula: Formula) -> None:
        self._emitter, self._formula = emitter, formula
        self._guards: list[str] = []

    def written(self) -> tuple[str, list[str]]:
        """The expression, and what must hold for it to have a value."""
        program = self._formula.program
        assert program is not None
        stack: list[str] = []
        for step in program:
            match step.kind:
                case "number":
                    stack.append(self._emitter.number(step.number))
                case "name":
                    stack.append(self._bound(self._formula.bindings[step.text]))
                case "operator" if step.text == "negate":
                    stack.append(f"(0 - {stack.pop()})")
                case "operator":
                    right, left = stack.pop(), stack.pop()
                    stack.append(self._operation(step.text, left, right))
                case _:
                    if step.count != FUNCTIONS[step.text]:
                        raise CannotSayError(f"{step.text} has the wrong number of arguments")
                    arguments = stack[-step.count :]
                    del stack[-step.count :]
                    stack.append(self._call(step.text, arguments))
            if len(stack[-1]) > _LONGEST:
                raise CannotSayError("it is too long")
        return stack.pop(), list(dict.fromkeys(self._guards))

    def _bound(self, name: str | None) -> str:
        """A variable as a number: what is none counts as 0."""
        variable = self._emitter.variables.get(name) if name is not None else None
        if variable is None:
            return "0"
        kinds = self._emitter.facts.domain(variable)
        if kinds & {"text", "date"}:
            raise CannotSayError(f"no number can be read from the text {name} there")
        if "number" not in kinds:
            return "0"
        if not kinds <= {"number", "nil"}:
            raise CannotSayError(f"{name} may hold something else than a number")
        reference = self._emitter.reference(variable)
        return f"({reference} or 0)" if "nil" in kinds else reference

    def _operation(self, sign: str, left: str, right: str) -> str:
        if sign == "/" and not _is_positive(right):
            self._guards.append(f"{right} ~= 0")
        elif sign == "^" and right not in ("1", "2", "3"):
            whole = f"{right} == math.floor({right})"
            self._guards.append(
                f"({left} > 0) or (({left} == 0) and ({right} >= 0)) or "
                f"(({left} < 0) and ({whole}))"
            )
            self._guards.append(f"math.abs({left} ^ {right}) <= {_LARGEST}")
        return f"({left} {sign} {right})"

    def _call(self, name: str, arguments: list[str]) -> str:
        first = arguments[0]
        match name:
            case "min" | "max":
                return f"math.{name}({first}, {arguments[1]})"
            case "sqrt":
                self._guards.append(f"{first} >= 0")
            case "round":
                # Halves go away from zero.
                size = f"math.floor(math.abs({first}))"
                near = f"({size} + math.floor((math.abs({first}) - {size}) * 2))"
                return f"((({first} >= 0) and ({near})) or (0 - {near}))"
        return f"math.{name}({first})"


def _divides(formula: Formula) -> bool:
    program = formula.program or ()
    return any(step.text in ("/", "^", "sqrt") for step in program)


def _is_positive(text: str) -> bool:
    """Whether a part of an expression is a number above 0."""
    return text[:1].isdigit() and float(text) > 0


def _sources(formula: Formula) -> list[str]:
    return [name for name in formula.bindings.values() if name is not None]


def _in_order(formulas: dict[str, Formula]) -> tuple[list[str], list[str]]:
    """Formulas after those that they build on, and those in a circle or behind one."""
    missing = {name: len(set(_sources(x)) & formulas.keys()) for name, x in formulas.items()}
    users: dict[str, list[str]] = {}
    for name, formula in formulas.items():
        for source in sorted(set(_sources(formula))):
            users.setdefault(source, []).append(name)
    ready = [name for name, number in missing.items() if not number]
    for name in ready:  # grows while it is walked
        for user in users.get(name, ()):
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return ready, sorted(formulas.keys() - set(ready))


def _initial(variables: StoryVariables) -> dict[str, Value]:
    values: dict[str, Value] = {name: x.initial for name, x in variables.variables.items()}
    Recomputation(variables.formulas).all(values)
    return {formula.name: values[formula.name] for formula in variables.formulas}
