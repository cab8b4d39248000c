"""Random stories play in Yarn as the reference player plays them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import FlowName, read_story
from storyarn_pipelines.story.player import Player
from tests.reference.projects import Generator
from tests.serializers.ink.projects import insert, random_flows
from tests.serializers.yarn.engine import (
    MOST,
    Exported,
    Yarn,
    assert_compiles,
    events,
    exported,
    held,
    reference_events,
    same_value,
)

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = (
    "-> arrow", "=> group", "=== end", "===", "->", "---", "title: x", "Name: with a colon",
    "http://example.test//x", "<<stop>>", "<<<", "&lt;<b>&lt;</b>", "/<b></b>/ cut", "#line:1",
    "[b]not markup[/b]", "\\[escaped\\]", "{$storyarn_exit}", "{\"->\"}", "a \\ b\\", "<<if true>>",
    "-<b></b>> split", "<i>-></i> styled", "{0} and {1}", "say: {s.n}: {s.b}", "{s.n}", "é 日本: x",
    "<p>one: a</p><p>-> two</p><p>===</p>", "// comment", "=", "-", "$x", "<b>=</b>== x",
)  # fmt: skip
RESPONSES = (*TEXTS, "{0} for $s.n", "$s.t: $s.b", "")


def snapshot(url: str, project: str, directory: Path) -> StoryReader:
    """A project as the export reads it."""
    collect(url, project, ExportOptions(), directory, collected_at=WHEN)
    return StoryReader(directory)


def assert_plays(
    yarn: Yarn, story: Exported, player: Player, flow: FlowName, seed: int, locale: str = ""
) -> None:
    """One play in both, event by event, and the values at the end."""
    expected = player.play(flow.shortcut or str(flow.id), SeededChoices(seed))
    played = yarn.play(story.nodes[flow.id], story.texts(locale), seed)
    assert played["errors"] == []
    wanted, found = reference_events(expected, story), events(played)
    if expected["events"][-1]["end"] == "step_limit" or len(wanted) > MOST:
        least = min(len(wanted), len(found), MOST)
        assert found[:least] == wanted[:least]
        return
    assert found == wanted
    assert played["ended"] in ("end", "stop")
    for name, value in expected["variables"].items():
        kind = player.story.variables.variables[name].type
        left = played["variables"][story.names[name]]
        if story.is_exact(name):
            assert same_value(left, held(value, kind)), (name, left, value)


def _hostile(random: Random, flows: list[tuple[Flow, int]]) -> None:
    """Texts that Yarn would read as its own."""
    for flow, _ in flows:
        for node in flow.nodes:
            if not isinstance(node.data, dict) or "responses" not in node.data:
                continue
            if random.random() < 0.5:
                node.data["text"] = random.choice(TEXTS)
            for response in node.data["responses"]:
                if random.random() < 0.5:
                    response["text"] = random.choice(RESPONSES)


@pytest.mark.parametrize("nasty", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_random_stories_play_in_yarn_as_in_storyarn(
    yarn: Yarn, storyarn_url: str, tmp_path: Path, seed: int, nasty: bool
) -> None:
    random = Random(seed)
    flows = random_flows(random, 15, nasty=nasty)
    if nasty:
        _hostile(random, flows)
    with psycopg.connect(storyarn_url) as connection:
        insert(connection, flows)
        if nasty:
            connection.execute("UPDATE sheets SET name = 'A: \u2192 [b] // <<x>> #y' WHERE id = 2")
            connection.execute("UPDATE sheets SET name = '-> x' WHERE id = 3")
    reader = snapshot(storyarn_url, "random", tmp_path)
    story = exported(reader, tmp_path)
    assert_compiles(yarn, story)
    player = Player(read_story(reader), whole_numbers=True)
    for flow in player.story.flows:
        for choices in range(3):
            assert_plays(yarn, story, player, flow, choices)


def test_the_sample_project_plays_in_yarn_as_in_storyarn(
    yarn: Yarn, new_database: Callable[..., str], tmp_path: Path
) -> None:
    settings = Settings(
        tmp_path, new_database(empty=True), str(tmp_path / "s"), str(tmp_path / "m"), str(tmp_path)
    )
    project = ensure_demo(settings)
    (tmp_path / "demo").mkdir()
    assert settings.database_url
    reader = snapshot(settings.database_url, project, tmp_path / "demo")
    story = exported(reader, tmp_path)
    assert_compiles(yarn, story)
    player = Player(read_story(reader), whole_numbers=True)
    for flow in player.story.flows:
        for seed in range(6):
            assert_plays(yarn, story, player, flow, seed)
    main = next(x for x in player.story.flows if x.is_main)
    texts = story.texts()
    from_start = yarn.play("Start", texts, 5)
    assert from_start["events"] == yarn.play(story.nodes[main.id], texts, 5)["events"]
    for locale in story.project["localisation"]:
        if locale != story.project["baseLanguage"]:
            translated = Player(read_story(reader, locale), whole_numbers=True)
            for flow in player.story.flows:
                assert_plays(yarn, story, translated, flow, 1, locale)


@pytest.fixture(scope="module")
def odd(new_database: Callable[[], str]) -> tuple[str, list[tuple[str, list[int]]]]:
    """A database of odd projects: its URL, and the projects with their flows."""
    url = new_database()
    with psycopg.connect(url) as connection:
        generator = Generator(connection)
        keys = [key for seed in range(3) for key in generator.fill(seed)]
        flows = "SELECT id FROM flows WHERE project_id = %s ORDER BY id"
        return url, [(key, [x for (x,) in connection.execute(flows, [key])]) for key in keys]


@pytest.mark.parametrize(
    "chosen",
    [{}, {"pretty_print": False}, {"include_sheets": False}, {"localization_policy": "preview"},
     {"include_localization": False}, {"flow_ids": "half"}],
    ids=str,
)  # fmt: skip
def test_odd_projects_compile_and_play(
    yarn: Yarn, odd: tuple[str, list[tuple[str, list[int]]]], tmp_path: Path, chosen: dict[str, Any]
) -> None:
    url, projects = odd
    for project, flow_ids in projects:
        half = Random(project).sample(flow_ids, len(flow_ids) // 2)
        given = chosen | ({"flow_ids": half} if "flow_ids" in chosen else {})
        options = parse_options({"include_trash": True, **given})
        directory = tmp_path / project
        directory.mkdir()
        collect(url, project, options, directory, collected_at=WHEN)
        reader = StoryReader(directory)
        story = exported(reader, directory, options)
        assert_compiles(yarn, story)
        if not options.include_sheets:
            continue  # the player needs them
        player = Player(read_story(reader), whole_numbers=True)
        for flow in player.story.flows:
            if player.story.find(flow.shortcut or str(flow.id)) != flow.id:
                continue  # another flow has its id as shortcut
            expected = player.play(flow.shortcut or str(flow.id), SeededChoices(1))
            played = yarn.play(story.nodes[flow.id], story.texts(), 1)
            assert played["errors"] == []
            wanted, found = reference_events(expected, story), events(played)
            least = min(len(found), 100) if len(wanted) > 100 else len(wanted)
            assert found[:least] == wanted[:least]
