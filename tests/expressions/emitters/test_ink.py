"""Ink means what Storyarn means, as inkjs compiles and plays it."""

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
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError
from storyarn_pipelines.expressions.emitters.ink import InkEmitter
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

CONDITIONS = [
    ("mc.jaime.health > 50", "mc_jaime_health > 50"),
    ("mc.jaime.health == -2.5", "mc_jaime_health == (-2.5)"),
    ("!(mc.jaime.health <= 1e3)", "not (mc_jaime_health <= 1000)"),
    (
        "mc.jaime.alive && !mc.jaime.alive || mc.jaime.gold == 1",
        "((mc_jaime_alive == true) and (mc_jaime_alive == false)) or (mc_jaime_gold == 1)",
    ),
    ('mc.jaime.name == "7"', 'mc_jaime_name == "7"'),
    ('mc.jaime.name != "a\\"b\\\\c"', 'mc_jaime_name != "a\\"b\\\\c"'),
    ('mc.jaime.name contains "ai"', 'mc_jaime_name ? "ai"'),
    ('mc.jaime.name starts_with "J"', '("␂" + mc_jaime_name) ? "␂J"'),
    ('mc.jaime.name ends_with "e"', '(mc_jaime_name + "␃") ? "e␃"'),
    ("mc.jaime.name is_empty", '(mc_jaime_name == "nil") or (mc_jaime_name == "")'),
    ("mc.jaime.class == nil", 'mc_jaime_class == "nil"'),
    ('mc.jaime.tags contains "brave"', '(", " + mc_jaime_tags + ", ") ? ", brave, "'),
    ('mc.jaime.tags not_contains "wise"', 'not ((", " + mc_jaime_tags + ", ") ? ", wise, ")'),
    (
        'mc.jaime.born before "2024-01-31"',
        '(mc_jaime_born != "nil") and (storyarn_date(mc_jaime_born) < 20240131)',
    ),
    ('mc.jaime.born == "2024-01-31"', 'mc_jaime_born == "2024-01-31"'),
    ('mc.jaime.stats.con.value == "5"', "mc_jaime_stats_con_value == 5"),
    ("{5th-floor.höhe} >= 0.1", "_5th_floor_hohe >= 0.1"),
    ('mc.gone == "x"', "false"),
    ("mc.gone is_nil", "true"),
]

INSTRUCTIONS = [
    ("mc.jaime.gold -= 10", "~ mc_jaime_gold -= 10"),
    ("mc.jaime.gold += -2.5", "~ mc_jaime_gold -= 2.5"),
    ("mc.jaime.health -= 10", "~ mc_jaime_health = MIN(MAX(mc_jaime_health - 10, 0), 100)"),
    ("mc.jaime.gold = mc.jaime.health", "~ mc_jaime_gold = mc_jaime_health"),
    ("mc.jaime.alive = true", "~ mc_jaime_alive = true"),
    ("toggle mc.jaime.alive", "~ mc_jaime_alive = mc_jaime_alive != true"),
    ('mc.jaime.name = "Sir \\"J\\""', '~ mc_jaime_name = "Sir \\"J\\""'),
    ("clear mc.jaime.name", '~ mc_jaime_name = "nil"'),
    ('mc.jaime.class ?= "mage"', '{ mc_jaime_class == "nil":\n    ~ mc_jaime_class = "mage"\n}'),
    ("mc.jaime.class = mc.jaime.name", "~ mc_jaime_class = mc_jaime_name"),
    ('mc.jaime.tags = "x"', '~ mc_jaime_tags = "\u2060x"'),
    (
        "mc.jaime.gold += 1; mc.jaime.alive = false",
        "~ mc_jaime_gold += 1\n~ mc_jaime_alive = false",
    ),
]

UNSAYABLE_TESTS = {"EX0407": {"boolean": "is_nil", "formula": "is_nil", "number": "is_nil"}}

UNSAYABLE_CHANGES = {
    "boolean": "add set subtract",
    "multi_select": "add set set_false set_if_unset set_true subtract toggle",
    "number": "add set set_false set_true subtract toggle",
    **dict.fromkeys(("date", "rich_text", "select", "text"), "set_false set_true toggle"),
}


class Ink:
    """inkjs, which compiles a story of functions."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds: as a value, and as a condition."""
        values = self._run(emitter, worlds, [f"~ return {x}" for x in asked])
        forms = [f"{{ {x}:\n    ~ return true\n}}\n~ return false" for x in asked]
        assert self._run(emitter, worlds, forms) == values
        return values

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        return self._run(emitter, worlds, [f"{x}\n~ return 0" for x in changes], reads=True)

    def _run(
        self,
        emitter: Emitter,
        worlds: Sequence[Kept],
        bodies: Sequence[str],
        *,
        reads: bool = False,
    ) -> list[Any]:
        lines = [f"VAR {name} = {_declared(emitter, x)}" for name, x in worlds[0].items()]
        lines += ["Text.", "-> END", emitter.prelude]
        names = [f"zz_{number}" for number in range(len(bodies))]
        for name, body in zip(names, bodies, strict=True):
            lines += [f"=== function {name}()", body]
        source = "\n".join(lines)
        answer = self._judge.ask(
            "ink", source=source, functions=names, worlds=list(worlds), reads=reads
        )
        assert answer["issues"] == [], (answer["issues"], bodies)
        found: list[Any] = answer["results"]
        for results in found:
            for body, result in zip(bodies, results, strict=True):
                assert not (isinstance(result, dict) and "error" in result), (body, result)
        return found


def _declared(emitter: Emitter, value: Any) -> str:
    try:
        return emitter.value(value).strip("()")
    except CannotSayError:
        return '""'


def same(number: float) -> float:
    """inkjs has doubles."""
    return number


@pytest.fixture
def ink(judge: Judge) -> Ink:
    """The engine."""
    return Ink(judge)


@pytest.mark.parametrize(("text", "expected"), CONDITIONS)
def test_a_condition_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert condition(InkEmitter, text).text == expected


@pytest.mark.parametrize(("text", "expected"), INSTRUCTIONS)
def test_an_instruction_reads_as_people_would_write_it(text: str, expected: str) -> None:
    assert instruction(InkEmitter, text).text == expected


def test_every_operator_on_every_type_asks_the_same(ink: Ink) -> None:
    told = compare_all_rules(ink, InkEmitter, same)
    assert {code: by_type(told, code) for _, _, code in told} == UNSAYABLE_TESTS


def test_every_change_of_every_type_leaves_the_same(ink: Ink) -> None:
    told = compare_all_assignments(ink, InkEmitter, same)
    assert by_type(told, "EX0404") == UNSAYABLE_CHANGES


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_leaves_its_quotes(ink: Ink, text: str) -> None:
    story = attacked(text)
    emitter = InkEmitter.for_story(story)
    world = {emitter.identifiers.of(name): emitter.kept(x, x.initial) for name, x in story.items()}
    refs = [Ref(x.sheet, x.name) for x in story.values()]
    asked = [emitter.condition(Rule(ref, "equals", Literal(text))) for ref in refs[:2]]
    asked.append(emitter.condition(Rule(refs[0], "contains", Literal(text))))
    asked.append(emitter.condition(Rule(refs[2], "contains", Literal(text))))
    said = [not codes(x) & INEXACT for x in asked]
    assert ink.ask(emitter, [world], [x.text for x in asked])[0] == said
    change = emitter.instruction((Assignment(refs[0], "set", Literal(text)),))
    name = emitter.identifiers.of("a.text")
    (left,) = ink.change(emitter, [{**world, name: "before"}], [change.text])[0]
    assert left[name] == ("before" if codes(change) & INEXACT else world[name])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(values(), instructions, st.lists(conditions, min_size=1, max_size=6), st.booleans())
def test_expressions_mean_in_ink_what_they_mean_in_storyarn(
    ink: Ink,
    held: dict[str, Value],
    instruction: Instruction,
    asked: list[Condition],
    is_sure: bool,
) -> None:
    held = held_in(InkEmitter, held, same)
    compare(ink, InkEmitter, held, instruction, asked, is_sure=is_sure)


NUMBERS = {
    "50": ("50", set()),
    "2147483647": ("2147483647", set()),
    "3000000000": ("3000000000.0", set()),
    "3000000001": ("3000000001.0", {"EX0412"}),
    "0.1": ("0.1", set()),
    "0.123456789": ("0.123456789", {"EX0412"}),
    "1e-7": ("0.0000001", set()),
    "1e-60": (f"0.{'0' * 59}1", {"EX0412"}),
}


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers_that_single_floats_do_not_hold_are_told(written: str) -> None:
    emitted = condition(InkEmitter, f"mc.jaime.gold == {written}")
    text, told = NUMBERS[written]
    assert (emitted.text, codes(emitted)) == (f"mc_jaime_gold == {text}", told)


@pytest.mark.parametrize("written", ["1e21", "1e300", "-1e39"])
def test_numbers_that_are_too_large_are_never_reached(written: str) -> None:
    emitted = condition(InkEmitter, f"mc.jaime.gold == {written}")
    assert (emitted.text, codes(emitted)) == ("false", {"EX0403"})


DATES = {
    "2024-01-31": 20240131, "0000-01-01": 101, "9999-12-31": 99991231, "": -1, "nil": -1,
    "2024-1-31": -1, "2024-01-311": -1, "02024-01-31": -1, "2024-01-3x": -1, "2024/01/31": -1,
}  # fmt: skip


def test_the_prelude_reads_dates_and_nothing_else(judge: Judge) -> None:
    source = f'VAR d = ""\n{InkEmitter.prelude}\n=== function zz()\n~ return storyarn_date(d)\n'
    worlds = [{"d": text} for text in DATES]
    answer = judge.ask("ink", source=source, functions=["zz"], worlds=worlds, reads=False)
    assert answer == {"issues": [], "results": [[number] for number in DATES.values()]}


@pytest.mark.parametrize("name", ["VAR", "not", "LIST_COUNT", "storyarn_date", "12", "x-y", "é"])
def test_every_name_can_be_declared(ink: Ink, name: str) -> None:
    variables = {f"{name}.{name}": Variable(name, name, "number", 1)}
    emitter = InkEmitter.for_story(variables)
    identifier = emitter.identifiers.of(f"{name}.{name}")
    assert ink.ask(emitter, [{identifier: 5}], [f"{identifier} == 5"]) == [[True]]


@pytest.mark.parametrize("text", ["x\u2402Al", "Al\u2403x", "a\nb"])
def test_the_marks_of_ends_and_new_lines_never_come_into_a_text(text: str) -> None:
    emitter = InkEmitter.for_story(STORY)
    emitted = emitter.instruction((Assignment(Ref("mc.jaime", "name"), "set", Literal(text)),))
    assert (emitted.text, codes(emitted)) == ("", {"EX0404"})


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [("alive", True, "true"), ("alive", False, "false"), ("gold", 50, "50"), ("gold", 2.5, "2.5")],
)
def test_a_number_or_boolean_becomes_a_text(
    ink: Ink, source: str, value: object, expected: str
) -> None:
    emitter = InkEmitter.for_story(STORY)
    change = instruction(InkEmitter, f"mc.jaime.name = mc.jaime.{source}")
    world = {emitter.identifiers.of(x): emitter.kept(v, v.initial) for x, v in STORY.items()}
    world[f"mc_jaime_{source}"] = value  # type: ignore[assignment]  # one of its values
    (left,) = ink.change(emitter, [world], [change.text])[0]
    assert (left["mc_jaime_name"], codes(change)) == (expected, {"EX0406"})
