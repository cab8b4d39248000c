"""Random stories play in the real ink as the reference player plays them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import FlowName, read_story
from storyarn_pipelines.story.player import Player
from tests.serializers.ink.engine import (
    MOST,
    Exported,
    Ink,
    exported,
    held,
    reference_events,
    same_value,
)
from tests.serializers.ink.projects import insert, random_flows

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def snapshot(url: str, project: str, directory: Path) -> StoryReader:
    """A project as the export reads it."""
    collect(url, project, ExportOptions(), directory, collected_at=WHEN)
    return StoryReader(directory)


def assert_plays(ink: Ink, story: Exported, player: Player, flow: FlowName, seed: int) -> None:
    """One play in both, event by event, and the values at the end."""
    expected = player.play(flow.shortcut or str(flow.id), SeededChoices(seed))
    played = ink.play(story.knots[flow.id], seed)
    assert played["errors"] == []
    wanted, found = reference_events(expected), story.events(played)
    if expected["events"][-1]["end"] == "step_limit" or len(wanted) > MOST:
        least = min(len(wanted), len(found), MOST)
        assert found[:least] == wanted[:least]
        return
    assert found == wanted
    assert played["ended"]
    for name, value in expected["variables"].items():
        kind = player.story.variables.variables[name].type
        left = played["variables"][story.names[name]]
        assert same_value(left, held(value, kind)), (name, left, value)


@pytest.mark.parametrize("nasty", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_random_stories_play_in_ink_as_in_storyarn(
    ink: Ink, storyarn_url: str, tmp_path: Path, seed: int, nasty: bool
) -> None:
    flows = random_flows(Random(seed), 10, nasty=nasty)
    with psycopg.connect(storyarn_url) as connection:
        insert(connection, flows)
    reader = snapshot(storyarn_url, "random", tmp_path)
    story = exported(reader)
    assert ink.compile(story.script) == []
    player = Player(read_story(reader), whole_numbers=True)
    for flow in player.story.flows:
        for choices in range(3):
            assert_plays(ink, story, player, flow, choices)


def test_the_sample_project_plays_in_ink_as_in_storyarn(
    ink: Ink, new_database: Callable[..., str], tmp_path: Path
) -> None:
    settings = Settings(
        tmp_path, new_database(empty=True), str(tmp_path / "s"), str(tmp_path / "m"), str(tmp_path)
    )
    project = ensure_demo(settings)
    (tmp_path / "demo").mkdir()
    assert settings.database_url
    reader = snapshot(settings.database_url, project, tmp_path / "demo")
    story = exported(reader)
    assert ink.compile(story.script) == []
    player = Player(read_story(reader), whole_numbers=True)
    for flow in player.story.flows:
        for seed in range(6):
            assert_plays(ink, story, player, flow, seed)
    main = next(x for x in player.story.flows if x.is_main)
    assert ink.play(None, 5)["events"] == ink.play(story.knots[main.id], 5)["events"]
