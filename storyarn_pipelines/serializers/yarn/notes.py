"""What an export to Yarn tells of each flow, and what its metadata says of flows and lines."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines import notes
from storyarn_pipelines.serializers.engines.spool import Objects
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.yarn.media import YarnMedia
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import Structure

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
    notes.tell_flow(story, flow, structure, called="node", rounds=10_000)
    notes.tell_outside(story, flow)


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
        "exits": [
            notes.exit_facts(story, node, names.flow) for node in flow.nodes if node.type == "exit"
        ],
        "sequences": [
            notes.sequence_facts(node, media.place)
            for node in flow.nodes
            if node.type == "sequence"
        ],
    }
