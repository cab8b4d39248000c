"""What an export to Yarn tells of each flow, and what its metadata says of flows and lines."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import flow_place, node_place
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.ink.spool import Objects
from storyarn_pipelines.serializers.yarn.media import YarnMedia
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import End, Structure, walk

_LISTED = 10
_ENDS_RIGHT = ("exit", "returned_to_exit")
_TEXTS = ("stage_directions", "menu_text")


class LineFacts:
    """What belongs to a line and has no place in Yarn, for the metadata."""

    def __init__(
        self, story: EngineStory, names: YarnNames, media: YarnMedia, found: Objects
    ) -> None:
        self._story, self._names, self._media, self._found = story, names, media, found

    def add(
        self,
        flow: Flow,
        node: Node,
        line_id: str,
        speaker: SheetFacts | None,
        fields: Mapping[str, Mapping[str, Voiced]],
    ) -> None:
        """Keep what there is beyond text and speaker."""
        data = n.data_of(node)
        facts: dict[str, Any] = {
            name: {
                "text": n.text_of(data[name]),
                **{locale: x.text for locale, x in fields.get(name, {}).items() if x.text},
            }
            for name in _TEXTS
            if n.text_of(data.get(name))
        }
        avatar = n.as_id(data.get("avatar_id"))
        if speaker is not None and avatar is not None:
            facts["portrait"] = self._media.place(speaker.avatars.get(avatar))
        location = self._story.sheets.get(n.as_id(data.get("location_sheet_id")) or 0)
        if location is not None:
            facts["location"] = self._names.sheet(location.id)
        if n.text_of(data.get("technical_id")):
            facts["technical_id"] = data["technical_id"]
        if node.parent_id is not None:
            facts["sequence"] = node.parent_id
        if facts:
            self._found.add({"id": line_id, "flow": flow.id, "node": node.id, **facts})


def tell_flow(story: EngineStory, flow: Flow, structure: Structure) -> None:
    """Tell what is odd about a flow."""
    told, place = story.told, flow_place(flow)
    if not structure.sections and flow.nodes:
        told.add("XP0101", "it has no entry, so its node says nothing", place)
    for loop in structure.silent_loops:
        message = f"nodes {_listed(loop.node_ids)} go round without a line"
        told.add("XP0103", f"{message}: after 10,000 rounds the story ends", place)
    if structure.unreachable and structure.sections:
        message = f"nodes {_listed(structure.unreachable)} cannot be reached and are left out"
        told.add("XP0104", message, place)
    ends = {
        statement.node_id: statement.reason.replace("_", " ")
        for section in structure.sections
        for _, statement in walk(section.body)
        if isinstance(statement, End) and statement.reason not in _ENDS_RIGHT
    }
    if ends:
        listed = _listed([f"{key} ({reason})" for key, reason in ends.items()])
        told.add("XP0105", f"the story ends at nodes {listed}", place)
    for node in flow.nodes if story.options.selects else ():
        called = n.as_id(n.called_flow(node)) if n.is_call(node) else None
        if called is not None and called not in story.flows:
            message = f"the flow {called} is not part of this export: the story ends there"
            told.add("XP0102", message, node_place(flow, node))


def flow_facts(
    story: EngineStory, names: YarnNames, media: YarnMedia, flow: Flow
) -> dict[str, Any]:
    """What a game may want to know of a flow."""
    return {
        "id": flow.id,
        "name": flow.name,
        "shortcut": flow.shortcut,
        "path": flow.path,
        "main": flow.is_main,
        "node": names.flow(flow.id),
        "exits": [_exit(story, names, node) for node in flow.nodes if node.type == "exit"],
        "sequences": [_sequence(media, node) for node in flow.nodes if node.type == "sequence"],
    }


def _exit(story: EngineStory, names: YarnNames, node: Node) -> dict[str, Any]:
    data = n.data_of(node)
    called = n.as_id(n.called_flow(node)) if n.is_call(node) else None
    known = called is not None and called in story.flows
    return {
        "id": str(node.id),
        "label": n.exit_label(node),
        "technical_id": data.get("technical_id"),
        "outcome_tags": data.get("outcome_tags"),
        "mode": n.exit_mode(node),
        "continues_in": names.flow(called) if called is not None and known else None,
        "target_type": data.get("target_type"),
        "target_id": data.get("target_id"),
    }


def _sequence(media: YarnMedia, node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.configs[0].name if node.configs else None,
        "tracks": [
            {
                "kind": track.kind,
                "file": media.place(track.asset_id),
                "start": _float(track.start_time),
                "end": _float(track.end_time),
                "volume": _float(track.volume),
            }
            for track in node.tracks
        ],
        "layers": [
            {
                "kind": layer.kind,
                "file": media.place(layer.asset_id),
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


def _float(value: object) -> float | None:
    number = None if value is None else float(str(value))
    return number if number is not None and math.isfinite(number) else None


def _listed(items: Iterable[object]) -> str:
    found = list(items)
    shown = ", ".join(str(x) for x in found[:_LISTED])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return shown + more
