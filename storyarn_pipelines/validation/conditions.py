"""Conditions in their structured form, wherever they are kept.

A condition is an object ``{logic, blocks}``; a response keeps it as JSON text. Everything that
the player quietly ignores is reported, since a writer believes that it works.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from storyarn_pipelines.domain.json_values import filled, kind_of
from storyarn_pipelines.expressions.ast import TESTS, TESTS_WITHOUT_VALUE
from storyarn_pipelines.validation import operators
from storyarn_pipelines.validation.findings import Here
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.variables import Variable

_LOGIC = ("all", "any")


@dataclass(slots=True)
class _Checker:
    """Checks one condition; ``what`` names it in the findings."""

    run: Run
    here: Here
    what: str
    may_nest: bool = True
    rules: int = 0

    def add(self, code: str, **words: object) -> None:
        self.run.add(code, self.here, None, what=self.what, **words)

    def malformed(self, part: str) -> None:
        self.add("SA0502", part=part)

    def blocks(self, blocks: list[Any]) -> None:
        """Walk through blocks and groups; a stack, since groups may nest without end."""
        empty = 0
        waiting = [(block, 0) for block in reversed(blocks)]
        while waiting:
            block, depth = waiting.pop()
            if not isinstance(block, dict):
                self.malformed(f"a block that is {kind_of(block)}")
            elif block.get("type") == "group":
                waiting.extend((inner, depth + 1) for inner in self.group(block, depth))
            elif block.get("type") == "block":
                empty += self.block(block)
            else:
                self.malformed('a block whose type is neither "block" nor "group"')
        if empty and self.rules:
            self.add("SA0509")

    def group(self, group: dict[str, Any], depth: int) -> list[Any]:
        inner = group.get("blocks")
        if not isinstance(inner, list):
            self.malformed("a group without a list of blocks")
            return []
        if depth and not self.may_nest:
            self.add("SA0512")
            return []
        return inner[::-1]

    def block(self, block: dict[str, Any]) -> bool:
        """Check the rules of a block; says whether it has none."""
        rules = block.get("rules")
        if not isinstance(rules, list):
            self.malformed("a block without a list of rules")
            return False
        for rule in rules:
            self.rule(rule)
        return not rules

    def rule(self, rule: object) -> None:
        self.rules += 1
        if not isinstance(rule, dict):
            self.malformed(f"a rule that is {kind_of(rule)}")
            return
        parts = [filled(rule.get(name)) for name in ("sheet", "variable", "operator")]
        sheet, name, operator = parts
        if not sheet or not name or not operator:
            missing = ("sheet", "variable", "operator")[parts.index(None)]
            self.add("SA0504", missing=missing, rule=_wording(rule))
        elif operator not in TESTS:
            self.add("SA0503", operator=operator, rule=_wording(rule))
        else:
            variable = self.variable(f"{sheet}.{name}", rule)
            self.value(rule, operator, variable)

    def variable(self, name: str, rule: dict[str, Any]) -> Variable | None:
        index = self.run.index.variables
        variable = index.by_name(name)
        if variable is not None:
            index.mark_read(variable)
        elif index.is_surely_unknown(name):
            self.add("SA0701", name=name, rule=_wording(rule))
        return variable

    def value(self, rule: dict[str, Any], operator: str, variable: Variable | None) -> None:
        kind = variable.type if variable else None
        value = rule.get("value")
        if kind and operator not in operators.tests_of(kind):
            usable = ", ".join(sorted(operators.tests_of(kind)))
            self.add("SA0706", rule=_wording(rule), type=kind, operator=operator, usable=usable)
        elif operator in TESTS_WITHOUT_VALUE:
            return
        elif value is None or (value == "" and not operators.may_be_blank(operator, kind)):
            self.add("SA0504", missing="value", rule=_wording(rule))
        elif kind and not operators.suits(kind, value):
            self.add("SA0708", rule=_wording(rule), value=value, type=kind)


def check_condition(run: Run, here: Here, condition: object, what: str) -> int:
    """Check the condition of a node, pin, zone or item; returns the number of its rules."""
    return _check(_Checker(run, here, what), condition)


def check_condition_text(run: Run, here: Here, condition: object, what: str) -> None:
    """Check the condition of a response, which the player obeys as JSON text only."""
    if condition is None or condition == "":
        return
    if not isinstance(condition, str):
        run.add("SA0506", here, what=what, kind=kind_of(condition))
        return
    try:
        decoded = msgspec.json.decode(condition)
    except (msgspec.DecodeError, RecursionError):
        run.add("SA0501", here, what=what, kind="not readable as JSON")
        return
    _check(_Checker(run, here, what, may_nest=False), decoded)


def check_switch(run: Run, here: Here, condition: object, what: str) -> None:
    """Check a condition whose blocks are the cases of a switch, each with its own pin."""
    checker = _Checker(run, here, what)
    if condition is None:
        run.add("SA0510", here)
        return
    if not isinstance(condition, dict):
        run.add("SA0501", here, what=what, kind=kind_of(condition))
        return
    cases = condition.get("blocks", condition.get("rules"))
    if not isinstance(cases, list):
        checker.malformed("no list of cases")
        return
    if not cases:
        run.add("SA0510", here)
    _check_case_ids(checker, cases)
    for case in cases:
        if "blocks" in condition:
            _check_case(checker, case)
        else:
            checker.rule(case)


def _check(checker: _Checker, condition: object) -> int:
    """Check a condition that is an object, or is missing."""
    if condition is None or condition == "":
        return 0
    if not isinstance(condition, dict):
        checker.add("SA0501", kind=kind_of(condition))
        return 0
    blocks = condition.get("blocks")
    if "blocks" not in condition:
        if condition.get("rules"):
            checker.add("SA0505")
            return 1
        return 0
    if not isinstance(blocks, list):
        checker.malformed("no list of blocks")
        return 1
    if blocks and condition.get("logic") not in _LOGIC:
        checker.malformed('a logic that is neither "all" nor "any"')
    checker.blocks(blocks)
    return checker.rules


def _check_case(checker: _Checker, case: object) -> None:
    if not isinstance(case, dict):
        checker.malformed(f"a case that is {kind_of(case)}")
    elif case.get("type") == "group":
        checker.add("SA0508", case=_case_name(case))
    elif case.get("type") != "block":
        checker.malformed('a case whose type is not "block"')
    elif checker.block(case):
        checker.add("SA0511", case=_case_name(case))


def _check_case_ids(checker: _Checker, cases: list[Any]) -> None:
    """The pin of a case is its id."""
    seen: set[str] = set()
    for case in cases:
        if not isinstance(case, dict):
            continue
        case_id = filled(case.get("id"))
        if case_id is None or case_id in seen:
            checker.add("SA0513", case=_case_name(case))
        else:
            seen.add(case_id)


def _case_name(case: dict[str, Any]) -> str:
    return filled(case.get("label")) or filled(case.get("id")) or "without a name"


def _wording(rule: dict[str, Any]) -> str:
    """The rule as a writer would read it aloud."""
    sheet, name, operator = (
        filled(rule.get(key)) or "?" for key in ("sheet", "variable", "operator")
    )
    value = rule.get("value")
    tail = "" if value is None or operator in TESTS_WITHOUT_VALUE else f' "{value}"'
    return f"{sheet}.{name} {operator}{tail}"
