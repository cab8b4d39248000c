"""The contents of the other nodes, and what all nodes have in common."""

from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.json_values import kind_of
from storyarn_pipelines.validation.conditions import check_condition, check_switch
from storyarn_pipelines.validation.dialogues import check_dialogue
from storyarn_pipelines.validation.findings import Here
from storyarn_pipelines.validation.flow_view import NODE_TYPES, FlowView
from storyarn_pipelines.validation.instructions import check_assignments
from storyarn_pipelines.validation.references import (
    check_media,
    check_mentions,
    check_reference,
    check_typed_reference,
)
from storyarn_pipelines.validation.run import Run

_EXIT_MODES = (None, "", "terminal", "flow_reference", "caller_return")


def check_node(run: Run, view: FlowView, node: Node) -> None:
    """Check what one node holds."""
    here = view.here(node)
    if node.type == "sequence":
        _check_sequence(run, here, node)
        return
    if node.type not in NODE_TYPES:
        run.add("SA1005", here, what="node type", type=node.type)
        return
    data = node.data
    if data is not None and not isinstance(data, dict):
        run.add("SA1003", here, what="data", kind=kind_of(data), wanted="an object")
        return
    _check_contents(run, view, node, data or {})
    if data:
        check_mentions(run, here, data)


def _check_contents(run: Run, view: FlowView, node: Node, data: dict[str, Any]) -> None:
    match node.type:
        case "dialogue":
            check_dialogue(run, view, node, data)
        case "condition":
            _check_condition(run, view.here(node), data)
        case "instruction":
            check_assignments(run, view.here(node), data.get("assignments"), "assignments")
        case "subflow":
            _check_call(run, view, node, data, "called flow")
        case "exit":
            _check_exit(run, view, node, data)


def _check_condition(run: Run, here: Here, data: dict[str, Any]) -> None:
    condition = data.get("condition")
    if data.get("switch_mode") is True:
        check_switch(run, here, condition, "condition")
    elif check_condition(run, here, condition, "condition") == 0 and _is_object(condition):
        run.add("SA0510", here)


def _is_object(condition: object) -> bool:
    return condition is None or condition == "" or isinstance(condition, dict)


def _check_exit(run: Run, view: FlowView, node: Node, data: dict[str, Any]) -> None:
    here, mode = view.here(node), data.get("exit_mode")
    if mode == "flow_reference":
        _check_call(run, view, node, data, "flow that it continues in")
    elif mode not in _EXIT_MODES:
        run.add("SA1005", here, what="exit mode", type=mode)
    elif mode != "caller_return":
        target = data.get("target_id")
        kinds = ("scene", "flow")
        check_typed_reference(run, here, data.get("target_type"), target, kinds, "target")


def _check_call(run: Run, view: FlowView, node: Node, data: dict[str, Any], what: str) -> None:
    """Check the flow that a node enters, and remember who enters whom."""
    here, value = view.here(node), data.get("referenced_flow_id")
    if value is None or value == "":
        run.add("SA0109", here)
        return
    called = check_reference(run, here, "flow", value, what)
    if called is not None:
        run.calls.setdefault(view.flow.id, set()).add(called)


def _check_sequence(run: Run, here: Here, node: Node) -> None:
    for track in node.tracks:
        check_media(run, here, track.asset_id, f"{track.kind} track")
    for layer in node.visual_layers:
        check_media(run, here, layer.asset_id, f"{layer.kind} layer")
