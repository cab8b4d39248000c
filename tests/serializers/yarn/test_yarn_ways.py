"""Calls, returns, loops and ends that Yarn has to be led through."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player
from tests.serializers.ink.projects import insert
from tests.serializers.yarn.engine import Exported, Yarn, assert_compiles, events, exported
from tests.serializers.yarn.test_yarn_plays import assert_plays, snapshot
from tests.story.builders import assign, condition, flow, node, response, rule, wire


def _line(key: int, text: str, *responses: dict[str, Any]) -> Node:
    return node(key, "dialogue", text=text, responses=list(responses))


def _called() -> Flow:
    """Goes round its hub three times, then returns by 208, or ends everything by 209."""
    nodes = [
        node(200, "entry"),
        node(201, "hub", hub_id="h"),
        _line(202, "round {s.n}"),
        node(203, "instruction", assignments=[assign("s", "n", "add", "1")]),
        node(204, "condition", condition=condition(rule("s", "n", "less_than", "3"))),
        node(205, "jump", target_hub_id="h"),
        node(206, "condition", condition=condition(rule("s", "b", "is_true"))),
        node(208, "exit", exit_mode="caller_return"),
        node(209, "exit", exit_mode="terminal"),
    ]
    wires = [
        wire(200, 201), wire(201, 202), wire(202, 203), wire(203, 204), wire(204, 205, "true"),
        wire(204, 206, "false"), wire(206, 209, "true"), wire(206, 208, "false"),
    ]  # fmt: skip
    return flow(nodes, wires, 2)


def _caller() -> Flow:
    """Calls, says that it is back, and calls again with the end in sight."""
    nodes = [
        node(100, "entry"),
        node(101, "subflow", referenced_flow_id=2),
        _line(102, "back by 208"),
        _line(103, "back by another"),
        node(104, "instruction", assignments=[assign("s", "b", "set_true")]),
        node(105, "subflow", referenced_flow_id=2),
        _line(106, "never"),
    ]
    wires = [
        wire(100, 101), wire(101, 102, "exit_208"), wire(101, 103), wire(102, 104),
        wire(104, 105), wire(105, 106),
    ]  # fmt: skip
    return flow(nodes, wires, 1)


def _leaving() -> Flow:
    """Continues in the called flow by an exit: nothing comes back."""
    nodes = [
        node(300, "entry"),
        _line(301, "leaving"),
        node(302, "exit", exit_mode="flow_reference", referenced_flow_id=2),
    ]
    return flow(nodes, [wire(300, 301), wire(301, 302)], 3)


def _calls_leaving() -> Flow:
    nodes = [node(400, "entry"), node(401, "subflow", referenced_flow_id=3), _line(402, "never")]
    return flow(nodes, [wire(400, 401), wire(401, 402)], 4)


def _silent() -> Flow:
    """A circle without a line, behind a choice that may have nothing to offer."""
    never = condition(rule("s", "n", "greater_than", "9"))
    nodes = [
        node(500, "entry"),
        _line(501, "choose", response("a", "go"), response("b", "stuck")),
        node(502, "hub", hub_id="h"),
        node(503, "jump", target_hub_id="h"),
        _line(504, "nothing", response("c", "hidden", when=never)),
        _line(505, "never"),
    ]
    wires = [
        wire(500, 501), wire(501, 502, "a"), wire(502, 503), wire(501, 504, "b"),
        wire(504, 505, "c"),
    ]  # fmt: skip
    return flow(nodes, wires, 5)


@pytest.fixture
def told(storyarn_url: str, tmp_path: Path) -> tuple[Exported, Player]:
    """The flows above, and who plays them."""
    flows = [_caller(), _called(), _leaving(), _calls_leaving(), _silent()]
    with psycopg.connect(storyarn_url) as connection:
        insert(connection, [(x, 0) for x in flows])
    reader = snapshot(storyarn_url, "random", tmp_path)
    return exported(reader, tmp_path), Player(read_story(reader), whole_numbers=True)


def _said(yarn: Yarn, story: Exported, flow_id: int, seed: int = 0) -> list[str]:
    played = yarn.play(story.nodes[flow_id], story.texts(), seed)
    return [x[2] for x in events(played) if x[0] == "say"]


def test_a_return_finds_its_caller_after_jumps(yarn: Yarn, told: tuple[Exported, Player]) -> None:
    story, player = told
    assert_compiles(yarn, story)
    said = ["round 0", "round 1", "round 2", "back by 208", "round 3"]
    assert _said(yarn, story, 1) == said
    assert _said(yarn, story, 2) == said[:3]
    assert _said(yarn, story, 3) == ["leaving", *said[:3]]
    assert _said(yarn, story, 4) == ["leaving", *said[:3]]
    for found in player.story.flows:
        if found.id != 5:
            assert_plays(yarn, story, player, found, 0)


def test_a_label_in_a_called_flow_is_no_jump(told: tuple[Exported, Player]) -> None:
    files = told[0].files
    called = files[f"{told[0].nodes[2]}.yarn"]
    assert "<<jump" not in called
    assert f"<<detour {told[0].nodes[2]}_h__201>>" in called
    assert f"<<jump {told[0].nodes[2]}>>" in files[f"{told[0].nodes[3]}.yarn"]


def test_a_circle_without_a_line_and_a_choice_without_options_end(
    yarn: Yarn, told: tuple[Exported, Player]
) -> None:
    story, player = told
    assert_compiles(yarn, story)
    ends = set()
    for seed in range(6):
        played = yarn.play(story.nodes[5], story.texts(), seed)
        shortcut = next(x.shortcut for x in player.story.flows if x.id == 5)
        expected = player.play(shortcut or "5", SeededChoices(seed))["events"]
        ends.add((events(played)[-1][2], played["ended"], expected[-1]["end"]))
    assert ends == {(0, "stop", "step_limit"), ("nothing", "stop", "no_valid_response")}
    assert any(x.code == "XP0103" for x in story.told)
