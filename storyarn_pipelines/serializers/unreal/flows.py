"""Flows as conversations: the graph, whose outputs keep their pins apart."""

from typing import Any

import orjson

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import flow_place
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.unreal.checks import check_flow
from storyarn_pipelines.serializers.unreal.context import Conversation, Export
from storyarn_pipelines.serializers.unreal.dialogues import write_dialogue
from storyarn_pipelines.serializers.unreal.logic import condition_outputs, instruction_members
from storyarn_pipelines.serializers.unreal.sequences import sequence_members
from storyarn_pipelines.serializers.unreal.sheets import translated
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.text import line_text

Members = dict[str, Any]


def write_flow(export: Export, flow: Flow, stream: JsonStream) -> None:
    """One conversation, with the rows of its nodes."""
    graph = FlowGraph.of(flow)
    talk = Conversation(export, flow, graph, export.conversations[flow.id], flow_place(flow))
    for node in flow.nodes:
        if node.type == "dialogue":
            key = n.data_of(node).get("localization_id")
            talk.parts[node.id] = export.dialogues.of(key, node.id, talk.where(node))
    stream.begin(b"{")
    head = {
        "name": talk.name,
        "id": str(flow.id),
        "title": flow.name,
        "path": flow.path,
        "shortcut": flow.shortcut,
        "description": flow.description,
        "main": flow.is_main,
        "scene": flow.scene_shortcut,
        "start": None if graph.entry is None else str(graph.entry),
    }
    for key, value in head.items():
        stream.value(orjson.dumps(value), key)
    stream.begin(b"[", "nodes")
    outputs: dict[int, list[Members]] = {}
    for node in flow.nodes:
        members = _node(talk, node)
        outputs[node.id] = members["outputs"]
        stream.value(orjson.dumps(members))
    stream.end()
    stream.end()
    if graph.entry is None:
        export.told.add("XP0101", "it has no entry: it cannot be started", talk.place)
    check_flow(talk, outputs)


def _node(talk: Conversation, node: Node) -> Members:
    head: Members = {"id": str(node.id), "type": node.type}
    if node.parent_id is not None:
        head["sequence"] = str(node.parent_id)
    head["x"], head["y"] = node.position_x, node.position_y
    match node.type:
        case "dialogue":
            return head | write_dialogue(talk, node)
        case "condition":
            return head | {"outputs": condition_outputs(talk, node)}
        case "instruction":
            return head | instruction_members(talk, node)
        case "jump":
            return head | _jump(talk, node)
        case "subflow":
            return head | _call(talk, node)
        case "exit":
            return head | _exit(talk, node)
        case "sequence":
            head |= sequence_members(talk.export.media, node)
        case "hub":
            data = n.data_of(node)
            head |= {"hub": n.text_of(data.get("hub_id")), "label": n.text_of(data.get("label"))}
        case "annotation":
            head["text"] = line_text(n.text_of(n.data_of(node).get("text")), {})
    return head | {"outputs": [{"pin": n.OUTPUT, "to": talk.to(node, n.OUTPUT)}]}


def _jump(talk: Conversation, node: Node) -> Members:
    name = n.target_hub(node)
    hub = talk.graph.hub(name)
    to = None if hub is None else str(hub)
    return {"hub": n.text_of(name), "outputs": [{"pin": "jump", "to": to}]}


def _call(talk: Conversation, node: Node) -> Members:
    """A call of another conversation; an output for each wired return, and ``output``."""
    stored = n.called_flow(node)
    number = n.as_id(stored)
    name = None if number is None else talk.export.conversations.get(number)
    if name is None:
        _tell_no_flow(talk, node, stored)
    outputs: list[Members] = []
    for pin in sorted(talk.graph.pins.get(node.id, ())):
        number = n.as_id(pin[5:]) if pin.startswith("exit_") else None
        if number is not None and n.return_pin(number) == pin:
            outputs.append({"pin": pin, "exit": str(number), "to": talk.to(node, pin)})
    to = talk.to(node, n.OUTPUT)
    return {"conversation": name, "outputs": [*outputs, {"pin": n.OUTPUT, "to": to}]}


def _tell_no_flow(talk: Conversation, node: Node, stored: object) -> None:
    if stored is not None and talk.export.story.options.selects:
        message = f"it calls flow {stored}, which is not exported: the story ends there"
        talk.export.told.add("XP0102", message, talk.where(node))
    else:
        talk.export.told.add("XP0105", "it calls no flow: the story ends there", talk.where(node))


def _exit(talk: Conversation, node: Node) -> Members:
    data, mode = n.data_of(node), n.exit_mode(node)
    label = n.exit_label(node)
    texts = translated(talk.export.story, "flow_node", node.id, "label", label)
    where = talk.where(node)
    members: Members = {
        "mode": mode,
        "label": label,
        "text": talk.export.strings.text(f"EXT_{node.id}.label", texts, where, where),
        "technical_id": n.text_of(data.get("technical_id")),
    }
    tags = data.get("outcome_tags")
    members["tags"] = [x for x in tags if isinstance(x, str)] if isinstance(tags, list) else []
    if mode == n.FLOW_REFERENCE:
        return members | _call(talk, node)
    if mode == n.TERMINAL and data.get("target_type") in ("flow", "scene"):
        number = n.as_id(data.get("target_id"))
        members["target"] = {
            "type": data["target_type"],
            "id": None if number is None else str(number),
            "conversation": talk.export.conversations.get(number or 0)
            if data["target_type"] == "flow"
            else None,
        }
    return members | {"outputs": []}
