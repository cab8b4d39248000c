"""Trees in Storyarn's stored form, for importers. ``stored`` reads it back.

A condition has three levels: its own logic, groups, and blocks of rules. What is nested deeper
is spread out while that stays small.
"""

from itertools import count, product
from typing import Any

import msgspec

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Not,
    Ref,
    Rule,
    all_of,
    any_of,
)
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.negation import Denier

MAX_ALTERNATIVES = 64
"""How many blocks a condition may be spread out to."""


def to_structure(
    condition: Condition,
    names: Names | None = None,
    where: str = "",
    found: list[Diagnostic] | None = None,
) -> dict[str, Any]:
    """A condition as ``{"logic", "blocks"}``; responses keep it as JSON text.

    Raises ExpressionError if the structure cannot say it: a condition that never holds, some
    negations, nesting that is too large to spread out.
    """
    findings = Findings(where, found)
    plain = _tidied(Denier(names, findings).positive(condition))
    if plain == NEVER:
        raise ExpressionError("a condition that never holds cannot be stored: remove what it hides")
    if _levels(plain) > 3:
        plain = _flattened(plain)
    if _levels(plain) > 3:
        findings.add("EX0304", "nested deeper than Storyarn's groups: it is spread out")
        plain = any_of(tuple([_every(rules) for rules in _alternatives(plain)]))
    return _Writer().condition(plain)


def assignments_to_structure(assignments: Instruction) -> list[dict[str, Any]]:
    """Assignments as Storyarn stores them, with ids ``assign_1`` and so on."""
    return [_assignment(number, one) for number, one in enumerate(assignments, start=1)]


def _assignment(number: int, assignment: Assignment) -> dict[str, Any]:
    value, is_ref = assignment.value, isinstance(assignment.value, Ref)
    return {
        "id": f"assign_{number}",
        "sheet": assignment.target.sheet,
        "variable": assignment.target.name,
        "operator": assignment.operator,
        "value": value.name if isinstance(value, Ref) else _plain(value),
        "value_type": "variable_ref" if is_ref else "literal",
        "value_sheet": value.sheet if isinstance(value, Ref) else None,
    }


def _plain(value: Literal | None) -> Any:
    """A literal as it is stored: a text, or null where nothing is written."""
    if value is None or value.kind == "nil":
        return None
    return msgspec.json.decode(value.text) if value.kind == "json" else value.text


class _Writer:
    """Writes blocks, with ids in the order of writing."""

    def __init__(self) -> None:
        self._rules, self._blocks, self._groups = count(1), count(1), count(1)

    def condition(self, condition: Condition) -> dict[str, Any]:
        """A single rule stands in a block of its own, as the editor writes it."""
        logic, parts = _logic_of(condition), _parts_of(condition)
        return {"logic": logic, "blocks": [self.part(part) for part in parts]}

    def part(self, condition: Condition) -> dict[str, Any]:
        logic, parts = _logic_of(condition), _parts_of(condition)
        rules = [part for part in parts if isinstance(part, Rule)]
        if len(rules) == len(parts):
            return {
                "id": f"block_{next(self._blocks)}",
                "type": "block",
                "logic": logic,
                "rules": [self.rule(rule) for rule in rules],
            }
        return {
            "id": f"group_{next(self._groups)}",
            "type": "group",
            "logic": logic,
            "blocks": [self.part(part) for part in parts],
        }

    def rule(self, rule: Rule) -> dict[str, Any]:
        return {
            "id": f"rule_{next(self._rules)}",
            "sheet": rule.ref.sheet,
            "variable": rule.ref.name,
            "operator": rule.operator,
            "value": _plain(rule.value),
        }


def _logic_of(condition: Condition) -> str:
    return "any" if isinstance(condition, AnyOf) else "all"


def _parts_of(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, AllOf | AnyOf) else (condition,)


def _tidied(condition: Condition) -> Condition:
    """Without parts that change nothing, and with no group of one.

    ``true`` beside others under ``any`` stays: an empty block says it.
    """
    if isinstance(condition, Rule | Not):
        return condition
    parts = tuple([_tidied(part) for part in condition.parts])
    if isinstance(condition, AllOf):
        return NEVER if NEVER in parts else all_of(tuple(x for x in parts if x != ALWAYS))
    return any_of(tuple([part for part in parts if part != NEVER]))


def _levels(condition: Condition) -> int:
    """How many levels of groups stand above the rules. What is empty takes a block of its own."""
    if not isinstance(condition, AllOf | AnyOf):
        return 0
    return 1 + max([_levels(part) for part in condition.parts], default=0)


def _flattened(condition: Condition) -> Condition:
    """Groups whose logic is that of the group around them are opened."""
    if not isinstance(condition, AllOf | AnyOf) or not condition.parts:
        return condition
    parts: list[Condition] = []
    for part in [_flattened(part) for part in condition.parts]:
        same = type(part) is type(condition) and _parts_of(part)
        parts.extend(_parts_of(part) if same else (part,))
    return type(condition)(tuple(parts))


def _alternatives(condition: Condition) -> list[tuple[Rule, ...]]:
    """The condition as alternatives, each a row of rules that all must hold."""
    if isinstance(condition, Rule):
        return [(condition,)]
    ways = [_alternatives(part) for part in _parts_of(condition)]
    if isinstance(condition, AnyOf):
        rows = [row for way in ways for row in way]
    else:
        size = 1
        for way in ways:
            size *= len(way)
            if size > MAX_ALTERNATIVES:
                raise _too_large()
        rows = [tuple(dict.fromkeys(sum(choice, ()))) for choice in product(*ways)]
    if len(rows) > MAX_ALTERNATIVES:
        raise _too_large()
    return list(dict.fromkeys(rows))


def _every(rules: tuple[Rule, ...]) -> Condition:
    return all_of(tuple(rules))


def _too_large() -> ExpressionError:
    return ExpressionError(
        "the condition is nested deeper than Storyarn's groups and too large to spread out "
        f"(more than {MAX_ALTERNATIVES} blocks): use several condition nodes"
    )
