"""Plays of stories that lie in a real database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.services.play import play_project
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import ScriptedChoices, SeededChoices
from storyarn_pipelines.story.flow_rows import nodes_of
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import Story, read_story
from storyarn_pipelines.story.player import STEP_LIMIT, Player
from tests.story.builders import events

GOLDEN = Path(__file__).parent / "data"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def reader(url: str, project: str, directory: Path) -> StoryReader:
    """A snapshot of a whole project."""
    collect(url, project, ExportOptions(), directory, collected_at=WHEN)
    return StoryReader(directory)


@pytest.fixture
def mini(mini_url: str, tmp_path: Path) -> StoryReader:
    """A snapshot of mini.sql."""
    return reader(mini_url, "mini", tmp_path)


@pytest.mark.parametrize(
    ("flow", "choices"),
    [("act1.tavern", [0]), ("act1.tavern", [1]), ("act1.fight", []), ("504", [])],
)
def test_mini_plays_as_it_always_did(mini: StoryReader, flow: str, choices: list[int]) -> None:
    """The golden traces were checked by hand against the rules of the player."""
    trace = Player(read_story(mini)).play(flow, ScriptedChoices(choices))
    name = "-".join(["mini", flow, *map(str, choices)])
    assert trace == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def test_a_flow_read_alone_is_the_flow_read_with_all(mini: StoryReader) -> None:
    told = read_story(mini)
    for flow in mini.flows():
        alone, whole = told.graph(flow.id), FlowGraph.of(flow)
        assert alone is not None
        assert alone.wires == whole.wires
        assert {x: y.data for x, y in alone.nodes.items()} == {
            x: y.data for x, y in whole.nodes.items()
        }
    assert told.graph(505) is None  # in the trash
    assert [x.id for x in told.flows] == [x.id for x in mini.flows()]


def test_flows_are_read_once_while_they_are_kept(
    mini: StoryReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(story: StoryReader, flow_id: int) -> Any:
        read.append(flow_id)
        return nodes_of(story, flow_id)

    monkeypatch.setattr("storyarn_pipelines.story.index.nodes_of", counted)
    player = Player(read_story(mini))
    for _ in range(3):
        player.play("act1.fight")
    assert read == [503]


def test_wires_are_followed_by_their_age_and_not_by_their_id(
    mini_copy: str, tmp_path: Path
) -> None:
    with psycopg.connect(mini_copy) as connection:
        connection.execute(
            "INSERT INTO flow_connections (id, flow_id, source_node_id, target_node_id, "
            "source_pin, target_pin, inserted_at, updated_at) VALUES "
            "(99999, 503, 621, 623, 'output', 'input', '2020-01-01', '2020-01-01')"
        )
    told = read_story(reader(mini_copy, "mini", tmp_path))
    assert Player(told).play("act1.fight")["events"][-1]["node"] == 623


# The sample project


@pytest.fixture(scope="module")
def demo_settings(new_database: Callable[..., str], tmp_path_factory: Any) -> Settings:
    """Settings for a database with the sample project; tests only read it."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(
        home, new_database(empty=True), str(home / "s"), str(home / "m"), str(home / "w")
    )
    ensure_demo(settings)
    return settings


@pytest.fixture(scope="module")
def demo_story(demo_settings: Settings, tmp_path_factory: Any) -> Story:
    """The sample project, ready to be played."""
    assert demo_settings.database_url
    directory = tmp_path_factory.mktemp("snapshot")
    return read_story(reader(demo_settings.database_url, "the-tide-clock", directory))


def test_the_sample_ends_well_whatever_is_chosen(demo_story: Story) -> None:
    player = Player(demo_story)
    lengths = set()
    for seed in range(60):
        trace = player.play(None, SeededChoices(seed))
        assert trace["events"][-1]["end"] == "exit", seed
        assert 20 < trace["steps"] < STEP_LIMIT
        lengths.add(trace["steps"])
        for text in [x["text"] for x in events(trace, "say")]:
            assert "[" not in text
            assert "<" not in text
    assert len(lengths) > 10


def test_the_samples_plays_together_hear_nearly_all_lines(demo_story: Story) -> None:
    """A rule that is played wrongly closes doors: then whole flows fall silent."""
    player = Player(demo_story)
    heard = {
        line["node"]
        for seed in range(300)
        for line in events(player.play(None, SeededChoices(seed)), "say")
    }
    graphs = [demo_story.graph(flow.id) for flow in demo_story.flows]
    dialogues = {
        key
        for graph in graphs
        if graph is not None
        for key in graph.reachable()
        if graph.nodes[key].type == "dialogue"
    }
    assert len(heard) > 0.75 * len(dialogues)


def test_a_service_plays_like_the_player_and_leaves_nothing(
    demo_settings: Settings, demo_story: Story
) -> None:
    expected = Player(demo_story).play("night.market", SeededChoices(4))
    found = play_project(demo_settings, "the-tide-clock", "night.market", SeededChoices(4))
    assert found == expected
    assert list(demo_settings.scratch.iterdir()) == []


def test_a_locale_replaces_what_is_final(demo_settings: Settings, demo_story: Story) -> None:
    source = play_project(demo_settings, "the-tide-clock", choices=SeededChoices(3))
    spanish = play_project(demo_settings, "the-tide-clock", choices=SeededChoices(3), locale=" ES ")
    english = play_project(demo_settings, "the-tide-clock", choices=SeededChoices(3), locale="en")
    assert english == source
    assert spanish["variables"] == source["variables"]
    speakers = {x["speaker"] for x in events(spanish, "say")}
    assert "Narrador" in speakers
    changed = [
        a["text"] != b["text"]
        for a, b in zip(events(source, "say"), events(spanish, "say"), strict=True)
    ]
    assert sum(changed) > len(changed) / 2
    options = [
        a["options"] != b["options"]
        for a, b in zip(events(source, "choose"), events(spanish, "choose"), strict=True)
    ]
    assert any(options)


def test_a_translation_that_is_not_final_counts_as_none(
    demo_settings: Settings, tmp_path: Path
) -> None:
    assert demo_settings.database_url
    found = reader(demo_settings.database_url, "the-tide-clock", tmp_path)
    every = [
        (string, translation)
        for string in found.strings()
        for translation in string.translations
        if translation.locale_code == "de"
    ]
    statuses = {translation.status for _, translation in every}
    assert len(statuses) > 1
    texts = read_story(found, "de").texts
    expected = {
        (x.source_type, x.source_id, x.source_field): y.translated_text
        for x, y in every
        if y.status == "final"
    }
    assert texts == expected


@pytest.mark.parametrize("locale", ["xx", "not a locale", ""])
def test_an_unknown_locale_is_refused(demo_settings: Settings, locale: str) -> None:
    with pytest.raises(UsageError, match=r"^--locale: "):
        play_project(demo_settings, "the-tide-clock", locale=locale)
