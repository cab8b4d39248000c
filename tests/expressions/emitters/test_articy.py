"""expresso means what Storyarn means, as articy-js runs it."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
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
from storyarn_pipelines.expressions.emitters.articy import ArticyEmitter, articy_identifiers
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.limits import limited
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
from tests.node.judge import Judge


def whole(number: float) -> int:
    """A number that articy's variables hold."""
    return int(number) if abs(number) < 1000 else 1000


CONDITIONS = [
    ("mc.jaime.health > 50", "mc_jaime.health > 50"),
    ("mc.jaime.health == -2.5", "mc_jaime.health == (-2.5)"),
    ("!(mc.jaime.health <= 1e3)", "!(mc_jaime.health <= 1000)"),
    (
        "mc.jaime.alive && !mc.jaime.alive || mc.jaime.gold == 1",
        "((mc_jaime.alive == true) && (mc_jaime.alive == false)) || (mc_jaime.gold == 1)",
    ),
    ('mc.jaime.name == "7"', 'mc_jaime.name == "7"'),
    ('mc.jaime.name != "a\\"b\\\\c"', 'mc_jaime.name != "a\\"b\\\\c"'),
    ('mc.jaime.name contains "ai"', "false"),
    ('mc.jaime.name starts_with "J"', "false"),
    ('mc.jaime.name ends_with "e"', "false"),
    ("mc.jaime.name is_empty", '(mc_jaime.name == "nil") || (mc_jaime.name == "")'),
    ("mc.jaime.class == nil", 'mc_jaime.class_ == "nil"'),
    (
        'mc.jaime.tags contains "brave"',
        '(mc_jaime.tags == "brave") || (mc_jaime.tags == "brave, strong")',
    ),
    ('mc.jaime.tags not_contains "wise"', "!(false)"),
    ('mc.jaime.born before "2024-01-31"', "false"),
    ('mc.jaime.born == "2024-01-31"', 'mc_jaime.born == "2024-01-31"'),
    ('mc.jaime.stats.con.value == "5"', "mc_jaime.stats_con_value == 5"),
    ("{5th-floor.höhe} >= 0.1", "_5th_floor.hohe >= 0.1"),
    ('mc.gone == "x"', "false"),
    ("mc.gone is_nil", "true"),
]

INSTRUCTIONS = [
    ("mc.jaime.gold -= 10", "mc_jaime.gold -= 10;"),
    ("mc.jaime.gold += -2.5", ""),
    ("mc.jaime.gold = mc.jaime.health", "mc_jaime.gold = mc_jaime.health;"),
    ("mc.jaime.alive = true", "mc_jaime.alive = true;"),
    ("toggle mc.jaime.alive", "mc_jaime.alive = mc_jaime.alive != true;"),
    ('mc.jaime.name = "Sir \\"J\\""', 'mc_jaime.name = "Sir \\"J\\"";'),
    ("clear mc.jaime.name", 'mc_jaime.name = "nil";'),
    ('mc.jaime.class ?= "mage"', ""),
    ("mc.jaime.class = mc.jaime.name", "mc_jaime.class_ = mc_jaime.name;"),
    ('mc.jaime.tags = "x"', 'mc_jaime.tags = "\u2060x";'),
    ("mc.jaime.gold += 1; mc.jaime.alive = false", "mc_jaime.gold += 1;\nmc_jaime.alive = false;"),
]

UNSAYABLE_TESTS = {
    "EX0403": {
        "date": "after before",
        "rich_text": "contains ends_with equals not_equals starts_with",
        "select": "equals not_equals",  # texts with marks that cut scripts
        "text": "contains ends_with equals not_equals starts_with",
    },
    "EX0407": {"boolean": "is_nil", "formula": "is_nil", "number": "is_nil"},
}

UNSAYABLE_CHANGES = {
    "boolean": "add set subtract",
    "number": "add set set_false set_true subtract toggle",
    **dict.fromkeys(
        ("date", "multi_select", "rich_text", "select", "text"),
        "add set set_false set_if_unset set_true subtract toggle",
    ),
}


class Expresso:
    """articy-js."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""
        return self._run(worlds, asked, reads=False)

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        found = self._run(worlds, changes, reads=True)
        return [[_joined(left) for left in results] for results in found]

    def _run(self, worlds: Sequence[Kept], scripts: Sequence[str], *, reads: bool) -> list[Any]:
        parted = [_parted(world) for world in worlds]
        answer = self._judge.ask("expresso", scripts=list(scripts), worlds=parted, reads=reads)
        found: list[Any] = answer["results"]
        for results in found:
            for script, result in zip(scripts, results, strict=True):
                assert not (isinstance(result, dict) and "error" in result), (script, result)
        return found


def _parted(world: Kept) -> dict[str, Kept]:
    sets: dict[str, Kept] = {}
    for name, value in world.items():
        head, _, tail = name.partition(".")
        sets.setdefault(head, {})[tail] = value
    return sets


def _joined(sets: dict[str, Kept]) -> Kept:
    return {f"{head}.{tail}": x for head, inner in sets.items() for tail, x in inner.items()}


@pytest.fixture
def expresso(judge: Judge) -> Expresso:
    """The engine."""
    return Expresso(judge)


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_a_condition_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert condition(ArticyEmitter, text).text == expected


@pytest.mark.parametrize(("text", "expected"), INSTRUCTIONS)
def test_an_instruction_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert instruction(ArticyEmitter, text).text == expected


def test_limits_are_kept_by_arithmetic() -> None:
    name, base = "mc_jaime.health", "1000000000"
    below, above = name, f"(100 - {name})"
    step = f"(({above} + {base} - ({above} + {base}) % {base}) / {base})"
    assert instruction(ArticyEmitter, "mc.jaime.health -= 10").text.split("\n") == [
        f"{name} -= 10;",
        f"{name} = {below} * (({below} + {base} - ({below} + {base}) % {base}) / {base});",
        f"{name} = 100 - {above} * {step};",
    ]


@pytest.mark.parametrize(
    "limits", [(0, 100), (-50, 0), (-50, -10), (7, 7), (-5, None), (None, "60 or so")]
)
@pytest.mark.parametrize("start", [-2000, -51, -10, -1, 0, 1, 6, 7, 8, 59, 60, 61, 100, 101, 9999])
def test_a_sum_ends_within_its_limits(
    expresso: Expresso, limits: tuple[object, object], start: int
) -> None:
    variable = Variable("a", "hp", "number", start, {"min": limits[0], "max": limits[1]})
    emitter = ArticyEmitter.for_story({"a.hp": variable})
    change = emitter.instruction((Assignment(Ref("a", "hp"), "add", Literal("3", "number")),))
    (left,) = expresso.change(emitter, [{"a_.hp": start}], [change.text])[0]
    assert left == {"a_.hp": limited(variable, start + 3)}


def test_every_operator_on_every_type_asks_the_same(expresso: Expresso) -> None:
    told = compare_all_rules(expresso, ArticyEmitter, whole)
    assert {code: by_type(told, code) for _, _, code in told} == UNSAYABLE_TESTS


def test_every_change_of_every_type_leaves_the_same(expresso: Expresso) -> None:
    told = compare_all_assignments(expresso, ArticyEmitter, whole)
    assert by_type(told, "EX0404") == UNSAYABLE_CHANGES


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_leaves_its_quotes(expresso: Expresso, text: str) -> None:
    story = attacked(text)
    emitter = ArticyEmitter.for_story(story)
    world = {emitter.identifiers.of(name): emitter.kept(x, x.initial) for name, x in story.items()}
    refs = [Ref(x.sheet, x.name) for x in story.values()]
    asked = [emitter.condition(Rule(ref, "equals", Literal(text))) for ref in refs[:2]]
    asked.append(emitter.condition(Rule(refs[0], "contains", Literal(text))))
    asked.append(emitter.condition(Rule(refs[2], "contains", Literal(text))))
    said = [not codes(x) & INEXACT for x in asked]
    assert expresso.ask(emitter, [world], [x.text for x in asked])[0] == said
    change = emitter.instruction((Assignment(refs[0], "set", Literal(text)),))
    name = emitter.identifiers.of("a.text")
    (left,) = expresso.change(emitter, [{**world, name: "before"}], [change.text])[0]
    assert left[name] == ("before" if codes(change) & INEXACT else world[name])


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(values(), instructions, st.lists(conditions, max_size=6), st.booleans())
def test_expressions_mean_in_expresso_what_they_mean_in_storyarn(
    expresso: Expresso,
    held: dict[str, Value],
    instruction: Instruction,
    asked: list[Condition],
    is_sure: bool,
) -> None:
    held = held_in(ArticyEmitter, held, whole)
    compare(expresso, ArticyEmitter, held, instruction, asked, is_sure=is_sure)


NAMES = {
    ("mc.jaime", "health"): "mc_jaime.health",
    ("mc.jaime", "stats.con.value"): "mc_jaime.stats_con_value",
    ("a", "new"): "a_.new_",
    ("string", "self"): "string_.self_",
    ("12", "1st"): "_12._1st",
    ("x y", "Höhe"): "x_y.Hohe",
}


def test_names_have_one_dot_and_are_no_words_of_the_importers() -> None:
    variables = [Variable(*name, "number", 0) for name in NAMES]
    found = articy_identifiers(variables)
    assert [found.of(x.full_name) for x in variables] == list(NAMES.values())
    assert found.diagnostics == ()


def test_sheets_never_share_a_set_and_names_never_become_one() -> None:
    names = [("mc.a", "x"), ("mc-a", "x"), ("MC.a", "y"), ("mc.a", "x-y"), ("mc.a", "X.y")]
    variables = [Variable(*name, "number", 0) for name in names]
    found = articy_identifiers(variables)
    mapped = [found.of(x.full_name).casefold() for x in variables]
    sets = {(x.sheet, name.partition(".")[0]) for x, name in zip(variables, mapped, strict=True)}
    assert len(set(mapped)) == len(names)
    assert len(sets) == len({name for _, name in sets}) == 3
    assert {x.code for x in found.diagnostics} == {"EX0409"}


@pytest.mark.parametrize(
    "text", ["mc.jaime.gold = 2.5", "mc.jaime.gold += 0.5", "mc.jaime.gold = 1e10"]
)
def test_numbers_that_articy_does_not_have_are_left_out_and_told(text: str) -> None:
    emitted = instruction(ArticyEmitter, text)
    assert (emitted.text, codes(emitted)) == ("", {"EX0404"})


@pytest.mark.parametrize("text", ["a;b", "a//b", "a/*b", "a\nb", "\u2028"])
def test_texts_at_which_importers_cut_scripts_are_left_out_and_told(text: str) -> None:
    emitter = ArticyEmitter.for_story(STORY)
    emitted = emitter.instruction((Assignment(Ref("mc.jaime", "name"), "set", Literal(text)),))
    assert (emitted.text, codes(emitted)) == ("", {"EX0404"})


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ('["brave"]', 'mc_jaime.tags = "brave";'),
        ("[]", 'mc_jaime.tags = "";'),
        ('["new"]', ""),  # no condition would know it
    ],
)
def test_a_list_is_stored_if_conditions_know_it(items: str, expected: str) -> None:
    emitter = ArticyEmitter.for_story(STORY)
    change = Assignment(Ref("mc.jaime", "tags"), "clear", Literal(items, "json"))
    emitted = emitter.instruction((change,))
    assert (emitted.text, codes(emitted)) == (expected, set() if expected else {"EX0404"})


def test_an_item_that_many_lists_have_cannot_be_asked_for() -> None:
    lists = {f"a.l{n}": Variable("a", f"l{n}", "multi_select", ["x", f"{n}"]) for n in range(40)}
    emitted = ArticyEmitter.for_story(lists).condition(
        Rule(Ref("a", "l0"), "contains", Literal("x"))
    )
    assert (emitted.text, codes(emitted)) == ("false", {"EX0403"})
