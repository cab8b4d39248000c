"""What may follow: every way from an output to the lines that it can come to.

articy offers each such way as a choice, named by its line. Conditions and instructions on the way
belong to the choice. A way that leaves the flow, into a container or out of one, is followed
further to find its name and its conditions, but the choice leads only to where it leaves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    Assignment,
    Condition,
    all_of,
    any_of,
)
from storyarn_pipelines.importers.articy.foresight import UnforeseenError, foreseen
from storyarn_pipelines.importers.articy.items import CONTAINERS, Item, Pin, Text, Wire
from storyarn_pipelines.importers.articy.logic import negated
from storyarn_pipelines.importers.articy.ways import End
from storyarn_pipelines.importers.articy.world import World

MOST_WAYS = 24
_MOST_STEPS = 500


class TangledError(Exception):
    """The ways cannot be told apart before they are gone: the flow keeps its own shape there."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way. ``first`` is the place of its first connection among those of the output.

    ``goal`` is a line, or where the flow is left; ``sure`` is what the way asks before that.
    """

    first: int
    goal: End
    asked: Condition
    sure: Condition
    changes: tuple[Assignment, ...]
    label: Text


@dataclass(frozen=True, slots=True)
class _Trail:
    """How far a way has come; ``left`` is how it was when it left the flow."""

    first: int
    label: Text
    asked: Condition
    done: tuple[Assignment, ...]
    seen: frozenset[tuple[int, bool]] = frozenset()
    left: "_Trail | None" = None
    goal: End | None = None


class Explorer:
    """Finds ways, each object at most once a way. ``members`` are the objects of the flow."""

    def __init__(self, world: World, members: Collection[int]) -> None:
        self._world, self._members = world, members
        self._steps = 0
        self._found: list[Way] = []
        self.forked = False

    def ways(self, wires: Sequence[Wire], before: tuple[Assignment, ...]) -> list[Way]:
        """All ways from an output. Raises TangledError."""
        self._steps, self._found, self.forked = 0, [], len(wires) > 1
        for place, wire in enumerate(wires):
            self._enter(self._world.end(wire), _Trail(place, wire.label, ALWAYS, before))
        return _merged(self._found)

    def _enter(self, end: End, trail: _Trail) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS or len(self._found) > MOST_WAYS:
            raise TangledError
        item = self._world.item(end.item)
        if item is None or trail.asked == NEVER:
            return
        if end.inside:
            self._go_out(item, end, trail)
            return
        if end.item not in self._members:
            trail = _leaving(trail, end)
        trail = self._asking(trail, self._world.asks(item, end.pin))
        if item.kind == "DialogueFragment":
            self._arrive(end, _named(trail, item))
        elif (item.id, False) in trail.seen or trail.asked == NEVER:
            return
        else:
            trail = replace(trail, seen=trail.seen | {(item.id, False)})
            if item.kind in CONTAINERS:
                self._go_in(item, end, _leaving(trail, end))
            else:
                self._pass(item, end, trail)

    def _go_in(self, item: Item, end: End, trail: _Trail) -> None:
        """Into a container; one that leads to nothing inside is gone through."""
        wires = self._world.wires(item.id, end.pin, inside=True)
        for wire in wires:
            self._enter(self._world.end(wire), trail)
        outputs = item.outputs()
        if not wires and outputs:
            self._go_out(item, End(item.id, outputs[0].id, True), trail)

    def _go_out(self, item: Item, end: End, trail: _Trail) -> None:
        """Out of a container."""
        if (item.id, True) in trail.seen:
            return
        trail = replace(_leaving(trail, end), seen=trail.seen | {(item.id, True)})
        pin = next((x for x in item.outputs() if x.id == end.pin), None)
        if pin is not None:
            self._leave(item, pin, trail)

    def _pass(self, item: Item, end: End, trail: _Trail) -> None:
        """Go on through an object that says nothing."""
        outputs = item.outputs()
        match item.kind:
            case "Jump":
                goal = self._world.goal(item)
                is_here = goal.item in self._members
                self._enter(goal, trail if is_here else _leaving(trail, end))
            case "Condition":
                test = self._world.expression(item)
                for pin, part in zip(outputs[:2], (test, negated(test)), strict=False):
                    asked = self._asking(trail, part)
                    if asked.asked != NEVER:
                        self._leave(item, pin, asked)
            case _:
                if item.kind == "Instruction":
                    trail = _doing(trail, self._world.does(item))
                for pin in outputs[:1]:
                    self._leave(item, pin, trail)

    def _leave(self, item: Item, pin: Pin, trail: _Trail) -> None:
        wires = self._world.wires(item.id, pin.id, inside=False)
        self.forked = self.forked or (len(wires) > 1 and trail.left is None)
        trail = _doing(trail, self._world.does(item, pin.id))
        for wire in wires:
            label = wire.label if any(wire.label.values()) else trail.label
            self._enter(self._world.end(wire), replace(trail, label=label))

    def _arrive(self, end: End, trail: _Trail) -> None:
        if trail.asked == NEVER:
            return
        left = trail.left or trail
        self._found.append(
            Way(trail.first, trail.goal or end, trail.asked, left.asked, left.done, trail.label)
        )

    def _asking(self, trail: _Trail, more: Condition) -> _Trail:
        """Both conditions, as they must be before anything on the way is changed."""
        if more == ALWAYS:
            return trail
        try:
            more = foreseen(more, trail.done)
        except UnforeseenError:
            if trail.left is not None:
                return trail  # it is asked when the way comes there
            raise TangledError from None
        if more == ALWAYS:
            return trail
        if NEVER in (trail.asked, more):
            return replace(trail, asked=NEVER)
        asked = trail.asked
        parts = (*(asked.parts if isinstance(asked, AllOf) else (asked,)), more)
        return replace(trail, asked=all_of(tuple(dict.fromkeys(parts))))


def _leaving(trail: _Trail, end: End) -> _Trail:
    """Note where a way leaves the flow, the first time that it does."""
    return trail if trail.left is not None else replace(trail, left=trail, goal=end)


def _doing(trail: _Trail, changes: tuple[Assignment, ...]) -> _Trail:
    return replace(trail, done=(*trail.done, *changes)) if changes else trail


def _named(trail: _Trail, item: Item) -> _Trail:
    label = item.menu if any(item.menu.values()) else item.text
    return replace(trail, label=label) if any(label.values()) else trail


def _merged(ways: list[Way]) -> list[Way]:
    """Ways that leave the flow at one place are one choice, open if any of them is."""
    found: dict[tuple[int, End, Condition, tuple[Assignment, ...]], Way] = {}
    for way in ways:
        key = (way.first, way.goal, way.sure, way.changes)
        known = found.get(key)
        if known is None:
            found[key] = way
            continue
        both = (known.asked, way.asked)
        asked = way.sure if way.sure in both else any_of(tuple(dict.fromkeys(both)))
        found[key] = replace(known, asked=asked)
    return list(found.values())
