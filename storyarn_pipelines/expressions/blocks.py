"""Blocks, groups, rules and cases of stored conditions, read as Storyarn's player takes them."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from storyarn_pipelines.domain.json_values import kind_of
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    MAX_DEPTH,
    NEVER,
    NIL,
    TESTS,
    TESTS_WITHOUT_VALUE,
    Condition,
    Literal,
    Ref,
    Rule,
    all_of,
    any_of,
)
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.values import NUMBER, inspected, number_text


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a switch. ``pin`` is None if the player takes ``default`` for it."""

    pin: str | None
    condition: Condition
    label: str | None = None


class BlockReader:
    """Reads blocks. ``tidy``: as texts are read, where malformed parts are dropped."""

    __slots__ = ("findings", "tidy")

    def __init__(self, findings: Findings, *, tidy: bool) -> None:
        self.findings, self.tidy = findings, tidy

    def parts(self, blocks: list[Any], depth: int) -> list[Condition]:
        """Blocks and groups; ``depth`` counts the levels above them."""
        read = (self.part(block, depth) for block in blocks)
        return [part for part in read if part is not None]

    def part(self, block: object, depth: int) -> Condition | None:
        """A block or group; None if it is dropped."""
        while True:
            if not isinstance(block, dict) or ("logic" not in block and not self.tidy):
                return self.malformed()
            kind = block.get("type")
            if kind == "block" and isinstance(rules := block.get("rules"), list):
                return joined(block.get("logic"), self.rules(rules), self.findings)
            if kind != "group" or not isinstance(inner := block.get("blocks"), list):
                return self.malformed()
            if self.tidy:
                inner = [x for x in inner if isinstance(x, dict) and x.get("type") == "block"]
                if len(inner) < len(block["blocks"]):
                    self.findings.add("EX0104", "a group inside a group of a response is dropped")
            elif len(inner) == 1:
                block = inner[0]  # however deep: a group of one is that one
                continue
            if depth >= MAX_DEPTH - 3:
                self.findings.add("EX0105", f"a condition deeper than {MAX_DEPTH} levels is cut")
                return ALWAYS
            return joined(block.get("logic"), self.parts(inner, depth + 1), self.findings)

    def malformed(self) -> Condition | None:
        """What a malformed block counts as."""
        outcome = "dropped" if self.tidy else "always true"
        self.findings.add("EX0104", f"a block without type, logic or list of rules is {outcome}")
        return None if self.tidy else ALWAYS

    def rules(self, rules: list[Any]) -> list[Condition]:
        """The complete rules of a block."""
        read = (self.rule(rule) for rule in rules)
        return [rule for rule in read if rule is not None]

    def rule(self, rule: object) -> Condition | None:
        """A rule; None if it is incomplete, and so left out."""
        if not isinstance(rule, dict):
            self.findings.add("EX0106", f"a rule that is {kind_of(rule)} is left out")
            return None
        sheet, name, operator = rule.get("sheet"), rule.get("variable"), rule.get("operator")
        if self.tidy and (not isinstance(operator, str) or operator not in TESTS):
            self.findings.add("EX0107", f"the operator {excerpt(operator)} is read as equals")
            operator = "equals"
        if not (
            isinstance(sheet, str) and sheet
            and isinstance(name, str) and name
            and isinstance(operator, str) and operator
        ):  # fmt: skip
            self.findings.add("EX0106", "a rule without sheet, variable or operator is left out")
            return None
        return self.complete_rule(sheet, name, operator, rule.get("value"))

    def complete_rule(self, sheet: str, name: str, operator: str, value: object) -> Condition:
        """A rule; one whose operator does not exist fails."""
        if operator not in TESTS:
            message = f"{sheet}.{name}: the operator {excerpt(operator)} does not exist: it fails"
            self.findings.add("EX0107", message)
            return NEVER
        ref = named(sheet, name)
        if operator in TESTS_WITHOUT_VALUE:
            return Rule(ref, operator)
        return Rule(ref, operator, self.literal(value))

    def literal(self, value: object) -> Literal:
        """The right side of a rule; what is no text is read as the player would write it."""
        if isinstance(value, str):
            return _short_literal(value) if len(value) <= _SHORT else _literal(value)
        if value is None:
            return NIL
        if isinstance(value, bool):
            return Literal("true" if value else "false", "boolean")
        if isinstance(value, int | float):
            with suppress(ValueError):  # an integer of thousands of digits
                return Literal(number_text(value), "number")
            self.findings.add("EX0108", "a number too large for any comparison is read as none")
            return NIL
        self.findings.add("EX0108", f"a value that is {kind_of(value)} is compared as a text")
        return Literal(_inspected(value))

    def case_of_block(self, block: object) -> Case | None:
        """A case; groups never match and so are none."""
        if not isinstance(block, dict) or block.get("type") != "block":
            self.findings.add("EX0109", "a case that is no block never matches")
            return None
        rules = block.get("rules") or []
        condition: Condition = ALWAYS
        if isinstance(rules, list):
            condition = joined(block.get("logic") or "all", self.rules(rules), self.findings)
        if condition == ALWAYS:
            self.findings.add("EX0110", "a case without a complete rule always matches")
        return Case(_pin(block.get("id")), condition, _label(block))

    def case_of_rule(self, rule: object) -> Case | None:
        """A case of the older form; here even an incomplete rule is asked."""
        if not isinstance(rule, dict):
            self.findings.add("EX0109", f"a case that is {kind_of(rule)} never matches")
            return None
        names = (rule.get("sheet"), rule.get("variable"))
        sheet, name = ("" if x is None else x for x in names)
        operator = rule.get("operator")
        condition: Condition = NEVER
        if isinstance(sheet, str) and isinstance(name, str) and isinstance(operator, str):
            condition = self.complete_rule(sheet, name, operator, rule.get("value"))
        else:
            self.findings.add("EX0109", "a case without sheet, variable or operator never matches")
        return Case(_pin(rule.get("id")), condition, _label(rule))


def named(sheet: str, name: str) -> Ref:
    """A variable; the same one again where it is asked for often."""
    return _short_ref(sheet, name) if len(sheet) + len(name) <= _SHORT else Ref(sheet, name)


def _literal(value: str) -> Literal:
    if NUMBER.fullmatch(value):
        return Literal(value, "number")
    return Literal(value, "boolean" if value in ("true", "false") else "text")


_SHORT = 200
# Stories name the same variables and values over and over; long ones would fill the memory.
_short_ref = lru_cache(maxsize=8192)(Ref)
_short_literal = lru_cache(maxsize=8192)(_literal)


def joined(logic: object, parts: list[Condition], findings: Findings) -> Condition:
    """Parts under one logic; ``any`` is any, every other logic is all."""
    if logic == "any" and parts:
        if len(parts) > 1 and ALWAYS in parts:
            findings.add("EX0112", "an empty block beside others makes the whole always true")
        return any_of(tuple(parts))
    if len(parts) > 1 and ALWAYS in parts:
        parts = [part for part in parts if part != ALWAYS]
    return all_of(tuple(parts))


def _pin(case_id: object) -> str | None:
    """The pin of a case; an id that is no text fits no wire, and neither does an empty pin."""
    if case_id is None:
        return None
    return case_id if isinstance(case_id, str) else ""


def _label(case: dict[str, Any]) -> str | None:
    label = case.get("label")
    return label if isinstance(label, str) and label else None


def _inspected(value: object) -> str:
    try:
        return inspected(value)
    except (RecursionError, TypeError):
        return "[]"


def excerpt(operator: object) -> str:
    """An operator for a message."""
    return f'"{operator[:40]}"' if isinstance(operator, str) else kind_of(operator)
