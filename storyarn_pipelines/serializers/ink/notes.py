"""What an export to Ink tells of each flow, and what its metadata says of it."""

from typing import Any

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.serializers.engines import notes
from storyarn_pipelines.serializers.engines.findings import flow_place
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.serializers.ink.tables import InkMedia
from storyarn_pipelines.story.statements import Structure


def tell_flow(story: EngineStory, flow: Flow, structure: Structure, styled: list[int]) -> None:
    """Tell what is odd about a flow, and what Ink has no place for."""
    notes.tell_flow(story, flow, structure, called="knot", rounds=10_000)
    if styled:
        found = notes.listed(styled)
        message = f"bold, italic and other styles of nodes {found} are not in the text"
        story.told.add("XP0203", message, flow_place(flow))
    notes.tell_outside(story, flow)


def flow_facts(story: EngineStory, names: InkNames, media: InkMedia, flow: Flow) -> dict[str, Any]:
    """What a game may want to know of a flow."""
    return {
        "id": flow.id,
        "name": flow.name,
        "shortcut": flow.shortcut,
        "path": flow.path,
        "main": flow.is_main,
        "knot": names.knot(flow.id),
        "call": names.callable(flow.id),
        "exits": [
            notes.exit_facts(story, node, names.knot) for node in flow.nodes if node.type == "exit"
        ],
        "sequences": [
            notes.sequence_facts(node, media.place)
            for node in flow.nodes
            if node.type == "sequence"
        ],
    }
