"""What a survey of flows reads from a few columns is what whole flows say."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.expressions.ast import Assignment
from storyarn_pipelines.expressions.stored import read_assignments, read_response_assignments
from storyarn_pipelines.serializers.engines.survey import FlowFacts, survey_flows
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph
from tests.serializers.articy.memory import ToldStory
from tests.story.builders import assign, flow, line, node, response, wire
from tests.story.random_flows import random_flow


def facts(one: Flow) -> FlowFacts:
    """The facts of a flow, by its graph."""
    graph = FlowGraph.of(one)
    calls = {x.id: n.as_id(n.called_flow(x)) for x in one.nodes if n.is_call(x)}
    sites = [(key, target) for key, target in calls.items() if target is not None]
    types = {x.id: x.type for x in one.nodes}
    continues = frozenset(target for key, target in sites if types[key] == "exit")
    return FlowFacts(
        one.id,
        one.name,
        one.shortcut,
        one.path,
        one.is_main,
        graph.entry,
        tuple(x.id for x in graph.exits),
        frozenset(target for key, target in sites if types[key] == "subflow"),
        continues,
        frozenset(x.id for x in graph.exits if n.exit_mode(x) == n.CALLER_RETURN),
        tuple(sites),
        frozenset(target for key, target in sites if graph.pins.get(key) and target in continues),
    )


def changes(flows: Sequence[Flow]) -> set[Assignment]:
    """Every assignment of some flows."""
    found: set[Assignment] = set()
    for x in (x for one in flows for x in one.nodes):
        if x.type == "instruction":
            found.update(read_assignments(n.data_of(x).get("assignments")))
        elif x.type == "dialogue":
            for answer in n.responses_of(x):
                found.update(read_response_assignments(answer))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_facts_and_assignments_are_those_of_whole_flows(tmp_path: Path, seed: int) -> None:
    flows = [random_flow(Random(f"{seed}.{key}"), key) for key in range(1, 6)]
    found, assignments = survey_flows(ToldStory(tmp_path, flows))
    assert list(found.values()) == [facts(x) for x in flows]
    assert set(assignments) == changes(flows)
    assert len(assignments) == len(set(assignments))


def test_an_exit_with_wires_may_be_come_back_to(tmp_path: Path) -> None:
    nodes = [
        node(1, "entry"),
        node(2, "exit", exit_mode="flow_reference", referenced_flow_id=8),
        node(3, "exit", exit_mode="flow_reference", referenced_flow_id=9),
        node(4, "dialogue", text="again"),
    ]
    first = flow(nodes, [wire(1, 2), wire(2, 4)], key=7)
    found, _ = survey_flows(ToldStory(tmp_path, [first, line(node(5, "entry"), key=8)]))
    assert found[7].continues == {8, 9}
    assert found[7].resumes == {8}


def test_what_responses_do_counts_and_what_people_say_of_instructions_does_not(
    tmp_path: Path,
) -> None:
    changing = node(1, "dialogue", responses=[response("a", "", assign("mc", "gold", "add", "1"))])
    saying = node(2, "dialogue", text='"instruction_assignments": [1]')
    _, found = survey_flows(ToldStory(tmp_path, [flow([changing, saying], [])]))
    assert [x.target.full_name for x in found] == ["mc.gold"]
