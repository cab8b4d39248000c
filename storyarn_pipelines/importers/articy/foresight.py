"""What must hold before some changes so that a condition holds behind them.

articy asks the conditions of a choice after what happens on the way to it. Storyarn asks them
first, so they are put into terms of what is true by then.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Not,
    Ref,
    Rule,
    all_of,
    any_of,
)

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda x, y: x == y,
    "not_equals": lambda x, y: x != y,
    "greater_than": lambda x, y: x > y,
    "greater_than_or_equal": lambda x, y: x >= y,
    "less_than": lambda x, y: x < y,
    "less_than_or_equal": lambda x, y: x <= y,
}


class UnforeseenError(Exception):
    """The change is such that nothing asked before it tells what holds behind it."""


def foreseen(condition: Condition, changes: Sequence[Assignment]) -> Condition:
    """The condition before the changes. Raises UnforeseenError."""
    for change in reversed(changes):
        condition = _before(condition, change)
    return condition


def _before(condition: Condition, change: Assignment) -> Condition:
    match condition:
        case AllOf(parts):
            kept = [x for x in (_before(y, change) for y in parts) if x != ALWAYS]
            return NEVER if NEVER in kept else all_of(tuple(kept))
        case AnyOf(parts) if parts:
            kept = [x for x in (_before(y, change) for y in parts) if x != NEVER]
            return ALWAYS if ALWAYS in kept else any_of(tuple(kept))
        case Not(part):
            inner = _before(part, change)
            if inner in (ALWAYS, NEVER):
                return NEVER if inner == ALWAYS else ALWAYS
            return Not(inner)
        case Rule(ref, _, _) if ref.full_name == change.target.full_name:
            return _of_rule(condition, change)
    return condition


def _of_rule(rule: Rule, change: Assignment) -> Condition:
    match change.operator, change.value:
        case (("set_true" | "set_false"), _):
            return ALWAYS if rule.operator == change.operator.replace("set", "is") else NEVER
        case "toggle", _:
            return replace(rule, operator="is_false" if rule.operator == "is_true" else "is_true")
        case "set", Ref() as other:
            return replace(rule, ref=other)
        case "set", Literal() as value:
            return _settled(rule, value)
        case "clear", _:
            return _settled(rule, Literal(""))
        case (("add" | "subtract"), Literal() as value) if rule.value is not None:
            step = _number(value) if change.operator == "add" else -_number(value)
            return replace(rule, value=Literal(f"{_number(rule.value) - step:f}", "number"))
    raise UnforeseenError


def _settled(rule: Rule, value: Literal) -> Condition:
    """What a rule says of a fixed value."""
    if rule.value is None or rule.operator not in _COMPARED:
        raise UnforeseenError
    compared = _COMPARED[rule.operator]
    if value.kind == "number":
        return ALWAYS if compared(_number(value), _number(rule.value)) else NEVER
    if rule.operator not in ("equals", "not_equals"):
        raise UnforeseenError
    return ALWAYS if compared(value.text, rule.value.text) else NEVER


def _number(value: Literal) -> Decimal:
    try:
        found = Decimal(value.text)
    except InvalidOperation:
        raise UnforeseenError from None
    if abs(found) > 10**15:
        raise UnforeseenError
    return found
