"""Steps: what a node does, and all the ways on from it, by the rules of the player.

Ways stand in the order in which a play looks at them, one for each response, case and return,
also where several share a pin or lead to one node.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.stored import read_condition, read_switch
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import EXIT_PIN, FlowGraph
from storyarn_pipelines.story.statements import (
    Arm,
    Block,
    Branch,
    Call,
    Choice,
    End,
    Line,
    Option,
    Outcome,
    Pass,
    Placed,
    Return,
    Run,
)
from storyarn_pipelines.story.trace import EndReason

Way: TypeAlias = int | End | Return
"""To a node of the flow, or out of it."""

_EXIT_PIN = re.compile(re.escape(EXIT_PIN) + "(0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Callee:
    """What a caller must know of a flow: can it begin, and by which exits does it return."""

    has_entry: bool
    returns: frozenset[int]

    @classmethod
    def of(cls, graph: FlowGraph) -> "Callee":
        """What the callers of a flow must know of it."""
        found = (node.id for node in graph.exits if n.exit_mode(node) == n.CALLER_RETURN)
        return cls(graph.entry is not None, frozenset(found))


Callees: TypeAlias = Callable[[int], Callee | None]
"""A flow by its id, None if it does not exist."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node and its ways.

    If it forks, each way has a body, and ``make`` puts them into a statement. Else it has one
    way, which follows, and ``make`` takes no bodies. ``asks``: it offers responses. ``speaks``:
    the reader meets a line there, or in the flow that it calls.
    """

    node: Node
    ways: tuple[Way, ...]
    make: Callable[[Sequence[Block]], Placed]
    forks: bool = False
    asks: bool = False
    speaks: bool = False

    @property
    def targets(self) -> list[int]:
        """The nodes that its ways lead to, one for each such way."""
        return [way for way in self.ways if isinstance(way, int)]


def step_of(graph: FlowGraph, node: Node, callees: Callees | None = None) -> Step:
    """The step of a node. Without ``callees`` a called flow may return by any exit."""
    match node.type:
        case "dialogue" if n.responses_of(node):
            return _choice(graph, node)
        case "dialogue":
            return Step(node, (_way(graph, node, n.OUTPUT),), lambda _: Line(node), speaks=True)
        case "condition":
            return _branch(graph, node)
        case "instruction":
            return Step(node, (_way(graph, node, n.OUTPUT),), lambda _: Run(node))
        case "jump":
            return _passed(node, _jump(graph, node))
        case "subflow":
            return _call(graph, node, callees)
        case "exit":
            return _exit(graph, node, callees)
    return _passed(node, _way(graph, node, n.OUTPUT))


def _passed(node: Node, way: Way) -> Step:
    return Step(node, (way,), lambda _: Pass(node))


def _over(node: Node, reason: EndReason) -> Step:
    return _passed(node, End(reason, node.id))


def _way(graph: FlowGraph, node: Node, *pins: str) -> Way:
    target = graph.target(node.id, *pins)
    pin = pins[0] if pins else None
    if target is None:
        return End("dead_end", node.id, pin)
    return target if target in graph.nodes else End("node_not_found", target, pin)


def _choice(graph: FlowGraph, node: Node) -> Step:
    responses = n.responses_of(node)

    def make(bodies: Sequence[Block]) -> Choice:
        return Choice(node, tuple(map(Option, responses, bodies)))

    ways = tuple(_way(graph, node, *n.response_pins(response)) for response in responses)
    return Step(node, ways, make, forks=True, asks=True, speaks=True)


def _branch(graph: FlowGraph, node: Node) -> Step:
    stored = n.data_of(node).get("condition")
    if n.is_switch(node):
        last = n.DEFAULT
        cases = [
            (case.condition, last if case.pin is None else case.pin) for case in read_switch(stored)
        ]
    else:
        last, cases = n.NO, [(read_condition(stored), n.YES)]
    if not cases:
        return _passed(node, _way(graph, node, last))

    def make(bodies: Sequence[Block]) -> Branch:
        arms = (Arm(*case, body) for case, body in zip(cases, bodies, strict=False))
        return Branch(node, tuple(arms), bodies[-1])

    ways = tuple(_way(graph, node, pin) for pin in (*(pin for _, pin in cases), last))
    return Step(node, ways, make, forks=True)


def _jump(graph: FlowGraph, node: Node) -> Way:
    name = n.target_hub(node)
    if name is None:
        return End("no_hub", node.id)
    hub = graph.hub(name)
    return End("hub_not_found", node.id) if hub is None else hub


def _exit(graph: FlowGraph, node: Node, callees: Callees | None) -> Step:
    match n.exit_mode(node):
        case n.FLOW_REFERENCE:
            return _call(graph, node, callees)
        case n.CALLER_RETURN:
            return _passed(node, Return(node.id))
    return _over(node, "exit")


def _call(graph: FlowGraph, node: Node, callees: Callees | None) -> Step:
    stored = n.called_flow(node)
    if stored is None:
        return _over(node, "no_flow")
    flow_id = n.as_id(stored)
    callee = callees(flow_id) if callees is not None and flow_id is not None else None
    if flow_id is None or (callees is not None and callee is None):
        return _over(node, "flow_not_found")
    if callee is not None and not callee.has_entry:
        return _over(node, "no_entry")
    return _calling(graph, node, flow_id, callee)


def _calling(graph: FlowGraph, node: Node, flow_id: int, callee: Callee | None) -> Step:
    known = None if callee is None else callee.returns
    found = (_EXIT_PIN.fullmatch(pin) for pin in graph.pins.get(node.id, ()))
    pins = sorted((int(pin[1]), pin[0]) for pin in found if pin)
    pins = [(key, pin) for key, pin in pins if known is None or key in known]
    ways = [_way(graph, node, pin) for _, pin in pins]
    complete = known is not None and len(pins) == len(known) > 0
    if not complete:
        ways.append(_output(graph, node))
    if len(set(ways)) == 1:
        return Step(node, (ways[0],), lambda _: Call(node, flow_id), speaks=True)

    def make(bodies: Sequence[Block]) -> Call:
        pairs = zip(pins, bodies, strict=False)
        outcomes = tuple(Outcome(key, body) for (key, _), body in pairs)
        return Call(node, flow_id, outcomes, None if complete else bodies[-1])

    return Step(node, tuple(ways), make, forks=True, speaks=True)


def _output(graph: FlowGraph, node: Node) -> Way:
    if node.type == "exit" and graph.target(node.id, n.OUTPUT) is None:
        return End("returned_to_exit", node.id)
    return _way(graph, node, n.OUTPUT)
