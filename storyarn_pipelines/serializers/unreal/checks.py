"""What a conversation's graph has that an author may want to hear of."""

from collections.abc import Mapping, Sequence
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.serializers.unreal.context import Conversation
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.loops import silent_loops
from storyarn_pipelines.story.steps import step_of

_PLAYED = frozenset(
    ("entry", "dialogue", "condition", "instruction", "hub", "jump", "subflow", "exit")
)
_NAMED = 10

Outputs = Mapping[int, Sequence[Mapping[str, Any]]]


def check_flow(talk: Conversation, outputs: Outputs) -> None:
    """Tell of unreachable nodes, of ways that end nowhere, and of loops without a line."""
    nodes = talk.graph.nodes
    ways = {
        key: [int(x["to"]) for x in found if x["to"] is not None] for key, found in outputs.items()
    }
    reached = _reached(talk.graph.entry, ways)
    if talk.graph.entry is not None:
        lost = [node for node in talk.flow.nodes if node.type in _PLAYED and node.id not in reached]
        if lost:
            _tell_lost(talk, lost)
    for key in sorted(reached):
        _tell_dead_ends(talk, nodes[key], outputs[key])
    silent = {key for key in reached if nodes[key].type != "dialogue" and not n.is_call(nodes[key])}
    if _has_circle(silent, ways):
        steps = {key: step_of(talk.graph, nodes[key]) for key in sorted(reached)}
        for loop in silent_loops(steps):
            numbers = _numbers(list(loop.node_ids))
            message = f"nodes {numbers} form a loop without a line: a play stops in it"
            talk.export.told.add("XP0103", message, talk.where(nodes[loop.node_ids[0]]))


def _reached(entry: int | None, ways: Mapping[int, list[int]]) -> set[int]:
    found = [] if entry is None else [entry]
    known = set(found)
    for key in found:  # grows while it is walked
        for target in ways[key]:
            if target not in known:
                known.add(target)
                found.append(target)
    return known


def _tell_lost(talk: Conversation, lost: list[Node]) -> None:
    numbers = _numbers([node.id for node in lost])
    message = f"a play cannot reach {numbers}: their rows are there all the same"
    talk.export.told.add("XP0104", message, talk.place)


def _numbers(keys: list[int]) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(map(str, keys[:_NAMED])) + more


def _tell_dead_ends(talk: Conversation, node: Node, outputs: Sequence[Mapping[str, Any]]) -> None:
    open_ends = [str(x["pin"]) for x in outputs if x["to"] is None]
    if not open_ends:
        return
    if n.is_call(node):
        number = n.as_id(n.called_flow(node))
        callee = talk.export.story.flows.get(number or 0)
        if callee is None or node.type == "exit":
            return  # The first is told where the call is written, the second ends by the rules.
        wired = {x["exit"] for x in outputs if "exit" in x and x["to"] is not None}
        if all(str(x) in wired for x in callee.returns):
            return
    ends = ", ".join(open_ends[:_NAMED])
    talk.export.told.add(
        "XP0105", f"nothing follows {ends}: the story ends there", talk.where(node)
    )


def _has_circle(silent: set[int], ways: Mapping[int, list[int]]) -> bool:
    """Whether some of these nodes form a circle: take away, again and again, what leads nowhere."""
    sources: dict[int, list[int]] = {}
    left: dict[int, int] = {}
    for key in silent:
        targets = [x for x in ways[key] if x in silent]
        left[key] = len(targets)
        for target in targets:
            sources.setdefault(target, []).append(key)
    ready = [key for key, number in left.items() if not number]
    for key in ready:  # grows while it is walked
        for source in sources.get(key, ()):
            left[source] -= 1
            if not left[source]:
                ready.append(source)
    return len(ready) < len(silent)
