"""What an engine makes of emitted texts, beside what Storyarn's player does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    CHANGES_WITHOUT_VALUE,
    TESTS,
    TESTS_WITHOUT_VALUE,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.emitters.base import Emitted, Emitter
from storyarn_pipelines.expressions.emitters.domains import (
    kind_of,
    story_domains,
    usual_domain,
)
from storyarn_pipelines.expressions.evaluate import World, execute, holds
from tests.expressions.emitters.stories import VALUES, VARIABLES, literal

INEXACT = {"EX0403", "EX0404", "EX0405", "EX0406", "EX0407", "EX0408", "EX0411", "EX0412"}
"""Codes that announce a difference."""

Kept = dict[str, Any]
"""Values by the engine's names."""


class Engine(Protocol):
    """Runs texts; each in every world, from the world's values."""

    def ask(self, emitter: Emitter, worlds: Sequence[Kept], asked: Sequence[str]) -> list[Any]:
        """By world, whether each condition holds."""

    def change(self, emitter: Emitter, worlds: Sequence[Kept], changes: Sequence[str]) -> list[Any]:
        """By world, the values that each instruction leaves."""


def held_in(
    emitter_type: type[Emitter], held: Mapping[str, Value], numbers: Callable[[float], float]
) -> dict[str, Value]:
    """The same values, as far as variables of the engine can have them."""
    facts = emitter_type.for_story(VARIABLES).facts
    found: dict[str, Value] = {}
    for name, value in held.items():
        variable = VARIABLES[name]
        if isinstance(value, str) and emitter_type.refused.search(value):
            found[name] = "hero"
        elif not facts.can_hold(variable, kind_of(value)):
            found[name] = numbers(7) if variable.type in ("number", "formula") else False
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = numbers(value)
        else:
            found[name] = value
    return found


def compare(
    engine: Engine,
    emitter_type: type[Emitter],
    held: Mapping[str, Value],
    instruction: Instruction,
    conditions: list[Condition],
    *,
    is_sure: bool,
) -> None:
    """Assert that an engine does what the player does, or that a diagnostic says it may not.

    ``is_sure``: the emitter knows the instructions of the story.
    """
    story = starting_with(held)
    domains = story_domains(story, [instruction])
    emitter = emitter_type.for_story(story, domains if is_sure else None)
    change = emitter.instruction(instruction)
    asked = [emitter.condition(x) for x in conditions]
    texts = [x.text for x in asked]

    start = kept(emitter, held)
    check_conditions(conditions, asked, engine.ask(emitter, [start], texts)[0], held)
    left = engine.change(emitter, [start], [change.text])[0][0]
    is_odd = any(not domains[name] <= usual_domain(x) for name, x in story.items())
    if codes(change) & INEXACT or (is_odd and not is_sure):
        return
    after = played(instruction, held)
    assert left == kept(emitter, after), change.text
    check_conditions(conditions, asked, engine.ask(emitter, [left], texts)[0], after)


def starting_with(held: Mapping[str, Value]) -> dict[str, Variable]:
    """The story with other values at its start."""
    return {
        name: Variable(x.sheet, x.name, x.type, held[name], x.config)
        for name, x in VARIABLES.items()
    }


def check_conditions(
    conditions: Sequence[Condition],
    asked: Sequence[Emitted],
    found: Sequence[bool],
    held: Mapping[str, Value],
) -> None:
    """Assert that conditions hold where they should; a test that counts as failed never holds."""
    world = World(VARIABLES)
    world.values = dict(held)
    for condition, emitted, holds_there in zip(conditions, asked, found, strict=True):
        expected = holds(condition, world)
        told = codes(emitted) & INEXACT
        if not told:
            assert holds_there is expected, (emitted.text, emitted.source)
        elif told <= {"EX0403", "EX0411"}:
            assert expected or not holds_there, (emitted.text, emitted.source)


def played(instruction: Instruction, held: Mapping[str, Value]) -> dict[str, Value]:
    """What Storyarn's player leaves; formulas would be worked out again."""
    world = World(VARIABLES)
    world.values = dict(held)
    execute([x for x in instruction if VARIABLES[x.target.full_name].type != "formula"], world)
    return world.values


def kept(emitter: Emitter, held: Mapping[str, Value]) -> Kept:
    """Values as the engine holds them."""
    return {
        emitter.identifiers.of(name): emitter.kept(emitter.variables[name], value)
        for name, value in held.items()
    }


def codes(emitted: Emitted) -> set[str]:
    """The codes of diagnostics."""
    return {x.code for x in emitted.diagnostics}


# Everything once: every operator on every type, beside every value.

TEXTS = ("", "hero", "her", "ero", "er", "50", "50.0", "-3", "5", "80 coins", "true", "nil", "h",
         "2024-01-31", "2024-02-01", '["hero"]', "[]", "a, b", 'q"u\\', "//x", "/*x*/", "->", "<>",
         "{a|b}#[c]~", "<<if>>", "é🍺", "$x")  # fmt: skip
POOLS: Mapping[str, Sequence[Value]] = {
    "text": ("hero", "", None, "50", "her", "ero hero", 'q"u\\', "x//x/*x*/", "->-<>", "{a|b}#[c]~",
             "<<if>>", "é🍺", "nil", "$x"),
    "rich_text": ("hero", "", "<p>", "//x"),
    "number": (50, 0, -3, 50.5, 59, -4.5),
    "select": (None, "hero", "50"),
    "multi_select": (["hero"], [], None, ["50", "hero"], ["a, b"], ["nil"], ["hero", "er"]),
    "boolean": (True, False),
    "date": ("2024-01-31", None, "2024-02-01", "2000-01-01", "2024-01-30"),
    "formula": (5, 50, 2.5),
}  # fmt: skip


def all_rules() -> list[Rule]:
    """Every operator on a variable of every type, with every value."""
    found: list[Rule] = []
    for kind in VALUES:
        for operator in sorted(TESTS):
            ref = Ref("mc", kind)
            if operator in TESTS_WITHOUT_VALUE:
                found.append(Rule(ref, operator))
            else:
                found += [Rule(ref, operator, literal(text)) for text in TEXTS]
    return found


def all_assignments() -> list[Assignment]:
    """Every change of a variable of every type, by every value and variable."""
    sources: list[Literal | Ref] = [literal(text) for text in TEXTS]
    sources += [Ref(sheet, kind) for sheet in ("mc", "b") for kind in VALUES]
    found: list[Assignment] = []
    for ref in [Ref(sheet, kind) for sheet in ("mc", "b") for kind in VALUES]:
        for operator in ("set", "add", "subtract", "set_if_unset"):
            found += [Assignment(ref, operator, source) for source in sources]
        found += [Assignment(ref, operator) for operator in sorted(CHANGES_WITHOUT_VALUE)]
    return found


def all_worlds(
    emitter_type: type[Emitter], numbers: Callable[[float], float]
) -> Iterator[dict[str, Value]]:
    """Values in which every value of the pools occurs."""
    for number in range(max(len(pool) for pool in POOLS.values())):
        held = {}
        for name, variable in VARIABLES.items():
            pool = POOLS[variable.type]
            shift = number + (name[0] == "b")
            held[name] = pool[shift % len(pool)]
        yield held_in(emitter_type, held, numbers)


def compare_all_rules(
    engine: Engine, emitter_type: type[Emitter], numbers: Callable[[float], float]
) -> set[tuple[str, str, str]]:
    """Compare all rules in all worlds; returns what was told: operator, type, code."""
    rules = all_rules()
    told: set[tuple[str, str, str]] = set()
    for emitter, worlds in _stories(emitter_type, numbers):
        asked = [emitter.condition(x) for x in rules]
        found = engine.ask(emitter, [kept(emitter, x) for x in worlds], [x.text for x in asked])
        for held, answers in zip(worlds, found, strict=True):
            check_conditions(rules, asked, answers, held)
        for rule, emitted in zip(rules, asked, strict=True):
            told |= {(rule.operator, rule.ref.name, code) for code in codes(emitted)}
    return told


def compare_all_assignments(
    engine: Engine, emitter_type: type[Emitter], numbers: Callable[[float], float]
) -> set[tuple[str, str, str]]:
    """Compare all assignments in all worlds; returns what was told: operator, type, code."""
    assignments = all_assignments()
    told: set[tuple[str, str, str]] = set()
    for emitter, worlds in _stories(emitter_type, numbers):
        changes = [emitter.instruction((x,)) for x in assignments]
        starts = [kept(emitter, x) for x in worlds]
        found = engine.change(emitter, starts, [x.text for x in changes])
        for held, answers in zip(worlds, found, strict=True):
            for assignment, emitted, left in zip(assignments, changes, answers, strict=True):
                if not codes(emitted) & INEXACT:
                    expected = kept(emitter, played((assignment,), held))
                    assert left == expected, (emitted.text, emitted.source)
        for assignment, emitted in zip(assignments, changes, strict=True):
            of = (assignment.operator, assignment.target.name)
            told |= {(*of, code) for code in codes(emitted)}
    return told


def _stories(
    emitter_type: type[Emitter], numbers: Callable[[float], float]
) -> Iterator[tuple[Emitter, list[dict[str, Value]]]]:
    """One story for all worlds; articy's emitter must know the lists that there are."""
    worlds = list(all_worlds(emitter_type, numbers))
    if emitter_type.language != "expresso":
        yield emitter_type.for_story(VARIABLES), worlds
        return
    for held in worlds:
        yield emitter_type.for_story(starting_with(held)), [held]


def by_type(told: set[tuple[str, str, str]], code: str) -> dict[str, str]:
    """For each type the operators that were told about with a code."""
    found: dict[str, list[str]] = {}
    for operator, kind, told_code in sorted(told):
        if told_code == code:
            found.setdefault(kind, []).append(operator)
    return {kind: " ".join(operators) for kind, operators in found.items()}
