"""One flow: a node for each object, with nodes between for what stands on its pins."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.expressions.ast import ALWAYS, NEVER, Assignment
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.asides import note_asides
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.crossing import Crossing
from storyarn_pipelines.importers.articy.ground import UnitGround
from storyarn_pipelines.importers.articy.items import CONTAINERS, NOTHING, Item, Pin
from storyarn_pipelines.importers.articy.menus import Menus
from storyarn_pipelines.importers.articy.ours import is_choice
from storyarn_pipelines.importers.articy.plan import Plan, Unit
from storyarn_pipelines.importers.articy.sketch import NOTE_COLOR, Point, Sketch
from storyarn_pipelines.importers.articy.speech import add_line
from storyarn_pipelines.importers.articy.ways import End
from storyarn_pipelines.importers.articy.world import World

_HUB_COLOR = "#be185d"


class FlowBuilder:
    """Builds one flow."""

    def __init__(self, book: Book, plan: Plan, world: World, unit: Unit) -> None:
        self.book, self.plan, self.unit = book, plan, unit
        self.sketch = Sketch(book)
        self.ground = UnitGround(book, world, unit, self.sketch)
        self._hub_names = names.Taken("_", 100)
        self._cores: dict[int, int] = {}
        self._gates: dict[int, int] = {}
        self._hubs: dict[tuple[int, int], tuple[int, str]] = {}
        self._exits: dict[int, int] = {}
        self._crossings: dict[tuple[int, int], int] = {}
        self._crossing = Crossing(self)
        self._menus = Menus(self)

    def build(self, name: str, shortcut: str, position: int, *, is_main: bool) -> None:
        """Draft the flow with all that is in it."""
        for item in self.ground.items.values():
            self._add(item)
        # Jumps know their hubs only now.
        for item in self.ground.items.values():
            if item.kind == "Jump":
                self._aim(item)
        self._begin()
        for item in self.ground.items.values():
            for pin in item.outputs():
                self._lead(item, pin)
        self._keep_exits()
        self._draft(name, shortcut, position, is_main=is_main)

    def _draft(self, name: str, shortcut: str, position: int, *, is_main: bool) -> None:
        container, parent = self.ground.container, self.unit.parent
        description = texts.plain(self.book.said(container.text)) if container else ""
        if len(description) > 2000:
            self.sketch.note(0, -300, description)
        self.book.draft.flow(
            self.book.draft.row(
                t.FLOWS,
                id=str(self.unit.flow),
                name=name,
                shortcut=shortcut,
                description=description if 0 < len(description) <= 2000 else None,
                is_main=is_main,
                settings={"import_source": "articy"},
                position=position,
                parent_id=None if parent is None else str(parent.flow),
                nodes=self.sketch.nodes,
                connections=self.sketch.wires,
            )
        )

    # -- objects

    def _add(self, item: Item) -> None:
        """The node of an object."""
        match item.kind:
            case "DialogueFragment" if is_choice(item):
                return
            case "DialogueFragment":
                own = item.external if self.book.is_ours else ""
                self._cores[item.id] = add_line(self.sketch, item, own)
            case "Condition":
                made = self.sketch.question(item.x, item.y, self.ground.expression(item))
                assert made is not None
                self._cores[item.id] = made[0][0]
            case "Instruction":
                changes = self.ground.changes(item)
                said = texts.plain(self.book.said(item.text)) or self.book.name(item)
                self._cores[item.id] = self.sketch.change(item.x, item.y, changes, said)
            case "Comment":
                self._comment(item)
            case "Jump":
                pass
            case kind if kind in CONTAINERS:
                flow = self.plan.of_container(item.id).flow
                data = {"referenced_flow_id": flow}
                self._cores[item.id] = self.sketch.node("subflow", item.x, item.y, data)
            case _:
                self._cores[item.id] = self._hub(item.x, item.y, self.book.name(item), item)
        if not self.book.is_ours:
            note_asides(self.sketch, item)

    def _hub(self, x: float, y: float, label: str, item: Item) -> int:
        name = self._hub_names.give(names.variable_name(item.technical or label))
        color = (names.color(item.color) or _HUB_COLOR).lower()
        node = self.sketch.node("hub", x, y, {"hub_id": name, "label": label, "color": color})
        self._hubs.setdefault((item.id, NOTHING), (node, name))
        return node

    def _comment(self, item: Item) -> None:
        text = texts.plain(self.book.said(item.text)) or self.book.name(item)
        self.sketch.note(item.x, item.y, text, (names.color(item.color) or NOTE_COLOR).lower())

    def _aim(self, item: Item) -> None:
        """A jump: to a hub of this flow, or out of it."""
        goal = self.ground.jump(item)
        if goal is not None:
            hub = self.hub_before(goal)
            self._cores[item.id] = self.sketch.node("jump", item.x, item.y, {"target_hub_id": hub})
            return
        number, pin = self.plan.goal_of(item)
        if number == NOTHING:
            self.book.notes.add("jumps to what is not in the export lead nowhere",
                                [self.book.where(item)])  # fmt: skip
            self._cores[item.id] = self.sketch.node("jump", item.x, item.y, {"target_hub_id": ""})
            return
        self._cores[item.id] = self._crossing.leave(number, pin, item.x, item.y)

    def hub_before(self, goal: End) -> str:
        """The name of a hub that leads to an object, its own if it is one."""
        item = self.ground.items[goal.item]
        own = item.kind == "Hub" and self.ground.condition(goal) == ALWAYS
        key = (item.id, NOTHING if own else goal.pin or -1)
        if key not in self._hubs:
            label = f"→ {self.book.name(item)}"[:200]
            name = self._hub_names.give(names.variable_name(f"to_{item.technical}"))
            data = {"hub_id": name, "label": label, "color": _HUB_COLOR}
            node = self.sketch.node("hub", item.x - 150, item.y - 80, data)
            self._hubs[key] = (node, name)
            self.sketch.wire((node, "output"), self.into(goal))
        return self._hubs[key][1]

    # -- ways in and out

    def core(self, number: int) -> int:
        """The node of an object, behind what its inputs ask."""
        return self._cores[number]

    def into(self, end: End, *, checked: bool = False) -> int | None:
        """The node that a way to an end leads to. ``checked``: its condition was asked before."""
        if self.ground.is_exit(end):
            return self._exit(end.pin)
        item = self.ground.here(end)
        if item is None:
            return self._elsewhere(end)
        core = self._cores[item.id]
        if item.kind in CONTAINERS and not self.plan.is_first(item.id, end.pin):
            core = self._crossing.into_pin(item, end.pin, core)
        asked = self.ground.condition(end)
        if checked or asked == ALWAYS:
            return core
        if end.pin not in self._gates:
            made = self.sketch.question(item.x - 200, item.y, asked)
            assert made is not None
            yes, _ = made
            self._gates[end.pin] = yes[0]
            self.sketch.wire(yes, core)
        return self._gates[end.pin]

    def _elsewhere(self, end: End) -> int | None:
        """A connection that leads into another flow goes there as a jump does."""
        if not end.is_there:
            return None
        key = (end.item, end.pin)
        if key not in self._crossings:
            item = self.book.store.item(end.item)
            assert item is not None
            self._crossings[key] = self._crossing.leave(end.item, end.pin, item.x, item.y)
        return self._crossings[key]

    def _exit(self, pin: int) -> int:
        """The exit for an output of the container, behind what the output does."""
        if pin not in self._exits:
            container = self.ground.container
            assert container is not None
            place = next((n for n, x in enumerate(container.outputs()) if x.id == pin), 0)
            x, y = self._right(), place * 150.0
            # Nobody calls a flow that stands alone: there the story ends.
            mode = "caller_return" if self.unit.parent is not None else "terminal"
            label = f"{place + 1}" if len(container.outputs()) > 1 else ""
            data: Json = {
                "label": label, "technical_id": "", "outcome_tags": [], "outcome_color": "#22c55e",
                "exit_mode": mode, "referenced_flow_id": None, "target_type": None,
                "target_id": None,
            }  # fmt: skip
            node = self.sketch.node("exit", x, y, data, self.unit.exits.get(pin))
            changes = self.ground.changes(container, pin)
            if changes:
                done = self.sketch.change(x - 200, y, changes, "")
                self.sketch.wire((done, "output"), node)
                node = done
            self._exits[pin] = node
        return self._exits[pin]

    def _keep_exits(self) -> None:
        """Exits that something goes on from outside, even if nothing leads to them."""
        container = self.ground.container
        for pin in container.outputs() if container else ():
            if container and self.ground.leaving(container.id, pin.id, inside=False):
                self._exit(pin.id)

    def _right(self) -> float:
        return max((x.x + x.width for x in self.ground.items.values()), default=200.0) + 300

    def out(self, item: Item, pin: Pin) -> Point:
        """The output of a node that a pin stands for."""
        core = self._cores[item.id]
        if item.kind == "Condition":
            made = ("true", "false")
            condition = self.ground.expression(item)
            if condition == NEVER:
                made = ("false", "true")
            place = next((n for n, x in enumerate(item.outputs()) if x.id == pin.id), 0)
            return core, made[min(place, 1)]
        if item.kind in CONTAINERS:
            exit_id = self.plan.of_container(item.id).exits.get(pin.id)
            return core, f"exit_{exit_id}" if exit_id is not None else "output"
        return core, "output"

    # -- connections

    def _begin(self) -> None:
        """The entry, and what it leads to."""
        left = min((x.x for x in self.ground.items.values()), default=200.0) - 400
        entry = self.sketch.node("entry", left, 0.0, {})
        begin: Point = (entry, "output")
        if self.unit.goals:
            begin = self._crossing.sort_out(entry, left + 150)
        container = self.ground.container
        if container is not None:
            inputs = container.inputs()
            self.enter(begin, inputs[0] if inputs else None)
            return
        start = self._start()
        if start is not None:
            inputs = start.inputs()
            self.sketch.wire(begin, self.into(End(start.id, inputs[0].id if inputs else 0, False)))

    def enter(self, begin: Point, pin: Pin | None) -> None:
        """Lead from an input of the container to what is in it."""
        container = self.ground.container
        assert container is not None
        wires = self.ground.leaving(container.id, pin.id if pin else NOTHING, inside=True)
        if wires:
            self._menus.lead(begin, wires, (), 0.0, f"articy_{container.id:016x}_in")
        elif container.outputs() and self.unit.is_entered:
            # What leads into a container that leads to nothing inside goes through it.
            self.sketch.wire(begin, self._exit(container.outputs()[0].id))

    def _start(self) -> Item | None:
        """Where a flow without a container begins: what nothing leads to, or the first."""
        reached = {
            self.ground.end(wire).item
            for item in self.ground.items.values()
            for pin in item.outputs()
            for wire in self.ground.leaving(item.id, pin.id, inside=False)
        }
        pinned = [x for x in self.ground.items.values() if x.id in self._cores and x.pins]
        free = [x for x in pinned if x.id not in reached]
        if len(free) > 1:
            self.book.notes.add(
                "beginnings that nothing leads to, of which a flow takes the first",
                [self.book.where(x) for x in free[1:]],
            )
        return next(iter([*free, *pinned]), None)

    def _lead(self, item: Item, pin: Pin) -> None:
        """The connections of one output."""
        if item.kind == "Jump" or is_choice(item):
            return
        wires = self.ground.leaving(item.id, pin.id, inside=False)
        changes = () if item.kind in CONTAINERS else self.ground.changes(item, pin.id)
        point = self.out(item, pin)
        if item.kind == "DialogueFragment" and self._menus.on_line(item, point[0], wires, changes):
            return
        self._menus.lead(self.behind(point, changes, item), wires, changes, item.y,
                         f"articy_{pin.id:016x}")  # fmt: skip

    def behind(self, point: Point, changes: tuple[Assignment, ...], item: Item) -> Point:
        """The output behind an instruction, if there is one."""
        if not changes:
            return point
        node = self.sketch.change(item.x + item.width + 100, item.y + 60, changes, "")
        self.sketch.wire(point, node)
        return node, "output"
