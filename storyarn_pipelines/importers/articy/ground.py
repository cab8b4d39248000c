"""One flow of the export: its objects, what their scripts say, and where connections lead."""

from collections.abc import Sequence

from storyarn_pipelines.expressions.ast import Assignment, Condition
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.items import CONTAINERS, NOTHING, Item, Pin, Wire
from storyarn_pipelines.importers.articy.plan import Unit
from storyarn_pipelines.importers.articy.sketch import Sketch
from storyarn_pipelines.importers.articy.ways import End, source_of, target_of
from storyarn_pipelines.importers.articy.world import World

_BELOW = 40


class UnitGround:
    """The ground of one unit. What cannot be held of it is told once, where it stands."""

    def __init__(self, book: Book, world: World, unit: Unit, sketch: Sketch) -> None:
        self.book, self.world, self.unit, self._sketch = book, world, unit, sketch
        self.items = {x.id: x for x in book.store.items(unit.members)}
        self.container = book.store.item(unit.container) if unit.container is not None else None
        for item in self.items.values():
            self._check_scripts(item)
            self._check_wires(item)
        if self.container is not None:
            self._check_pins(self.container, self.container.outputs())
            self._check_wires(self.container)

    def _check_scripts(self, item: Item) -> None:
        is_container = item.kind in CONTAINERS
        self._check_pins(item, item.inputs() if is_container else item.pins)
        if item.kind == "Condition" and self.world.told(item) is None:
            self._tell_condition(item, item.expression, "condition")
        elif item.kind == "Instruction":
            self._tell_lost(item, NOTHING, "instruction")

    def _check_pins(self, item: Item, pins: Sequence[Pin]) -> None:
        for pin in pins:
            if not pin.script:
                continue
            if not pin.is_input:
                self._tell_lost(item, pin.id, "instruction of an output")
            elif self.world.asked(item, pin.id) is None:
                self._tell_condition(item, pin.script, "condition of an input")

    def _tell_condition(self, item: Item, script: str, what: str) -> None:
        self._note(item, script, f"{what}, which counts as true")
        self.book.notes.add(
            "conditions that cannot be held count as true", [self._at(item, script)]
        )

    def _tell_lost(self, item: Item, pin: int, what: str) -> None:
        for lost in self.world.done(item, pin).lost:
            self._note(item, lost, f"{what}, which is left out")
            self.book.notes.add(
                "instructions that cannot be held are left out", [self._at(item, lost)]
            )

    def _at(self, item: Item, script: str) -> str:
        shown = " ".join(script.split())
        return f"{self.book.where(item)}: {shown[:80]}"

    def _note(self, item: Item, script: str, what: str) -> None:
        y = item.y + max(item.height, 120.0) + _BELOW
        self._sketch.note(item.x, y, f"articy {what}:\n{script}")

    def _check_wires(self, item: Item) -> None:
        """Tell of connections that do not say their pins, or lead to nothing."""
        store = self.book.store
        is_own = self.container is not None and item.id == self.container.id
        for _, wire in store.leaving(item.id):
            begin, end = source_of(store, wire), target_of(store, wire)
            if begin.inside is not is_own:
                continue
            what = ""
            if not end.is_there:
                what = "connections to what is not in the export are left out"
            elif NOTHING in (begin.pin, end.pin):
                what = "connections without a pin lead from and to the first"
            if what:
                self.book.notes.add(what, [self.book.where(item)])

    # -- what flows ask

    def leaving(self, item: int, pin: int, *, inside: bool) -> Sequence[Wire]:
        """Connections of an output, from the top of the page to its bottom."""
        return self.world.wires(item, pin, inside=inside)

    def end(self, wire: Wire) -> End:
        """Where a connection leads."""
        return self.world.end(wire)

    def here(self, end: End) -> Item | None:
        """The object at an end; none for the container itself, and for objects elsewhere."""
        return None if end.inside else self.items.get(end.item)

    def is_exit(self, end: End) -> bool:
        """Whether an end is an output of the container."""
        return end.inside and self.container is not None and end.item == self.container.id

    def condition(self, end: End) -> Condition:
        """What the input at an end asks."""
        return self.world.asks(self.items[end.item], end.pin)

    def expression(self, item: Item) -> Condition:
        """What a condition asks."""
        return self.world.expression(item)

    def changes(self, item: Item, pin: int = NOTHING) -> tuple[Assignment, ...]:
        """What an output does, or an instruction itself."""
        return self.world.does(item, pin)

    def jump(self, item: Item) -> End | None:
        """Where a jump leads within the flow; None if that is elsewhere."""
        goal = self.world.goal(item)
        return goal if goal.item in self.items else None
