"""What all flows of one import share, and what a flow is written with."""

from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.expressions.ast import Ref
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.yarn.meaning import World
from storyarn_pipelines.importers.yarn.metadata import OwnFlow
from storyarn_pipelines.importers.yarn.problems import Problems
from storyarn_pipelines.importers.yarn.speech import Speech
from storyarn_pipelines.importers.yarn.types import BOOL

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class Unit:
    """One flow: the nodes of Yarn that it is made of, and its row.

    ``returns`` are the rows of exits by which a play comes back to a caller, by the id that they
    had in an export of ours; the one that others need has no id. ``exits`` are all such rows.
    """

    title: str
    row: Json
    called: bool = False
    own: OwnFlow | None = None
    exits: dict[str, Json] = field(default_factory=dict)
    returns: dict[str, Json] = field(default_factory=dict)
    position: tuple[float, float] | None = None


@dataclass(slots=True, eq=False)
class Desk:
    """``units`` are by the title of any of their nodes, or by the key of a group's member."""

    draft: Draft
    world: World
    speech: Speech
    notes: Notes
    problems: Problems
    units: dict[str, Unit] = field(default_factory=dict)

    def once(self, key: str) -> Ref:
        """The variable that tells whether something was there once."""
        return self.world.stock.helper(BOOL, f"once_{key}")

    def seen(self, key: str) -> Ref:
        """The variable that tells whether something had its turn."""
        return self.world.stock.helper(BOOL, f"seen_{key}")
