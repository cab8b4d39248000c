"""Conditions and assignments in the JSON shapes that the database keeps."""

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from storyarn_pipelines.demo.authoring.flows import Case
from storyarn_pipelines.demo.authoring.logic import Assignment, Rule, Test


class _Names:
    """Hands out `rule_1`, `block_1` and so on, unique within one condition."""

    def __init__(self) -> None:
        self._counters = {kind: count(1) for kind in ("rule", "block", "group")}

    def next(self, kind: str) -> str:
        return f"{kind}_{next(self._counters[kind])}"


def condition(test: Test | None) -> dict[str, Any] | None:
    """Write a test as the object of condition nodes, pins and zones."""
    if test is None:
        return None
    return {"logic": test.logic, "blocks": _members(test, _Names())}


def condition_text(test: Test | None) -> str | None:
    """Write a test as JSON text, the only form in which responses obey it."""
    return None if test is None else json.dumps(condition(test), separators=(",", ":"))


def switch(cases: Iterable[Case]) -> dict[str, Any]:
    """Write the cases of a switch: one block each, whose id is the pin."""
    names = _Names()
    blocks = [
        {**_block(case.when, names), "id": case_pin(case), "label": case.label} for case in cases
    ]
    return {"logic": "all", "blocks": blocks}


def case_pin(case: Case) -> str:
    """Name the pin through which a case leaves its switch."""
    return f"case_{case.key}"


def assignments(changes: Iterable[Assignment]) -> list[dict[str, Any]]:
    """Write changes as instruction nodes, responses and zones keep them."""
    return [
        {
            "id": f"assign_{number}",
            "sheet": change.sheet,
            "variable": change.variable,
            "operator": change.operator,
            "value": change.value,
            "value_type": "variable_ref" if change.value_sheet else "literal",
            "value_sheet": change.value_sheet,
        }
        for number, change in enumerate(changes, start=1)
    ]


def _members(test: Test, names: _Names) -> list[dict[str, Any]]:
    """Gather neighbouring rules in one block and turn tests within the test into blocks."""
    rules = tuple(part for part in test.parts if isinstance(part, Rule))
    members = [_block(Test(test.logic, rules), names)] if rules else []
    tests = (part for part in test.parts if isinstance(part, Test))
    members.extend(_group(t, names) if _is_nested(t) else _block(t, names) for t in tests)
    return members


def _is_nested(test: Test) -> bool:
    return any(isinstance(part, Test) for part in test.parts)


def _group(test: Test, names: _Names) -> dict[str, Any]:
    group = {"id": names.next("group"), "type": "group", "logic": test.logic}
    return {**group, "blocks": _members(test, names)}


def _block(test: Test, names: _Names) -> dict[str, Any]:
    rules = [
        {
            "id": names.next("rule"),
            "sheet": rule.sheet,
            "variable": rule.variable,
            "operator": rule.operator,
            "value": rule.value,
        }
        for rule in test.parts
        if isinstance(rule, Rule)
    ]
    return {"id": names.next("block"), "type": "block", "logic": test.logic, "rules": rules}
