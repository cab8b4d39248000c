"""Which operators suit which type of variable, and which values they can work with."""

import re

from storyarn_pipelines.expressions.ast import ORDER

_EQUALITY = frozenset({"equals", "not_equals"})
_TEXT = _EQUALITY | {"contains", "starts_with", "ends_with", "is_empty"}

# `is_nil` is asked of any type: every variable can be without a value.
_TESTS: dict[str, frozenset[str]] = {
    "text": _TEXT,
    "rich_text": _TEXT,
    "number": _EQUALITY | ORDER,
    "boolean": frozenset({"is_true", "is_false"}),
    "select": _EQUALITY,
    "reference": _EQUALITY,
    "multi_select": frozenset({"contains", "not_contains", "is_empty"}),
    "date": _EQUALITY | {"before", "after"},
    "formula": _EQUALITY,
}
_OTHER_CHANGES = frozenset({"set", "set_if_unset"})
_CHANGES: dict[str, frozenset[str]] = {
    "number": frozenset({"set", "add", "subtract", "set_if_unset"}),
    "boolean": frozenset({"set_true", "set_false", "toggle", "set_if_unset"}),
    "text": frozenset({"set", "clear", "set_if_unset"}),
    "rich_text": frozenset({"set", "clear", "set_if_unset"}),
}
_NUMBER = re.compile(r"[+-]?[0-9]")
_DATE = re.compile(r"[+-]?[0-9]{4}-[0-9]{2}-[0-9]{2}")


def tests_of(kind: str) -> frozenset[str]:
    """The operators by which a condition can ask for a variable of that type."""
    return _TESTS.get(kind, _TEXT) | {"is_nil"}


def changes_of(kind: str) -> frozenset[str]:
    """The operators by which an assignment can change a variable of that type."""
    return _CHANGES.get(kind, _OTHER_CHANGES)


def suits(kind: str, value: object) -> bool:
    """Whether the player can read a literal as a value of that type."""
    if kind == "number":
        if isinstance(value, str):
            return bool(_NUMBER.match(value))
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and bool(_DATE.fullmatch(value))
    return True


def may_be_blank(operator: str, kind: str | None) -> bool:
    """Whether comparing with an empty text is a question that makes sense."""
    return operator in _EQUALITY and kind not in ("number", "date")
