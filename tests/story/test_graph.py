"""Flows as graphs."""

from typing import Any

import msgspec
import pytest

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.story.graph import FlowGraph
from tests.story.builders import case, flow, node, response, rule, wire


def test_the_entry_is_the_one_with_the_lowest_id() -> None:
    graph = FlowGraph.of(flow([node(5, "entry"), node(3, "entry"), node(1, "hub")]))
    assert graph.entry == 3
    assert FlowGraph.of(flow([node(1, "hub")])).entry is None


def test_of_several_wires_on_a_pin_the_oldest_counts() -> None:
    graph = FlowGraph.of(flow([node(1, "entry")], [wire(1, 7), wire(1, 8), wire(1, 9, "other")]))
    assert graph.target(1, "output") == 7
    assert graph.target(1, "nothing", "other") == 9
    assert graph.target(1, "nothing") is None
    assert len(graph.wires[1, "output"]) == 2


def test_hubs_go_by_text_and_the_lower_id_wins() -> None:
    hubs = [node(4, "hub", hub_id="a"), node(2, "hub", hub_id="a"), node(1, "hub", hub_id=7)]
    graph = FlowGraph.of(flow([*hubs, node(0, "exit", hub_id="a")]))
    assert graph.hubs == {"a": 2}
    assert graph.hub(["a"]) is None


CASES = {"blocks": [case(key="x"), case(key="y"), case(key="x"), case(), {"type": "group"}]}


@pytest.mark.parametrize(
    ("made", "pins", "ways"),
    [
        (node(1, "entry"), ["output", "b"], ["output"]),
        (node(1, "annotation"), ["output"], ["output"]),
        (node(1, "exit"), ["output", "exit_1"], []),
        (node(1, "jump"), ["output"], []),
        (node(1, "condition"), ["false", "true", "default"], ["true", "false"]),
        (
            node(1, "condition", switch_mode=True, condition=CASES),
            ["default", "y", "x", "true"],
            ["x", "y", "default"],
        ),
        (node(1, "subflow"), ["output", "exit_9", "odd"], ["exit_9", "output"]),
        (node(1, "dialogue"), ["output", "a"], ["output"]),
        (
            node(1, "dialogue", responses=[response("b"), response("a"), response("c")]),
            ["output", "a", "resp_b"],
            ["resp_b", "a"],
        ),
    ],
)
def test_the_ways_of_a_node(made: Node, pins: list[str], ways: list[str]) -> None:
    graph = FlowGraph.of(flow([made], [wire(1, 2, pin) for pin in pins]))
    assert [pin for pin, _ in graph.ways(made)] == ways


def test_what_can_be_reached_follows_jumps_and_stays_in_the_flow() -> None:
    told = flow(
        [
            node(1, "entry"),
            node(2, "jump", target_hub_id="h"),
            node(3, "hub", hub_id="h"),
            node(4, "dialogue", responses=[response("a")]),
            node(5, "exit"),
            node(6, "exit"),
        ],
        [wire(1, 2), wire(2, 6), wire(3, 4), wire(4, 6), wire(4, 3, "a"), wire(4, 99, "b")],
    )
    graph = FlowGraph.of(told)
    assert graph.reachable() == [1, 2, 3, 4]
    assert graph.reachable(4) == [4, 3]
    assert [exit_.id for exit_ in graph.exits] == [5, 6]
    assert FlowGraph.of(flow([node(1, "hub")])).reachable() == []
    assert graph.reachable(99) == []


def test_calls_are_subflows_and_exits_into_other_flows() -> None:
    told = flow([
        node(1, "subflow", referenced_flow_id="7"),
        node(2, "exit", exit_mode="flow_reference", referenced_flow_id=8),
        node(3, "exit", exit_mode="terminal", referenced_flow_id=9),
        node(4, "subflow"),
    ])  # fmt: skip
    assert FlowGraph.of(told).calls() == [(1, "7"), (2, 8), (4, None)]


ODD: list[Any] = [
    None, "odd", [], 7, {"responses": 5}, {"responses": [1, None]},
    {"condition": rule("a", "b", "c"), "switch_mode": 1},
]  # fmt: skip


@pytest.mark.parametrize("data", ODD)
@pytest.mark.parametrize("kind", ["dialogue", "condition", "subflow", "exit", "hub", "jump", "new"])
def test_data_of_any_shape_is_read(kind: str, data: Any) -> None:
    odd = msgspec.structs.replace(node(1, kind), data=data)
    graph = FlowGraph.of(flow([odd], [wire(1, 1)]))
    graph.ways(odd)
    graph.reachable(1)
    assert graph.calls() in ([], [(1, None)])
