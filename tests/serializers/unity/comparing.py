"""What the plugin plays, beside what Storyarn's player does."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.emitters.lua import LuaEmitter
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player, _Play
from tests.serializers.unity.json_utility import value_of
from tests.serializers.unity.runtime import Conversations

ANNOUNCED = {"EX0403", "EX0404", "EX0405", "EX0406", "EX0407", "EX0408", "EX0411", "EX0412",
             "XP0102", "XP0204"}  # fmt: skip
"""Codes that say: at this node a play may differ."""


_LOOK_ALIKES = str.maketrans("\uff3b\uff5c\uff1c", "[|<")


class _Recorded(_Play):
    """A play that remembers the nodes it came to."""

    def __init__(self, player: Player, choices: SeededChoices) -> None:
        super().__init__(player, choices)
        self.visited: list[int] = []

    def _node(self, node_id: int) -> Node:
        self.visited.append(node_id)
        return super()._node(node_id)


def expected(
    story: Story, flow_id: int, seed: int
) -> tuple[list[tuple[Any, ...]], dict[str, Value], list[int], bool]:
    """Events, final values and visited nodes of the reference, and whether it went on for ever."""
    play = _Recorded(Player(story, whole_numbers=True), SeededChoices(seed))
    trace = play.run(flow_id)
    events: list[tuple[Any, ...]] = []
    for event in trace["events"]:
        if "say" in event:
            events.append(("say", event["say"]["speaker"], event["say"]["text"]))
        elif "choose" in event:
            events.append(("choose", event["choose"]["options"], event["choose"]["index"]))
    return events, trace["variables"], play.visited, trace["events"][-1]["end"] == "step_limit"


def title_of(database: Mapping[str, Any], flow_id: int) -> str:
    """The title of a flow's conversation."""
    return next(
        value_of(x, "Title")
        for x in database["conversations"]
        if value_of(x, "Storyarn Flow ID") == str(flow_id)
    )


def check(
    story: Story,
    flow_id: int,
    seed: int,
    played: Conversations,
    told: Iterable[Diagnostic],
) -> bool:
    """Assert that a play is the reference's; False if it differs as the export announced."""
    wanted, values, visited, endless = expected(story, flow_id, seed)
    played.load()
    shown = played.play(title_of(played.database, flow_id), SeededChoices(seed))
    assert not shown.marks
    digits = [x for x in told if x.code == "XP0202" and "digits" in x.message]
    if may_differ(told, ANNOUNCED, visited) or may_differ(digits, {"XP0202"}, visited):
        return False
    assert not played.machine.errors, played.machine.errors
    names = [x for x in told if x.code == "XP0202" and x.where.startswith("sheet ")]
    if names or may_differ(told, {"XP0202"}, visited):
        wanted, shown.events = _plain(wanted), _plain(shown.events)
    if endless:
        size = min(len(wanted), len(shown.events))
        assert wanted[:size] == shown.events[:size], (wanted, shown.events, visited)
        is_silent = may_differ(told, {"XP0103"}, visited)
        assert is_silent or len(shown.events) >= len(wanted), (wanted, shown.events, visited)
        return True
    assert shown.events == wanted, (wanted, shown.events, visited)
    assert not shown.endless
    left = played.values()
    for name, value in kept_values(story, values).items():
        assert left[name] == value, (name, left[name], value)
    return True


def may_differ(told: Iterable[Diagnostic], codes: Collection[str], visited: Iterable[int]) -> bool:
    """Whether something was told of a visited node, or of a variable."""
    places = set()
    for diagnostic in told:
        if diagnostic.code in codes:
            places.add(diagnostic.where.rpartition(" ")[2])
            if diagnostic.where.startswith("variable "):
                return True
    return not places.isdisjoint({str(x) for x in visited})


def kept_values(story: Story, values: Mapping[str, Value]) -> dict[str, Any]:
    """Values as Lua holds them, by their names in the story."""
    variables = story.variables.variables
    emitter = LuaEmitter.for_story(variables)
    return {name: emitter.kept(variables[name], value) for name, value in values.items()}


def _plain(events: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The same with look-alikes as what they stand for."""
    return [tuple(map(_original, event)) for event in events]


def _original(part: Any) -> Any:
    if isinstance(part, str):
        return part.translate(_LOOK_ALIKES)
    return [_original(x) for x in part] if isinstance(part, list) else part
