"""The graph of one flow: its entry, what can be reached from there, its hubs."""

from collections.abc import Sequence

from storyarn_pipelines.domain.flows import Connection, Node
from storyarn_pipelines.domain.json_values import filled, mapping
from storyarn_pipelines.validation.flow_view import UNPLAYED, FlowView
from storyarn_pipelines.validation.run import Run


def check_graph(run: Run, view: FlowView, wires: Sequence[Connection]) -> None:
    """Check the shape of the flow; ``wires`` are those with both ends in it."""
    entries = [node for node in view.nodes.values() if node.type == "entry"]
    if not entries and not view.flow.is_folder:
        run.add("SA0103", view.this)
    for node in entries[1:]:
        run.add("SA0104", view.here(node), number=len(entries))
    ways = _check_hubs(run, view)
    for wire in wires:
        ways.setdefault(wire.source_node_id, []).append(wire.target_node_id)
    wired = {wire.source_node_id for wire in wires} | {wire.target_node_id for wire in wires}
    wired |= {target for targets in ways.values() for target in targets}
    reached = _reached([node.id for node in entries], ways)
    alone = sum(node.type not in UNPLAYED for node in view.nodes.values()) == 1
    for node in view.nodes.values():
        if node.type in UNPLAYED:
            continue
        if node.id not in wired:
            if not (alone and entries):
                run.add("SA0101", view.here(node))
        elif entries and node.id not in reached:
            run.add("SA0102", view.here(node))


def _reached(entries: list[int], ways: dict[int, list[int]]) -> set[int]:
    """Nodes that some wire leads to; a wire that is never followed is reported by itself."""
    reached, waiting = set(entries), list(entries)
    while waiting:
        for target in ways.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _check_hubs(run: Run, view: FlowView) -> dict[int, list[int]]:
    """Check hubs and the jumps to them; returns the ways that jumps open."""
    hubs: dict[str, int] = {}
    jumps: list[Node] = []
    for node in view.nodes.values():
        if node.type == "jump":
            jumps.append(node)
        elif node.type == "hub":
            hub_id = filled(mapping(node.data).get("hub_id"))
            if hub_id in hubs:
                run.add("SA0106", view.here(node), hub=hub_id)
            elif hub_id:
                hubs[hub_id] = node.id
    ways: dict[int, list[int]] = {}
    for node in jumps:
        target = filled(mapping(node.data).get("target_hub_id"))
        if target is None:
            run.add("SA0108", view.here(node))
        elif target in hubs:
            ways[node.id] = [hubs[target]]
        else:
            run.add("SA0107", view.here(node), hub=target)
    return ways
