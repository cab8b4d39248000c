"""Yarn means what Storyarn means, as a model of Yarn Spinner 3 reads it."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.ast import (
    Assignment,
    Condition,
    Instruction,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.yarn import FUNCTIONS, YarnEmitter
from tests.expressions.emitters import yarn_interpreter
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
from tests.expressions.emitters.written import ATTACKS, STORY, attacked, condition, instruction

MEANINGS = {
    "string_contains": lambda a, b: b in a,
    "string_starts_with": str.startswith,
    "string_ends_with": str.endswith,
    "string_compare": lambda a, b: (a > b) - (a < b),
}
GAME = {
    x.name: yarn_interpreter.Function(x.arguments, x.result, MEANINGS[x.name]) for x in FUNCTIONS
}
KINDS = {bool: "bool", str: "string", int: "number", float: "number"}


def single(number: float) -> float:
    """A number that a single float holds, and that stays exact when it is added to others."""
    return {0.1: 0.125, 1e-9: 2.0**-8, 1e21: 2.0**14}.get(number, number)


CONDITIONS = [
    ("mc.jaime.health > 50", "$mc_jaime_health > 50"),
    ("mc.jaime.health == -2.5", "$mc_jaime_health == (-2.5)"),
    ("!(mc.jaime.health <= 1e3)", "not ($mc_jaime_health <= 1000)"),
    (
        "mc.jaime.alive && !mc.jaime.alive || mc.jaime.gold == 1",
        "(($mc_jaime_alive == true) and ($mc_jaime_alive == false)) or ($mc_jaime_gold == 1)",
    ),
    ('mc.jaime.name == "7"', '$mc_jaime_name == "7"'),
    ('mc.jaime.name != "a\\"b\\\\c"', '$mc_jaime_name != "a\\"b\\\\c"'),
    ('mc.jaime.name contains "ai"', 'string_contains($mc_jaime_name, "ai")'),
    ('mc.jaime.name starts_with "J"', 'string_starts_with($mc_jaime_name, "J")'),
    ('mc.jaime.name ends_with "e"', 'string_ends_with($mc_jaime_name, "e")'),
    ("mc.jaime.name is_empty", '($mc_jaime_name == "nil") or ($mc_jaime_name == "")'),
    ("mc.jaime.class == nil", '$mc_jaime_class == "nil"'),
    (
        'mc.jaime.tags contains "brave"',
        'string_contains(", " + $mc_jaime_tags + ", ", ", brave, ")',
    ),
    (
        'mc.jaime.tags not_contains "wise"',
        'not (string_contains(", " + $mc_jaime_tags + ", ", ", wise, "))',
    ),
    (
        'mc.jaime.born before "2024-01-31"',
        '($mc_jaime_born != "nil") and (string_compare($mc_jaime_born, "2024-01-31") < 0)',
    ),
    ('mc.jaime.born == "2024-01-31"', '$mc_jaime_born == "2024-01-31"'),
    ('mc.jaime.stats.con.value == "5"', "$mc_jaime_stats_con_value == 5"),
    ("{5th-floor.höhe} >= 0.1", "$_5th_floor_hohe >= 0.1"),
    ('mc.gone == "x"', "false"),
    ("mc.gone is_nil", "true"),
]

INSTRUCTIONS = [
    ("mc.jaime.gold -= 10", "<<set $mc_jaime_gold -= 10>>"),
    ("mc.jaime.gold += -2.5", "<<set $mc_jaime_gold -= 2.5>>"),
    (
        "mc.jaime.health -= 10",
        "<<set $mc_jaime_health to min(max($mc_jaime_health - 10, 0), 100)>>",
    ),
    ("mc.jaime.gold = mc.jaime.health", "<<set $mc_jaime_gold to $mc_jaime_health>>"),
    ("mc.jaime.alive = true", "<<set $mc_jaime_alive to true>>"),
    ("toggle mc.jaime.alive", "<<set $mc_jaime_alive to $mc_jaime_alive != true>>"),
    ('mc.jaime.name = "Sir \\"J\\""', '<<set $mc_jaime_name to "Sir \\"J\\"">>'),
    ("clear mc.jaime.name", '<<set $mc_jaime_name to "nil">>'),
    (
        'mc.jaime.class ?= "mage"',
        '<<if $mc_jaime_class == "nil">>\n<<set $mc_jaime_class to "mage">>\n<<endif>>',
    ),
    ("mc.jaime.class = mc.jaime.name", "<<set $mc_jaime_class to $mc_jaime_name>>"),
    ('mc.jaime.tags = "x"', '<<set $mc_jaime_tags to "\u2060x">>'),
    (
        "mc.jaime.gold += 1; mc.jaime.alive = false",
        "<<set $mc_jaime_gold += 1>>\n<<set $mc_jaime_alive to false>>",
    ),
]

_NEEDED = {
    "date": "after before",
    "multi_select": "contains not_contains",
    "rich_text": "contains ends_with starts_with",
    "text": "contains ends_with starts_with",
}
UNSAYABLE_TESTS = {
    "EX0407": {"boolean": "is_nil", "formula": "is_nil", "number": "is_nil"},
    "EX0413": _NEEDED,
}

UNSAYABLE_CHANGES = {
    "boolean": "add set subtract",
    "multi_select": "add set set_false set_if_unset set_true subtract toggle",
    "number": "add set set_false set_true subtract toggle",
    **dict.fromkeys(("date", "rich_text", "select", "text"), "set_false set_true toggle"),
}


class Yarn:
    """The model, with the functions that the game has to register."""

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""
        return [[_program(x).condition(text, _dollars(x)) for text in asked] for x in worlds]

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        return [[self._left(world, text) for text in changes] for world in worlds]

    def _left(self, world: Kept, text: str) -> Kept:
        after = _dollars(world)
        _program(world).run(text, after)
        return {name.removeprefix("$"): value for name, value in after.items()}


def _dollars(world: Kept) -> dict[str, Any]:
    return {f"${name}": value for name, value in world.items()}


def _program(world: Kept) -> yarn_interpreter.Program:
    kinds = {name: KINDS[type(value)] for name, value in _dollars(world).items()}
    return yarn_interpreter.Program(kinds, GAME)


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_a_condition_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert condition(YarnEmitter, text).text == expected


@pytest.mark.parametrize(("text", "expected"), INSTRUCTIONS)
def test_an_instruction_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert instruction(YarnEmitter, text).text == expected


def test_every_operator_on_every_type_asks_the_same() -> None:
    told = compare_all_rules(Yarn(), YarnEmitter, single)
    assert {code: by_type(told, code) for _, _, code in told} == UNSAYABLE_TESTS


def test_every_change_of_every_type_leaves_the_same() -> None:
    told = compare_all_assignments(Yarn(), YarnEmitter, single)
    assert by_type(told, "EX0404") == UNSAYABLE_CHANGES


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_leaves_its_quotes(text: str) -> None:
    story = attacked(text)
    emitter = YarnEmitter.for_story(story)
    world = {emitter.identifiers.of(name): emitter.kept(x, x.initial) for name, x in story.items()}
    refs = [Ref(x.sheet, x.name) for x in story.values()]
    asked = [emitter.condition(Rule(ref, "equals", Literal(text))) for ref in refs[:2]]
    asked.append(emitter.condition(Rule(refs[0], "contains", Literal(text))))
    asked.append(emitter.condition(Rule(refs[2], "contains", Literal(text))))
    said = [not codes(x) & INEXACT for x in asked]
    assert Yarn().ask(emitter, [world], [x.text for x in asked])[0] == said
    change = emitter.instruction((Assignment(refs[0], "set", Literal(text)),))
    name = emitter.identifiers.of("a.text")
    (left,) = Yarn().change(emitter, [{**world, name: "before"}], [change.text])[0]
    assert left[name] == ("before" if codes(change) & INEXACT else world[name])


@settings(max_examples=400, deadline=None)
@given(values(), instructions, st.lists(conditions, max_size=4), st.booleans())
def test_expressions_mean_in_yarn_what_they_mean_in_storyarn(
    held: dict[str, Value], instruction: Instruction, asked: list[Condition], is_sure: bool
) -> None:
    held = held_in(YarnEmitter, held, single)
    compare(Yarn(), YarnEmitter, held, instruction, asked, is_sure=is_sure)


NUMBERS = {
    "50": ("50", set()),
    "16777216": ("16777216", set()),
    "16777217": ("16777217", {"EX0412"}),
    "20000000": ("20000000", set()),
    "0.1": ("0.1", set()),
    "0.123456789": ("0.123456789", {"EX0412"}),
}


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers_that_single_floats_do_not_hold_are_told(written: str) -> None:
    emitted = condition(YarnEmitter, f"mc.jaime.gold == {written}")
    text, told = NUMBERS[written]
    assert (emitted.text, codes(emitted)) == (f"$mc_jaime_gold == {text}", told)


def test_a_number_that_is_too_large_is_never_reached() -> None:
    emitted = condition(YarnEmitter, "mc.jaime.gold == 1e39")
    assert (emitted.text, codes(emitted)) == ("false", {"EX0403"})


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ('mc.jaime.name contains "x"', "string_contains"),
        ('mc.jaime.tags contains "x"', "string_contains"),
        ('mc.jaime.name starts_with "x"', "string_starts_with"),
        ('mc.jaime.name ends_with "x"', "string_ends_with"),
        ('mc.jaime.born after "2024-01-31"', "string_compare"),
    ],
)
def test_functions_that_the_game_must_register_are_told(text: str, function: str) -> None:
    (told,) = condition(YarnEmitter, text).diagnostics
    assert (told.code, told.message.partition("(")[0]) == ("EX0413", function)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [("alive", True, "true"), ("alive", False, "false"), ("gold", 50, "50"), ("gold", 2.5, "2.5")],
)
def test_a_number_or_boolean_becomes_a_text(source: str, value: object, expected: str) -> None:
    emitter = YarnEmitter.for_story(STORY)
    change = instruction(YarnEmitter, f"mc.jaime.name = mc.jaime.{source}")
    world = {emitter.identifiers.of(x): emitter.kept(v, v.initial) for x, v in STORY.items()}
    world[f"mc_jaime_{source}"] = value  # type: ignore[assignment]  # one of its values
    (left,) = Yarn().change(emitter, [world], [change.text])[0]
    assert (left["mc_jaime_name"], codes(change)) == (expected, {"EX0406"})
