"""What an articy run time plays, beside what Storyarn's player does."""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.emitters.articy import ArticyEmitter
from storyarn_pipelines.serializers.articy import ArticySerializer
from storyarn_pipelines.serializers.articy.book import RESPONSE
from storyarn_pipelines.serializers.articy.calls import MOST_ROUNDS
from storyarn_pipelines.serializers.articy.ids import FLOW, Ids
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player, _Play
from tests.serializers.articy.memory import ToldStory

ANNOUNCED = {"EX0403", "EX0404", "EX0405", "EX0406", "EX0407", "EX0408", "EX0411", "EX0412",
             "XP0204", "XP0102"}  # fmt: skip
"""Codes that say: from this node on a play may differ."""

_TOKEN = re.compile(r"\[(\w+)\.(\w+)\]")
Play = dict[str, Any]


@dataclass(frozen=True)
class Export:
    """An artifact, unpacked, with what the export told."""

    directory: Path
    parts: tuple[str, ...]
    found: Sequence[Diagnostic]


def export(reader: StoryReader, directory: Path, **options: object) -> Export:
    """Export a story and unpack it."""
    directory.mkdir(parents=True, exist_ok=True)
    with Output(directory, "zip") as out:
        found = ArticySerializer().write(reader, out, parse_options(options))
        artifact = out.finish()
    with zipfile.ZipFile(artifact.path) as archive:
        archive.extractall(directory)
    return Export(directory, artifact.parts, found)


class _Recorded(_Play):
    """A play that remembers the nodes it came to."""

    def __init__(self, player: Player, choices: SeededChoices) -> None:
        super().__init__(player, choices)
        self.visited: list[int] = []

    def _node(self, node_id: int) -> Node:
        self.visited.append(node_id)
        return super()._node(node_id)


def expected(story: Story, flow_id: int, seed: int) -> tuple[list[Any], dict[str, Any], list[int]]:
    """Events, final variables and visited nodes of the reference."""
    play = _Recorded(Player(story, whole_numbers=True), SeededChoices(seed))
    trace = play.run(flow_id)
    events: list[Any] = []
    for event in trace["events"]:
        if "say" in event:
            events.append(("say", event["say"]["speaker"], event["say"]["text"]))
        elif "choose" in event:
            events.append(("choose", event["choose"]["options"], event["choose"]["index"]))
        elif "end" in event:
            events.append(("end", event["end"] == "step_limit"))
    return events, trace["variables"], play.visited


def played(steps: Sequence[Mapping[str, Any]], speakers: Mapping[str, str]) -> list[Any]:
    """The events that a run time's steps amount to; values are put in as articy's importers do."""
    events: list[Any] = []
    for step in steps:
        values = step["variables"]
        if step.get("type", RESPONSE) != RESPONSE:
            events.append(("say", speakers.get(step["speaker"]), _filled(step["text"], values)))
        offered = [_filled(x["menu"], values) for x in step["options"] if x["type"] == RESPONSE]
        if offered:
            events.append(("choose", offered, step["chosen"]))
    return [*events, ("end", False)]


def _filled(text: str, values: Mapping[str, Mapping[str, object]]) -> str:
    def value(match: re.Match[str]) -> str:
        found = values[match[1]][match[2]]
        return str(found).lower() if isinstance(found, bool) else str(found)

    return _TOKEN.sub(value, text)


def kept_values(story: Story, values: Mapping[str, Value]) -> dict[str, Any]:
    """The values of all variables as articy holds them, by their names there."""
    emitter = ArticyEmitter.for_story(story.variables.variables)
    variables = story.variables.variables
    return {
        emitter.identifiers.of(name): emitter.kept(variables[name], value)
        for name, value in values.items()
    }


def flat(variables: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Variables by set as ``set.name``."""
    return {f"{head}.{tail}": x for head, inner in variables.items() for tail, x in inner.items()}


def check(
    story: Story,
    flow_id: int,
    seed: int,
    result: Mapping[str, Any],
    told: Sequence[Diagnostic],
    speakers: Mapping[str, str],
) -> bool:
    """Assert that a play is the reference's; False if it differs as the export announced."""
    assert "error" not in result, result
    wanted, values, visited = expected(story, flow_id, seed)
    got = played(result["steps"], speakers)
    codes = ANNOUNCED | {"XP0103"} if _went_round(result) else ANNOUNCED
    announced = {x.where for x in told if x.code in codes}
    places = [where for where in announced if where.split(" ")[-1].isdigit()]
    numbers = {int(where.split(" ")[-1]) for where in places}
    may_differ = bool(numbers & set(visited)) or any(x.startswith("variable ") for x in announced)
    if wanted[-1] == ("end", True):
        shared = min(len(got), len(wanted)) - 1
        assert may_differ or got[:shared] == wanted[:shared], (got, wanted, visited)
        assert may_differ or len(got) > min(len(wanted), 1000)
        return False
    if got != wanted:
        assert may_differ, (got, wanted, visited)
        return False
    left = flat(result["variables"])
    odd = {x.where.removeprefix("variable ") for x in told if x.where.startswith("variable ")}
    told_of = {name: value for name, value in values.items() if name not in odd}
    same = all(left[name] == value for name, value in kept_values(story, told_of).items())
    assert same or may_differ, (left, values, visited)
    return same


def _went_round(result: Mapping[str, Any]) -> bool:
    """Whether the play came to the end that loops without a line have."""
    calls = result["variables"].get("StoryarnCalls", {})
    return bool(calls.get("rounds", 0) >= MOST_ROUNDS)


def dialogue_id(flow_id: int) -> str:
    """The dialogue of a flow."""
    return Ids().of(FLOW, flow_id)


def told(tmp_path: Path, *flows: Flow, sheets: Any = (), **options: object) -> Export:
    """An export of flows."""
    return export(ToldStory(tmp_path, flows, sheets), tmp_path / "made", **options)


def models(made: Export) -> dict[str, Any]:
    """The objects of the JSON by id."""
    document = json.loads((made.directory / "articy.json").read_text("utf-8"))
    found = document["Packages"][0]["Models"]
    return {x["Properties"]["Id"]: x for x in found}
