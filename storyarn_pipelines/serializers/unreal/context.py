"""What the writers of nodes share: the export, and the flow at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.unreal.files import TableFile
from storyarn_pipelines.serializers.unreal.media import MediaPaths
from storyarn_pipelines.serializers.unreal.names import LINE, DialogueNames
from storyarn_pipelines.serializers.unreal.strings import StringFiles
from storyarn_pipelines.story.graph import FlowGraph


@dataclass(frozen=True, slots=True)
class Export:
    """One export. ``tables`` are by name; ``characters`` and ``conversations`` are row names by
    the ids of sheets and flows."""

    story: EngineStory
    tables: Mapping[str, TableFile]
    strings: StringFiles
    media: MediaPaths
    characters: Mapping[int, str]
    conversations: Mapping[int, str]
    dialogues: DialogueNames

    @property
    def told(self) -> Told:
        """The findings."""
        return self.story.told


@dataclass(slots=True)
class Conversation:
    """The flow at hand. ``place`` is the flow as people find it;
    ``parts`` are what names of rows of its dialogues begin with."""

    export: Export
    flow: Flow
    graph: FlowGraph
    name: str
    place: str
    parts: dict[int, str] = field(default_factory=dict)

    def where(self, node: Node) -> str:
        """A node as people find it."""
        return f"{self.place}, {node.type} {node.id}"

    def to(self, node: Node, *pins: str) -> str | None:
        """The node that the first wired of some pins leads to, None if there is none."""
        target = self.graph.target(node.id, *pins)
        return str(target) if target in self.graph.nodes else None

    def line(self, target: str | None) -> str:
        """The row of a node if it is a dialogue."""
        part = self.parts.get(int(target)) if target is not None else None
        return "" if part is None else f"{LINE}{part}"
