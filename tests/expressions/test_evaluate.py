"""Conditions hold and assignments change what they do in Storyarn, type by type."""

from typing import Any

import pytest
from hypothesis import given

from storyarn_pipelines.domain.variables import Value, Variable
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
)
from storyarn_pipelines.expressions.evaluate import World, execute, holds
from tests.expressions.trees import conditions, instructions, worlds

REF = Ref("mc", "x")


def world(kind: str, value: Value, config: dict[str, Any] | None = None) -> World:
    return World({"mc.x": Variable("mc", "x", kind, value, config or {})})


@pytest.mark.parametrize(
    ("kind", "value", "operator", "expected", "result"),
    [
        ("number", 50, "equals", "50", True),
        ("number", "80 coins", "equals", "80", True),
        ("number", None, "equals", "many", True),
        ("number", True, "equals", "", True),
        ("number", 0, "equals", "", False),
        ("number", None, "not_equals", "", False),
        ("number", 50, "not_equals", "5", True),
        ("number", 51, "greater_than", "50", True),
        ("number", 50, "greater_than", "50", False),
        ("number", 50, "greater_than_or_equal", "50", True),
        ("number", -5, "less_than", "-4.5", True),
        ("number", 50, "less_than_or_equal", "50", True),
        ("number", None, "less_than", "5", False),
        ("number", None, "greater_than_or_equal", "", False),
        ("number", 5, "greater_than", "few", False),
        ("number", 9007199254740993, "equals", "9007199254740992", True),
        ("number", 10**400, "equals", "", True),
        ("number", 5, "before", "6", False),
        ("number", 5, "contains", "5", False),
        ("number", 0, "is_empty", "", False),
        ("date", "2024-01-31", "equals", "+2024-01-31", True),
        ("date", "soon", "equals", "soon", False),
        ("date", "soon", "not_equals", "soon", True),
        ("date", None, "not_equals", "2024-01-31", True),
        ("date", "2024-01-31", "before", "2024-02-01", True),
        ("date", "2024-02-01", "before", "2024-02-01", False),
        ("date", "2024-02-02", "after", "2024-02-01", True),
        ("date", None, "before", "2024-02-01", False),
        ("date", "2024-01-31", "less_than", "2024-02-01", False),
        ("text", None, "equals", "", True),
        ("text", 50.0, "equals", "50.0", True),
        ("text", "50", "equals", "50.0", False),
        ("text", "Hero", "equals", "hero", False),
        ("text", "Hero", "contains", "er", True),
        ("text", "Hero", "contains", "", False),
        ("text", "Hero", "contains", "ER", False),
        ("text", "Hero", "not_contains", "x", False),
        ("text", "Hero", "starts_with", "", True),
        ("text", None, "starts_with", "H", False),
        ("text", "Hero", "ends_with", "ro", True),
        ("text", " ", "is_empty", "", False),
        ("text", "", "is_empty", "", True),
        ("text", None, "is_empty", "", True),
        ("text", "", "is_nil", "", False),
        ("text", "9", "greater_than", "1", False),
        ("rich_text", "<p>a</p>", "equals", "<p>a</p>", True),
        ("boolean", True, "equals", "true", True),
        ("boolean", True, "is_true", "", True),
        ("boolean", "true", "is_true", "", False),
        ("boolean", None, "is_false", "", False),
        ("boolean", False, "is_false", "", True),
        ("boolean", None, "is_nil", "", True),
        ("select", "mage", "equals", "mage", True),
        ("select", "mage", "contains", "ma", False),
        ("select", None, "equals", "", True),
        ("select", None, "is_empty", "", False),
        ("multi_select", ["a", "b"], "contains", "b", True),
        ("multi_select", ["ab"], "contains", "b", False),
        ("multi_select", "a", "contains", "a", False),
        ("multi_select", ["a"], "not_contains", "b", True),
        ("multi_select", ["a"], "not_contains", "a", False),
        ("multi_select", "a", "not_contains", "a", True),
        ("multi_select", [], "is_empty", "", True),
        ("multi_select", [], "is_nil", "", False),
        ("multi_select", "", "is_empty", "", False),
        ("multi_select", ["a"], "equals", '["a"]', True),
        ("formula", 5, "equals", "5", True),
        ("formula", 5.0, "equals", "5", False),
        ("formula", 5, "greater_than", "1", False),
        ("formula", None, "is_nil", "", True),
        ("text", "x", "between", "x", False),
    ],
)
def test_a_rule_holds_by_the_type_of_its_variable(
    kind: str, value: Value, operator: str, expected: str, result: bool
) -> None:
    assert holds(Rule(REF, operator, Literal(expected)), world(kind, value)) is result


@pytest.mark.parametrize(
    ("operator", "expected", "result"),
    [
        ("is_nil", "", True),
        ("equals", "", True),
        ("equals", "5", False),
        ("not_equals", "5", True),
        ("not_equals", "", False),
        ("is_false", "", False),
        ("is_empty", "", False),
        ("less_than", "5", False),
        ("not_contains", "5", False),
    ],
)
def test_a_missing_variable_is_nil_without_a_type(
    operator: str, expected: str, result: bool
) -> None:
    assert holds(Rule(Ref("no", "one"), operator, Literal(expected)), world("text", "")) is result


YES, NO = Rule(REF, "is_true"), Rule(REF, "is_false")


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        (ALWAYS, True),
        (NEVER, False),
        (AllOf((YES, NO)), False),
        (AllOf((YES, YES)), True),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, ALWAYS)), True),
        (Not(NO), True),
        (Not(AnyOf((NO, YES))), False),
    ],
)
def test_groups_join_their_parts(condition: Condition, result: bool) -> None:
    assert holds(condition, world("boolean", True)) is result


@pytest.mark.parametrize(
    ("kind", "value", "operator", "assigned", "after"),
    [
        ("number", 1, "set", "50", 50.0),
        ("number", 1, "set", "50 coins", 50.0),
        ("number", 1, "set", "many", None),
        ("number", 5, "add", "10", 15.0),
        ("number", None, "add", "10", 10.0),
        ("number", "7", "subtract", "2", 5.0),
        ("number", 5, "add", "many", 5),
        ("number", 1e308, "add", "1e308", 1e308),
        ("number", True, "add", "1", 1.0),
        ("number", None, "set_if_unset", "3", 3.0),
        ("number", 0, "set_if_unset", "3", 0),
        ("number", 5, "clear", None, None),
        ("number", 5, "set", "", 5),
        ("text", "a", "set", "50", "50"),
        ("text", "a", "add", "b", "b"),
        ("text", "a", "subtract", "b", "b"),
        ("text", "a", "clear", None, None),
        ("text", "", "set_if_unset", "b", ""),
        ("text", "a", "set_true", None, True),
        ("boolean", None, "toggle", None, True),
        ("boolean", False, "toggle", None, True),
        ("boolean", True, "toggle", None, False),
        ("boolean", "false", "toggle", None, False),
        ("boolean", True, "set", "true", "true"),
        ("boolean", True, "set_false", None, False),
        ("boolean", True, "clear", None, False),
        ("boolean", False, "set_if_unset", "true", False),
        ("select", None, "set", "no option", "no option"),
        ("multi_select", ["a"], "set", "x", "x"),
        ("multi_select", ["a"], "clear", None, None),
        ("date", "2024-01-31", "set", "soon", "soon"),
        ("date", None, "set_if_unset", "2024-01-31", "2024-01-31"),
    ],
)
def test_an_assignment_changes_by_the_type_of_its_target(
    kind: str, value: Value, operator: str, assigned: str | None, after: Value
) -> None:
    played = world(kind, value)
    literal = None if assigned is None else Literal(assigned)
    execute((Assignment(REF, operator, literal),), played)
    assert played.values == {"mc.x": after}
    assert type(played.values["mc.x"]) is type(after)


def test_what_a_clear_leaves_behind_is_the_value_of_all_but_texts() -> None:
    for kind, after in (("multi_select", ["a"]), ("text", None)):
        played = world(kind, "x")
        execute((Assignment(REF, "clear", Literal('["a"]', "json")),), played)
        assert played.values == {"mc.x": after}


@pytest.mark.parametrize(
    ("kind", "source", "operator", "after"),
    [
        ("multi_select", ["a"], "set", ["a"]),
        ("text", 5, "set", 5),
        ("number", 5, "set", 5),
        ("number", "5x", "set", 5.0),
        ("number", ["a"], "set", None),
        ("number", True, "set", None),
        ("number", 5, "add", 7),
        ("number", 0.0, "add", 2.0),
        ("text", "", "set", ""),
        ("boolean", None, "set", False),
    ],
)
def test_another_variable_is_copied_as_it_is(
    kind: str, source: Value, operator: str, after: Value
) -> None:
    start: Value = 2 if kind == "number" else "x"
    target, other = Variable("mc", "x", kind, start), Variable("mc", "y", "text", source)
    played = World({"mc.x": target, "mc.y": other})
    execute((Assignment(REF, operator, Ref("mc", "y")),), played)
    assert played.values["mc.x"] == after
    assert type(played.values["mc.x"]) is type(after)


@pytest.mark.parametrize("operator", ["set", "add", "toggle", "set_true", "clear"])
def test_a_missing_target_or_source_skips_only_that_assignment(operator: str) -> None:
    played = world("number", 5)
    gone = Ref("no", "one")
    execute(
        (
            Assignment(gone, operator, Literal("1")),
            Assignment(REF, operator, gone),
            Assignment(REF, "add", Literal("1")),
        ),
        played,
    )
    assert played.values == {"mc.x": 6.0}


def test_each_assignment_sees_those_before_it() -> None:
    played = world("number", 1)
    execute((Assignment(REF, "add", REF), Assignment(REF, "add", REF)), played)
    assert played.values == {"mc.x": 4}


@pytest.mark.parametrize(
    ("kind", "config", "assigned", "after"),
    [
        ("number", {"min": 0, "max": 10}, "50", 10),
        ("number", {"min": "0", "max": "10.5"}, "50", 10.5),
        ("number", {"min": "0"}, "-5", 0),
        ("number", {"min": "", "max": None}, "50", 50.0),
        ("number", {"max": "many"}, "50", 50.0),
        ("number", {"max": [1], "min": True}, "50", 50.0),
        ("number", {"step": 7}, "50", 50.0),
        ("text", {"max_length": "3"}, "héros", "hér"),
        ("text", {"max_length": 2}, "👨‍👩‍👧e\u0301x", "👨‍👩‍👧e\u0301"),
        ("text", {"max_length": 0}, "héros", "héros"),
        ("rich_text", {"max_length": 3}, "héros", "héros"),
        ("date", {"min_date": "2024-01-01"}, "2023-01-01", "2024-01-01"),
        ("date", {"max_date": "2024-01-01"}, "soon", "2024-01-01"),
        ("date", {"max_date": ""}, "soon", "soon"),
        ("select", {"options": []}, "x", "x"),
    ],
)
def test_limits_hold_after_an_assignment(
    kind: str, config: dict[str, Any], assigned: str, after: Value
) -> None:
    played = world(kind, None, config)
    execute((Assignment(REF, "set", Literal(assigned)),), played)
    assert played.values == {"mc.x": after}
    assert type(played.values["mc.x"]) is type(after)


def test_lists_keep_the_first_options_and_tri_state_booleans_their_nil() -> None:
    chosen = Variable("mc", "x", "multi_select", None, {"max_options": "2"})
    other = Variable("mc", "y", "multi_select", ["a", "b", "c"])
    played = World({"mc.x": chosen, "mc.y": other})
    execute((Assignment(REF, "set", Ref("mc", "y")),), played)
    assert played.values["mc.x"] == ["a", "b"]
    played = world("boolean", True, {"mode": "tri_state"})
    execute((Assignment(REF, "clear"),), played)
    assert played.values["mc.x"] is None


@given(worlds(), conditions, instructions)
def test_nothing_raises(played: World, condition: Condition, changes: Any) -> None:
    execute(changes, played)
    assert isinstance(holds(condition, played), bool)
