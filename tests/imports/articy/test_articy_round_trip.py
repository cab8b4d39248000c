"""Our own articy export comes back, by its XML and by its JSON, and plays as the story did."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story, read_story
from storyarn_pipelines.story.player import Player
from tests.serializers.articy.comparing import export
from tests.serializers.articy.conftest import Exporter, demo_url, exported
from tests.serializers.articy.memory import ToldStory
from tests.story.builders import story
from tests.story.random_flows import FLOWS, SHEET, random_flow

from .conftest import Drafter, Files, Importer

__all__ = ["demo_url", "exported"]

FORMS = ("articy.xml", "articy.json")
SEEDS = 6
LEGAL_SHEET = msgspec.structs.replace(
    SHEET,
    blocks=tuple(msgspec.structs.replace(x, id=number) for number, x in enumerate(SHEET.blocks, 1)),
)
_MENTIONED = re.compile(r'data-id="\d+"')
Trace = dict[str, Any]


def trace(story: Story, flow: str, seed: int) -> Trace:
    """A play without the ids of nodes and flows, which an import gives anew."""
    found = Player(story).play(flow, SeededChoices(seed))
    events: list[Any] = []
    for event in found["events"]:
        told_of = {key: x for key, x in event.items() if key not in ("node", "flow", "pin")}
        if "say" in told_of:
            told_of["say"] = {x: y for x, y in told_of["say"].items() if x != "node"}
        events.append(told_of)
    told: Trace = _nameless({**found, "events": events})
    return told


def _nameless(value: Any) -> Any:
    """Without the ids of what rich texts mention."""
    if isinstance(value, str):
        return _MENTIONED.sub("", value)
    if isinstance(value, dict):
        return {key: _nameless(x) for key, x in value.items()}
    return [_nameless(x) for x in value] if isinstance(value, list) else value


def same_traces(before: Story, after: Story, flows: Sequence[tuple[str, str]]) -> int:
    """Compare all plays of flows, each by its name before and after; returns how many."""
    for one, other in flows:
        for seed in range(SEEDS):
            assert trace(after, other, seed) == trace(before, one, seed), (one, seed)
    return len(flows) * SEEDS


def legal(flow: Flow) -> Flow:
    """A random flow as a database can have it: node types that exist, ids of responses as texts,
    no two wires alike, none to nowhere."""
    there = {x.id for x in flow.nodes}
    wires = {(x.source_node_id, x.source_pin, x.target_node_id): x for x in flow.connections[::-1]}
    kept = tuple(x for x in flow.connections if x in wires.values() and x.target_node_id in there)
    return msgspec.structs.replace(flow, nodes=tuple(map(_legal, flow.nodes)), connections=kept)


def _legal(node: Node) -> Node:
    data = dict(node.data)
    if "responses" in data:
        data["responses"] = [
            {**x, "id": f"r{index}" if not isinstance(x["id"], str) else x["id"]}
            for index, x in enumerate(data["responses"])
        ]
    kind = "hub" if node.type == "odd" else node.type
    return msgspec.structs.replace(node, type=kind, data=data)


def unpacked(path: Path, form: str) -> Files:
    """The artifact as the export wrote it, without the other of its two documents."""
    other = next(x for x in FORMS if x != form)
    with zipfile.ZipFile(path) as archive:
        return Files({x: archive.read(x) for x in archive.namelist() if x != other})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(8))
def test_random_flows_come_back_and_play_alike(
    draft: Drafter, importer: Importer, tmp_path: Path, seed: int, form: str
) -> None:
    random = Random(seed)
    flows = [legal(random_flow(random, key)) for key in FLOWS]
    made = export(ToldStory(tmp_path, flows, [LEGAL_SHEET]), tmp_path / "made")
    before = story(*flows, sheets=[LEGAL_SHEET])
    found = draft(unpacked(made.directory / "artifact.zip", form))
    after = importer(found.path).story
    assert [x for x in found.notes if "articy" in x] == []
    names = [x.name for x in after.flows]
    assert names == [x.name for x in flows]
    plays = [(str(x.id), str(y.id)) for x, y in zip(flows, after.flows, strict=True)]
    assert same_traces(before, after, plays) == len(FLOWS) * SEEDS


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["mini", "demo"])
def test_stored_stories_come_back_and_play_alike_in_every_locale(
    exported: Exporter, draft: Drafter, importer: Importer, name: str, form: str
) -> None:
    reader, made = exported(name)
    found = draft(unpacked(made.directory / "artifact.zip", form))
    after = importer(found.path)
    locales = [None, *(x.locale_code for x in reader.languages() if not x.is_source)]
    for locale in locales:
        before = read_story(reader, locale=locale)
        again = read_story(after.reader, locale=locale)
        old, new = before.flows, again.flows
        assert [(x.name, x.shortcut, x.is_main) for x in new] == [
            (x.name, x.shortcut, x.is_main) for x in old
        ]
        plays = [(str(x.id), str(y.id)) for x, y in zip(old, new, strict=True)]
        assert same_traces(before, again, plays) == len(old) * SEEDS
