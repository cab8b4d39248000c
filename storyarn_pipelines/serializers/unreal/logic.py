"""Conditions and instructions: rows for expressions, and outputs in the graph."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_response_condition,
    read_switch,
)
from storyarn_pipelines.serializers.unreal.context import Conversation
from storyarn_pipelines.serializers.unreal.names import CONDITION, INSTRUCTION, part_name
from storyarn_pipelines.story import nodes as n

Output = dict[str, Any]


def write_condition(
    talk: Conversation, node: Node, row: str, response: Mapping[str, Any], where: str
) -> str:
    """The condition of a response; returns its row, empty if it has none."""
    stored = response.get("condition")
    if stored is None or stored == "":
        return ""
    condition = read_response_condition(stored, where, talk.export.told.found)
    pins = n.response_pins(response)
    return _condition_row(talk, node, row, condition, pins[0] if pins else "", where)


def write_instruction(
    talk: Conversation, node: Node, row: str, response: Mapping[str, Any], where: str
) -> str:
    """What a response does; returns its row, empty if nothing runs."""
    if not n.has_instruction(response):
        return ""
    changes = read_response_assignments(response, where, talk.export.told.found)
    return _instruction_row(talk, node, row, changes, "", where)


def condition_outputs(talk: Conversation, node: Node) -> list[Output]:
    """The outputs of a condition, in the order in which they are asked."""
    stored, where = n.data_of(node).get("condition"), talk.where(node)
    found, head = talk.export.told.found, f"{CONDITION}~{node.id}"
    if not n.is_switch(node):
        condition = read_condition(stored, where, found)
        row = _condition_row(talk, node, head, condition, n.YES, where)
        return [
            {"pin": n.YES, "condition": row, "to": talk.to(node, n.YES)},
            {"pin": n.NO, "to": talk.to(node, n.NO)},
        ]
    outputs: list[Output] = []
    taken: dict[str, int] = {}
    for case in read_switch(stored, where, found):
        pin = n.DEFAULT if case.pin is None else case.pin
        name = part_name(pin)
        taken[name] = taken.get(name, 0) + 1
        row = f"{head}.{name}" if taken[name] == 1 else f"{head}.{name}.{taken[name]}"
        _condition_row(talk, node, row, case.condition, pin, where)
        output: Output = {"pin": pin, "condition": row, "to": talk.to(node, pin)}
        if case.label:
            output["label"] = case.label
        outputs.append(output)
    return [*outputs, {"pin": n.DEFAULT, "to": talk.to(node, n.DEFAULT)}]


def instruction_members(talk: Conversation, node: Node) -> dict[str, Any]:
    """The row of an instruction and its output."""
    data, where = n.data_of(node), talk.where(node)
    changes = read_assignments(data.get("assignments"), where, talk.export.told.found)
    row = f"{INSTRUCTION}~{node.id}"
    _instruction_row(talk, node, row, changes, n.text_of(data.get("description")), where)
    return {"instruction": row, "outputs": [{"pin": n.OUTPUT, "to": talk.to(node, n.OUTPUT)}]}


def _condition_row(
    talk: Conversation, node: Node, row: str, condition: Condition, pin: str, where: str
) -> str:
    emitted = talk.export.story.emitter.condition(condition, where)
    talk.export.told.found.extend(emitted.diagnostics)
    table = talk.export.tables["DT_Conditions"]
    table.add(row, talk.name, str(node.id), pin, emitted.text, emitted.source)
    return row


def _instruction_row(
    talk: Conversation, node: Node, row: str, changes: Instruction, note: str, where: str
) -> str:
    emitted = talk.export.story.emitter.instruction(changes, where)
    talk.export.told.found.extend(emitted.diagnostics)
    table = talk.export.tables["DT_Instructions"]
    table.add(row, talk.name, str(node.id), emitted.text, emitted.source, note)
    return row
