"""Circles without a line, in which a run time would hang: they get guards."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from storyarn_pipelines.serializers.engines.survey import FlowFacts
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.loops import silent_loops
from storyarn_pipelines.story.statements import Structure
from storyarn_pipelines.story.steps import Callees, step_of


@dataclass(frozen=True, slots=True)
class Guards:
    """Where a play could go round without a line: jumps to ``labels``, calls of ``flows``."""

    labels: Set[int]
    flows: Set[int]


def circular_flows(flows: Mapping[int, FlowFacts]) -> frozenset[int]:
    """Flows that may call themselves by way of others, and those between such circles."""
    calls = {key: {x for x in flow.calls | flow.continues if x in flows}
             for key, flow in flows.items()}  # fmt: skip
    callers: dict[int, set[int]] = {key: set() for key in flows}
    for key, targets in calls.items():
        for target in targets:
            callers[target].add(key)
    # What calls nothing, or is not called, is in no circle: take it away until there is none.
    waiting = [key for key in flows if not calls[key] or not callers[key]]
    left = set(flows)
    while waiting:
        key = waiting.pop()
        if key not in left:
            continue
        left.remove(key)
        for ways, backwards in ((calls, callers), (callers, calls)):
            for other in ways[key]:
                backwards[other].discard(key)
                if other in left and not backwards[other]:
                    waiting.append(other)
    return frozenset(left)


def guards_of(
    graph: FlowGraph, structure: Structure, circular: frozenset[int], callees: Callees
) -> Guards:
    """Where a flow needs guards. What it calls may be silent."""
    loops = structure.silent_loops
    if any(n.is_call(node) for node in graph.nodes.values()):
        steps = {key: step_of(graph, graph.nodes[key], callees) for key in graph.reachable()}
        loops = silent_loops(
            {key: replace(step, speaks=step.node.type == "dialogue") for key, step in steps.items()}
        )
    labels = frozenset(key for loop in loops for key in loop.node_ids)
    flows = circular if graph.id in circular else frozenset[int]()
    return Guards(labels, flows)
