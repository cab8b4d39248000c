"""Conditions and assignments as Storyarn's player plays them, type by type.

A variable that does not exist is nil without a type. Nothing here raises: what the player
skips or cannot compare is skipped, or does not hold.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import AllOf, AnyOf, Assignment, Condition, Ref, Rule
from storyarn_pipelines.expressions.limits import limited
from storyarn_pipelines.expressions.values import as_float, as_number, as_text, day, leading_number

_Test = Callable[[Value, str], bool]


class World:
    """The variables of a story, by full name, and what they hold now (``values``)."""

    __slots__ = ("values", "variables")

    def __init__(self, variables: Mapping[str, Variable]) -> None:
        self.variables = variables
        self.values: dict[str, Value] = {name: x.initial for name, x in variables.items()}


def holds(condition: Condition, world: World) -> bool:
    """Whether a condition holds now."""
    if isinstance(condition, Rule):
        return _rule_holds(condition, world)
    if isinstance(condition, AllOf):
        return all(holds(part, world) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, world) for part in condition.parts)
    return not holds(condition.part, world)


def execute(assignments: Iterable[Assignment], world: World) -> None:
    """Run assignments in their order, each on what those before it left."""
    for assignment in assignments:
        _assign(assignment, world)


def _rule_holds(rule: Rule, world: World) -> bool:
    name = rule.ref.full_name
    variable = world.variables.get(name)
    kind = variable.type if variable else ""
    test = _TESTS.get(kind, _ANY_TYPE).get(rule.operator)
    if test is None:
        return False
    value = world.values.get(name) if variable else None
    return test(value, rule.value.text if rule.value else "")


def _compares(compare: Callable[[float, float], bool]) -> _Test:
    def test(value: Value, text: str) -> bool:
        left, right = as_float(value), leading_number(text)
        return left is not None and right is not None and compare(left, right)

    return test


def _same_day(value: Value, text: str) -> bool:
    left = day(value)
    return left is not None and left == day(text)


def _on_days(compare: Callable[[Any, Any], bool]) -> _Test:
    def test(value: Value, text: str) -> bool:
        left, right = day(value), day(text)
        return left is not None and right is not None and compare(left, right)

    return test


def _is_member(value: Value, text: str) -> bool:
    return isinstance(value, list) and any(as_text(item) == text for item in value)


_ANY_TYPE: dict[str, _Test] = {
    "equals": lambda value, text: as_text(value) == text,
    "not_equals": lambda value, text: as_text(value) != text,
    "is_true": lambda value, _: value is True,
    "is_false": lambda value, _: value is False,
    "is_nil": lambda value, _: value is None,
}
_TEXT: dict[str, _Test] = _ANY_TYPE | {
    "contains": lambda value, text: text != "" and text in as_text(value),
    "starts_with": lambda value, text: as_text(value).startswith(text),
    "ends_with": lambda value, text: as_text(value).endswith(text),
    "is_empty": lambda value, _: value is None or value == "",
}
_TESTS: dict[str, dict[str, _Test]] = {
    "text": _TEXT,
    "rich_text": _TEXT,
    "number": _ANY_TYPE | {
        # Two values that are no numbers are equal, whatever they are.
        "equals": lambda value, text: as_float(value) == leading_number(text),
        "not_equals": lambda value, text: as_float(value) != leading_number(text),
        "greater_than": _compares(operator.gt),
        "greater_than_or_equal": _compares(operator.ge),
        "less_than": _compares(operator.lt),
        "less_than_or_equal": _compares(operator.le),
    },
    "multi_select": _ANY_TYPE | {
        "contains": _is_member,
        "not_contains": lambda value, text: not _is_member(value, text),
        "is_empty": lambda value, _: value is None or value == [],
    },
    "date": _ANY_TYPE | {
        "equals": _same_day,
        "not_equals": lambda value, text: not _same_day(value, text),
        "before": _on_days(operator.lt),
        "after": _on_days(operator.gt),
    },
}  # fmt: skip


def _assign(assignment: Assignment, world: World) -> None:
    name = assignment.target.full_name
    variable = world.variables.get(name)
    if variable is None:
        return
    source = assignment.value
    value: Any = None
    if isinstance(source, Ref):
        if source.full_name not in world.variables:
            return
        value = world.values.get(source.full_name)
    elif source is not None:
        value = msgspec.json.decode(source.text) if source.kind == "json" else source.text
    if not value and not isinstance(source, Ref) and assignment.operator in _NEED_A_TEXT:
        return
    try:
        result = _changed(assignment.operator, world.values.get(name), value, variable.type)
    except OverflowError:
        return
    world.values[name] = limited(variable, result)


_NEED_A_TEXT = frozenset({"set", "add", "subtract", "set_if_unset"})


def _changed(name: str, old: Value, value: Value, kind: str) -> Value:
    """What an operator makes of the old value. Raises OverflowError beyond floats."""
    if name in ("set_true", "set_false"):
        return name == "set_true"
    if name == "toggle":
        return old is None or old is False
    if name == "set_if_unset" and old is not None:
        return old
    if kind == "number" and name != "clear":
        return _calculated(name, old, value)
    return None if name == "clear" and kind in ("text", "rich_text") else value


def _calculated(name: str, old: Value, value: Value) -> int | float | None:
    if name == "add":
        return _finite(_number_or_zero(old) + _number_or_zero(value))
    if name == "subtract":
        return _finite(_number_or_zero(old) - _number_or_zero(value))
    return as_number(value)


def _number_or_zero(value: Value) -> int | float:
    number = as_number(value)
    return 0 if number is None else number


def _finite(number: int | float) -> int | float:
    if number in (float("inf"), float("-inf")):
        raise OverflowError
    return number
