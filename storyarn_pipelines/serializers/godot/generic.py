"""The generic JSON of the specification: the same story for parsers of one's own."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.expressions.emitters.formulas import Scalar
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_response_condition,
    read_switch,
)
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.characters import properties
from storyarn_pipelines.serializers.godot.expressions import FlowExpressions
from storyarn_pipelines.serializers.godot.names import GodotNames, resource
from storyarn_pipelines.serializers.godot.speech import GodotSpeech, details
from storyarn_pipelines.serializers.godot.tables import Tables
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import EXIT_PIN, FlowGraph

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
        stream.value(_json(FORMAT), "format")
        stream.value(_json(VERSION), "version")
        stream.value(_json(story.project.name), "project")
        stream.begin(b"{", "variables")
        for name, variable in story.variables.variables.items():
            facts = {"path": story.emitter.identifiers.of(name), "type": variable.type,
                     "value": values[name]}  # fmt: skip
            stream.value(_json(facts), name)
        stream.end()
        stream.begin(b"{", "characters")

    def character(self, sheet: Sheet, values: Mapping[str, Scalar]) -> None:
        """A sheet; its variables and constants by their names on it."""
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
            "variables": own,
            "properties": dict(properties(sheet)),
        }
        self._stream.value(_json(found), self._names.sheet_keys[sheet.id])

    def begin_dialogues(self) -> None:
        """What stands between characters and flows."""
        self._stream.end()
        self._stream.begin(b"{", "dialogues")

    def dialogue(self, flow: Flow, expressions: FlowExpressions) -> None:
        """A flow."""
        graph = FlowGraph.of(flow)
        stream = self._stream
        stream.begin(b"{", self._names.flow_keys[flow.id])
        stream.value(_json(flow.name), "name")
        stream.value(_json(self._names.timeline(flow.id)), "timeline")
        stream.value(_json(_key(graph, graph.entry)), "start")
        stream.begin(b"{", "nodes")
        for node in flow.nodes:
            if node.type != "sequence":
                found = {"type": node.type, **self._node(flow, graph, node, expressions)}
                stream.value(_json(found), f"{node.type}_{node.id}")
        stream.end()
        stream.end()

    def finish(self, tables: Tables, embedded: bool) -> None:
        """Translations, media and the end."""
        self._stream.end()
        self._stream.begin(b"{", "translations")
        for index, locale in enumerate(tables.locales):
            self._stream.begin(b"{", locale)
            for row in tables.rows():
                if row[index + 1]:
                    self._stream.value(_json(row[index + 1].replace("\\\\", "\\")), row[0])
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
            self._stream.value(_json(value), key)
        if embedded:
            blocks = checked_blocks(self._story.reader, media)
            try:
                first = next(blocks, b"")
                self._stream.text_member("data", map(base64.b64encode, _joined(first, blocks)))
            except MediaError as error:
                self._story.told.add("XP0301", str(error), str(media))
        self._stream.end()

    def _node(
        self, flow: Flow, graph: FlowGraph, node: Node, expressions: FlowExpressions
    ) -> dict[str, Any]:
        data = n.data_of(node)
        match node.type:
            case "dialogue":
                return self._dialogue(flow, graph, node, expressions)
            case "condition":
                return _condition(graph, node, expressions)
            case "instruction":
                stored = read_assignments(data.get("assignments"))
                emitted = expressions.emitted_instruction(node, "set", stored)
                return {**_written("set", emitted), "next": _next(graph, node, n.OUTPUT)}
            case "jump":
                return {"next": _key(graph, graph.hub(n.target_hub(node)))}
            case "subflow":
                return self._call(graph, node)
            case "exit":
                called = self._call(graph, node) if n.is_call(node) else {}
                facts = {"mode": n.exit_mode(node), "label": n.exit_label(node)}
                return {**facts, **_named(data, "technical_id", "outcome_tags"), **called}
        facts = _named(data, "hub_id", "label", "text")
        return {**facts, "next": _next(graph, node, n.OUTPUT)}

    def _call(self, graph: FlowGraph, node: Node) -> dict[str, Any]:
        called = n.as_id(n.called_flow(node))
        pins = [x for x in graph.pins.get(node.id, ()) if x.startswith(EXIT_PIN)]
        return {
            "dialogue": self._names.flow_keys.get(called) if called is not None else None,
            "returns": {pin: _next(graph, node, pin) for pin in sorted(pins)},
            "next": _next(graph, node, n.OUTPUT),
        }

    def _dialogue(
        self, flow: Flow, graph: FlowGraph, node: Node, expressions: FlowExpressions
    ) -> dict[str, Any]:
        spoken = self._speech.of(flow, node)
        speaker = spoken.speaker
        found: dict[str, Any] = {
            "character": self._names.sheet_keys[speaker.id] if speaker else None,
            "text": spoken.text,
            "id": spoken.key,
            **({"portrait": spoken.portrait} if spoken.portrait else {}),
            **({"voice": spoken.voice} if spoken.voice else {}),
            **dict(details(node, self._story)),
        }
        responses = n.responses_of(node)
        if not responses:
            return {**found, "next": _next(graph, node, n.OUTPUT)}
        options = []
        for index, (response, (key, text)) in enumerate(
            zip(responses, spoken.options, strict=True)
        ):
            option: dict[str, Any] = {"text": text, "id": key}
            asked = read_response_condition(response.get("condition"))
            emitted = expressions.emitted_condition(node, f"response {index}", asked)
            if emitted.source:
                option |= _written("condition", emitted)
            if n.has_instruction(response):
                stored = read_response_assignments(response)
                changed = expressions.emitted_instruction(node, f"response {index} set", stored)
                option |= _written("set", changed)
            options.append({**option, "next": _next(graph, node, *n.response_pins(response))})
        return {**found, "type": "choice", "options": options}


def _condition(graph: FlowGraph, node: Node, expressions: FlowExpressions) -> dict[str, Any]:
    stored = n.data_of(node).get("condition")
    if not n.is_switch(node):
        emitted = expressions.emitted_condition(node, "case 0", read_condition(stored))
        ways = {pin: _next(graph, node, pin) for pin in (n.YES, n.NO)}
        return {**_written("condition", emitted), **ways}
    cases = []
    for index, case in enumerate(read_switch(stored)):
        emitted = expressions.emitted_condition(node, f"case {index}", case.condition)
        pin = n.DEFAULT if case.pin is None else case.pin
        cases.append({**_written("condition", emitted), "next": _next(graph, node, pin)})
    return {"type": "switch", "cases": cases, "default": _next(graph, node, n.DEFAULT)}


def _named(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if data.get(name) is not None}


def _written(name: str, emitted: Emitted) -> dict[str, str]:
    return {name: emitted.text, f"{name}_source": emitted.source}


def _next(graph: FlowGraph, node: Node, *pins: str) -> str | None:
    return _key(graph, graph.target(node.id, *pins))


def _key(graph: FlowGraph, node_id: int | None) -> str | None:
    found = graph.nodes.get(node_id) if node_id is not None else None
    return None if found is None else f"{found.type}_{found.id}"


def _joined(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
