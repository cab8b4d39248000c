"""Formula cells at work: what they are bound to, and in which order they are worked out.

Formulas are worked out at the start and again after every instruction and response, those
first that others build on. Formulas in a circle, and those behind one, come last, by name, each
once: they see what the others held before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.values import as_float
from storyarn_pipelines.story.formulas import FormulaError, Program, evaluate, parse


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula of one variable; ``bindings`` are full names by symbol, None for nothing.

    ``program`` is None if ``text`` cannot be read: then the variable is nil.
    """

    name: str
    text: str
    bindings: Mapping[str, str | None]
    program: Program | None = field(repr=False, default=None)

    @classmethod
    def read(cls, name: str, cell: Mapping[str, Any]) -> "Formula | None":
        """The formula of a cell; None if its expression is no text or empty.

        A binding to the same row means the first three parts of the name and the column, as
        Storyarn takes it: on a sheet with a dot in its shortcut it finds nothing.
        """
        text, stored = cell.get("expression"), cell.get("bindings")
        if not isinstance(text, str) or not text:
            return None
        row = ".".join(name.split(".")[:3])
        bindings = {
            symbol: _bound_to(binding, row)
            for symbol, binding in (stored.items() if isinstance(stored, dict) else ())
        }
        try:
            program = parse(text)
        except FormulaError:
            program = None
        return cls(name, text, bindings, program)

    def value(self, values: Mapping[str, Value]) -> Value:
        """The formula's value among those of all variables; nil for any error.

        What is not there or not a number counts as 0.
        """
        if self.program is None:
            return None
        try:
            bound = {symbol: _number(values, name) for symbol, name in self.bindings.items()}
            return evaluate(self.program, bound)
        except FormulaError:
            return None


class Recomputation:
    """The formulas of a story in their order."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        by_name = {formula.name: formula for formula in formulas}
        ordered, self._circular = _in_order(by_name)
        self._ordered = [(formula, frozenset(_sources(formula))) for formula in ordered]

    def all(self, values: dict[str, Value]) -> None:
        """Work out every formula."""
        for formula, _ in self._ordered:
            values[formula.name] = formula.value(values)
        for formula in self._circular:
            values[formula.name] = formula.value(values)

    def after(self, changed: Iterable[str], values: dict[str, Value]) -> dict[str, Value]:
        """Work out what depends on changed variables, or was changed itself.

        Returns the formulas that were worked out, with what they held before.
        """
        touched = set(changed)
        before: dict[str, Value] = {}
        for formula, sources in self._ordered if touched else ():
            if formula.name in touched or not touched.isdisjoint(sources):
                touched.add(formula.name)
                before[formula.name] = values[formula.name]
                values[formula.name] = formula.value(values)
        for formula in self._circular:
            before[formula.name] = values[formula.name]
            values[formula.name] = formula.value(values)
        return before


def _bound_to(binding: object, row: str) -> str | None:
    if not isinstance(binding, dict):
        return None
    match binding.get("type"), binding.get("column_slug"), binding.get("ref"):
        case "same_row", str(column), _:
            return f"{row}.{column}"
        case "variable", _, str(name):
            return name
    return None


def _number(values: Mapping[str, Value], name: str | None) -> float:
    if name is None:
        return 0.0
    value = values.get(name)
    number = as_float(value)
    if number is None and isinstance(value, int) and not isinstance(value, bool):
        raise FormulaError(f"{name} is too large")
    return number or 0.0


def _sources(formula: Formula) -> list[str]:
    return [name for name in formula.bindings.values() if name is not None]


def _in_order(formulas: Mapping[str, Formula]) -> tuple[list[Formula], list[Formula]]:
    """Formulas after those that they build on, and the rest by name.

    Storyarn counts how many symbols of a formula stand for other formulas, and counts down once
    for each of those: two symbols for one formula leave it among the rest, circle or not.
    """
    missing = {
        name: sum(source in formulas for source in _sources(formula))
        for name, formula in formulas.items()
    }
    users: dict[str, list[str]] = {name: [] for name in formulas}
    for name, formula in formulas.items():
        for source in set(_sources(formula)) - {name}:
            if source in users:
                users[source].append(name)
    ready = [name for name, number in missing.items() if not number]
    for name in ready:  # grows while it is walked
        for user in users[name]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    known = set(ready)
    rest = sorted(set(formulas) - known, key=str.encode)
    return [formulas[name] for name in ready], [formulas[name] for name in rest]
