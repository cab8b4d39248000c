"""What our own export wrote comes back and plays as before."""

import re
from collections.abc import Callable, Set
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player
from tests.imports.yarn.drafting import Drafted
from tests.reference.projects import Generator
from tests.serializers.ink.projects import insert, random_flows
from tests.serializers.yarn.engine import Exported, exported
from tests.serializers.yarn.test_yarn_plays import WHEN, _hostile, snapshot

MOST = 300
CONTROL = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029\r\0]")
NOWHERE = ("no_hub", "no_flow", "hub_not_found", "flow_not_found", "node_not_found", "no_entry")


def events_of(trace: dict[str, Any], lost: Set[str]) -> list[Any]:
    """What the reader meets, and what changes; ids of nodes are others."""
    found: list[Any] = []
    for event in trace["events"][: 2 * MOST]:
        if "set" in event:
            kept = {x: y for x, y in event["set"].items() if x not in lost}
            found += [kept] if kept else []
        elif "say" in event:
            found.append((event["say"]["speaker"], plain(event["say"]["text"])))
        elif "choose" in event:
            chosen = event["choose"]
            found.append((chosen["index"], [plain(x) for x in chosen["options"]]))
        else:
            # The export says of all of these that the story ends there, and stops.
            found.append("dead_end" if event["end"] in NOWHERE else event["end"])
    return found


def plain(text: str) -> str:
    """A text as the export has it: no control characters, line breaks of lines aside."""
    lines = [CONTROL.sub(" ", line) for line in text.split("\n")]
    return "\n".join([" ".join(line.split()) for line in lines])


def assert_same(
    reader: StoryReader, directory: Path, seeds: int = 3, options: ExportOptions | None = None
) -> Drafted:
    """Every flow plays as it did, and holds the same values in the end."""
    story = exported(reader, directory, options)
    again = Drafted(story.parts, directory)
    first = Player(read_story(reader), whole_numbers=True)
    second = Player(again.story(), whole_numbers=True)
    keys = keys_of(story, again)
    lost = {x.where.removeprefix("variable ") for x in story.told if "is 0: " in x.message}
    assert len(keys) == len(again.document["flows"])
    for flow in first.story.flows:
        for seed in range(seeds):
            wanted = first.play(flow.shortcut or str(flow.id), SeededChoices(seed))
            found = second.play(keys[flow.id], SeededChoices(seed))
            left, right = events_of(found, lost), events_of(wanted, lost)
            if "step_limit" in (wanted["events"][-1]["end"], found["events"][-1]["end"]):
                least = min(len(left), len(right), MOST) - 1
                assert left[:least] == right[:least]
                continue
            assert left == right, (flow.id, flow.name)
            values = {name: wanted["variables"][name] for name in wanted["variables"].keys() - lost}
            assert {name: found["variables"].get(name) for name in values} == values
    return again


def keys_of(story: Exported, again: Drafted) -> dict[int, str]:
    """How the flows that came back are called, by the ids that they had."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for row in again.document["flows"]:
        key = row["name"], row["shortcut"]
        waiting.setdefault(key, []).append(row["shortcut"] or row["id"])
    by_file = sorted(story.metadata["flows"], key=lambda x: f"{x['node']}.yarn")
    return {x["id"]: waiting[x["name"], x["shortcut"]].pop(0) for x in by_file}


@pytest.mark.parametrize("nasty", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_random_stories_come_back(
    storyarn_url: str, tmp_path: Path, seed: int, nasty: bool
) -> None:
    random = Random(seed)
    flows = random_flows(random, 15, nasty=nasty)
    if nasty:
        _hostile(random, flows)
    with psycopg.connect(storyarn_url) as connection:
        insert(connection, flows)
    assert_same(snapshot(storyarn_url, "random", tmp_path), tmp_path)


def test_the_sample_project_comes_back(new_database: Callable[..., str], tmp_path: Path) -> None:
    settings = Settings(
        tmp_path, new_database(empty=True), str(tmp_path / "s"), str(tmp_path / "m"), str(tmp_path)
    )
    project = ensure_demo(settings)
    (tmp_path / "demo").mkdir()
    assert settings.database_url
    reader = snapshot(settings.database_url, project, tmp_path / "demo")
    again = assert_same(reader, tmp_path, 6)
    story = exported(reader, tmp_path)
    for locale in story.project["localisation"]:
        if locale == story.project["baseLanguage"]:
            continue
        first = Player(read_story(reader, locale), whole_numbers=True)
        second = Player(again.story(locale), whole_numbers=True)
        for flow in first.story.flows:
            wanted = first.play(flow.shortcut or str(flow.id), SeededChoices(1))
            found = second.play(flow.shortcut or str(flow.id), SeededChoices(1))
            assert events_of(found, set()) == events_of(wanted, set()), (locale, flow.name)


def test_odd_projects_come_back(new_database: Callable[[], str], tmp_path: Path) -> None:
    url = new_database()
    with psycopg.connect(url) as connection:
        generator = Generator(connection)
        keys = [key for seed in range(3) for key in generator.fill(seed)]
    for project in keys:
        directory = tmp_path / project
        directory.mkdir()
        options = parse_options({"include_trash": True})
        collect(url, project, options, directory, collected_at=WHEN)
        assert_same(StoryReader(directory), directory, 2, options)
