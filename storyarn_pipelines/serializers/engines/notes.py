"""What an export to a linear language tells of a flow, and facts of its nodes for other files."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import flow_place, node_place
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import End, Structure, walk

_LISTED = 10
_ENDS_RIGHT = ("exit", "returned_to_exit")


def tell_flow(
    story: EngineStory, flow: Flow, structure: Structure, *, called: str, rounds: int
) -> None:
    """Tell what is odd about a flow. ``called`` is what the target calls a flow, ``rounds`` how
    often it goes round a loop without a line."""
    told, place = story.told, flow_place(flow)
    if not structure.sections and flow.nodes:
        told.add("XP0101", f"it has no entry, so its {called} says nothing", place)
    for loop in structure.silent_loops:
        message = f"nodes {listed(loop.node_ids)} go round without a line"
        told.add("XP0103", f"{message}: after {rounds:,} rounds the story ends", place)
    if structure.unreachable and structure.sections:
        message = f"nodes {listed(structure.unreachable)} cannot be reached and are left out"
        told.add("XP0104", message, place)
    ends = {
        statement.node_id: statement.reason.replace("_", " ")
        for section in structure.sections
        for _, statement in walk(section.body)
        if isinstance(statement, End) and statement.reason not in _ENDS_RIGHT
    }
    if ends:
        found = listed([f"{key} ({reason})" for key, reason in ends.items()])
        told.add("XP0105", f"the story ends at nodes {found}", place)


def tell_outside(story: EngineStory, flow: Flow) -> None:
    """Tell which flows are called that a partial export leaves out."""
    for node in flow.nodes if story.options.selects else ():
        called = n.as_id(n.called_flow(node)) if n.is_call(node) else None
        if called is not None and called not in story.flows:
            message = f"the flow {called} is not part of this export: the story ends there"
            story.told.add("XP0102", message, node_place(flow, node))


def exit_facts(story: EngineStory, node: Node, name_of: Callable[[int], str]) -> dict[str, Any]:
    """An exit; ``name_of`` is what the target calls a flow by its id."""
    data = n.data_of(node)
    called = n.as_id(n.called_flow(node)) if n.is_call(node) else None
    known = called is not None and called in story.flows
    return {
        "id": str(node.id),
        "label": n.exit_label(node),
        "technical_id": data.get("technical_id"),
        "outcome_tags": data.get("outcome_tags"),
        "mode": n.exit_mode(node),
        "continues_in": name_of(called) if called is not None and known else None,
        "target_type": data.get("target_type"),
        "target_id": data.get("target_id"),
    }


def sequence_facts(node: Node, place: Callable[[int | None], str | None]) -> dict[str, Any]:
    """A sequence; ``place`` is where the target finds a medium by its id."""
    return {
        "id": node.id,
        "name": node.configs[0].name if node.configs else None,
        "tracks": [
            {
                "kind": track.kind,
                "file": place(track.asset_id),
                "start": _float(track.start_time),
                "end": _float(track.end_time),
                "volume": _float(track.volume),
            }
            for track in node.tracks
        ],
        "layers": [
            {
                "kind": layer.kind,
                "file": place(layer.asset_id),
                "label": layer.label,
                "z_index": layer.z_index,
                "slot": layer.slot,
                "box": [layer.x, layer.y, layer.width, layer.height],
                "anchor": [layer.anchor_x, layer.anchor_y],
                "fit": layer.fit,
                "opacity": layer.opacity,
                "visible": layer.visible,
            }
            for layer in node.visual_layers
        ],
    }


def listed(items: Iterable[object]) -> str:
    """The first items, and how many more there are."""
    found = list(items)
    shown = ", ".join(str(x) for x in found[:_LISTED])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return shown + more


def _float(value: object) -> float | None:
    number = None if value is None else float(str(value))
    return number if number is not None and math.isfinite(number) else None
