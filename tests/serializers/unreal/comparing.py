"""What the interpreter plays, beside what Storyarn's player does."""

from collections.abc import Iterable
from typing import Any

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.emitters.unreal import UnrealEmitter
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player, _Play
from tests.serializers.unreal.loader import Archive
from tests.serializers.unreal.runtime import Runtime

ANNOUNCED = {"XP0102", "XP0204"}
"""Codes of exports that say: at this node a play may differ. Those of expressions say it too."""


class _Recorded(_Play):
    """A play that remembers the nodes it came to."""

    def __init__(self, player: Player, choices: SeededChoices) -> None:
        super().__init__(player, choices)
        self.visited: set[int] = set()

    def _node(self, node_id: int) -> Node:
        self.visited.add(node_id)
        return super()._node(node_id)


def check(
    story: Story,
    flow_id: int,
    seed: int,
    archive: Archive,
    told: Iterable[Diagnostic],
    culture: str | None = None,
) -> bool:
    """Assert that a play is the reference's; False if it may differ, as the export announced."""
    reference = _Recorded(Player(story, whole_numbers=True), SeededChoices(seed))
    trace = reference.run(flow_id)
    name = next(x["name"] for x in archive.graph["conversations"] if x["id"] == str(flow_id))
    played = Runtime(archive, SeededChoices(seed), culture).play(name)
    if _announced(told, reference.visited):
        return False
    wanted = [_plain(x) for x in trace["events"] if "say" in x or "choose" in x]
    assert played.events == wanted
    assert played.values == kept_values(story, archive, trace["variables"])
    return True


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    if "say" in event:
        return event
    chosen = event["choose"]
    return {"choose": {"index": chosen["index"], "options": chosen["options"]}}


def _announced(told: Iterable[Diagnostic], visited: set[int]) -> bool:
    numbers = {str(x) for x in visited}
    for one in told:
        is_expression = one.code.startswith("EX04") and one.severity != "info"
        if one.code in ANNOUNCED or is_expression:
            node = one.where.partition(", response ")[0].rpartition(" ")[2]
            if node in numbers or one.where.startswith("variable "):
                return True
    return False


def kept_values(story: Story, archive: Archive, values: dict[str, Any]) -> dict[str, Any]:
    """Values as the target holds them, by its names."""
    names = {row["VariableId"]: name for name, row in archive.tables["DT_Variables"].items()}
    known = story.variables.variables
    emitter = UnrealEmitter.for_story(known)
    return {names[name]: emitter.kept(known[name], x) for name, x in values.items()}
