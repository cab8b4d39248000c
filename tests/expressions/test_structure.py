"""Trees become Storyarn's stored form and come back; what it cannot say is refused or told."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.evaluate import World, holds
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.expressions.printer import print_condition, print_instruction
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_condition,
)
from storyarn_pipelines.expressions.structure import assignments_to_structure, to_structure
from tests.expressions.trees import (
    VARIABLES,
    instructions,
    typed_conditions,
    typed_positive,
    worlds,
)

STORY = Names(VARIABLES.values())


def as_response(structure: dict[str, Any]) -> Condition:
    return read_response_condition(json.dumps(structure))


def test_a_condition_has_ids_and_texts_as_the_editor_writes_them() -> None:
    text = 'mc.health > 50 && (mc.class == "mage" || (mc.alive && mc.gold >= -5) || mc.pet != 1)'

    def rule(number: int, name: str, operator: str, value: str | None) -> dict[str, Any]:
        return {"id": f"rule_{number}", "sheet": "mc", "variable": name, "operator": operator,
                "value": value}  # fmt: skip

    def block(number: int, logic: str, *rules: dict[str, Any]) -> dict[str, Any]:
        return {"id": f"block_{number}", "type": "block", "logic": logic, "rules": list(rules)}

    assert to_structure(parse_condition(text)) == {
        "logic": "all",
        "blocks": [
            block(1, "all", rule(1, "health", "greater_than", "50")),
            {
                "id": "group_1",
                "type": "group",
                "logic": "any",
                "blocks": [
                    block(2, "all", rule(2, "class", "equals", "mage")),
                    block(3, "all", rule(3, "alive", "is_true", None),
                          rule(4, "gold", "greater_than_or_equal", "-5")),
                    block(4, "all", rule(5, "pet", "not_equals", "1")),
                ],
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "a.b",
        "!a.b",
        "a.b == nil",
        "a.b == ?",
        "a.b is_empty",
        'a.b == ""',
        'a.b == "nil"',
        "a.b == true",
        "a.b > -5",
        'a.b before "2024-01-31"',
        'a.b less_than "2024-01-31"',
        "{mc.jaime:stats.con.value} > 1e3",
        "a.b && a.c && a.d",
        "(a.b && a.c) && a.d",
        "(a.b && a.c) || a.d",
        "a.b || (a.c && (a.d || a.e))",
        "a.b || true",
        "((a.b && a.c) || (a.d && a.e)) && a.f",
    ],
)
def test_text_to_structure_to_text_loses_nothing(text: str) -> None:
    structure = to_structure(parse_condition(text))
    assert print_condition(read_condition(structure)) == text
    assert print_condition(as_response(structure)) == text


@given(typed_positive, worlds())
def test_a_stored_condition_means_the_same(condition: Condition, world: World) -> None:
    try:
        structure = to_structure(condition)
    except ExpressionError:
        assume(False)
    for read in (read_condition(structure), as_response(structure)):
        assert holds(read, world) == holds(condition, world)
        assert to_structure(read) == structure


@given(typed_conditions, worlds())
def test_a_stored_condition_means_the_same_without_its_negations(
    condition: Condition, world: World
) -> None:
    try:
        structure = to_structure(condition, STORY)
    except ExpressionError:
        assume(False)
    assert holds(read_condition(structure), world) == holds(condition, world)


@pytest.mark.parametrize(
    ("text", "stored", "told"),
    [
        ("!(a.b == 1)", "a.b != 1", []),
        ("!(a.b != 1)", "a.b == 1", []),
        ("!(a.b > 1)", "a.b <= 1", ["EX0303"]),
        ("!(a.b is_true)", "!a.b || a.b == nil", []),
        ("!!a.b", "a.b || a.b == nil", []),
        ("a.b != nil", 'a.b != ""', ["EX0303"]),
        ("!(a.b is_empty)", 'a.b != ""', []),
        ('!(a.b contains "x")', 'a.b not_contains "x"', ["EX0303"]),
        ('!(a.b not_contains "x")', 'a.b contains "x"', ["EX0303"]),
        ('!(a.b before "2024-01-31")',
         'a.b after "2024-01-31" || a.b == "2024-01-31" || a.b == nil', []),
        ("!(a.b == 1 || a.c == 2)", "a.b != 1 && a.c != 2", []),
        ("!(a.b == 1 && !(a.c == 2))", "a.b != 1 || a.c == 2", []),
        ("!(false)", "true", []),
        ("a.b && true", "a.b", []),
        ("a.b || false", "a.b", []),
        ("a.b && (a.c && (a.d && (a.e || a.f)))", "a.b && a.c && a.d && (a.e || a.f)", []),
        ("a.b && (a.c || (a.d && (a.e || a.f)))",
         "(a.b && a.c) || (a.b && a.d && a.e) || (a.b && a.d && a.f)", ["EX0304"]),
    ],
)  # fmt: skip
def test_what_has_no_place_is_said_otherwise(text: str, stored: str, told: list[str]) -> None:
    found: list[Diagnostic] = []
    structure = to_structure(parse_condition(text), None, "node 1", found)
    assert print_condition(read_condition(structure)) == stored
    assert [(x.code, x.where) for x in found] == [(code, "node 1") for code in told]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ('!(mc.multi_select contains "x")', 'mc.multi_select not_contains "x"'),
        ("!(mc.multi_select is_empty)", 'mc.multi_select != "" && mc.multi_select != "[]"'),
        ("mc.boolean != nil", "mc.boolean || !mc.boolean"),
        ("mc.number != nil", 'mc.number != ""'),
        ("!(mc.text > 5)", "true"),
        ('!(mc.number starts_with "5")', "true"),
    ],
)
def test_opposites_depend_on_the_type(text: str, stored: str) -> None:
    found: list[Diagnostic] = []
    structure = to_structure(parse_condition(text), STORY, "", found)
    assert print_condition(read_condition(structure)) == stored
    assert found == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("false", "never holds"),
        ("a.b && false", "never holds"),
        ('!(a.b starts_with "x")', "the opposite of `a.b starts_with` cannot be stored"),
        ('!(mc.text contains "x")', "the opposite of `mc.text contains` cannot be stored"),
        ("mc.date != nil", "the opposite of `mc.date is_nil` cannot be stored"),
        (" && ".join(f"(a.b || (a.x{i} && (a.y{i} || a.z{i})))" for i in range(9)), "too large"),
    ],
)
def test_what_cannot_be_stored_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionError, match=words):
        to_structure(parse_condition(text), STORY)


@given(instructions)
def test_instructions_come_back_from_their_stored_form(instruction: Instruction) -> None:
    stored = assignments_to_structure(instruction)
    read = read_assignments(stored)
    assert assignments_to_structure(read) == [
        item | {"id": f"assign_{number}"}
        for number, item in enumerate((x for x in stored if x["value"] != "" or
                                       x["operator"] == "clear"), start=1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("mc.gold = 100", ("set", "100", "literal", None)),
        ("mc.gold += -5", ("add", "-5", "literal", None)),
        ("mc.gold = true", ("set_true", None, "literal", None)),
        ("mc.gold = nil", ("clear", None, "literal", None)),
        ("mc.gold ?= 3", ("set_if_unset", "3", "literal", None)),
        ("mc.gold = stats.max.hp", ("set", "hp", "variable_ref", "stats.max")),
        ("clear mc.gold with json '[1]'", ("clear", [1], "literal", None)),
    ],
)
def test_an_assignment_is_stored_like_this(text: str, stored: tuple[Any, ...]) -> None:
    assert assignments_to_structure(parse_instruction(text)) == [
        {"id": "assign_1", "sheet": "mc", "variable": "gold"}
        | dict(zip(("operator", "value", "value_type", "value_sheet"), stored, strict=True))
    ]


@given(st.sampled_from(["a.b = 1\na.c += -2", "toggle a.b with c.d", "{a:b.c} = d.e\nclear a.b"]))
def test_instruction_text_to_structure_to_text_loses_nothing(text: str) -> None:
    stored = assignments_to_structure(parse_instruction(text))
    assert print_instruction(read_assignments(stored)) == text
