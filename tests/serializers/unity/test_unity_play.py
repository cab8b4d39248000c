"""The exported database, driven by a model of the plugin, plays what Storyarn's player plays."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story import player as player_module
from storyarn_pipelines.story.index import Story, read_story
from tests.serializers.unity.comparing import check, title_of
from tests.serializers.unity.json_utility import read_database, value_of
from tests.serializers.unity.lua import Machine, PluginLua, RealLua
from tests.serializers.unity.memory import export, exported
from tests.serializers.unity.runtime import Conversations
from tests.serializers.unity.stories import SHEETS, rich_flows
from tests.story import random_flows
from tests.story.builders import story

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "data" / "mini.json"
REWRITE = "STORYARN_WRITE_GOLDEN"
"""With this variable set the golden file is written anew; look at what changed."""

MACHINES: tuple[Machine, ...] = (RealLua(), PluginLua())
PLAYS = 2
STORIES = 25


@pytest.fixture(autouse=True, scope="module")
def short_plays() -> Iterator[None]:
    """Random stories go in circles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(player_module, "STEP_LIMIT", 400)
        yield


def play_all(told: Story, database: dict[str, Any], found: list[Diagnostic]) -> list[bool]:
    """Each flow with some choices on both machines: whether it plays the same."""
    return [
        check(told, flow.id, seed, Conversations(database, MACHINES[(seed + flow.id) % 2]), found)
        for flow in told.flows
        for seed in range(PLAYS)
    ]


@pytest.mark.parametrize("chunk", range(4))
def test_random_stories_play_as_in_storyarn(chunk: int, tmp_path: Path) -> None:
    same = []
    for seed in range(chunk * STORIES, (chunk + 1) * STORIES):
        random = Random(seed)
        flows = [random_flows.random_flow(random, key) for key in random_flows.FLOWS]
        database, found = exported(tmp_path, *flows, sheets=[random_flows.SHEET])
        told = story(*flows, sheets=[random_flows.SHEET])
        same += play_all(told, database, found)
    assert all(same)


@pytest.mark.parametrize("chunk", range(4))
def test_stories_full_of_markup_and_odd_values_play_as_in_storyarn(
    chunk: int, tmp_path: Path
) -> None:
    same = []
    for seed in range(chunk * STORIES, (chunk + 1) * STORIES):
        flows = rich_flows(Random(seed))
        database, found = exported(tmp_path, *flows, sheets=SHEETS)
        same += play_all(story(*flows, sheets=SHEETS), database, found)
    assert sum(same) > 0.95 * len(same)


Export = Callable[..., tuple[bytes, list[Diagnostic]]]


@pytest.fixture
def mini(mini_url: str, tmp_path: Path) -> tuple[StoryReader, Export]:
    """A snapshot of mini.sql and its export."""
    collect(mini_url, "mini", parse_options({}), tmp_path, collected_at=WHEN)
    reader = StoryReader(tmp_path)
    return reader, lambda **options: export(reader, tmp_path, **options)


def test_mini_sql_becomes_the_golden_file(mini: tuple[StoryReader, Export]) -> None:
    made, found = mini[1]()
    if os.environ.get(REWRITE):
        GOLDEN.write_bytes(made)
    assert made.decode().splitlines() == GOLDEN.read_text("utf-8").splitlines()
    assert made == GOLDEN.read_bytes()
    assert {x.code for x in found} >= {"XP0104", "XP0203"}


def test_the_golden_file_is_read_whole_and_plays(mini: tuple[StoryReader, Export]) -> None:
    database = read_database(GOLDEN.read_bytes())
    assert all(play_all(read_story(mini[0]), database, mini[1]()[1]))
    names = {value_of(x, "Storyarn Name") for x in database["variables"]} - {""}
    assert names == set(read_story(mini[0]).variables.variables)


def test_a_compact_file_says_the_same(mini: tuple[StoryReader, Export]) -> None:
    compact, _ = mini[1](pretty_print=False)
    assert compact.count(b"\n") == 1
    assert json.loads(compact) == json.loads(GOLDEN.read_bytes())


@pytest.fixture(scope="module")
def demo(new_database: Callable[..., str], tmp_path_factory: Any) -> StoryReader:
    """A snapshot of the sample project."""
    home = tmp_path_factory.mktemp("demo")
    url = new_database(empty=True)
    ensure_demo(Settings(home, url, str(home / "s"), str(home / "m"), str(home / "w")))
    directory: Path = tmp_path_factory.mktemp("snapshot")
    collect(url, "the-tide-clock", parse_options({}), directory, collected_at=WHEN)
    return StoryReader(directory)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_sample_plays_whatever_is_chosen(
    demo: StoryReader, machine: Machine, tmp_path: Path
) -> None:
    made, found = export(demo, tmp_path)
    told = read_story(demo)
    played = Conversations(read_database(made), machine)
    main = told.find(None)
    for seed in range(10):
        assert check(told, main, seed, played, found)
    for flow in told.flows:
        assert check(told, flow.id, 1, played, found)


@pytest.mark.parametrize("locale", ["es", "de"])
def test_the_sample_plays_in_its_languages(demo: StoryReader, locale: str, tmp_path: Path) -> None:
    made, found = export(demo, tmp_path)
    told = read_story(demo, locale)
    if not told.texts:
        pytest.skip(f"the sample has no final translation into {locale}")
    played = Conversations(read_database(made), MACHINES[0], locale)
    for seed in range(4):
        assert check(told, told.find(None), seed, played, found)


def test_the_samples_portraits_are_numbers_that_exist(demo: StoryReader, tmp_path: Path) -> None:
    database = read_database(export(demo, tmp_path)[0])
    played = Conversations(database, MACHINES[0])

    class First:
        def pick(self, node_id: int, options: Any) -> int:
            return 0

    shown = played.play(title_of(database, read_story(demo).find(None)), First())
    most = max(value_of(x, "Pictures").count(";") + 1 for x in database["actors"])
    assert all(2 <= number <= most for number in shown.pictures)
