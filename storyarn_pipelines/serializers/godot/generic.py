"""The generic JSON of the specification: the same story for parsers of one's own."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.expressions.emitters.formulas import Scalar
from storyarn_pipelines.serializers.engines.notes import sequence_facts
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.characters import properties
from storyarn_pipelines.serializers.godot.expressions import FlowExpressions
from storyarn_pipelines.serializers.godot.generic_nodes import GenericNodes, key_of
from storyarn_pipelines.serializers.godot.json_text import json_text
from storyarn_pipelines.serializers.godot.names import GodotNames, resource
from storyarn_pipelines.serializers.godot.speech import GodotSpeech
from storyarn_pipelines.serializers.godot.tables import Tables
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
from storyarn_pipelines.story.graph import FlowGraph

FORMAT, VERSION = "godot_dialogue", "1.0.0"


class GenericStory:
    """Writes the document from its beginning to its end, one flow at a time."""

    def __init__(
        self, file: BinaryIO, story: EngineStory, names: GodotNames, speech: GodotSpeech
    ) -> None:
        self._story, self._names, self._speech = story, names, speech
        self._stream = JsonStream(file, pretty=story.options.pretty_print)

    def begin(self, values: Mapping[str, Scalar]) -> None:
        """What stands in front of the characters."""
        stream, story = self._stream, self._story
        stream.begin(b"{")
        stream.value(json_text(FORMAT), "format")
        stream.value(json_text(VERSION), "version")
        stream.value(json_text(story.project.name), "project")
        stream.begin(b"{", "variables")
        for name, variable in story.variables.variables.items():
            facts = {"path": story.emitter.identifiers.of(name), "type": variable.type,
                     "value": values[name]}  # fmt: skip
            stream.value(json_text(facts), name)
        stream.end()
        stream.begin(b"{", "characters")

    def character(
        self, sheet: Sheet, named: Mapping[int, str], values: Mapping[str, Scalar]
    ) -> None:
        """A sheet; its variables and constants by their names on it, its avatars as ``named``."""
        facts = self._story.sheets[sheet.id]
        owner = sheet.shortcut if sheet.shortcut is not None else str(sheet.id)
        own = {
            variable.name: values[name]
            for name in (f"{owner}.{x.variable_name}" for x in sheet.blocks if x.variable_name)
            if (variable := self._story.variables.variables.get(name)) is not None
        }
        found = {
            "name": sheet.name,
            "identifier": self._names.character(sheet.id),
            "portrait": self._speech.place(facts.portrait) or None,
            "portraits": {
                name: self._speech.place(facts.avatars[key]) or None for key, name in named.items()
            },
            "variables": own,
            "properties": dict(properties(sheet)),
        }
        self._stream.value(json_text(found), self._names.sheet_keys[sheet.id])

    def begin_dialogues(self) -> None:
        """What stands between characters and flows."""
        self._stream.end()
        self._stream.begin(b"{", "dialogues")

    def dialogue(self, flow: Flow, graph: FlowGraph, expressions: FlowExpressions) -> None:
        """A flow."""
        stream = self._stream
        stream.begin(b"{", self._names.flow_keys[flow.id])
        stream.value(json_text(flow.name), "name")
        stream.value(json_text(self._names.timeline(flow.id)), "timeline")
        if flow.scene_id is not None:
            stream.value(json_text(flow.scene_shortcut or f"scene_{flow.scene_id}"), "scene")
        stream.value(json_text(key_of(graph, graph.entry)), "start")
        sequences = [x for x in flow.nodes if x.type == "sequence"]
        if sequences:
            stream.begin(b"{", "sequences")
            for sequence in sequences:
                stream.value(json_text(self._sequence(graph, sequence)), f"sequence_{sequence.id}")
            stream.end()
        stream.begin(b"{", "nodes")
        nodes = GenericNodes(self._names, self._speech, flow, graph, expressions)
        for node in flow.nodes:
            if node.type != "sequence":
                stream.value(json_text(nodes.of(node)), f"{node.type}_{node.id}")
        stream.end()
        stream.end()

    def _sequence(self, graph: FlowGraph, sequence: Node) -> dict[str, Any]:
        facts = sequence_facts(sequence, lambda key: self._speech.place(key) or None)
        outer = key_of(graph, sequence.parent_id)
        return {"type": "sequence", **facts, **({"sequence": outer} if outer else {})}

    def scenes(self, scenes: Iterable[Scene]) -> None:
        """All scenes, which stand between the dialogues and the translations."""
        self._stream.end()
        self._stream.begin(b"{", "scenes")
        taken: set[str] = set()
        for scene in scenes:
            key = scene.shortcut or ""
            key = key if key and key not in taken else f"scene_{scene.id}"
            taken.add(key)
            facts = msgspec.to_builtins(scene)
            del facts["background_asset_id"]
            facts["background"] = self._speech.place(scene.background_asset_id) or None
            for pin in facts["pins"]:
                pin["icon_file"] = self._speech.place(pin.pop("icon_asset_id")) or None
            for zone in facts["zones"]:
                zone["icon_file"] = self._speech.place(zone.pop("label_icon_asset_id")) or None
            self._stream.value(json_text(facts), key)

    def finish(self, tables: Tables, embedded: bool) -> None:
        """Translations, media and the end."""
        self._stream.end()
        self._stream.begin(b"{", "translations")
        for locale in tables.locales:
            self._stream.begin(b"{", locale)
            for members in tables.members(locale):
                self._stream.many(members)
            self._stream.end()
        self._stream.end()
        self._stream.begin(b"[", "media")
        for number in sorted(self._speech.used_media):
            self._medium(number, embedded=embedded)
        self._stream.end()
        self._stream.end()
        self._stream.finish()

    def _medium(self, number: int, *, embedded: bool) -> None:
        media = self._story.media[number]
        self._stream.begin(b"{")
        facts = {
            "path": resource(self._names.media[number]),
            "key": media.key,
            "content_type": media.content_type,
            "bytes": media.size,
            "sha256": media.blob_hash,
        }
        for key, value in facts.items():
            self._stream.value(json_text(value), key)
        if embedded:
            blocks = checked_blocks(self._story.reader, media)
            try:
                first = next(blocks, b"")
            except MediaError as error:
                self._story.told.add("XP0301", str(error), str(media))
            else:
                pieces = map(base64.b64encode, _whole(first, blocks))
                self._stream.text_member("data", pieces)
        self._stream.end()


def _whole(first: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces whose lengths are multiples of three, so that their Base64 texts can be joined."""
    left = first
    for block in blocks:
        left += block
        cut = len(left) - len(left) % 3
        yield left[:cut]
        left = left[cut:]
    yield left
