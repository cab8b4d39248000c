"""Statements play as the graph does; each node stands in one place, and no deeper than asked."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.story import player as player_module
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player
from storyarn_pipelines.story.statements import (
    Block,
    Choice,
    End,
    Jump,
    Return,
    Structure,
    bodies,
    walk,
)
from storyarn_pipelines.story.steps import Callee
from storyarn_pipelines.story.structure import Rules, structured
from tests.story import random_flows, test_random_graphs
from tests.story.builders import condition, flow, node, response, rule, story, wire
from tests.story.shapes import (
    RULES,
    calls_in_a_row,
    conditions_in_a_row,
    deep_choices,
    lines_in_a_row,
    of,
    placed,
    shared_tail,
    statements,
    two_rails,
    ways_back,
    wide_choice,
    wide_switch,
)
from tests.story.structure_player import play_structures


@pytest.fixture(autouse=True, scope="module")
def short_plays() -> Iterator[None]:
    """Random stories go in circles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(player_module, "STEP_LIMIT", 400)
        yield


def falls_through(block: Block) -> bool:
    """Whether the end of a block can be reached: its last statement decides."""
    if not block or not isinstance(block[-1], Jump | End | Return):
        inner = bodies(block[-1]) if block else ()
        return not inner or any(map(falls_through, inner))
    return False


def check(made: Flow, told: Structure, rules: Rules) -> None:
    """All that holds of statements whatever they play."""
    graph = FlowGraph.of(made)
    here = Counter(placed(told))
    assert set(here.values()) <= {1}
    assert here.keys() <= set(graph.reachable())
    assert here.keys().isdisjoint(told.unreachable)
    played = {x.id for x in made.nodes if x.type not in ("annotation", "sequence")}
    assert set(told.unreachable) == played - here.keys()
    jumps = {x.label for _, x in statements(told) if isinstance(x, Jump)}
    labels = [section.label for section in told.sections]
    assert jumps == set(labels) - {None}
    assert len(set(labels)) == len(labels)
    assert None not in labels[1:]
    for section in told.sections:
        assert not falls_through(section.body)
        first = section.body[0]
        assert not isinstance(first, Jump | End | Return)
        assert first.node.id == (graph.entry if section.label is None else section.label)
    assert max((depth for depth, _ in statements(told)), default=0) <= rules.deepest
    assert told == structured(FlowGraph.of(made), rules=rules)
    if not rules.choices_in_branches:
        for _, outer in statements(told):
            if not isinstance(outer, Choice):
                assert not [x for body in bodies(outer) for _, x in walk(body)
                            if isinstance(x, Choice)]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(made=random_flows.flows | test_random_graphs.flows(1), rules=st.sampled_from(RULES))
def test_each_node_stands_once_each_label_is_used_and_no_section_falls_through(
    made: Flow, rules: Rules
) -> None:
    check(made, of(made, rules=rules), rules)


def compare(told: Story, seed: int, rules: Rules, *, known: bool) -> dict[str, Any]:
    """Play graphs and statements with the same choices; returns the trace that both gave."""

    def callee(flow_id: int) -> Callee | None:
        graph = told.graph(flow_id)
        return None if graph is None else Callee.of(graph)

    def statements_of(flow_id: int) -> Structure | None:
        graph = told.graph(flow_id)
        callees = callee if known else None
        return None if graph is None else structured(graph, callees=callees, rules=rules)

    player = Player(told)
    expected = player.play(None, SeededChoices(seed))
    last = expected["events"][-1]
    expected["events"][-1] = {"end": last["end"], "node": last["node"]}
    assert play_structures(player, statements_of, SeededChoices(seed)) == expected
    return expected


@settings(max_examples=400, deadline=None)
@given(
    told=random_flows.stories | test_random_graphs.stories(),
    seed=st.integers(0, 10**6), rules=st.sampled_from(RULES), known=st.booleans(),
)  # fmt: skip
def test_statements_play_as_the_graph_does(
    told: Story, seed: int, rules: Rules, known: bool
) -> None:
    compare(told, seed, rules, known=known)


def test_the_compared_plays_come_to_all_ends_and_use_all_kinds_of_statements() -> None:
    ends: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for seed in range(600):
        told = random_flows.random_story(Random(seed))
        trace = compare(told, seed, RULES[seed % len(RULES)], known=seed % 2 == 0)
        ends[trace["events"][-1]["end"]] += 1
        for key in random_flows.FLOWS:
            graph = told.graph(key)
            assert graph is not None
            kinds.update(type(x).__name__ for _, x in statements(structured(graph)))
    common = {"exit", "returned_to_nobody", "dead_end", "node_not_found", "step_limit"}
    rare = {"no_valid_response", "no_hub", "no_flow", "hub_not_found", "flow_not_found"}
    assert set(ends) >= common | rare | {"no_entry", "returned_to_exit"}
    assert min(ends[reason] for reason in common) > 10
    assert set(kinds) == {
        "Pass", "Line", "Run", "Choice", "Branch", "Call", "Jump", "End", "Return",
    }  # fmt: skip


# A program without jumps: lines, branches of programs, ends
programs = st.recursive(
    st.lists(st.sampled_from(("line", "line", "end")), max_size=3),
    lambda inner: st.lists(
        st.sampled_from(("line", "line", "end")) | st.lists(inner, min_size=2, max_size=4),
        max_size=4,
    ),
    max_leaves=30,
)


def graph_of(program: list[Any]) -> Flow:
    """A program as a flow, from its end to its beginning."""
    nodes: list[Node] = []
    wires: list[Connection] = []

    def put(block: list[Any], after: int | None) -> int | None:
        for item in reversed(block):
            key = len(nodes) + 1
            if isinstance(item, list):
                responses = [response(f"a{i}") for i in range(len(item))]
                nodes.append(node(key, "dialogue", responses=responses))
                ways = [(f"a{i}", put(body, after)) for i, body in enumerate(item)]
            else:
                nodes.append(node(key, "dialogue" if item == "line" else "exit"))
                ways = [("output", after)] if item == "line" else []
            wires.extend(wire(key, target, pin) for pin, target in ways if target is not None)
            after = key
        return after

    first = put(program, None)
    wires += [] if first is None else [wire(0, first)]
    return flow([node(0, "entry"), *nodes], wires)


@settings(max_examples=300, deadline=None)
@given(program=programs)
def test_what_was_written_without_jumps_needs_none(program: list[Any]) -> None:
    made = graph_of(program)
    told = of(made, rules=Rules(1000))
    assert len(told.sections) == 1
    assert not [x for _, x in statements(told) if isinstance(x, Jump)]
    check(made, told, Rules(1000))


@settings(max_examples=300, deadline=None)
@given(made=random_flows.flows)
def test_a_node_is_in_a_silent_loop_if_it_comes_back_to_itself(made: Flow) -> None:
    graph = FlowGraph.of(made)
    told = of(made)
    says = {x.id for x in made.nodes if x.type in ("dialogue", "subflow", "exit")}
    stops = {x.node_id for _, x in statements(told) if isinstance(x, End | Return)}
    ways = {
        key: [x for _, x in graph.ways(graph.nodes[key])] for key in placed(told) if key not in says
    }
    expected = set()
    for key, first in ways.items():
        reached, waiting = set(), list(first)
        while waiting:
            here = waiting.pop()
            if here in ways and here not in reached:
                reached.add(here)
                waiting.extend(ways[here])
        if key in reached:
            expected.add(key)
    found = [key for loop in told.silent_loops for key in loop.node_ids]
    assert sorted(found) == sorted(expected)
    for loop in told.silent_loops:
        inside = set(loop.node_ids)
        leaves = any(set(ways[key]) - inside for key in inside) or inside & stops
        assert loop.endless is not bool(leaves)


@pytest.mark.parametrize(
    ("make", "sections"),
    [
        (lines_in_a_row, 1), (conditions_in_a_row, 1), (calls_in_a_row, 1), (shared_tail, 3),
        (two_rails, None), (ways_back, None), (wide_choice, 1), (wide_switch, 1),
        (deep_choices, 1),
    ],
)  # fmt: skip
def test_large_flows_take_linear_time_and_room(make: Any, sections: int | None) -> None:
    made = make(12_000)
    started = perf_counter()
    told = of(made)
    assert perf_counter() - started < 6
    found = statements(told)
    assert max(depth for depth, _ in found) <= 16
    assert sorted(placed(told)) == sorted(x.id for x in made.nodes)
    assert len(found) <= 3 * len(made.nodes)
    if sections is not None:
        assert len(told.sections) == sections


def test_conditions_in_a_row_that_share_a_tail_play_as_their_graph() -> None:
    made = shared_tail(300)
    nodes = [x if x.type != "condition" else node(x.id, "condition", condition=condition(
        rule("s", "n", "equals", str(x.id)))) for x in made.nodes]  # fmt: skip
    told = story(flow(nodes, made.connections), sheets=[random_flows.SHEET])
    for rules in RULES:
        compare(told, 0, rules, known=True)
