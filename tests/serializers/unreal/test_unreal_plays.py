"""Exports for Unreal play as Storyarn's player plays, by the interpreter of their page."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.story.index import read_story
from tests.serializers.unreal.comparing import check
from tests.serializers.unreal.loader import Archive
from tests.serializers.unreal.memory import ToldStory, export, exported
from tests.serializers.unreal.projects import telling_story
from tests.story.builders import (
    assign,
    case,
    condition,
    flow,
    formula,
    line,
    node,
    number,
    response,
    rule,
    sheet,
    story,
    table,
    wire,
)  # fmt: skip
from tests.story.random_flows import FLOWS, SHEET, random_flow
from tests.story.test_stored_stories import reader

SEEDS = range(8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_random_graphs_play_the_same(seed: int) -> None:
    random = Random(seed)
    flows = [random_flow(random, key) for key in FLOWS]
    told = story(*flows, sheets=[SHEET])
    with TemporaryDirectory() as name:
        archive, found = exported(Path(name), *flows, sheets=[SHEET])
    for key in FLOWS:
        for choices in range(2):
            assert check(told, key, choices, archive, found)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_random_texts_and_expressions_play_the_same(seed: int) -> None:
    flows, sheets, scenes, texts = telling_story(Random(seed))
    told = story(*flows, sheets=sheets, scenes=scenes)
    with TemporaryDirectory() as name:
        archive, found = exported(Path(name), *flows, sheets=sheets, scenes=scenes, strings=texts)
    for choices in range(2):
        check(told, 1, choices, archive, found)


def test_most_random_stories_are_compared(tmp_path: Path) -> None:
    """What was announced is passed over above: that must stay rare."""
    compared = 0
    for seed in range(20):
        flows, sheets, scenes, texts = telling_story(Random(seed))
        archive, found = exported(tmp_path, *flows, sheets=sheets, scenes=scenes, strings=texts)
        compared += check(story(*flows, sheets=sheets, scenes=scenes), 1, 1, archive, found)
    assert compared >= 12


@pytest.fixture
def demo(storyarn_url: str, make_settings: Callable[[str], Settings]) -> str:
    """A database with the sample project; the project's name."""
    made = make_settings(storyarn_url)
    return ensure_demo(made)


def test_the_sample_project_plays_the_same_in_every_flow(
    storyarn_url: str, demo: str, tmp_path: Path
) -> None:
    (tmp_path / "snapshot").mkdir()
    snapshot = reader(storyarn_url, demo, tmp_path / "snapshot")
    content, found = export(snapshot, tmp_path)
    archive, told = Archive(content), read_story(snapshot)
    plays = [check(told, x.id, seed, archive, found) for x in told.flows for seed in SEEDS]
    assert all(plays)
    for culture in archive.graph["cultures"]:
        translated = read_story(snapshot, culture.lower())
        main = next(x.id for x in told.flows if x.is_main)
        for seed in SEEDS:
            assert check(translated, main, seed, archive, found, culture)


def test_mini_plays_the_same(mini_url: str, tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    snapshot = reader(mini_url, "mini", tmp_path / "snapshot")
    content, found = export(snapshot, tmp_path)
    told = read_story(snapshot)
    for one in told.flows:
        for seed in SEEDS:
            check(told, one.id, seed, Archive(content), found)


def test_formulas_follow_every_change(tmp_path: Path) -> None:
    stats = table(
        "t",
        {"value": "number", "double": "formula", "sum": "formula"},
        {
            "a": {"value": "3", "double": formula("-a^2 + b", a="s.n", b="@value"),
                  "sum": formula("max(a, 10) / a", a="s.t.a.double")},
            "b": {"value": "2", "double": formula("1 / z", z="s.nothing"), "sum": formula("oops(")},
        },
    )  # fmt: skip
    sheets = [sheet(1, "s", number("n", 2), stats)]
    told = line(
        node(1, "dialogue", text="<p>{s.t.a.double} {s.t.a.sum} {s.t.b.double} {s.t.b.sum}</p>"),
        node(2, "instruction", assignments=[assign("s", "n", "add", "1.5")]),
        node(3, "dialogue", text="{s.t.a.double} {s.t.a.sum}"),
        node(4, "instruction", assignments=[assign("s", "t.a.double", "set", "7")]),
        node(5, "dialogue", text="{s.t.a.double}"),
    )
    archive, found = exported(tmp_path, told, sheets=sheets)
    assert check(story(told, sheets=sheets), 1, 1, archive, found)


def test_a_subflow_returns_by_each_exit_and_calls_nest(tmp_path: Path) -> None:
    inner = flow(
        [node(10, "entry"),
         node(11, "dialogue", text="in", responses=[response("a"), response("b"), response("C")]),
         node(12, "exit", exit_mode="caller_return"), node(13, "exit", exit_mode="caller_return"),
         node(14, "exit", exit_mode="flow_reference", referenced_flow_id="3")],
        [wire(10, 11), wire(11, 12, "a"), wire(11, 13, "b"), wire(11, 14, "C")], 2,
    )  # fmt: skip
    last = line(node(21, "dialogue", text="last"), node(22, "exit", exit_mode="caller_return"),
                key=3)  # fmt: skip
    outer = flow(
        [node(1, "entry"), node(2, "subflow", referenced_flow_id=2),
         node(3, "dialogue", text="one"), node(4, "dialogue", text="two")],
        [wire(1, 2), wire(2, 3, "exit_12"), wire(2, 4, "output"), wire(3, 2), wire(4, 2)],
    )  # fmt: skip
    archive, found = exported(tmp_path, outer, inner, last)
    told = story(outer, inner, last)
    for seed in range(20):
        assert check(told, 1, seed, archive, found)


def test_what_a_partial_export_leaves_out_is_told_where_it_is_missed(tmp_path: Path) -> None:
    outer = line(
        node(1, "dialogue", text="hello", speaker_sheet_id=9),
        node(2, "subflow", referenced_flow_id=77),
        node(3, "dialogue", text="after"),
    )
    content, found = export(ToldStory(tmp_path, [outer]), tmp_path, flow_ids="1")
    missed = [(x.where.rpartition(" ")[2], x.message) for x in found if x.code == "XP0102"]
    assert [node_id for node_id, _ in missed] == ["1", "2"]
    assert "sheet 9" in missed[0][1]
    assert "flow 77" in missed[1][1]
    assert not check(story(outer), 1, 1, Archive(content), found)


def test_a_switch_takes_the_first_case_and_a_condition_its_own_pin(tmp_path: Path) -> None:
    cases = {"logic": "all", "blocks": [
        case(rule("s", "n", "greater_than", "5"), key="X"),
        case(rule("s", "n", "greater_than", "1"), key="x"),
        case(rule("s", "n", "less_than", "-9"), key="lost"),
    ]}  # fmt: skip
    told = flow(
        [node(1, "entry"),
         node(2, "condition", condition=cases, switch_mode=True),
         node(3, "dialogue", text="X"), node(4, "dialogue", text="x"),
         node(5, "condition", condition=condition(rule("s", "n", "equals", "2"))),
         node(6, "dialogue", text="two")],
        [wire(1, 2), wire(2, 3, "X"), wire(2, 4, "x"), wire(2, 5, "default"),
         wire(5, 6, "false")],
    )  # fmt: skip
    for start in (7, 2, 0):
        sheets = [sheet(1, "s", number("n", start))]
        archive, found = exported(tmp_path, told, sheets=sheets)
        assert check(story(told, sheets=sheets), 1, 1, archive, found)
