"""Stored conditions and assignments are read as Storyarn's player takes them."""

import json
from typing import Any

import pytest
from hypothesis import given

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    NIL,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.evaluate import World, execute, holds
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.expressions.printer import print_condition, print_instruction
from storyarn_pipelines.expressions.stored import (
    Case,
    read_assignments,
    read_condition,
    read_flat_rules,
    read_response_assignments,
    read_response_condition,
    read_switch,
)
from tests.expressions.trees import json_values, stored_conditions, worlds

A = Rule(Ref("mc", "a"), "is_true")
B = Rule(Ref("mc", "b"), "is_true")


def rule(name: str, operator: Any = "is_true", value: Any = None, **more: Any) -> dict[str, Any]:
    return {"sheet": "mc", "variable": name, "operator": operator, "value": value, **more}


def block(*rules: Any, logic: Any = "all", **more: Any) -> dict[str, Any]:
    return {"type": "block", "logic": logic, "rules": list(rules), **more}


def group(*blocks: Any, logic: Any = "all") -> dict[str, Any]:
    return {"type": "group", "logic": logic, "blocks": list(blocks)}


def whole(*blocks: Any, logic: Any = "all") -> dict[str, Any]:
    return {"logic": logic, "blocks": list(blocks)}


def codes(found: list[Diagnostic]) -> list[str]:
    return [finding.code for finding in found]


a, b = rule("a"), rule("b")


@pytest.mark.parametrize(
    ("stored", "condition", "told"),
    [
        (None, ALWAYS, []),
        (whole(), ALWAYS, []),
        ({"logic": "all", "rules": []}, ALWAYS, []),
        ({"logic": "all", "rules": [a]}, ALWAYS, ["EX0102"]),
        ({"blocks": [block(a)]}, ALWAYS, ["EX0101"]),
        ({"logic": "all", "blocks": None}, ALWAYS, ["EX0101"]),
        ({"logic": "all", "blocks": {"a": 1}}, ALWAYS, ["EX0101"]),
        ("text", ALWAYS, ["EX0101"]),
        ([], ALWAYS, ["EX0101"]),
        (whole(block(a)), A, []),
        (whole(block(a), logic=None), A, []),
        (whole(block(a), block(b), logic="odd"), AllOf((A, B)), []),
        (whole(block(a), block(b), logic="any"), AnyOf((A, B)), []),
        (whole(block(a, b, logic="any")), AnyOf((A, B)), []),
        (whole(block(a, b), block(b), logic="any"), AnyOf((AllOf((A, B)), B)), []),
        (whole(group(block(a), block(b), logic="any"), block(b)), AllOf((AnyOf((A, B)), B)), []),
        (whole(group(group(block(a, b)))), AllOf((A, B)), []),
        (whole(group(), block(a)), A, []),
        (whole(block(a), block(), logic="any"), AnyOf((A, ALWAYS)), ["EX0112"]),
        (whole(block(a), block()), A, []),
        (whole(block(a), {"type": "block", "rules": [b]}), A, ["EX0104"]),
        (whole(block(a), {"type": "x", "logic": "all"}, logic="any"), AnyOf((A, ALWAYS)),
         ["EX0104", "EX0112"]),
        (whole(7, None), ALWAYS, ["EX0104", "EX0104"]),
        (whole(block(a, rule(""), rule("c", ""), {"sheet": "mc"}, 5)), A, ["EX0106"] * 4),
        (whole(block(rule("a", "between"))), NEVER, ["EX0107"]),
        (whole(block(rule("a", 5))), ALWAYS, ["EX0106"]),
        (whole(block(rule("a", "is_true", "left over"))), A, []),
    ],
)  # fmt: skip
def test_a_condition_is_read_as_the_player_takes_it(
    stored: Any, condition: Condition, told: list[str]
) -> None:
    found: list[Diagnostic] = []
    assert read_condition(stored, "node 5", found) == condition
    assert codes(found) == told
    assert {finding.where for finding in found} <= {"node 5"}
    assert read_condition(stored) == condition


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("50", Literal("50", "number")),
        ("-1.5e3", Literal("-1.5e3", "number")),
        ("50 ", Literal("50 ")),
        ("", Literal("")),
        ("true", Literal("true", "boolean")),
        ("nil", Literal("nil")),
        (None, NIL),
        (True, Literal("true", "boolean")),
        (50, Literal("50", "number")),
        (1000.0, Literal("1.0e3", "number")),
        (["a"], Literal('["a"]')),
        ({"b": 1, "a": None}, Literal('%{"a" => nil, "b" => 1}')),
        pytest.param(10**5000, NIL, id="an integer of 5001 digits"),
    ],
)
def test_the_right_side_keeps_its_text(value: Any, literal: Literal) -> None:
    stored = whole(block(rule("a", "equals", value)))
    assert read_condition(stored) == Rule(Ref("mc", "a"), "equals", literal)


@pytest.mark.parametrize(
    ("stored", "condition", "told"),
    [
        (None, ALWAYS, []),
        ("", ALWAYS, []),
        (whole(block(a)), ALWAYS, ["EX0103"]),
        ("{not JSON", ALWAYS, ["EX0101"]),
        pytest.param("[" * 100_000, ALWAYS, ["EX0101"], id="deep JSON"),
        pytest.param("\ud800", ALWAYS, ["EX0101"], id="half a character"),
        ("5", ALWAYS, ["EX0101"]),
        ({"logic": "all", "rules": [a]}, ALWAYS, ["EX0101"]),
        (whole(block(a), logic="odd"), ALWAYS, ["EX0101"]),
        (whole(block(a), logic=None), ALWAYS, ["EX0101"]),
        (whole(block(a)), A, []),
        (whole({"type": "block", "rules": [a, b]}), AllOf((A, B)), []),
        (whole(block(a, b, logic="odd")), AllOf((A, B)), []),
        (whole(block(a), 7, {"type": "x"}, logic="any"), A, ["EX0104", "EX0104"]),
        (whole(7), ALWAYS, ["EX0104"]),
        (whole(group(group(block(b)), block(a))), A, ["EX0104"]),
        (whole(group(group(block(b))), block(a), logic="any"), AnyOf((ALWAYS, A)),
         ["EX0104", "EX0112"]),
        (whole(block(rule("a", "between", "x"))),
         Rule(Ref("mc", "a"), "equals", Literal("x")), ["EX0107"]),
        (whole(block(rule("a", None, "x"))),
         Rule(Ref("mc", "a"), "equals", Literal("x")), ["EX0107"]),
    ],
)  # fmt: skip
def test_a_responses_condition_is_a_text_that_is_tidied(
    stored: Any, condition: Condition, told: list[str]
) -> None:
    is_text = stored is None or isinstance(stored, str) or told == ["EX0103"]
    found: list[Diagnostic] = []
    text = stored if is_text else json.dumps(stored)
    assert read_response_condition(text, "", found) == condition
    assert codes(found) == told


def test_flat_rules_stay_readable() -> None:
    stored = {"logic": "any", "rules": [a, b]}
    assert read_condition(stored) == ALWAYS
    assert read_flat_rules(stored) == AnyOf((A, B))
    assert read_flat_rules(whole(block(a))) == read_flat_rules(None) == ALWAYS


@pytest.mark.parametrize(
    ("stored", "cases"),
    [
        (None, []),
        ("x", []),
        ({"logic": "all", "blocks": []}, []),
        ({"logic": "all", "blocks": [], "rules": [a]}, []),
        (whole(block(a, id="one", label="One"), block(b, id="two")),
         [Case("one", A, "One"), Case("two", B)]),
        (whole(block(a, b, logic="any", id="one")), [Case("one", AnyOf((A, B)))]),
        (whole({"type": "block", "rules": [a, b], "id": "one"}),
         [Case("one", AllOf((A, B)))]),
        (whole(group(block(a)), 5, block(a, id="one")), [Case("one", A)]),
        (whole(block(id="one")), [Case("one", ALWAYS)]),
        (whole({"type": "block", "id": "one", "rules": {"x": 1}}), [Case("one", ALWAYS)]),
        (whole(block(a)), [Case(None, A)]),
        (whole(block(a, id=5)), [Case("", A)]),
        ({"blocks": {"x": 1}, "rules": [a]}, []),
        ({"blocks": None, "rules": [rule("a", id="one", label="L"), rule("b", id="two")]},
         [Case("one", A, "L"), Case("two", B)]),
        ({"rules": [{"sheet": None, "variable": "a", "operator": "is_nil", "id": "one"}]},
         [Case("one", Rule(Ref("", "a"), "is_nil"))]),
        ({"rules": [{"id": "one"}, 7]}, [Case("one", NEVER)]),
    ],
)  # fmt: skip
def test_a_switch_has_one_case_for_each_block(stored: Any, cases: list[Case]) -> None:
    assert read_switch(stored) == cases


def change(operator: Any, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"sheet": "mc", "variable": "a", "operator": operator, "value": value, **more}


SOURCE = {"value_type": "variable_ref", "value_sheet": "stats"}
TARGET = Ref("mc", "a")


@pytest.mark.parametrize(
    ("stored", "assignment"),
    [
        (change("set", "50"), Assignment(TARGET, "set", Literal("50", "number"))),
        (change("set", "true"), Assignment(TARGET, "set", Literal("true"))),
        (change("add", "x", value_type="odd"), Assignment(TARGET, "add", Literal("x"))),
        (change("set", "max", **SOURCE), Assignment(TARGET, "set", Ref("stats", "max"))),
        (change("toggle", "max", **SOURCE), Assignment(TARGET, "toggle", Ref("stats", "max"))),
        (change("toggle", "left over"), Assignment(TARGET, "toggle")),
        (change("set_true", None), Assignment(TARGET, "set_true")),
        (change("clear"), Assignment(TARGET, "clear")),
        (change("clear", ""), Assignment(TARGET, "clear", Literal(""))),
        (change("clear", ["x"]), Assignment(TARGET, "clear", Literal('["x"]', "json"))),
        (change("set", ""), None),
        (change("set", 50), None),
        (change("set", None), None),
        (change("set", True), None),
        (change("multiply", "5"), None),
        (change(None, "5"), None),
        (change("set", "", **SOURCE), None),
        (change("set", "max", value_type="variable_ref"), None),
        (change("toggle", None, **SOURCE), None),
        ({"variable": "a", "operator": "toggle"}, None),
        (5, None),
    ],
)
def test_an_incomplete_assignment_is_skipped(stored: Any, assignment: Assignment | None) -> None:
    found: list[Diagnostic] = []
    expected = () if assignment is None else (assignment,)
    assert read_assignments([stored], "zone 1", found) == expected
    assert codes(found) == ([] if assignment else ["EX0113"])


@pytest.mark.parametrize("stored", [None, 5, "[]", {"a": 1}])
def test_assignments_that_are_no_list_do_nothing(stored: Any) -> None:
    assert read_assignments(stored) == ()


SET = change("set", "1")
READ = (Assignment(TARGET, "set", Literal("1", "number")),)
DEFAULT = {"sheet": "mc", "variable": "a", "value": "1"}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"instruction_assignments": [SET]}, READ),
        ({"instruction_assignments": [SET], "instruction": json.dumps([SET, SET])}, READ),
        ({"instruction_assignments": [], "instruction": json.dumps([SET])}, READ),
        ({"instruction_assignments": {"a": 1}, "instruction": json.dumps([SET])}, READ),
        ({"instruction_assignments": [5], "instruction": json.dumps([SET])}, ()),
        ({"instruction": json.dumps([DEFAULT, 5])}, READ),
        ({"instruction_assignments": [DEFAULT]}, ()),
        ({"instruction": json.dumps([DEFAULT | {"operator": None}])}, ()),
        ({"instruction": "{}"}, ()),
        pytest.param({"instruction": "[" * 100_000}, (), id="deep JSON"),
        ({"instruction": [SET]}, ()),
        ({"instruction": ""}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_a_response_runs_its_list_else_the_older_text(response: Any, expected: Any) -> None:
    assert read_response_assignments(response) == expected


def test_groups_of_one_may_be_as_deep_as_they_like() -> None:
    stored: dict[str, Any] = block(a)
    for _ in range(10_000):
        stored = group(stored)
    assert read_condition(whole(stored)) == A


def test_branching_groups_are_cut_where_trees_would_be_too_deep() -> None:
    stored: dict[str, Any] = block(a)
    for number in range(10_000):
        stored = group(stored, block(b), logic=("all", "any")[number % 2])
    found: list[Diagnostic] = []
    condition = read_condition(whole(stored), "node 1", found)
    assert codes(found) == ["EX0105"]
    assert parse_condition(print_condition(condition)) == condition
    assert holds(condition, World({})) in (True, False)
    assert hash(condition) == hash(read_condition(whole(stored)))
    assert "Rule" in repr(condition)


def test_deep_values_do_not_matter() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    assert isinstance(read_condition(whole(block(rule("a", "equals", deep)))), Rule)
    assert read_assignments([change("clear", deep)]) == (Assignment(TARGET, "clear"),)


@given(stored_conditions, worlds())
def test_whatever_is_stored_can_be_read_played_and_printed(stored: Any, world: World) -> None:
    found: list[Diagnostic] = []
    read = [read_condition(stored, "", found), read_flat_rules(stored, "", found)]
    read += [case.condition for case in read_switch(stored, "", found)]
    read += [read_response_condition(stored), read_response_condition(json.dumps(stored))]
    for condition in read:
        assert holds(condition, world) in (True, False)
        assert parse_condition(print_condition(condition)) == condition


@given(json_values, worlds())
def test_whatever_is_stored_can_be_run_and_printed(stored: Any, world: World) -> None:
    found: list[Diagnostic] = []
    for assignments in (
        read_assignments(stored, "", found),
        read_assignments([stored], "", found),
        read_response_assignments(stored, "", found),
        read_response_assignments({"instruction": json.dumps([stored])}),
    ):
        execute(assignments, world)
        assert parse_instruction(print_instruction(assignments)) == assignments


def test_a_branch_that_is_cut_is_an_error() -> None:
    stored: dict[str, Any] = block(a)
    for _ in range(300):
        stored = group(stored, block(b))
    found: list[Diagnostic] = []
    read_condition(whole(stored), "node 1", found)
    assert [(x.code, x.severity) for x in found] == [("EX0105", "error")]
