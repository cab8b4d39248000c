"""Where a story may go on in several ways: responses of a line, or a choice of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    AllOf,
    Assignment,
    Condition,
    all_of,
)
from storyarn_pipelines.importers.articy.book import Json
from storyarn_pipelines.importers.articy.branches import Explorer, TangledError, Way
from storyarn_pipelines.importers.articy.items import Item, Text, Wire
from storyarn_pipelines.importers.articy.logic import negated
from storyarn_pipelines.importers.articy.ours import is_choice
from storyarn_pipelines.importers.articy.sketch import Point
from storyarn_pipelines.importers.articy.speech import add_choice, add_response
from storyarn_pipelines.importers.articy.ways import End

if TYPE_CHECKING:
    from storyarn_pipelines.importers.articy.flow import FlowBuilder

_MOST_ALONE = 4
Changes = tuple[Assignment, ...]


class Menus:
    """The choices of one flow."""

    def __init__(self, flow: "FlowBuilder") -> None:
        self._flow = flow
        self._explorer = Explorer(flow.ground.world, flow.ground.items.keys())

    def on_line(self, item: Item, node: int, wires: Sequence[Wire], changes: Changes) -> bool:
        """Give a line its responses; False if it needs none, or cannot have them."""
        choices = [x for x in map(self._choice_at, wires) if x is not None]
        if choices and len(choices) == len(wires):
            for choice in choices:
                self._restore(node, choice, changes)
            return True
        try:
            ways = self._sayable(self._explorer.ways(wires, changes))
        except TangledError:
            return False
        if not self._explorer.forked or len(ways) < 2 or not self._can_say(ways):
            return False
        self._respond(node, ways, wires)
        self._tell_dead(item, wires, ways)
        return True

    def lead(
        self, begin: Point, wires: Sequence[Wire], _changes: Changes, y: float, key: str
    ) -> None:
        """Lead from an output that is no line's to whatever follows."""
        flow = self._flow
        ends = [(x, flow.ground.end(x)) for x in wires]
        there = [(wire, end) for wire, end in ends if end.is_there]
        if len(there) <= 1:
            for wire, end in there:
                flow.sketch.wire(begin, flow.into(end), flow.book.said(wire.label))
            return
        try:
            ways = self._sayable(self._explorer.ways([x for x, _ in there], ()))
        except TangledError:
            self._by_wires(begin, there, y, key)
            return
        live = sorted({x.first for x in ways})
        if len(live) <= 1:
            first = live[0] if live else 0
            for wire, end in [there[first], *there[:first], *there[first + 1 :]]:
                flow.sketch.wire(begin, flow.into(end), flow.book.said(wire.label))
            return
        if not self._can_say(ways):
            self._by_wires(begin, there, y, key)
            return
        begin = self._alone(begin, ways, there, y)
        if begin[1]:
            node = self._choice(begin, y, key)
            self._respond(node, ways, [x for x, _ in there])

    # -- responses of our own export

    def _choice_at(self, wire: Wire) -> Item | None:
        item = self._flow.ground.here(self._flow.ground.end(wire))
        return item if item is not None and is_choice(item) else None

    def _restore(self, node: int, choice: Item, before: Changes) -> None:
        """A response as it was in Storyarn, and what follows it."""
        flow = self._flow
        world = flow.ground.world
        pins, outputs = choice.inputs(), choice.outputs()
        asked = world.asks(choice, pins[0].id if pins else 0)
        changes = (*before, *(world.does(choice, outputs[0].id) if outputs else ()))
        pin = add_response(
            flow.sketch, node, choice.external or "response", choice.menu, asked, changes
        )
        if pin is None:
            flow.book.notes.add("conditions that cannot be held count as true",
                                [flow.book.where(choice)])  # fmt: skip
            pin = add_response(
                flow.sketch, node, choice.external or "response", choice.menu, ALWAYS, changes
            )
        assert pin is not None
        for wire in world.wires(choice.id, outputs[0].id, inside=False) if outputs else ():
            flow.sketch.wire((node, pin), flow.into(flow.ground.end(wire)))

    # -- responses

    def _sayable(self, ways: list[Way]) -> list[Way]:
        """Of what other flows ask on the way only that counts here which can be said."""
        said = self._flow.sketch.structure
        return [
            x if x.asked == ALWAYS or said(x.asked) is not None else replace(x, asked=x.sure)
            for x in ways
        ]

    def _can_say(self, ways: list[Way]) -> bool:
        sketch = self._flow.sketch
        return all(x.asked == ALWAYS or sketch.structure(x.asked) is not None for x in ways)

    def _respond(self, node: int, ways: list[Way], wires: Sequence[Wire]) -> None:
        flow = self._flow
        for way in ways:
            label = way.label if any(way.label.values()) else self.label(way.goal, {})
            pin = add_response(
                flow.sketch, node, f"to_{way.goal.item:016x}", label, way.asked, way.changes
            )
            assert pin is not None
            said = flow.book.said(wires[way.first].label)
            flow.sketch.wire((node, pin), flow.into(way.goal, checked=True), said)

    def _by_wires(self, begin: Point, there: list[tuple[Wire, End]], y: float, key: str) -> None:
        """A choice of connections, whose conditions are asked only when they are taken."""
        flow = self._flow
        node = self._choice(begin, y, key)
        flow.book.notes.add(
            "choices that show all their ways, which ask their conditions later",
            [f"connection {x.source:#018x} to {x.target:#018x}" for x, _ in there[:1]],
        )
        for wire, end in there:
            label = self.label(end, wire.label)
            pin = add_response(flow.sketch, node, f"to_{end.item:016x}", label, ALWAYS, ())
            assert pin is not None
            flow.sketch.wire((node, pin), flow.into(end), flow.book.said(wire.label))

    def _choice(self, begin: Point, y: float, key: str) -> int:
        flow = self._flow
        source = next(x for x in flow.sketch.nodes if x["id"] == str(begin[0]))
        node = add_choice(flow.sketch, source["position_x"] + 250, y, key)
        flow.sketch.wire(begin, node)
        flow.book.notes.add("choices before any line stand below an empty one", [key])
        return node

    def _tell_dead(self, item: Item, wires: Sequence[Wire], ways: list[Way]) -> None:
        live = {x.first for x in ways}
        dead = [self._flow.ground.end(x).item for n, x in enumerate(wires) if n not in live]
        self._flow.book.notes.add(
            "connections that come to no line are not offered",
            [f"{self._flow.book.where(item)} to {x:#018x}" for x in dead],
        )

    # -- ways that exclude each other

    def _alone(
        self, begin: Point, ways: list[Way], there: list[tuple[Wire, End]], y: float
    ) -> Point:
        """Ask first whether only one way is open; returns where a choice is left, if one is.

        So nothing empty is shown where conditions leave no choice.
        """
        flow = self._flow
        always = sum(x.asked == ALWAYS for x in ways)
        by_wire = len({x.first for x in ways}) == len(ways)
        if always > 1 or len(ways) > _MOST_ALONE or not by_wire:
            return begin
        x = next(n for n in flow.sketch.nodes if n["id"] == str(begin[0]))["position_x"] + 150
        if len(ways) == 2 and ways[1].asked == negated(ways[0].asked):
            made = flow.sketch.question(x, y, ways[0].asked)
            assert made is not None
            flow.sketch.wire(begin, made[0][0])
            for point, way in zip(made, ways, strict=True):
                flow.sketch.wire(point, flow.into(there[way.first][1]))
            return begin[0], ""
        cases: list[tuple[Condition, Way | None]] = []
        for way in ways:
            others = [negated(z.asked) for z in ways if z is not way]
            cases.append((_all([way.asked, *others]), way))
        if not always:
            cases.append((_all([negated(z.asked) for z in ways]), None))
        blocks = []
        for place, (asked, _) in enumerate(cases):
            case = _case(flow.sketch.structure(asked))
            if case is None:
                return begin
            blocks.append({**case, "id": f"only_{place + 1}"})
        data = {"switch_mode": True, "condition": {"logic": "all", "blocks": blocks}}
        node = flow.sketch.node("condition", x, y, data)
        flow.sketch.wire(begin, node)
        for block, (_, only) in zip(blocks, cases, strict=True):
            if only is not None:
                flow.sketch.wire((node, str(block["id"])), flow.into(there[only.first][1]))
        return node, "default"

    # -- labels

    def label(self, end: End, otherwise: Text) -> Text:
        """What a choice is called: the menu text or the text of the line it leads to."""
        book = self._flow.book
        item = book.store.item(end.item)
        if item is None or end.inside:
            return otherwise
        for text in (item.menu, item.text, otherwise, item.name):
            if any(text.values()):
                return text
        return {}


def _case(structure: Json | None) -> Json | None:
    """A condition as the one block that a case is; None for what needs several."""
    if structure is None:
        return None
    blocks = structure["blocks"]
    if len(blocks) == 1 and blocks[0]["type"] == "block":
        return {**blocks[0]}
    plain = all(x["type"] == "block" and len(x["rules"]) == 1 for x in blocks)
    if not plain:
        return None
    rules = [rule for x in blocks for rule in x["rules"]]
    return {"type": "block", "logic": structure["logic"], "rules": rules}


def _all(parts: list[Condition]) -> Condition:
    flat: list[Condition] = []
    for part in parts:
        if part == ALWAYS:
            continue
        flat.extend(part.parts if isinstance(part, AllOf) else (part,))
    return all_of(tuple(dict.fromkeys(flat)))
