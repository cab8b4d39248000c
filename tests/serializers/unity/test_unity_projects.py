"""Projects that a database allows and nobody would write are read whole, and play the same."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story import player as player_module
from storyarn_pipelines.story.index import read_story
from tests.reference.projects import Generator
from tests.serializers.unity.comparing import check
from tests.serializers.unity.json_utility import MEDIA, read_database
from tests.serializers.unity.lua import PluginLua, RealLua
from tests.serializers.unity.memory import export
from tests.serializers.unity.runtime import Conversations
from tests.serializers.unity.test_unity_play import WHEN

MACHINES = (RealLua(), PluginLua())
VARIANTS: tuple[dict[str, object], ...] = (
    {},
    {"include_trash": True},
    {"include_sheets": False, "include_localization": False},
    {"localization_policy": "preview", "include_scenes": False},
)


@pytest.fixture(scope="module")
def generated(new_database: Callable[[], str]) -> tuple[str, list[str]]:
    """A database with random projects."""
    url = new_database()
    with psycopg.connect(url) as connection:
        generator = Generator(connection)
        made = [generator.fill(seed) for seed in range(6)]
    return url, [str(x) for ids in made for x in (ids if isinstance(ids, list) else [ids])]


@pytest.mark.parametrize("options", VARIANTS)
def test_random_projects_are_read_whole_and_play_the_same(
    generated: tuple[str, list[str]],
    options: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(player_module, "STEP_LIMIT", 400)
    url, projects = generated
    played = 0
    for project in projects:
        directory = tmp_path / project
        directory.mkdir()
        chosen = parse_options({"include_trash": True, **options})
        collect(url, project, chosen, directory, collected_at=WHEN)
        reader = StoryReader(directory)
        made, found = export(reader, directory, **{"include_trash": True, **options})
        database = read_database(made)
        if not {"sheets", "scenes", "localization"} <= set(reader.manifest.sections):
            continue
        told = read_story(reader)
        for flow in told.flows:
            world = Conversations(database, MACHINES[flow.id % 2])
            played += sum(check(told, flow.id, seed, world, found) for seed in range(2))
    assert played or "include_sheets" in options or "include_scenes" in options


@pytest.mark.parametrize("mode", ["references", "embedded", "bundled"])
def test_media_without_bytes_are_told_and_the_database_stays_whole(
    mini_url: str, mode: str, tmp_path: Path
) -> None:
    options = {"include_assets": mode}
    collect(mini_url, "mini", parse_options(options), tmp_path, collected_at=WHEN)
    made, found = export(StoryReader(tmp_path), tmp_path, **options)
    codes = [x.code for x in found]
    if mode == "bundled":
        assert made[:2] == b"PK"
    else:
        assert (MEDIA in read_database(made)) == (mode == "embedded")
    assert ("XP0301" in codes) == (mode != "references")
