"""Conditions without ``Not``, as Storyarn's structure needs them."""

from collections.abc import Callable

from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    ORDER,
    AllOf,
    AnyOf,
    Condition,
    Literal,
    Not,
    Rule,
)
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names

_TEXTS = frozenset({"text", "rich_text"})
# The types with which an operator can hold; with every other type it fails. Others: any type.
_TYPES: dict[str, frozenset[str]] = {
    **dict.fromkeys(ORDER, frozenset({"number"})),
    "contains": _TEXTS | {"multi_select"},
    "not_contains": frozenset({"multi_select"}),
    "starts_with": _TEXTS,
    "ends_with": _TEXTS,
    "is_empty": _TEXTS | {"multi_select"},
    "before": frozenset({"date"}),
    "after": frozenset({"date"}),
}
_COUNTERPARTS = {
    "equals": "not_equals", "not_equals": "equals",
    "contains": "not_contains", "not_contains": "contains",
    "greater_than": "less_than_or_equal", "less_than_or_equal": "greater_than",
    "less_than": "greater_than_or_equal", "greater_than_or_equal": "less_than",
}  # fmt: skip
_ALTERNATIVES = {
    "is_true": ("is_false", "is_nil"),
    "is_false": ("is_true", "is_nil"),
    "before": ("after", "equals", "is_nil"),
    "after": ("before", "equals", "is_nil"),
}
_EMPTY, _EMPTY_LIST = Literal(""), Literal("[]")


class Denier:
    """Pushes negations down to the rules, and there replaces them by other operators."""

    def __init__(self, names: Names | None, findings: Findings) -> None:
        self._names, self._findings = names, findings

    def positive(self, condition: Condition, *, denied: bool = False) -> Condition:
        """The condition, or its opposite. Raises ExpressionError where nothing says that."""
        match condition:
            case Not(part):
                return self.positive(part, denied=not denied)
            case Rule():
                return self._opposite(condition) if denied else condition
        parts = tuple([self.positive(part, denied=denied) for part in condition.parts])
        return AllOf(parts) if isinstance(condition, AllOf) != denied else AnyOf(parts)

    def _opposite(self, rule: Rule) -> Condition:
        name, kind = rule.operator, self._names.type_of(rule.ref) if self._names else None
        if kind is not None and kind not in _TYPES.get(name, {kind}):
            return ALWAYS
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, rule, kind)
        if name in _ALTERNATIVES:
            return AnyOf(tuple([_asking(rule, other) for other in _ALTERNATIVES[name]]))
        if name in ORDER:
            self._tell(rule, "its opposite fails too while the variable is nil")
        elif name == "not_contains" and kind is None:
            self._tell(rule, "its opposite is exact for multi_select only")
        return Rule(rule.ref, _COUNTERPARTS[name], rule.value)

    def not_contains(self, rule: Rule, kind: str | None) -> Condition:
        """Only lists have the opposite of ``contains``."""
        if kind in _TEXTS:
            raise _unsayable(rule)
        if kind is None:
            self._tell(rule, "its opposite is exact for multi_select only")
        return Rule(rule.ref, "not_contains", rule.value)

    def not_at_the_end(self, rule: Rule, _kind: str | None) -> Condition:
        """``starts_with`` and ``ends_with`` have no opposite."""
        raise _unsayable(rule)

    def not_empty(self, rule: Rule, kind: str | None) -> Condition:
        """As texts, nil is empty and so is the empty text; an empty list is ``[]``."""
        filled = Rule(rule.ref, "not_equals", _EMPTY)
        if kind != "multi_select":
            return filled
        return AllOf((filled, Rule(rule.ref, "not_equals", _EMPTY_LIST)))

    def not_nil(self, rule: Rule, kind: str | None) -> Condition:
        """Compared as texts and numbers, nil equals the empty text."""
        if kind == "boolean":
            return AnyOf((Rule(rule.ref, "is_true"), Rule(rule.ref, "is_false")))
        if kind == "date":
            raise _unsayable(rule)
        if kind is None or kind in _TEXTS:
            self._tell(rule, "its opposite takes an empty text for nil")
        return Rule(rule.ref, "not_equals", _EMPTY)

    def _tell(self, rule: Rule, what: str) -> None:
        self._findings.add("EX0303", f"{rule.ref.full_name} {rule.operator}: {what}")


_SPECIAL: dict[str, Callable[[Denier, Rule, str | None], Condition]] = {
    "contains": Denier.not_contains,
    "starts_with": Denier.not_at_the_end,
    "ends_with": Denier.not_at_the_end,
    "is_empty": Denier.not_empty,
    "is_nil": Denier.not_nil,
}


def _asking(rule: Rule, operator: str) -> Rule:
    return Rule(rule.ref, operator, None if operator.startswith("is_") else rule.value)


def _unsayable(rule: Rule) -> ExpressionError:
    asked = f"{rule.ref.full_name} {rule.operator}"
    return ExpressionError(
        f"the opposite of `{asked}` cannot be stored: no operator says it; ask without the !"
    )
