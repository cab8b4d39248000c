"""The reference player: plays a story as Storyarn's own player does, line by line.

It never recurses and never raises for what a project holds: a play of a broken story ends with
the reason. Storyarn's own limits (1,000 nodes, 100 between two lines) are not modelled.
"""

from collections.abc import Callable, Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.expressions.evaluate import World, execute, holds
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_response_condition,
    read_switch,
)  # fmt: skip
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.choices import Choices, ScriptedChoices
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.recompute import Recomputation
from storyarn_pipelines.story.text import line_text, response_text, shown, shown_whole, whole
from storyarn_pipelines.story.trace import EndReason, Trace

STEP_LIMIT = 10_000
"""How many nodes a trace holds at most."""

_DEEPEST = 50


class Player:
    """Plays the flows of one story, any number of times.

    ``whole_numbers`` shows 50.0 as 50, in texts and in the trace's values.
    """

    def __init__(self, story: Story, *, whole_numbers: bool = False) -> None:
        self.story = story
        self.whole_numbers = whole_numbers
        self.recomputation = Recomputation(story.variables.formulas)

    def play(self, flow: str | None = None, choices: Choices | None = None) -> dict[str, Any]:
        """Play a flow, by its shortcut, or the main flow; returns the trace as a document.

        Raises UnknownFlowError, and UsageError for a scripted choice that is not on offer.
        """
        return _Play(self, choices or ScriptedChoices()).run(self.story.find(flow))


class _Ended(Exception):
    """The play is over."""

    def __init__(self, reason: EndReason, node_id: int | None, **more: Any) -> None:
        super().__init__(reason)
        self.reason, self.node_id, self.more = reason, node_id, more


class _Play:
    """One play. The methods for nodes return the next node's id, or raise _Ended."""

    def __init__(self, player: Player, choices: Choices) -> None:
        self.story, self.choices = player.story, choices
        self.whole_numbers = player.whole_numbers
        self.show: Callable[[Value], str] = shown_whole if player.whole_numbers else shown
        self.formulas = player.recomputation
        self.world = World(player.story.variables.variables)
        self.formulas.all(self.world.values)
        self.trace = Trace()
        self.callers: list[tuple[int, int]] = []
        self.graph = FlowGraph(0, (), ())

    def run(self, flow_id: int) -> dict[str, Any]:
        try:
            position = self._enter(flow_id, None)
            while True:
                position = self._visit(self._node(position))
        except _Ended as end:
            more = {"unscripted": self.choices.unscripted} if self.choices.unscripted else {}
            self.trace.end(end.reason, end.node_id, **end.more, **more)
        values = self.world.values
        return self.trace.document({name: self._plain(value) for name, value in values.items()})

    def _node(self, node_id: int) -> Node:
        if self.trace.steps >= STEP_LIMIT:
            raise _Ended("step_limit", node_id)
        if node_id not in self.graph.nodes:
            raise _Ended("node_not_found", node_id)
        self.trace.steps += 1
        return self.graph.nodes[node_id]

    def _visit(self, node: Node) -> int:
        match node.type:
            case "dialogue":
                return self._dialogue(node)
            case "condition":
                return self._condition(node)
            case "instruction":
                assignments = read_assignments(n.data_of(node).get("assignments"))
                self._execute(assignments)
                return self._follow(node, n.OUTPUT)
            case "jump":
                return self._jump(node)
            case "subflow":
                return self._call(node)
            case "exit":
                return self._exit(node)
        return self._follow(node, n.OUTPUT)

    def _dialogue(self, node: Node) -> int:
        data = n.data_of(node)
        text = self._translated("flow_node", node.id, "text", n.text_of(data.get("text")))
        line = line_text(text, self.world.values, self.show)
        self.trace.say(self._speaker(data.get("speaker_sheet_id")), line, node.id)
        responses = n.responses_of(node)
        if not responses:
            return self._follow(node, n.OUTPUT)
        offered = [x for x in responses if self._is_valid(x)]
        if not offered:
            raise _Ended("no_valid_response", node.id)
        options = [self._response_text(node, response) for response in offered]
        only = len(offered) == 1
        index = 0 if only else self.choices.pick(node.id, options)
        self.trace.choose(index, options, auto=only)
        chosen = offered[index]
        if n.has_instruction(chosen):
            self._execute(read_response_assignments(chosen))
        return self._follow(node, *n.response_pins(chosen))

    def _is_valid(self, response: Mapping[str, Any]) -> bool:
        return holds(read_response_condition(response.get("condition")), self.world)

    def _condition(self, node: Node) -> int:
        stored = n.data_of(node).get("condition")
        if not n.is_switch(node):
            return self._follow(node, n.YES if holds(read_condition(stored), self.world) else n.NO)
        for case in read_switch(stored):
            if holds(case.condition, self.world):
                return self._follow(node, n.DEFAULT if case.pin is None else case.pin)
        return self._follow(node, n.DEFAULT)

    def _jump(self, node: Node) -> int:
        name = n.target_hub(node)
        if name is None:
            raise _Ended("no_hub", node.id)
        hub = self.graph.hub(name)
        if hub is None:
            raise _Ended("hub_not_found", node.id, hub=n.text_of(name))
        return hub

    def _call(self, node: Node) -> int:
        stored = n.called_flow(node)
        if stored is None:
            raise _Ended("no_flow", node.id)
        flow_id = n.as_id(stored)
        if flow_id is None:
            raise _Ended("flow_not_found", node.id, flow=n.text_of(stored))
        self.callers.append((self.graph.id, node.id))
        return self._enter(flow_id, node)

    def _enter(self, flow_id: int, caller: Node | None) -> int:
        graph = self.story.graph(flow_id)
        here = caller.id if caller else None
        if graph is None:
            raise _Ended("flow_not_found", here, flow=flow_id)
        if graph.entry is None:
            raise _Ended("no_entry", here, flow=flow_id)
        self.graph = graph
        return graph.entry

    def _exit(self, node: Node) -> int:
        match n.exit_mode(node):
            case n.FLOW_REFERENCE:
                return self._call(node)
            case n.CALLER_RETURN:
                return self._return(node)
        raise _Ended("exit", node.id, label=n.exit_label(node))

    def _return(self, node: Node) -> int:
        if not self.callers:
            raise _Ended("returned_to_nobody", node.id, label=n.exit_label(node))
        flow_id, caller_id = self.callers.pop()
        graph = self.story.graph(flow_id)
        if graph is None or caller_id not in graph.nodes:
            raise _Ended("flow_not_found", node.id, flow=flow_id)
        self.graph = graph
        caller = graph.nodes[caller_id]
        pins = (n.return_pin(node.id), n.OUTPUT)
        if caller.type == "exit" and graph.target(caller_id, *pins) is None:
            raise _Ended("returned_to_exit", caller_id)
        return self._follow(caller, *pins)

    def _follow(self, node: Node, *pins: str) -> int:
        target = self.graph.target(node.id, *pins)
        if target is None:
            raise _Ended("dead_end", node.id, pin=pins[0] if pins else None)
        return target

    def _execute(self, assignments: Instruction) -> None:
        """Run assignments and what depends on them; tell what is different afterwards."""
        values = self.world.values
        targets = {assignment.target.full_name for assignment in assignments}
        before = {name: values[name] for name in targets if name in values}
        execute(assignments, self.world)
        for name in before:
            if _is_deep(values[name]):
                values[name] = None
        written = [name for name, old in before.items() if not _identical(old, values[name])]
        for name, old in self.formulas.after(written, values).items():
            before.setdefault(name, old)
        changed = (name for name, old in before.items() if not _same(old, values[name]))
        self.trace.set({name: self._plain(values[name]) for name in sorted(changed)})

    def _response_text(self, node: Node, response: Mapping[str, Any]) -> str:
        text = n.text_of(response.get("text"))
        key = f"response.{response.get('id')}.text"
        text = self._translated("flow_node", node.id, key, text)
        return response_text(text, self.world.values, self.show)

    def _speaker(self, stored: object) -> str | None:
        sheet_id = n.as_id(stored)
        if sheet_id is None or sheet_id not in self.story.sheet_names:
            return None
        return self._translated("sheet", sheet_id, "name", self.story.sheet_names[sheet_id])

    def _translated(self, kind: str, key: int, field: str, text: str) -> str:
        return self.story.texts.get((kind, key, field), text)

    def _plain(self, value: Value) -> Value:
        return whole(value) if self.whole_numbers else value


def _same(left: Value, right: Value) -> bool:
    """Equal, where 50 and 50.0 are and 1 and true are not."""
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _identical(left: Value, right: Value) -> bool:
    """Equal and of one type."""
    return type(left) is type(right) and left == right


def _is_deep(value: object) -> bool:
    """Whether a value is a JSON structure that recursive programs could choke on.

    Only the left-over value of a ``clear`` can be a structure at all.
    """
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            part
            for x in level
            if isinstance(x, dict | list)
            for part in (x.values() if isinstance(x, dict) else x)
        ]
        if not level:
            return False
    return True
