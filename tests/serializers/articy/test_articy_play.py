"""What articy plays, by its JSON and by its XML, is what Storyarn's player plays."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyarn_pipelines.story.index import Story, read_story
from tests.node.judge import Judge
from tests.serializers.articy.comparing import Export, check, dialogue_id, export
from tests.serializers.articy.conftest import Exporter
from tests.serializers.articy.memory import ToldStory
from tests.serializers.articy.xml_model import Model
from tests.story.builders import story
from tests.story.random_flows import FLOWS, SHEET, random_flow


def by_json(judge: Judge, made: Export, plays: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """What articy-js plays."""
    asked = [{"start": dialogue_id(flow), "seed": seed} for flow, seed in plays]
    file = str(made.directory / "articy.json")
    results: list[dict[str, Any]] = judge.ask("articy", file=file, plays=asked)["results"]
    return results


def by_xml(made: Export, plays: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """What the XML says, as the run time of the tests reads it."""
    model = Model(made.directory / "articy.xml")
    assert model.problems == []
    return [model.play(dialogue_id(flow), seed) for flow, seed in plays]


def same(
    told: Story, made: Export, plays: list[tuple[int, int]], results: list[dict[str, Any]]
) -> list[bool]:
    """Whether each play is the reference's; a difference that nobody announced fails."""
    models = json.loads((made.directory / "articy.json").read_text("utf-8"))["Packages"][0][
        "Models"
    ]
    speakers = {x["Properties"]["Id"]: x["Properties"].get("DisplayName") for x in models}
    return [
        check(told, flow, seed, result, made.found, speakers)
        for (flow, seed), result in zip(plays, results, strict=True)
    ]


def random_export(seed: int, directory: Path) -> tuple[Story, Export]:
    """Three random flows that call each other."""
    random = Random(seed)
    flows = [random_flow(random, key) for key in FLOWS]
    made = export(ToldStory(directory, flows, [SHEET]), directory / "made")
    return story(*flows, sheets=[SHEET]), made


@pytest.mark.parametrize("seed", range(25))
def test_random_flows_play_in_articy_js_as_in_storyarn(
    judge: Judge, tmp_path: Path, seed: int
) -> None:
    told, made = random_export(seed, tmp_path)
    plays = [(flow.id, seed) for flow in told.flows for seed in range(4)]
    same(told, made, plays, by_json(judge, made, plays))


@pytest.mark.parametrize("seed", range(25, 50))
def test_random_flows_play_by_the_xml_as_in_storyarn(tmp_path: Path, seed: int) -> None:
    told, made = random_export(seed, tmp_path)
    plays = [(flow.id, seed) for flow in told.flows for seed in range(4)]
    same(told, made, plays, by_xml(made, plays))


@pytest.mark.parametrize("name", ["mini", "demo"])
def test_stored_stories_play_by_both_files_as_in_storyarn(
    judge: Judge, exported: Exporter, name: str
) -> None:
    reader, made = exported(name)
    told = read_story(reader)
    plays = [(flow.id, seed) for flow in told.flows for seed in range(8)]
    for results in (by_json(judge, made, plays), by_xml(made, plays)):
        found = same(told, made, plays, results)
        assert sum(found) >= len(found) * 0.8, found
