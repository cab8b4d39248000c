"""What a play of the exported files is, beside what Storyarn's player does."""

from collections.abc import Iterable, Mapping
from typing import Any

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.emitters.gdscript import GdscriptEmitter
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player, _Play
from tests.serializers.godot.dialogic import folded

ANNOUNCED = {"EX0403", "EX0404", "EX0405", "EX0406", "EX0407", "EX0408", "EX0411", "EX0412",
             "EX0414", "XP0202", "XP0204", "XP0102"}  # fmt: skip
"""Codes that say: from this node on a play may differ."""
MOST = 300
"""Events after which two endless plays are taken for the same."""


class _Recorded(_Play):
    """A play that remembers the nodes it came to."""

    def __init__(self, player: Player, choices: SeededChoices) -> None:
        super().__init__(player, choices)
        self.visited: list[int] = []

    def _node(self, node_id: int) -> Node:
        self.visited.append(node_id)
        return super()._node(node_id)


def reference(
    story: Story, flow_id: int, seed: int
) -> tuple[list[Any], dict[str, Any], set[int], bool]:
    """Events, final variables, visited nodes, and whether the play had no end."""
    play = _Recorded(Player(story, whole_numbers=True), SeededChoices(seed))
    trace = play.run(flow_id)
    events: list[Any] = []
    for event in trace["events"]:
        if "say" in event:
            events.append(("say", event["say"]["speaker"], folded(event["say"]["text"])))
        elif "choose" in event:
            menu = event["choose"]
            events.append(("choose", tuple(map(folded, menu["options"])), menu["index"]))
    endless = trace["events"][-1]["end"] == "step_limit"
    return events, trace["variables"], set(play.visited), endless


def differences(
    story: Story,
    flow_id: int,
    seed: int,
    played: tuple[list[tuple[Any, ...]], Mapping[str, Any], list[str]],
    told: Iterable[Diagnostic],
) -> str:
    """What differs between a play and the reference without being announced; empty if nothing."""
    events, values, errors = played
    wanted, variables, visited, endless = reference(story, flow_id, seed)
    places = {x.where.rsplit(" ", 1)[-1] for x in told if x.code in ANNOUNCED}
    announced = {int(x) for x in places if x.isdigit()}
    if visited & announced:
        return ""
    if errors:
        return f"errors: {errors[:3]}"
    if endless or len(wanted) > MOST:
        least = min(len(wanted), len(events), MOST)
        return "" if events[:least] == wanted[:least] else _first(events, wanted)
    if events != wanted:
        return _first(events, wanted)
    emitter = GdscriptEmitter.for_story(story.variables.variables)
    for name, value in variables.items():
        kept = emitter.kept(story.variables.variables[name], value)
        left = values[emitter.identifiers.of(name)]
        if kept is not None and (left != kept or isinstance(left, bool) != isinstance(kept, bool)):
            return f"{name} is {left!r}, not {kept!r}"
    return ""


def _first(found: list[Any], wanted: list[Any]) -> str:
    for index, pair in enumerate(zip(found, wanted, strict=False)):
        if pair[0] != pair[1]:
            return f"event {index}: {pair[0]!r} instead of {pair[1]!r}"
    more = (found[len(wanted) :] or wanted[len(found) :])[:2]
    return f"{len(found)} events instead of {len(wanted)}: {more}"
