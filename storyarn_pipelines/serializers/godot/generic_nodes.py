"""The nodes of a flow in the generic JSON."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.expressions.stored import read_condition, read_switch
from storyarn_pipelines.serializers.godot.expressions import Changes, FlowExpressions
from storyarn_pipelines.serializers.godot.names import GodotNames
from storyarn_pipelines.serializers.godot.speech import GodotSpeech
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import EXIT_PIN, FlowGraph


class GenericNodes:
    """Makes the objects of one flow; they name each other by type and id."""

    def __init__(
        self,
        names: GodotNames,
        speech: GodotSpeech,
        flow: Flow,
        graph: FlowGraph,
        expressions: FlowExpressions,
    ) -> None:
        self._names, self._speech = names, speech
        self._flow, self._graph, self._expressions = flow, graph, expressions

    def of(self, node: Node) -> dict[str, Any]:
        """A node with its ways on."""
        found: dict[str, Any] = {"type": node.type}
        match node.type:
            case "dialogue":
                self._dialogue(node, found)
            case "condition":
                self._condition(node, found)
            case "instruction":
                found |= _changes(self._expressions.changes(node))
                found["next"] = self._next(node, n.OUTPUT)
            case "jump":
                found["next"] = key_of(self._graph, self._graph.hub(n.target_hub(node)))
            case "subflow":
                found |= self._call(node)
            case "exit":
                found |= {"mode": n.exit_mode(node), "label": n.exit_label(node)}
                found |= _named(node, "technical_id", "outcome_tags", "target_type", "target_id")
                if n.is_call(node):
                    found |= self._call(node)
            case _:
                found |= _named(node, "hub_id", "label", "text")
                found["next"] = self._next(node, n.OUTPUT)
        if node.parent_id is not None:
            found["sequence"] = key_of(self._graph, node.parent_id)
        return found

    def _call(self, node: Node) -> dict[str, Any]:
        called = n.as_id(n.called_flow(node))
        pins = [x for x in self._graph.pins.get(node.id, ()) if x.startswith(EXIT_PIN)]
        return {
            "dialogue": self._names.flow_keys.get(called) if called is not None else None,
            "returns": {pin: self._next(node, pin) for pin in sorted(pins)},
            "next": self._next(node, n.OUTPUT),
        }

    def _dialogue(self, node: Node, found: dict[str, Any]) -> None:
        spoken = self._speech.of(self._flow, node)
        speaker = spoken.speaker
        found["character"] = self._names.sheet_keys[speaker.id] if speaker else None
        found["text"] = spoken.text
        found["id"] = spoken.key
        if spoken.portrait:
            found["portrait"] = spoken.portrait
        if spoken.voice:
            found["voice"] = spoken.voice
        found.update(spoken.details)
        if not spoken.options:
            found["next"] = self._next(node, n.OUTPUT)
            return
        found["type"] = "choice"
        found["options"] = [
            self._option(node, index, response, *option)
            for index, (response, option) in enumerate(
                zip(n.responses_of(node), spoken.options, strict=True)
            )
        ]

    def _option(
        self, node: Node, index: int, response: Mapping[str, Any], key: str, text: str
    ) -> dict[str, Any]:
        option: dict[str, Any] = {"text": text, "id": key}
        emitted = self._expressions.wanted(node, index, response)
        if emitted.source:
            option |= _written(emitted)
        if n.has_instruction(response):
            option |= _changes(self._expressions.taken(node, index, response))
        option["next"] = self._next(node, *n.response_pins(response))
        return option

    def _condition(self, node: Node, found: dict[str, Any]) -> None:
        stored = n.data_of(node).get("condition")
        if not n.is_switch(node):
            found |= _written(self._expressions.case(node, 0, read_condition(stored)))
            found |= {pin: self._next(node, pin) for pin in (n.YES, n.NO)}
            return
        found["type"] = "switch"
        cases = []
        for index, case in enumerate(read_switch(stored)):
            emitted = self._expressions.case(node, index, case.condition)
            pin = n.DEFAULT if case.pin is None else case.pin
            cases.append({**_written(emitted), "next": self._next(node, pin)})
        found |= {"cases": cases, "default": self._next(node, n.DEFAULT)}

    def _next(self, node: Node, *pins: str) -> str | None:
        return key_of(self._graph, self._graph.target(node.id, *pins))


def key_of(graph: FlowGraph, node_id: int | None) -> str | None:
    """What a node is called; None if there is no such node."""
    found = graph.nodes.get(node_id) if node_id is not None else None
    return None if found is None else f"{found.type}_{found.id}"


def _named(node: Node, *names: str) -> dict[str, Any]:
    data = n.data_of(node)
    return {name: data[name] for name in names if data.get(name) is not None}


def _written(emitted: Emitted) -> dict[str, str]:
    return {"condition": emitted.text, "condition_source": emitted.source}


def _changes(changes: Changes) -> dict[str, str]:
    return {"set": "\n".join(changes.events), "set_source": changes.source}
