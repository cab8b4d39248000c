"""Our own articy export comes back and plays as the story did."""

import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story, read_story
from storyarn_pipelines.story.player import Player
from tests.serializers.articy.comparing import ANNOUNCED, export
from tests.serializers.articy.conftest import Exporter, demo_url, exported
from tests.serializers.articy.memory import ToldStory
from tests.story.builders import story
from tests.story.random_flows import FLOWS, SHEET, random_flow

from .conftest import Drafter, Files, Importer

__all__ = ["demo_url", "exported"]


def events(told: Story, flow: str, seed: int) -> tuple[list[Any], str]:
    """Lines and choices of a play."""
    trace = Player(told, whole_numbers=True).play(flow, SeededChoices(seed))
    found: list[Any] = []
    for event in trace["events"]:
        if "say" in event:
            found.append((event["say"]["speaker"], event["say"]["text"]))
        elif "choose" in event:
            found.append((event["choose"]["options"], event["choose"]["index"]))
    return found, trace["events"][-1]["end"]


def files_of(directory: Path, part: str) -> dict[str, bytes]:
    return {part: (directory / part).read_bytes()}


@pytest.mark.parametrize("part", ["articy.xml", "articy.json"])
@pytest.mark.parametrize("seed", range(5))
def test_random_flows_come_back_and_play_alike(
    draft: Drafter, importer: Importer, tmp_path: Path, seed: int, part: str
) -> None:
    random = Random(seed)
    flows = [random_flow(random, key) for key in FLOWS]
    made = export(ToldStory(tmp_path, flows, [SHEET]), tmp_path / "made")
    before = story(*flows, sheets=[SHEET])
    found = draft(files_of(made.directory, part))
    after = importer(found.path).story
    shortcuts = [x["shortcut"] for x in found.document["flows"]]
    may_differ = {x.where for x in made.found if x.code in ANNOUNCED | {"XP0103"}}
    for flow, shortcut in zip(flows, shortcuts, strict=False):
        for number in range(4):
            wanted, end = events(before, str(flow.id), number)
            got, other = events(after, shortcut, number)
            cut = 100 if "step_limit" in (end, other) else None
            assert got[:cut] == wanted[:cut] or may_differ, (end, other)


@pytest.mark.parametrize("name", ["mini", "demo"])
def test_stored_stories_come_back_and_play_alike(
    exported: Exporter, draft: Drafter, importer: Importer, name: str
) -> None:
    reader, made = exported(name)
    before = read_story(reader)
    with zipfile.ZipFile(next(made.directory.glob("*.zip"))) as archive:
        files = {x: archive.read(x) for x in archive.namelist()}
    found = draft(Files(files))
    after = importer(found.path).story
    known = {x.shortcut for x in after.flows}
    same = []
    for flow in before.flows:
        if flow.shortcut in known:
            for number in range(6):
                wanted, end = events(before, str(flow.id), number)
                got, other = events(after, flow.shortcut or "", number)
                cut = 100 if "step_limit" in (end, other) else None
                same.append(got[:cut] == wanted[:cut])
    assert same
    # Conditions on types that the file does not keep may differ; that is told.
    assert any("whose own type" in x for x in found.notes)
    assert sum(same) >= len(same) * 0.7, found.notes
