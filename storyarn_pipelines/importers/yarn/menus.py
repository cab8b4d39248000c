"""Options as a dialogue with responses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from storyarn_pipelines.expressions.ast import ALWAYS, Assignment, Condition, Instruction, Rule
from storyarn_pipelines.expressions.structure import assignments_to_structure
from storyarn_pipelines.importers.yarn.changes import changed
from storyarn_pipelines.importers.yarn.graph import Made
from storyarn_pipelines.importers.yarn.meaning import Do
from storyarn_pipelines.importers.yarn.script import Block, Item, Line, Options, Set
from storyarn_pipelines.importers.yarn.speech import LONGEST_ID
from storyarn_pipelines.importers.yarn.unique import Unique

if TYPE_CHECKING:
    from storyarn_pipelines.importers.yarn.flows import FlowBuilder

_OPPOSITES = {
    "is_true": "is_false", "less_than": "greater_than_or_equal",
    "greater_than": "less_than_or_equal", "equals": "not_equals",
}  # fmt: skip


def menu(flow: "FlowBuilder", line: Line | None, options: Options, after: Made) -> Made:
    """A dialogue that offers options; the line before them is its text.

    Where all options may be refused, Yarn goes on behind them. Storyarn would be stuck, so it
    asks before the line; the line that nothing can be answered to is a dialogue of its own.
    """
    desk, speech = flow.desk, flow.desk.speech
    site = flow.site(options.line)
    first = options.items[0].said
    key = flow.key(line) if line is not None else f"menu_{flow.key(first)}"
    place = flow.place(line.line if line else options.line)
    data, texts, comments = speech.dialogue(line, site, key, place)
    made = Made("dialogue", data, {}, comments, list(texts))
    taken = Unique(LONGEST_ID)
    conditions: list[Condition] = []
    for item in options.items:
        said = item.said
        response, text, more = speech.response(said, site, taken, flow.place(said.line))
        once = desk.once(flow.key(said)) if said.when and said.when.once else None
        condition = site.when(said.when, once)
        conditions.append(condition)
        response["condition"] = speech.condition_text(condition, said.line)
        effects = (Assignment(once, "set_true"),) if once else ()
        made.ways[response["id"]] = _body(flow, item, response, effects, after)
        data["responses"].append(response)
        made.texts.append(text)
        made.comments += more
    if not options.stuck and not _is_sure(conditions):
        otherwise = after
        if line is not None:
            alone, texts, _ = speech.dialogue(line, flow.site(line.line), key, place, again=True)
            otherwise = Made("dialogue", alone, {"output": after}, [], list(texts))
            what = "a line stands twice, since all of its options may be refused"
            desk.notes.add(what, [place])
        made = flow.check_any(conditions, options.line, made, otherwise)
    return flow.steps(site.steps, made)


def _body(
    flow: "FlowBuilder", item: Item, response: dict[str, Any], first: Instruction, after: Made
) -> Made:
    """What follows an option; assignments in front become the response's own effects."""
    effects, rest = _effects(flow, item.body)
    response["instruction_assignments"] = assignments_to_structure((*first, *effects))
    return flow.block(rest, after)


def _effects(flow: "FlowBuilder", body: Block) -> tuple[list[Assignment], Block]:
    """The assignments that a body begins with, and the rest of it."""
    found: list[Assignment] = []
    for place, statement in enumerate(body):
        if not isinstance(statement, Set):
            known = getattr(statement, "assignments", None)
            if known is not None and not found:
                return list(known), body[place + 1 :]
            return found, body[place:]
        steps = changed(flow.site(statement.line), statement)
        if not all(isinstance(step, Do) for step in steps):
            return found, body[place:]
        found += [x for step in steps if isinstance(step, Do) for x in step.assignments]
    return found, ()


def _is_sure(conditions: Sequence[Condition]) -> bool:
    """Whether one of some conditions always holds: one asks nothing, or two are opposites."""
    if ALWAYS in conditions:
        return True
    known = set(conditions)
    return any(
        isinstance(x, Rule)
        and x.operator in _OPPOSITES
        and Rule(x.ref, _OPPOSITES[x.operator], x.value) in known
        for x in conditions
    )
