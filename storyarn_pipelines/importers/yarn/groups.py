"""Lines and nodes of which Yarn picks one.

Yarn Spinner's own way to pick takes, of those that may be said, one that was picked least often,
and of these one with the longest condition; among equals it draws lots. Here the first of them
is taken, so everything has its turn: each remembers that it was said, and when all that may be
said were, all begin anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    Assignment,
    Condition,
    Instruction,
    Ref,
    Rule,
    all_of,
)
from storyarn_pipelines.importers.yarn.graph import Made
from storyarn_pipelines.importers.yarn.index import NodeFacts
from storyarn_pipelines.importers.yarn.parts import does
from storyarn_pipelines.importers.yarn.script import Group, Line, When
from storyarn_pipelines.importers.yarn.terms import Chain, Unary, walk

if TYPE_CHECKING:
    from storyarn_pipelines.importers.yarn.flows import FlowBuilder


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Something that may be picked; ``make`` builds it behind assignments."""

    condition: Condition
    seen: Ref
    effects: Instruction
    weight: int
    make: Callable[[Instruction], Made]


def lines_group(flow: "FlowBuilder", group: Group, after: Made) -> Made:
    """``=>`` lines."""
    site = flow.site(group.line)
    found = []
    for item in group.items:
        said = item.said
        key = flow.key(said)
        once = flow.desk.once(key) if said.when and said.when.once else None
        body = flow.block(item.body, after)
        plain = Line(said.line, said.parts, None, said.tags)

        def make(effects: Instruction, plain: Line = plain, body: Made = body) -> Made:
            return flow.line(plain, body, effects)

        effects = (Assignment(once, "set_true"),) if once else ()
        condition = site.when(said.when, once)
        found.append(_Candidate(condition, flow.desk.seen(key), effects, _weight(said.when), make))
    if len(found) > 1:
        what = "lines of groups take turns, where Yarn Spinner may draw lots"
        flow.desk.notes.add(what, [flow.place(group.line)])
    return flow.steps(site.steps, _picked(flow, found, group.line, after, flow.ordinal(group)))


def nodes_group(flow: "FlowBuilder", members: Sequence[NodeFacts], after: Made) -> Made:
    """Nodes of one title, each with a ``when:``."""
    line = members[0].line
    site = flow.site(line)
    found = []
    for member in members:
        is_once = any(when is not None and when.once for when in member.whens)
        once = flow.desk.once(member.key) if is_once else None
        asked = [site.when(when, None) for when in member.whens if when is not None]
        parts = [x for x in asked if x != ALWAYS]
        condition = all_of((*([Rule(once, "is_false")] if once else []), *parts))
        effects = (Assignment(once, "set_true"),) if once else ()
        unit = flow.desk.units[member.key]
        call = Made("subflow", {"referenced_flow_id": int(unit.row["id"])})
        for row in unit.returns.values():
            call.ways[f"exit_{row['id']}"] = after

        def make(effects: Instruction, call: Made = call) -> Made:
            return does(effects, call) if effects else call

        weight = sum(_weight(when) for when in member.whens)
        found.append(_Candidate(condition, flow.desk.seen(member.key), effects, weight, make))
    what = "nodes of one title take turns, where Yarn Spinner may draw lots"
    flow.desk.notes.add(what, [f"{members[0].file} line {line}"])
    return flow.steps(site.steps, _picked(flow, found, line, after, flow.title))


def _picked(
    flow: "FlowBuilder", found: Sequence[_Candidate], line: int, after: Made, key: str
) -> Made:
    """Looks for the first that had no turn; then all begin anew, and it looks once more."""
    if len(found) == 1:
        one = found[0]
        return flow.check(one.condition, line, one.make(one.effects), after)
    hub = flow.ways.hub(f" {key}", "In turn")  # no title begins with a blank
    anew = tuple([Assignment(x.seen, "set_false") for x in found])
    again = does(anew, Made("jump", {"target_hub_id": hub.data["hub_id"]}))
    conditions = [x.condition for x in found]
    target = again
    if ALWAYS not in conditions:
        target = flow.check_any(conditions, line, again, after)
    in_order = sorted(found, key=lambda x: -x.weight)
    for one in reversed(in_order):
        made = one.make((Assignment(one.seen, "set_true"), *one.effects))
        unseen = Rule(one.seen, "is_false")
        condition = unseen if one.condition == ALWAYS else all_of((unseen, one.condition))
        target = flow.check(condition, line, made, target)
    hub.ways["output"] = target
    return hub


def _weight(when: When | None) -> int:
    """How much a condition asks for."""
    if when is None:
        return 0
    asked = walk(when.term.tree) if when.term else []
    count = sum(len(x.parts) - 1 if isinstance(x, Chain) else isinstance(x, Unary) for x in asked)
    return int(when.once) + (count + 1 if when.term else 0)
