"""The texts for Unreal mean what Storyarn means, by the interpreter that their module describes."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    Assignment,
    Condition,
    Instruction,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.unreal import UnrealEmitter
from tests.expressions.emitters import unreal_interpreter
from tests.expressions.emitters.comparing import (
    INEXACT,
    Kept,
    by_type,
    codes,
    compare,
    compare_all_assignments,
    compare_all_rules,
    held_in,
)
from tests.expressions.emitters.stories import conditions, instructions, values
from tests.expressions.emitters.written import ATTACKS, attacked, condition, instruction

CONDITIONS = [
    ("mc.jaime.health > 50", "mc.jaime.health > 50"),
    ("mc.jaime.health == -2.5", "mc.jaime.health == -2.5"),
    ("!(mc.jaime.health <= 1e3)", "NOT (mc.jaime.health <= 1000)"),
    (
        "mc.jaime.alive && !mc.jaime.alive || mc.jaime.gold == 1",
        "((mc.jaime.alive == true) AND (mc.jaime.alive == false)) OR (mc.jaime.gold == 1)",
    ),
    ('mc.jaime.name == "7"', 'mc.jaime.name == "7"'),
    ('mc.jaime.name != "a\\"b\\\\c"', 'mc.jaime.name != "a\\"b\\\\c"'),
    ('mc.jaime.name contains "ai"', 'Contains(mc.jaime.name, "ai")'),
    ('mc.jaime.name starts_with "J"', 'StartsWith(mc.jaime.name, "J")'),
    ('mc.jaime.name ends_with "e"', 'EndsWith(mc.jaime.name, "e")'),
    ("mc.jaime.name is_empty", '(mc.jaime.name == None) OR (mc.jaime.name == "")'),
    ("mc.jaime.class == nil", "mc.jaime.class == None"),
    ('mc.jaime.tags contains "brave"', 'Has(mc.jaime.tags, "brave")'),
    ('mc.jaime.tags not_contains "wise"', 'NOT (Has(mc.jaime.tags, "wise"))'),
    ('mc.jaime.born before "2024-01-31"', 'mc.jaime.born < "2024-01-31"'),
    ('mc.jaime.born == "2024-01-31"', 'mc.jaime.born == "2024-01-31"'),
    ('mc.jaime.stats.con.value == "5"', "mc.jaime.stats.con.value == 5"),
    ("{5th-floor.höhe} >= 0.1", "_5th_floor.hohe >= 0.1"),
    ('mc.gone == "x"', "false"),
    ("mc.gone is_nil", "true"),
]

INSTRUCTIONS = [
    ("mc.jaime.gold -= 10", "mc.jaime.gold -= 10"),
    ("mc.jaime.gold += -2.5", "mc.jaime.gold -= 2.5"),
    ("mc.jaime.health -= 10", "mc.jaime.health = Min(Max(mc.jaime.health - 10, 0), 100)"),
    ("mc.jaime.gold = mc.jaime.health", "mc.jaime.gold = mc.jaime.health"),
    ("mc.jaime.alive = true", "mc.jaime.alive = true"),
    ("toggle mc.jaime.alive", "mc.jaime.alive = mc.jaime.alive != true"),
    ('mc.jaime.name = "Sir \\"J\\""', 'mc.jaime.name = "Sir \\"J\\""'),
    ("clear mc.jaime.name", "mc.jaime.name = None"),
    ('mc.jaime.class ?= "mage"', 'IF mc.jaime.class == None THEN mc.jaime.class = "mage"'),
    ("mc.jaime.class = mc.jaime.name", "mc.jaime.class = mc.jaime.name"),
    ('mc.jaime.tags = "x"', 'mc.jaime.tags = "\u2060x"'),
    ("mc.jaime.gold += 1; mc.jaime.alive = false", "mc.jaime.gold += 1\nmc.jaime.alive = false"),
]

UNSAYABLE_TESTS: dict[str, dict[str, str]] = {}

UNSAYABLE_CHANGES = dict.fromkeys(
    ("boolean", "multi_select", "number"), "add set set_if_unset subtract"
)


def same(number: float) -> float:
    """The interpreter has doubles."""
    return number


class Unreal:
    """The interpreter."""

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""
        return [[unreal_interpreter.holds(text, world) for text in asked] for world in worlds]

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        return [[self._left(world, text) for text in changes] for world in worlds]

    def _left(self, world: Kept, text: str) -> Kept:
        after = dict(world)
        unreal_interpreter.execute(text, after)
        return after


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_a_condition_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert condition(UnrealEmitter, text).text == expected


@pytest.mark.parametrize(("text", "expected"), INSTRUCTIONS)
def test_an_instruction_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert instruction(UnrealEmitter, text).text == expected


def test_every_operator_on_every_type_asks_the_same() -> None:
    told = compare_all_rules(Unreal(), UnrealEmitter, same)
    assert {code: by_type(told, code) for _, _, code in told} == UNSAYABLE_TESTS


def test_every_change_of_every_type_leaves_the_same() -> None:
    told = compare_all_assignments(Unreal(), UnrealEmitter, same)
    assert by_type(told, "EX0404") == UNSAYABLE_CHANGES


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_leaves_its_quotes(text: str) -> None:
    story = attacked(text)
    emitter = UnrealEmitter.for_story(story)
    world = {emitter.identifiers.of(name): emitter.kept(x, x.initial) for name, x in story.items()}
    refs = [Ref(x.sheet, x.name) for x in story.values()]
    asked = [emitter.condition(Rule(ref, "equals", Literal(text))) for ref in refs[:2]]
    asked.append(emitter.condition(Rule(refs[0], "contains", Literal(text))))
    asked.append(emitter.condition(Rule(refs[2], "contains", Literal(text))))
    said = [not codes(x) & INEXACT for x in asked]
    assert Unreal().ask(emitter, [world], [x.text for x in asked])[0] == said
    change = emitter.instruction((Assignment(refs[0], "set", Literal(text)),))
    name = emitter.identifiers.of("a.text")
    (left,) = Unreal().change(emitter, [{**world, name: "before"}], [change.text])[0]
    assert left[name] == ("before" if codes(change) & INEXACT else world[name])


@settings(max_examples=400, deadline=None)
@given(values(), instructions, st.lists(conditions, max_size=4), st.booleans())
def test_expressions_mean_in_unreal_what_they_mean_in_storyarn(
    held: dict[str, Value], instruction: Instruction, asked: list[Condition], is_sure: bool
) -> None:
    held = held_in(UnrealEmitter, held, same)
    compare(Unreal(), UnrealEmitter, held, instruction, asked, is_sure=is_sure)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mc.jaime.health", "mc.jaime.health"), ("12.x-y", "_12.x_y"), ("AND.NOT", "AND.NOT")],
)
def test_names_keep_their_dots(name: str, expected: str) -> None:
    sheet, _, own = name.rpartition(".")
    variables = {name: Variable(sheet, own, "number", 0)}
    emitter = UnrealEmitter.for_story(variables)
    assert emitter.identifiers.of(name) == expected
    assert Unreal().ask(emitter, [{expected: 5}], [f"{expected} == 5"]) == [[True]]


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    variables = {name: Variable("a", name[2:], "number", 0) for name in ("a.b", "a.B")}
    found = UnrealEmitter.for_story(variables).identifiers
    assert len({x.casefold() for x in found.mapping().values()}) == 2
    assert [x.code for x in found.diagnostics] == ["EX0409"]


def test_a_number_in_any_variable_is_no_text() -> None:
    values: dict[str, object] = {"a.b": 5.0, "a.c": "5", "a.d": None, "a.e": True}
    for text in ('a.b == "5"', "a.c == 5", "a.d < 5", "a.e == 1", 'Contains(a.b, "5")', "a.c > 4"):
        assert not unreal_interpreter.holds(text, values)  # type: ignore[arg-type]  # any value
