"""Whatever the wires and the data: a play ends, says why, and is the same again."""

import json
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import STEP_LIMIT, Player
from storyarn_pipelines.story.script import script
from storyarn_pipelines.story.trace import EndReason
from tests.story.builders import (
    assign,
    blank,
    block,
    case,
    flow,
    formula,
    number,
    response,
    rule,
    sheet,
    story,
    table,
)  # fmt: skip

KINDS = (
    "entry", "exit", "dialogue", "condition", "instruction", "hub", "jump", "subflow",
    "annotation", "sequence", "odd",
)  # fmt: skip
PINS = ("output", "true", "false", "default", "a", "b", "resp_a", "exit_3", "exit_13")
NAMES = ("n", "t", "b", "m", "grid.r.f", "nobody")
TEXTS = ("", "5", "true", "x", "{s.n}", "$s.n $s.nobody", "<p>a<br>b</p>")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 30) | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("logic", "blocks", "id", "text", "type")), inner, max_size=3
        )
    ),
    max_leaves=6,
)
rules = st.builds(
    rule, st.just("s"), st.sampled_from(NAMES),
    st.sampled_from(("equals", "greater_than", "is_true", "contains", "is_nil", "odd")),
    st.sampled_from(TEXTS),
)  # fmt: skip
cases = st.builds(case, rules, key=st.sampled_from(("a", "b", None)))
conditions = st.fixed_dictionaries({"logic": st.sampled_from(("all", "any")),
                                    "blocks": st.lists(cases, max_size=3)})  # fmt: skip
assignments = st.builds(
    assign, st.just("s"), st.sampled_from(NAMES),
    st.sampled_from(("set", "add", "subtract", "toggle", "set_true", "clear", "set_if_unset")),
    st.sampled_from(TEXTS),
)  # fmt: skip
responses = st.builds(
    lambda key, text, does, when: response(key, text, *does, when=when),
    st.sampled_from(("a", "b", 1, None)),
    st.sampled_from(TEXTS),
    st.lists(assignments, max_size=2),
    conditions | st.none(),
)
DATA: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(TEXTS),
    "speaker_sheet_id": st.sampled_from((1, "1", 9, None)),
    "responses": st.lists(responses, max_size=3),
    "condition": conditions,
    "switch_mode": st.booleans(),
    "assignments": st.lists(assignments, max_size=3),
    "hub_id": st.sampled_from(("h", "k")),
    "target_hub_id": st.sampled_from(("h", "k", "", None)),
    "referenced_flow_id": st.sampled_from((1, "2", 3, None, "x")),
    "exit_mode": st.sampled_from(("terminal", "caller_return", "flow_reference", None)),
}
data = st.fixed_dictionaries({}, optional=DATA) | st.dictionaries(
    st.sampled_from(sorted(DATA)), json_values, max_size=4
) | json_values  # fmt: skip


@st.composite
def flows(draw: st.DrawFn, key: int) -> Flow:
    """A flow of up to ten nodes; wires may start and end anywhere, also outside."""
    numbers = range(key * 10, key * 10 + draw(st.integers(1, 9)))
    kinds = {number_: draw(st.sampled_from(KINDS)) for number_ in numbers}
    kinds[key * 10] = draw(st.sampled_from(("entry", "entry", "entry", "dialogue")))
    nodes = [blank(Node, id=x, type=kind, data=draw(data)) for x, kind in kinds.items()]
    ends = st.integers(key * 10, key * 10 + 10)
    wires = [
        blank(Connection, id=i, source_node_id=draw(ends), target_node_id=draw(ends),
              source_pin=draw(st.sampled_from(PINS)))
        for i in range(draw(st.integers(0, 25)))
    ]  # fmt: skip
    return flow(nodes, wires, key)


cells = {
    "r": {"f": formula("a * 2 - b", a="s.n", b="s.grid.q.f")},
    "q": {"f": formula("a + 1", a="s.n")},
}
SHEET = sheet(
    1, "s", number("n", 3, min=-100, max=100), block("t", "text", "x"), block("b", "boolean"),
    block("m", "multi_select", ["x"]), table("grid", {"f": "formula"}, cells),
)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A story of two flows."""
    return story(draw(flows(1)), draw(flows(2)), sheets=[SHEET])


@settings(max_examples=300, deadline=None)
@given(told=stories(), seed=st.integers(0, 10**6))
def test_every_play_ends_with_a_reason(told: Story, seed: int) -> None:
    trace = Player(told).play(None, SeededChoices(seed))
    assert trace["steps"] <= STEP_LIMIT
    kinds = [next(iter(event)) for event in trace["events"]]
    assert set(kinds[:-1]) <= {"say", "choose", "set"}
    last = trace["events"][-1]
    assert last["end"] in get_args(EndReason)
    assert (last["end"] == "step_limit") == (trace["steps"] == STEP_LIMIT)
    assert json.loads(json.dumps(trace)) == trace
    assert Player(told).play(None, SeededChoices(seed)) == trace
    assert len(list(script(trace))) >= len(kinds)


@settings(max_examples=200, deadline=None)
@given(told=stories(), seed=st.integers(0, 10**6))
def test_a_trace_tells_every_change(told: Story, seed: int) -> None:
    player = Player(told)
    values = player.play(None, SeededChoices(seed))["variables"]
    started = Player(Story(told.variables, told.flows, {}, lambda _: FlowGraph(1, (), ())))
    expected = started.play(None)["variables"]
    for event in player.play(None, SeededChoices(seed))["events"]:
        for name, value in event.get("set", {}).items():
            assert expected[name] != value or expected[name] is not value
            expected[name] = value
    assert expected == values


@settings(max_examples=200, deadline=None)
@given(told=stories(), seed=st.integers(0, 10**6))
def test_whole_numbers_change_nothing_but_the_way_numbers_look(told: Story, seed: int) -> None:
    plain, whole = (
        Player(told, whole_numbers=x).play(None, SeededChoices(seed)) for x in (False, True)
    )
    assert plain["variables"] == whole["variables"]
    assert [x for x in plain["events"] if "set" in x] == [x for x in whole["events"] if "set" in x]
    assert [next(iter(x)) for x in plain["events"]] == [next(iter(x)) for x in whole["events"]]


@settings(max_examples=200, deadline=None)
@given(made=flows(1), seed=st.integers(0, 10**6))
def test_a_play_visits_only_what_can_be_reached(made: Flow, seed: int) -> None:
    reachable = set(FlowGraph.of(made).reachable())
    trace = Player(story(made, sheets=[SHEET])).play(None, SeededChoices(seed))
    visited = {x["say"]["node"] for x in trace["events"] if "say" in x}
    last = trace["events"][-1]
    if last["end"] != "node_not_found" and last["node"] is not None:
        visited.add(last["node"])
    assert visited <= reachable
