"""Dialogic's events and expressions mean what Storyarn means, where Godot is installed."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.gdscript import GdscriptEmitter
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from tests.expressions.emitters.comparing import (
    INEXACT,
    Kept,
    check_conditions,
    codes,
    compare_all_assignments,
    compare_all_rules,
    held_in,
    kept,
    played,
)
from tests.expressions.emitters.stories import VARIABLES, conditions, instructions, values

_MODEL = Path(__file__).with_name("dialogic_model.gd")
_EXAMPLES, _WORLDS = 300, 20


class Godot:
    """The engine. It takes long to start, so it runs many texts at once."""

    def __init__(self, program: str, place: Path) -> None:
        self._program, self._place = program, place

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""
        del emitter
        return [x["asked"] for x in self._run(worlds, asked, ())]

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        del emitter
        return [x["left"] for x in self._run(worlds, (), changes)]

    def _run(self, worlds: Sequence[Kept], asked: Sequence[str], changes: Sequence[str]) -> Any:
        literals = [{name: json.dumps(x) for name, x in world.items()} for world in worlds]
        cases = {"worlds": literals, "asked": asked, "changes": changes}
        place, results = self._place, self._place / "results.json"
        (place / "project.godot").write_text("config_version=5\n", "utf-8")
        (place / "cases.json").write_text(json.dumps(cases), "utf-8")
        shutil.copy(_MODEL, place / "model.gd")
        results.unlink(missing_ok=True)
        command = [self._program, "--headless", "--path", str(place), "--script", "res://model.gd"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert results.exists(), done.stdout + done.stderr
        found = json.loads(results.read_text("utf-8"))
        assert found["errors"] == []
        return found["worlds"]


@pytest.fixture
def godot(tmp_path: Path) -> Godot:
    """The engine; without it, tests say so."""
    found = shutil.which("godot")
    if found is None:
        pytest.skip("GODOT IS NOT INSTALLED: its expressions were not run; put it on the PATH")
    return Godot(found, tmp_path)


def _same(number: float) -> float:
    return number


def test_every_operator_asks_what_it_asks_in_storyarn(godot: Godot) -> None:
    assert compare_all_rules(godot, GdscriptEmitter, _same) == {
        ("is_nil", kind, "EX0407") for kind in ("boolean", "formula", "number")
    }


def test_every_assignment_leaves_what_it_leaves_in_storyarn(godot: Godot) -> None:
    told = compare_all_assignments(godot, GdscriptEmitter, _same)
    assert {code for _, _, code in told} <= INEXACT | {"EX0410", "EX0414"}


def test_godot_and_storyarn_agree_on_random_expressions(godot: Godot) -> None:
    asked: list[Condition] = []
    changes: list[Instruction] = []
    worlds: list[dict[str, Value]] = []

    @settings(max_examples=_EXAMPLES, deadline=None, derandomize=True, database=None)
    @given(instructions, conditions, values())
    def draw(instruction: Instruction, condition: Condition, held: dict[str, Value]) -> None:
        asked.append(condition)
        changes.append(instruction)
        worlds.append(_plain(held))

    draw()
    held = [dict(x) for x in {json.dumps(x): x for x in worlds}.values()][-_WORLDS:]
    emitter = GdscriptEmitter.for_story(VARIABLES)
    emitted = [emitter.condition(x) for x in asked]
    changed = [emitter.instruction(x) for x in changes]
    starts = [kept(emitter, x) for x in held]
    answers = godot.ask(emitter, starts, [x.text for x in emitted])
    results = godot.change(emitter, starts, [x.text for x in changed])
    for world, found, left in zip(held, answers, results, strict=True):
        check_conditions(asked, emitted, found, world)
        for instruction, change, after in zip(changes, changed, left, strict=True):
            if not codes(change) & INEXACT:
                assert after == kept(emitter, played(instruction, world)), change.text


def _plain(held: dict[str, Value]) -> dict[str, Value]:
    """Without texts that are names in braces: Dialogic reads values again, as it does with text.

    Dates are inside their limits, as the story that the emitter knows has them.
    """
    known = held_in(GdscriptEmitter, held, _same)
    found = {name: "{x}" if x == "{mc.text}" else x for name, x in known.items()}
    early = found["mc.date"] is not None and str(found["mc.date"]) < "2000-01-01"
    return found | ({"mc.date": "2000-01-01"} if early else {})


_TYPES = ("text", "number", "boolean", "select", "multi_select", "date")
SMALL = {f"mc.{kind}": Variable("mc", kind, kind) for kind in _TYPES}
NAMES = Names(SMALL.values())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mc.number > 50", "{mc.number} > 50"),
        ("mc.number <= -0.5", "{mc.number} <= (-0.5)"),
        ('mc.text == "7"', '{mc.text} == "7"'),
        ('mc.text == ""', '({mc.text} == "nil") or ({mc.text} == "")'),
        ('mc.text == "nil"', '{mc.text} == "nil\u200b"'),
        ("mc.boolean", "{mc.boolean} == true"),
        ("!mc.boolean", "{mc.boolean} == false"),
        ("mc.select == nil", '{mc.select} == "nil"'),
        ("mc.select != nil", '{mc.select} != "nil"'),
        ('mc.text contains "a"', '"a" in {mc.text}'),
        ('mc.text contains "i"', '({mc.text} != "nil") and ("i" in {mc.text})'),
        ('mc.text starts_with "a"', '{mc.text}.begins_with("a")'),
        ('mc.date before "2024-01-31"', '({mc.date} != "nil") and ({mc.date} < "2024-01-31")'),
        ('mc.multi_select contains "a"', '", a, " in (", " + {mc.multi_select} + ", ")'),
        (
            "mc.boolean || mc.number > 1 && mc.number < 5",
            "({mc.boolean} == true) or (({mc.number} > 1) and ({mc.number} < 5))",
        ),
        ("!(mc.boolean && mc.number > 1)", "not (({mc.boolean} == true) and ({mc.number} > 1))"),
        ('mc.text == "{mc.number}"', '{mc.text} == "\\u007bmc.number\\u007d"'),
        ('mc.text == "a]|#len(\'"', '{mc.text} == "a\\u005d\\u007c\\u0023len\\u0028\\u0027"'),
    ],
)
def test_conditions_are_written_for_dialogic(source: str, expected: str) -> None:
    emitted = GdscriptEmitter.for_story(SMALL).condition(parse_condition(source, NAMES))
    assert (emitted.text, emitted.diagnostics) == (expected, ())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mc.number = 50", "set {mc.number} = 50"),
        ("mc.number -= 10", "set {mc.number} = {mc.number} - 10"),
        ("mc.number += mc.number", "set {mc.number} = ({mc.number} + {mc.number})"),
        ("mc.boolean = true", "set {mc.boolean} = true"),
        ("toggle mc.boolean", "set {mc.boolean} = {mc.boolean} != true"),
        ('mc.text = "plain text"', 'set {mc.text} = "plain text"'),
        ('mc.text = "q[a]"', 'set {mc.text} = "" + "q\\u005ba\\u005d"'),
        ("mc.text = mc.select", "set {mc.text} = {mc.select}"),
        ("clear mc.text", 'set {mc.text} = "nil"'),
        ('mc.select ?= "a"', 'if {mc.select} == "nil":\n\tset {mc.select} = "a"'),
        ("mc.number = 1; mc.number = 2", "set {mc.number} = 1\nset {mc.number} = 2"),
    ],
)
def test_instructions_are_events_of_dialogic(source: str, expected: str) -> None:
    emitted = GdscriptEmitter.for_story(SMALL).instruction(parse_instruction(source, NAMES))
    assert (emitted.text, emitted.diagnostics) == (expected, ())


def test_sums_stay_within_the_limits_of_their_variable() -> None:
    variable = Variable("mc", "n", "number", 0, {"min": 0, "max": "100"})
    emitter = GdscriptEmitter.for_story({"mc.n": variable})
    emitted = emitter.instruction(parse_instruction("mc.n -= 10", Names([variable])))
    assert emitted.text == "set {mc.n} = min(max({mc.n} - 10, 0), 100)"


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("clear mc.number", "EX0407", "set {mc.number} = 0"),
        ("mc.number ?= 5", "EX0407", ""),
        ("mc.number = mc.text", "EX0404", ""),
        ('mc.boolean ?= "true"', "EX0407", ""),
        ("toggle mc.text", "EX0404", ""),
        ('mc.text = "{a.b}"', "EX0414", 'set {mc.text} = "" + "\\u007ba.b\\u007d"'),
    ],
)
def test_what_dialogic_cannot_keep_is_told(source: str, code: str, text: str) -> None:
    emitted = GdscriptEmitter.for_story(SMALL).instruction(parse_instruction(source, NAMES))
    assert ([x.code for x in emitted.diagnostics], emitted.text) == ([code], text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mc.jaime.health", "mc.jaime.health"),
        ("mc.jaime-l.h p", "mc.jaime_l.h_p"),
        ("höhle.größe", "hohle.gro_e"),
        ("12.hp", "_12.hp"),
        ("true.hp", "_true.hp"),
        ("a..b", "a._.b"),
        ("a.{x}", "a._x_"),
    ],
)
def test_names_are_folders_and_words(name: str, expected: str) -> None:
    sheet, _, last = name.rpartition(".")
    variable = Variable(sheet, last, "number")
    assert GdscriptEmitter.for_story({name: variable}).identifiers.of(name) == expected
