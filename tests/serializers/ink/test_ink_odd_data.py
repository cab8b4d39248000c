"""Projects that a database allows and nobody would write still compile, without a warning."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player
from tests.reference.projects import Generator
from tests.serializers.ink.engine import Ink, exported, reference_events
from tests.serializers.ink.test_ink_plays import WHEN

SEEDS = range(2)


@pytest.fixture(scope="module")
def odd(new_database: Callable[[], str]) -> tuple[str, list[tuple[str, list[int]]]]:
    """A database of odd projects: its URL, and the projects with their flows."""
    url = new_database()
    with psycopg.connect(url) as connection:
        generator = Generator(connection)
        keys = [key for seed in SEEDS for key in generator.fill(seed)]
        flows = "SELECT id FROM flows WHERE project_id = %s ORDER BY id"
        return url, [(key, [x for (x,) in connection.execute(flows, [key])]) for key in keys]


@pytest.mark.parametrize(
    "chosen",
    [{}, {"pretty_print": False, "include_trash": True}, {"include_sheets": False},
     {"include_flows": False}, {"include_localization": False, "localization_policy": "preview"},
     {"flow_ids": "half"}],
    ids=str,
)  # fmt: skip
def test_odd_projects_compile_and_play(
    ink: Ink, odd: tuple[str, list[tuple[str, list[int]]]], tmp_path: Path, chosen: dict[str, Any]
) -> None:
    url, projects = odd
    plays = 0
    for project, flow_ids in projects:
        half = random.Random(project).sample(flow_ids, len(flow_ids) // 2)
        given = chosen | ({"flow_ids": half} if "flow_ids" in chosen else {})
        options = parse_options({"include_trash": True, **given})
        directory = tmp_path / project
        directory.mkdir()
        collect(url, project, options, directory, collected_at=WHEN)
        reader = StoryReader(directory)
        story = exported(reader, options)
        (directory / "story.ink").write_text(story.script, "utf-8")
        assert ink.compile(story.script) == [], directory
        if not (options.include_sheets and options.include_flows):
            continue
        player = Player(read_story(reader), whole_numbers=True)
        for flow in player.story.flows:
            if player.story.find(flow.shortcut or str(flow.id)) != flow.id:
                continue  # another flow has its id as shortcut
            expected = player.play(flow.shortcut or str(flow.id), SeededChoices(1))
            played = ink.play(story.knots[flow.id], 1)
            assert played["errors"] == []
            wanted, found = reference_events(expected), story.events(played)
            least = min(len(found), 100) if len(wanted) > 100 else len(wanted)
            assert found[:least] == wanted[:least], directory
            plays += 1
    assert plays > 0 or given.keys() & {"include_sheets", "include_flows"}
