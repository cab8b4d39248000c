"""Lua means what Storyarn means, in Lua 5.1 and in the plugin's own interpreter."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lupa.lua51 import LuaError, LuaRuntime

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.domains import story_domains, usual_domain
from storyarn_pipelines.expressions.emitters.lua import LuaEmitter
from storyarn_pipelines.expressions.evaluate import World, execute, holds
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from tests.expressions.emitters import unity_interpreter
from tests.expressions.emitters.comparing import Kept, compare_all_assignments, compare_all_rules
from tests.expressions.emitters.stories import VARIABLES, conditions, instructions, values

EMITTER = LuaEmitter.for_story(VARIABLES)
INEXACT = {"EX0403", "EX0404", "EX0405", "EX0406", "EX0408", "EX0411"}


class Real:
    """Lua 5.1, with a table of variables and none of the ways out of it."""

    def __init__(self) -> None:
        self._lua = LuaRuntime(register_eval=False, register_builtins=False)
        self._lua.execute("os, io, require, package, debug = nil")

    def check(self, condition: str, variables: dict[str, Any]) -> bool:
        """A condition; one that fails is false, as the plugin takes it."""
        self._fill(variables)
        try:
            value = self._lua.execute(f"return {condition}")
        except LuaError as error:
            if "attempt to compare" not in str(error):
                raise
            return False
        assert isinstance(value, bool)
        return value

    def run(self, script: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The variables after a script."""
        self._fill(variables)
        self._lua.execute(script)
        return dict(self._lua.globals()["Variable"].items())

    def _fill(self, variables: dict[str, Any]) -> None:
        filled = {name: x for name, x in variables.items() if x is not None}
        self._lua.globals()["Variable"] = self._lua.table_from(filled)


class Plugin:
    """The plugin's interpreter, as a model."""

    def check(self, condition: str, variables: dict[str, Any]) -> bool:
        """A condition; one that fails is false."""
        try:
            return unity_interpreter.check(condition, variables)
        except unity_interpreter.UnityError as error:
            if "no value" not in str(error):
                raise
            return False

    def run(self, script: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The variables after a script."""
        return unity_interpreter.run(script, variables)


MACHINES = (Real(), Plugin())


def kept(emitter: LuaEmitter, held: dict[str, Value]) -> dict[str, Any]:
    """Values by the names and in the forms of Lua."""
    return {
        emitter.identifiers.of(name): emitter.kept(emitter.variables[name], value)
        for name, value in held.items()
    }


def starting_with(held: dict[str, Value]) -> dict[str, Variable]:
    """The story with other values at its start."""
    return {
        name: Variable(x.sheet, x.name, x.type, held[name], x.config)
        for name, x in VARIABLES.items()
    }


def played(instruction: Instruction, held: dict[str, Value]) -> World:
    """What Storyarn's player leaves; formulas would be worked out again."""
    after = world(held)
    execute([x for x in instruction if VARIABLES[x.target.full_name].type != "formula"], after)
    return after


def world(held: dict[str, Value]) -> World:
    """The same values for Storyarn's player."""
    made = World(VARIABLES)
    made.values = dict(held)
    return made


class Engine:
    """A machine that runs many texts, each with the values of each world."""

    def __init__(self, machine: Real | Plugin) -> None:
        self._machine = machine

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""
        del emitter
        return [[self._machine.check(x, world) for x in asked] for world in worlds]

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""
        del emitter
        return [[self._left(x, world) for x in changes] for world in worlds]

    def _left(self, change: str, world: Kept) -> Kept:
        left = self._machine.run(change, world)
        return {name: left.get(name) for name in world}


def _same(number: float) -> float:
    return number


@pytest.mark.parametrize("machine", MACHINES, ids=("lua51", "plugin"))
def test_every_operator_asks_what_it_asks_in_storyarn(machine: Real | Plugin) -> None:
    assert compare_all_rules(Engine(machine), LuaEmitter, _same) == set()


@pytest.mark.parametrize("machine", MACHINES, ids=("lua51", "plugin"))
def test_every_assignment_leaves_what_it_leaves_in_storyarn(machine: Real | Plugin) -> None:
    told = compare_all_assignments(Engine(machine), LuaEmitter, _same)
    assert {code for _, _, code in told} <= {"EX0404", "EX0405", "EX0406", "EX0408", "EX0410"}


@settings(max_examples=300, deadline=None)
@given(conditions, values())
def test_conditions_hold_where_they_hold_in_storyarn(
    condition: Condition, held: dict[str, Value]
) -> None:
    emitted = EMITTER.condition(condition)
    if not INEXACT & {x.code for x in emitted.diagnostics}:
        expected = holds(condition, world(held))
        for machine in MACHINES:
            assert machine.check(emitted.text, kept(EMITTER, held)) == expected, emitted.text


@settings(max_examples=300, deadline=None)
@given(instructions, values())
def test_instructions_leave_what_they_leave_in_storyarn(
    instruction: Instruction, held: dict[str, Value]
) -> None:
    story = starting_with(held)
    emitter = LuaEmitter.for_story(story)
    emitted = emitter.instruction(instruction)
    domains = story_domains(story, [instruction])
    is_odd = any(not domains[name] <= usual_domain(x) for name, x in story.items())
    if not is_odd and not INEXACT & {x.code for x in emitted.diagnostics}:
        expected = kept(emitter, played(instruction, held).values)
        for machine in MACHINES:
            left = machine.run(emitted.text, kept(emitter, held))
            assert left == {name: x for name, x in expected.items() if x is not None}, emitted.text


@settings(max_examples=300, deadline=None)
@given(instructions, conditions, values())
def test_with_the_storys_instructions_known_what_they_leave_is_asked_exactly(
    instruction: Instruction, condition: Condition, held: dict[str, Value]
) -> None:
    story = starting_with(held)
    emitter = LuaEmitter.for_story(story, story_domains(story, [instruction]))
    change, asked = emitter.instruction(instruction), emitter.condition(condition)
    if INEXACT & {x.code for x in (*change.diagnostics, *asked.diagnostics)}:
        return
    after = played(instruction, held)
    for machine in MACHINES:
        left = machine.run(change.text, kept(emitter, held))
        expected = holds(condition, after)
        assert machine.check(asked.text, left) == expected, (change.text, asked.text)


_TYPES = ("text", "number", "boolean", "select", "multi_select", "date")
SMALL = {f"mc.{kind}": Variable("mc", kind, kind) for kind in _TYPES}
NAMES = Names(SMALL.values())
N, T, L = 'Variable["mc.number"]', 'Variable["mc.text"]', 'Variable["mc.multi_select"]'
B, D = 'Variable["mc.boolean"]', 'Variable["mc.date"]'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mc.number > 50", f"{N} > 50"),
        ("mc.number <= -0.5", f"{N} <= (-0.5)"),
        ("mc.number == 1e21", f"{N} == 1e+21"),
        ("mc.number != 0.1", f"{N} ~= 0.1"),
        ('mc.text == "7"', f'{T} == "7"'),
        ("mc.text == 7", f'{T} == "7"'),
        ('mc.number == "7"', f"{N} == 7"),
        ('mc.text == ""', f'({T} == nil) or ({T} == "")'),
        ("mc.boolean", f"{B} == true"),
        ("!mc.boolean", f"{B} == false"),
        ("mc.boolean == nil", f"{B} == nil"),
        ("mc.boolean != nil", f"{B} ~= nil"),
        ('mc.text contains "%d.*"', f'({T} ~= nil) and (string.find({T}, "%d.*", 1, true) ~= nil)'),
        (
            'mc.text starts_with "ab"',
            f'({T} ~= nil) and ((string.len({T}) >= 2) and (string.sub({T}, 1, 2) == "ab"))',
        ),
        ('mc.date before "2024-01-31"', f'({D} ~= nil) and ({D} < "2024-01-31")'),
        ('mc.date == "2024-02-30"', "false"),
        (
            'mc.multi_select contains "a"',
            f'({L} ~= nil) and (string.find((", " .. {L}) .. ", ", ", a, ", 1, true) ~= nil)',
        ),
        (
            "mc.boolean && mc.number > 1 && mc.number < 5",
            f"({B} == true) and ({N} > 1) and ({N} < 5)",
        ),
        (
            "mc.boolean && mc.text == nil || !mc.boolean",
            f"(({B} == true) and ({T} == nil)) or ({B} == false)",
        ),
        ("!(mc.boolean || mc.text == nil)", f"not (({B} == true) or ({T} == nil))"),
        ("", "true"),
        ("false", "false"),
    ],
)
def test_conditions_are_written_in_lua(source: str, expected: str) -> None:
    emitted = LuaEmitter.for_story(SMALL).condition(parse_condition(source, NAMES))
    assert (emitted.text, emitted.diagnostics) == (expected, ())


@pytest.mark.parametrize(
    ("source", "guarded", "sure"),
    [
        ("mc.number = 50", f"{N} = 50", f"{N} = 50"),
        ("mc.number -= 10", f"{N} = ({N} or 0) - 10", f"{N} = {N} - 10"),
        ("mc.number += -2.5", f"{N} = ({N} or 0) + (-2.5)", f"{N} = {N} + (-2.5)"),
        ("mc.boolean = true", f"{B} = true", f"{B} = true"),
        ("toggle mc.boolean", f"{B} = {B} ~= true", f"{B} = {B} ~= true"),
        ("clear mc.text", f"{T} = nil", f"{T} = nil"),
        ('mc.text = "nil"', f'{T} = "nil"', f'{T} = "nil"'),
        ("mc.number ?= 5", f"if {N} == nil then {N} = 5 end", ""),
        ("mc.number = 1; toggle mc.boolean", f"{N} = 1\n{B} = {B} ~= true",
         f"{N} = 1\n{B} = {B} ~= true"),
    ],
)  # fmt: skip
def test_instructions_are_as_short_as_what_is_known_allows(
    source: str, guarded: str, sure: str
) -> None:
    instruction = parse_instruction(source, NAMES)
    story = SMALL | {
        "mc.number": Variable("mc", "number", "number", 0),
        "mc.boolean": Variable("mc", "boolean", "boolean", False),
    }
    assert LuaEmitter.for_story(story).instruction(instruction).text == guarded
    domains = story_domains(story, [instruction])
    assert LuaEmitter.for_story(story, domains).instruction(instruction).text == sure


@pytest.mark.parametrize(
    ("source", "code", "text"),
    [
        ("mc.number = mc.text", "EX0404", ""),
        ("mc.no = 5", "EX0402", ""),
        ("mc.text = mc.no", "EX0402", ""),
        ('mc.date = "soon"', "EX0408", f'{D} = "soon"'),
    ],
)
def test_what_lua_cannot_do_is_told_with_the_original(source: str, code: str, text: str) -> None:
    emitted = LuaEmitter.for_story(SMALL).instruction(parse_instruction(source))
    assert ([x.code for x in emitted.diagnostics], emitted.text) == ([code], text)
    assert emitted.source == source


def test_an_unknown_variable_counts_as_nil() -> None:
    emitter = LuaEmitter.for_story(SMALL)
    asked = {"mc.no == nil": "true", 'mc.no == ""': "true", "mc.no > 1": "false", "mc.no": "false"}
    for source, expected in asked.items():
        emitted = emitter.condition(parse_condition(source))
        assert (emitted.text, [x.code for x in emitted.diagnostics]) == (expected, ["EX0401"])


@given(st.text(), st.text(min_size=1), st.text(min_size=1))
@example("]]--\"'\\", 'a"]', "b\n]]")
@example('" or os.exit() or "', "x\\", "\r\n--")
def test_no_name_and_no_literal_breaks_out(text: str, sheet: str, name: str) -> None:
    variable = Variable(sheet, name, "text", "")
    emitter = LuaEmitter.for_story({variable.full_name: variable})
    ref, value = Ref(sheet, name), Literal(text)
    emitted = emitter.condition(Rule(ref, "equals", value))
    change = emitter.instruction((Assignment(ref, "set", value),))
    key = emitter.identifiers.of(variable.full_name)
    if emitted.diagnostics:
        assert emitted.text == "false"
        assert "\0" in text
        return
    for machine in MACHINES:
        assert machine.check(emitted.text, {key: text})
        assert not machine.check(emitted.text, {key: text + "x"})
        assert machine.run(change.text, {key: "old"}) == {key: text or "old"}


def test_ten_thousand_parentheses_and_rules_are_no_trouble() -> None:
    rule = Rule(Ref("mc", "number"), "greater_than", Literal("5", "number"))
    deep: Condition = rule
    for number in range(150):
        deep = (AllOf if number % 2 else AnyOf)((deep, rule))
    emitter = LuaEmitter.for_story(SMALL)
    emitted = emitter.condition(deep)
    assert (emitted.text, [x.code for x in emitted.diagnostics]) == ("false", ["EX0411"])
    wide = emitter.condition(AnyOf((rule,) * 2_000))
    assert not MACHINES[0].check(wide.text, {"mc.number": 5})
    assert MACHINES[0].check(wide.text, {"mc.number": 6})


def test_ten_thousand_conditions_take_a_few_seconds_at_most() -> None:
    emitter = LuaEmitter.for_story(SMALL)
    source = 'mc.number > 5 && (mc.text starts_with "a" || mc.multi_select contains "b")'
    conditions = [parse_condition(f"{source} && mc.number < {x}", NAMES) for x in range(100)]
    start = perf_counter()
    for _ in range(100):
        for condition in conditions:
            emitter.condition(condition)
    assert perf_counter() - start < 8
