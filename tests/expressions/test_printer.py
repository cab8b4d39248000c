"""What is printed reads back as the same tree, and looks like Storyarn's code view."""

import pytest
from hypothesis import given

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Instruction,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.expressions.printer import print_condition, print_instruction
from storyarn_pipelines.expressions.stored import read_assignments, read_condition
from tests.expressions.trees import NAMES, SHEETS, conditions, instructions

STORY = Names(
    Variable(sheet, name, kind)
    for sheet in SHEETS
    for name, kind in zip(NAMES, ("date", "text", "number") * 3, strict=True)
)


@given(conditions)
def test_a_printed_condition_reads_back(condition: Condition) -> None:
    assert parse_condition(print_condition(condition)) == condition


@given(conditions)
def test_a_printed_condition_reads_back_with_names(condition: Condition) -> None:
    assert parse_condition(print_condition(condition, STORY), STORY) == condition


@given(instructions)
def test_a_printed_instruction_reads_back(instruction: Instruction) -> None:
    assert parse_instruction(print_instruction(instruction)) == instruction
    assert parse_instruction(print_instruction(instruction, STORY), STORY) == instruction


def stored(operator: str, value: object = None) -> dict[str, object]:
    return {"sheet": "s", "variable": "v", "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("operator", "value", "text"),
    [
        # As Storyarn prints it.
        ("equals", "x", 's.v == "x"'),
        ("not_equals", "x", 's.v != "x"'),
        ("greater_than", "42", "s.v > 42"),
        ("less_than", "-5", "s.v < -5"),
        ("greater_than_or_equal", "1e3", "s.v >= 1e3"),
        ("less_than_or_equal", "5", "s.v <= 5"),
        ("contains", "x", 's.v contains "x"'),
        ("not_contains", "x", 's.v not_contains "x"'),
        ("starts_with", "x", 's.v starts_with "x"'),
        ("ends_with", "x", 's.v ends_with "x"'),
        ("is_true", None, "s.v"),
        ("is_false", None, "!s.v"),
        ("is_nil", None, "s.v == nil"),
        ("equals", None, "s.v == ?"),
        ("equals", 'q"u\\', 's.v == "q\\"u\\\\"'),
        # Richer, since Storyarn's own text is read back as something else.
        ("before", "2024-01-31", 's.v before "2024-01-31"'),
        ("after", "2024-01-31", 's.v after "2024-01-31"'),
        ("less_than", "2024-01-31", 's.v less_than "2024-01-31"'),
        ("is_empty", None, "s.v is_empty"),
        ("equals", "", 's.v == ""'),
        ("equals", " ", 's.v == " "'),
        ("equals", "nil", 's.v == "nil"'),
        ("equals", "true", "s.v == true"),
    ],
)
def test_rules_are_printed_as_in_the_code_view_where_that_is_safe(
    operator: str, value: object, text: str
) -> None:
    blocks = [{"type": "block", "logic": "all", "rules": [stored(operator, value)]}]
    condition = read_condition({"logic": "all", "blocks": blocks})
    assert print_condition(condition) == text
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("operator", "value", "text"),
    [
        ("set", "100", "s.v = 100"),
        ("set", "Alice", 's.v = "Alice"'),
        ("set", "true", 's.v = "true"'),
        ("set", "nil", 's.v = "nil"'),
        ("add", "10", "s.v += 10"),
        ("subtract", "5", "s.v -= 5"),
        ("set_if_unset", "3", "s.v ?= 3"),
        ("set_true", None, "s.v = true"),
        ("set_false", None, "s.v = false"),
        ("toggle", None, "toggle s.v"),
        ("clear", None, "clear s.v"),
        ("clear", "5", "clear s.v with 5"),
        ("clear", ["x"], 'clear s.v with json "[\\"x\\"]"'),
    ],
)
def test_assignments_are_printed_as_in_the_code_view(
    operator: str, value: object, text: str
) -> None:
    instruction = read_assignments([stored(operator, value)])
    assert print_instruction(instruction) == text
    assert parse_instruction(text) == instruction


A, B, C = (Rule(Ref("s", name), "is_true") for name in "abc")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (AllOf((A, B)), "s.a && s.b"),
        (AnyOf((A, B, C)), "s.a || s.b || s.c"),
        (AnyOf((AllOf((A, B)), C)), "(s.a && s.b) || s.c"),
        (AllOf((AllOf((A, B)), C)), "(s.a && s.b) && s.c"),
        (AllOf((AnyOf((AllOf((A, B)), C)), A)), "((s.a && s.b) || s.c) && s.a"),
        (Not(AnyOf((A, B))), "!(s.a || s.b)"),
        (Not(A), "!(s.a is_true)"),
        (Not(Not(Rule(Ref("s", "a"), "is_false"))), "!!(!s.a)"),
        (Not(Rule(Ref("s", "a"), "is_nil")), "s.a != nil"),
        (ALWAYS, "true"),
        (AnyOf((A, ALWAYS)), "s.a || true"),
        (Not(NEVER), "!false"),
    ],
)
def test_groups_are_printed_with_parentheses(condition: Condition, text: str) -> None:
    assert print_condition(condition) == text
    assert parse_condition(text) == condition


def test_a_group_of_one_is_printed_as_its_part() -> None:
    odd = AllOf((AnyOf((AllOf((A,)),)), Not(AllOf((B,)))))
    assert print_condition(odd) == "s.a && !(s.b is_true)"


@pytest.mark.parametrize(
    ("ref", "alone", "in_the_story"),
    [
        (Ref("mc.jaime", "health"), "mc.jaime.health", "mc.jaime.health"),
        (Ref("mc.jaime", "stats.con.value"), "{mc.jaime:stats.con.value}",
         "mc.jaime.stats.con.value"),
        (Ref("12", "health"), "{12.health}", "{12.health}"),
        (Ref("mc", "höhe"), "{mc.höhe}", "{mc.höhe}"),
        (Ref("mc", "b-"), "{mc.b-}", "{mc.b-}"),
        (Ref("a b", "c"), "{a b.c}", "{a b.c}"),
        (Ref(" a", "c"), '{" a":"c"}', '{" a":"c"}'),
        (Ref("a:b", "c"), '{"a:b":"c"}', '{"a:b":"c"}'),
        (Ref('"', "}\\"), '{"\\"":"}\\\\"}', '{"\\"":"}\\\\"}'),
        (Ref("", "c"), "{.c}", "{.c}"),
        (Ref("#a", "c"), '{"#a":"c"}', '{"#a":"c"}'),
    ],
)  # fmt: skip
def test_names_are_printed_so_that_their_split_is_kept(
    ref: Ref, alone: str, in_the_story: str
) -> None:
    rule = Rule(ref, "is_true")
    assert print_condition(rule) == alone
    assert print_condition(rule, STORY) == in_the_story
    assert parse_condition(alone) == parse_condition(in_the_story, STORY) == rule
