"""Flows that call flows. The plugin only jumps, so the callers stand on a stack: a text.

A caller puts its node's id and a ``;`` in front and jumps. An exit that returns jumps to the
callers of its flow; the one whose id is in front takes it away and goes on behind the exit. An
exit that goes on in another flow and has no wires itself empties the stack: who is below could
never be reached again.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.serializers.engines.story import FlowFacts
from storyarn_pipelines.serializers.unity.entries import (
    ABOVE_NORMAL,
    HIGH,
    LOW,
    NORMAL,
    Board,
    Entry,
)
from storyarn_pipelines.serializers.unity.fields import field
from storyarn_pipelines.serializers.unity.ids import CALLS_END, RETURNS, enter_id
from storyarn_pipelines.serializers.unity.shared import Shared
from storyarn_pipelines.serializers.unity.variables import BOTTOM
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import EXIT_PIN

if TYPE_CHECKING:
    from storyarn_pipelines.serializers.unity.flow import FlowEntries

_EXIT_PIN = re.compile(re.escape(EXIT_PIN) + "(0|[1-9][0-9]{0,18})")
_DEEPEST = 20_000
"""How long the stack may get in flows that call themselves, in characters."""


class Calls:
    """The subflows and exits of one flow."""

    def __init__(self, shared: Shared, flow: "FlowEntries") -> None:
        self._shared, self._flow = shared, flow
        self._stack = f'Variable["{shared.runtime.calls}"]'
        self._exit = f'Variable["{shared.runtime.exit}"]'
        self._callers: list[tuple[Node, FlowFacts]] = []

    @property
    def _board(self) -> Board:
        return self._flow.board

    def begin(self, start: Entry) -> None:
        """Where a conversation starts nobody has called yet."""
        facts = self._shared.story.flows[self._flow.flow.id]
        if facts.calls or facts.continues or facts.returns:
            start.script = f'{self._stack} = "{BOTTOM}"'

    def subflow(self, node: Node) -> None:
        """Call a flow."""
        entry = self._flow.add(node)
        callee = self._called(entry, node)
        if callee is None:
            return
        self._push(entry, node, callee)
        if self._flow.flow.id in self._shared.circles:
            self._board.link(entry, self._too_deep(), HIGH)
        self._enter(entry, callee, ABOVE_NORMAL)

    def exit(self, node: Node) -> None:
        """End the story, go back, or go on in another flow."""
        entry = self._flow.add(node)
        data = n.data_of(node)
        tags, target = data.get("outcome_tags"), n.as_id(data.get("target_id"))
        if isinstance(tags, list) and tags:
            text = ", ".join([tag for tag in tags if isinstance(tag, str)])
            entry.extra.append(field("Storyarn Outcome Tags", text))
        if target is not None:
            entry.extra.append(field("Storyarn Target ID", str(target)))
        match n.exit_mode(node):
            case n.CALLER_RETURN:
                self._return(entry, node)
            case n.FLOW_REFERENCE:
                callee = self._called(entry, node)
                if callee is None:
                    return
                if self._flow.graph.pins.get(node.id):
                    self._push(entry, node, callee)
                else:
                    entry.script = f'{self._stack} = "{BOTTOM}"'
                self._enter(entry, callee, NORMAL)

    def finish(self) -> None:
        """Where called flows come back."""
        if not self._shared.returns_to(self._flow.flow.id):
            return
        group = self._board.fixed(RETURNS, "Returns", is_group=True)
        group.sure = False
        for node, callee in self._callers:
            self._landing(group, node, callee)

    def _called(self, entry: Entry, node: Node) -> FlowFacts | None:
        stored = n.called_flow(node)
        flow_id = n.as_id(stored)
        callee = self._shared.callee(flow_id)
        if callee is not None:
            entry.extra.append(field("Storyarn Flow", self._shared.titles[callee.id]))
            return callee
        story, where = self._shared.story, self._flow.where(node)
        if stored is None:
            story.told.add("XP0105", "it names no flow: the story ends there", where)
        elif flow_id in story.flows:
            story.told.add("XP0105", "the flow that it names has no entry", where)
        elif story.options.selects:
            story.told.add("XP0102", f"the flow {stored} is not exported: the story ends", where)
        else:
            story.told.add("XP0105", f"the flow {stored} does not exist", where)
        return None

    def _push(self, entry: Entry, node: Node, callee: FlowFacts) -> None:
        entry.script = f'{self._stack} = "{_token(node)}" .. {self._stack}'
        self._callers.append((node, callee))

    def _enter(self, entry: Entry, callee: FlowFacts, priority: int) -> None:
        assert callee.entry is not None
        conversation = self._shared.conversations[callee.id]
        self._board.link(entry, enter_id(callee.entry), priority, conversation)

    def _return(self, entry: Entry, node: Node) -> None:
        entry.script = f'{self._exit} = "{node.id}"'
        for caller in self._shared.callers.get(self._flow.flow.id, ()):
            self._board.link(entry, RETURNS, HIGH, self._shared.conversations[caller])
        self._board.link(entry, self._board.end(), LOW)

    def _landing(self, group: Entry, node: Node, callee: FlowFacts) -> None:
        """Takes a caller off the stack, and goes on behind the exit by which its flow ended."""
        token = _token(node)
        entry = self._board.make(f"{node.id}.returned", f"back from {node.id}", beside=group)
        caller = self._board.entries[self._flow.main[node.id]]
        entry.node_id, entry.x, entry.y = node.id, caller.x + 90, caller.y + 40
        size = len(token)
        entry.condition = (
            f"(string.len({self._stack}) >= {size}) and "
            f'(string.sub({self._stack}, 1, {size}) == "{token}")'
        )
        entry.script = (
            f"{self._stack} = string.sub({self._stack}, {size + 1}, string.len({self._stack}))"
        )
        self._board.link(group, entry.id, NORMAL)
        pins = self._pins(node, callee)
        arms = [
            (Emitted(f'{self._exit} == "{key}"', (), ""), self._flow.way(node, pin), pin)
            for key, pin in pins
        ]
        is_complete = len(arms) == len(callee.returns)
        is_bare = node.type == "exit" and self._flow.graph.target(node.id, n.OUTPUT) is None
        over = is_complete or is_bare
        otherwise = self._board.end() if over else self._flow.way(node, n.OUTPUT)
        if not arms:
            self._board.link(entry, otherwise)
        else:
            self._flow.fork(entry, arms, otherwise, f"{node.id}.returned")

    def _pins(self, node: Node, callee: FlowFacts) -> Sequence[tuple[int, str]]:
        """The wired pins of exits by which the called flow can come back."""
        found = (_EXIT_PIN.fullmatch(pin) for pin in self._flow.graph.pins.get(node.id, ()))
        pins = sorted((int(pin[1]), pin[0]) for pin in found if pin)
        return [(key, pin) for key, pin in pins if key in callee.returns]

    def _too_deep(self) -> int:
        """Ends flows that call themselves for ever."""
        entry = self._board.fixed(CALLS_END, "Too many calls")
        entry.condition = f"string.len({self._stack}) > {_DEEPEST}"
        return entry.id


def _token(node: Node) -> str:
    return f"{node.id};"
