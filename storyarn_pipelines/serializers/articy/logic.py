"""Conditions, switches and instructions.

expresso has no conditional statement, but a flow has: what an instruction does under a condition
becomes a condition with an instruction behind it.
"""

from dataclasses import dataclass

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.ast import Assignment, Instruction, Rule
from storyarn_pipelines.expressions.emitters.base import Emitted
from storyarn_pipelines.expressions.limits import limited
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_switch,
)
from storyarn_pipelines.serializers.articy.draft import Draft, End
from storyarn_pipelines.serializers.articy.objects import Thing
from storyarn_pipelines.story import nodes as n


@dataclass(frozen=True, slots=True)
class Change:
    """What an instruction does: scripts one after the other, each perhaps under a condition."""

    source: str
    parts: tuple[tuple[str, str], ...]
    """Condition, empty if there is none, and script."""

    @property
    def is_plain(self) -> bool:
        """Whether it is one script."""
        return len(self.parts) <= 1 and not any(asked for asked, _ in self.parts)

    @property
    def script(self) -> str:
        """The script, if it is plain."""
        return self.parts[0][1] if self.parts else ""


def change(draft: Draft, changes: Instruction) -> Change:
    """Assignments as scripts; what cannot be said is told."""
    emitter, where = draft.book.story.emitter, draft.where
    whole = emitter.instruction(changes, where)
    last = _recomputed(draft, changes)
    if not any(_is_conditional(draft, x) for x in changes):
        draft.note(whole)
        return Change(whole.source, (("", _one_line(f"{whole.text} {last}")),))
    parts: list[tuple[str, str]] = []
    for assignment in changes:
        asked = ""
        if _is_conditional(draft, assignment):
            condition = emitter.condition(Rule(assignment.target, "is_nil"), where)
            asked = draft.note(condition).text
            assignment = Assignment(assignment.target, "set", assignment.value)  # noqa: PLW2901
        emitted = draft.note(emitter.instruction((assignment,), where))
        parts.append((asked, _one_line(emitted.text)))
    return Change(whole.source, (*parts, ("", last)))


def chain(draft: Draft, node: Node, ends: list[End], made: Change, name: str) -> list[End]:
    """Objects that do what a change does, behind some outputs; returns the outputs behind them."""
    for index, (asked, script) in enumerate(made.parts):
        skipped: list[End] = []
        if asked:
            condition = draft.thing("Condition", node, draft.places(node).take(f"{name} {index}?"))
            condition.expression = asked
            draft.source(condition, asked)
            draft.lead(ends, condition)
            ends, skipped = [(condition, 0)], [(condition, 1)]
        if script:
            done = draft.thing("Instruction", node, draft.places(node).take(f"{name} {index}"))
            done.expression = script
            draft.source(done, script)
            draft.lead(ends, done)
            ends = [(done, 0)]
        ends = [*ends, *skipped]
    return ends


def add_instruction(draft: Draft, node: Node) -> None:
    """An instruction node."""
    made = change(draft, read_assignments(n.data_of(node).get("assignments")))
    thing = draft.thing("Instruction", node)
    draft.source(thing, made.source)
    ends = [(thing, 0)]
    if made.is_plain:
        thing.expression = made.script
    else:
        ends = chain(draft, node, ends, made, "then")
    draft.follow(node, ends, n.OUTPUT)


def add_condition(draft: Draft, node: Node) -> None:
    """A condition with two ways, or a switch: a condition after the other, the first wins."""
    stored = n.data_of(node).get("condition")
    if not n.is_switch(node):
        thing = draft.thing("Condition", node)
        _ask(draft, thing, draft.book.story.emitter.condition(read_condition(stored), draft.where))
        draft.follow(node, [(thing, 0)], n.YES)
        draft.follow(node, [(thing, 1)], n.NO)
        return
    cases = read_switch(stored)
    ends: list[End] = []
    for index, case in enumerate(cases):
        place = draft.places(node).take(str(case.pin)) if index else 0
        thing = draft.thing("Condition", node, place, case.label or "")
        thing.x += index * 60
        thing.node, thing.part = node.id, index
        _ask(draft, thing, draft.book.story.emitter.condition(case.condition, draft.where))
        draft.lead(ends, thing)
        draft.follow(node, [(thing, 0)], n.DEFAULT if case.pin is None else case.pin)
        ends = [(thing, 1)]
    draft.follow(node, ends or [(draft.thing("Hub", node, name="switch"), 0)], n.DEFAULT)


def _ask(draft: Draft, thing: Thing, emitted: Emitted) -> None:
    thing.expression = draft.note(emitted).text
    draft.source(thing, emitted.source)


def _is_conditional(draft: Draft, assignment: Assignment) -> bool:
    """Whether an assignment is one to what is unset, and its variable can be unset here."""
    if assignment.operator != "set_if_unset":
        return False
    emitter = draft.book.story.emitter
    variable = emitter.variables.get(assignment.target.full_name)
    return (
        variable is not None
        and variable.type in emitter.nil_types
        and limited(variable, variable.initial) == variable.initial
    )


def _recomputed(draft: Draft, changes: Instruction) -> str:
    """Statements that work out the formulas that depend on what was changed."""
    formulas = draft.book.formulas
    if not formulas.used:
        return ""
    script, lost = formulas.after({x.target.full_name for x in changes})
    if lost:
        message = f"{', '.join(lost)} is not worked out again after this"
        draft.told.add("XP0204", message, draft.where)
    return script


def _one_line(script: str) -> str:
    return script.replace("\n", " ").strip()
