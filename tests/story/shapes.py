"""Shapes of flows in short, and statements in short."""

from collections.abc import Sequence
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.statements import (
    Block,
    End,
    Jump,
    Return,
    Statement,
    Structure,
    bodies,
    walk,
)
from storyarn_pipelines.story.structure import Rules, structured
from tests.story.builders import case, flow, node, response, rule, wire

INK = Rules(choices_in_branches=False)
RULES = (Rules(), INK, Rules(1), Rules(2, choices_in_branches=False))


def outline(told: Structure) -> list[str]:
    """Sections as texts; dead ends are written ``!``."""
    found = []
    for section in told.sections:
        label = "" if section.label is None else f"{section.label}: "
        found.append(label + _block(section.body))
    return found


def _block(block: Block) -> str:
    return " ".join(map(_statement, block))


def _statement(statement: Statement) -> str:
    match statement:
        case Jump(label):
            return f">{label}"
        case End("dead_end"):
            return "!"
        case End(reason, node_id):
            return f"{reason}@{node_id}"
        case Return(node_id):
            return f"<{node_id}"
    inner = bodies(statement)
    return f"{statement.node.id}" + (f"[{'|'.join(map(_block, inner))}]" if inner else "")


def shape(*wires: str) -> Flow:
    """A flow in short: ``1-2 2a3 2b4`` wires 1 to 2, and the responses of dialogue 2 to 3 and 4.

    Pins t, f (true, false) make a condition, letters a to e a dialogue with responses; other
    nodes are hubs. Node 0 is the entry.
    """
    pins: dict[int, list[str]] = {0: []}
    made = []
    for text in " ".join(wires).split():
        pin = next(x for x in text if not x.isdigit())
        source, target = map(int, text.split(pin))
        pins.setdefault(source, []).append(pin)
        pins.setdefault(target, [])
        made.append(wire(source, target, {"-": "output", "t": "true", "f": "false"}.get(pin, pin)))
    return flow([_shaped(key, used) for key, used in pins.items()], made)


def _shaped(key: int, used: Sequence[str]) -> Node:
    if key == 0:
        return node(0, "entry")
    if {"t", "f"} & set(used):
        return node(key, "condition")
    if used and "-" not in used:
        return node(key, "dialogue", responses=[response(x) for x in used])
    return node(key, "hub")


def of(made: Flow, **given: Any) -> Structure:
    return structured(FlowGraph.of(made), **given)


def statements(told: Structure) -> list[tuple[int, Statement]]:
    return [found for section in told.sections for found in walk(section.body)]


def placed(told: Structure) -> list[int]:
    found = (x for _, x in statements(told) if not isinstance(x, Jump | End | Return))
    return [statement.node.id for statement in found]


def conditions_in_a_row(size: int) -> Flow:
    wires = [wire(i, i + 1, "false" if i else "output") for i in range(size)]
    return flow([node(i, "condition" if i else "entry") for i in range(size + 1)], wires)


def shared_tail(size: int) -> Flow:
    made = conditions_in_a_row(size)
    wires = [wire(i, size, "true") for i in range(1, size)]
    return flow(made.nodes, [*made.connections, *wires])


def two_rails(size: int) -> Flow:
    made = conditions_in_a_row(size)
    wires = [wire(i, i + 2, "true") for i in range(1, size - 1)]
    return flow(made.nodes, [*made.connections, *wires])


def ways_back(size: int) -> Flow:
    made = conditions_in_a_row(size)
    wires = [wire(i, i * 7919 % i + 1, "true") for i in range(1, size)]
    return flow(made.nodes, [*made.connections, *wires])


def wide_choice(size: int) -> Flow:
    ask = node(1, "dialogue", responses=[response(f"a{i}") for i in range(size)])
    lines = [node(i + 2, "dialogue") for i in range(size + 1)]
    wires = [wire(1, i + 2, f"a{i}") for i in range(size)]
    tails = [wire(i + 2, size + 2) for i in range(size)]
    return flow([node(0, "entry"), ask, *lines], [wire(0, 1), *wires, *tails])


def wide_switch(size: int) -> Flow:
    cases = {"blocks": [case(rule("a", "b", "is_true"), key=f"a{i}") for i in range(size)]}
    made = wide_choice(size)
    switch = node(1, "condition", switch_mode=True, condition=cases)
    return flow([made.nodes[0], switch, *made.nodes[2:]], made.connections)


def lines_in_a_row(size: int) -> Flow:
    wires = [wire(i, i + 1) for i in range(size)]
    return flow([node(i, "dialogue" if i else "entry") for i in range(size + 1)], wires)


def calls_in_a_row(size: int) -> Flow:
    wires = [wire(i, i + 1, f"exit_{i % 7}" if i else "output") for i in range(size)]
    return flow([node(i, "subflow" if i else "entry", referenced_flow_id=3)
                 for i in range(size + 1)], wires)  # fmt: skip


def deep_choices(size: int) -> Flow:
    nodes = [node(i, "dialogue", responses=[response("a"), response("b")])
             for i in range(1, size)]  # fmt: skip
    wires = [wire(i, j, pin) for i in range(1, size)
             for pin, j in (("a", 2 * i), ("b", 2 * i + 1)) if j < size]  # fmt: skip
    return flow([node(0, "entry"), *nodes], [wire(0, 1), *wires])
