"""Which flows an articy project becomes, and how a story gets from one to another.

A container, be it a dialogue or a flow fragment, is a flow that the flow around it calls. What
lies in no container is split by what hangs together: each such part is a flow too, but a
container that nothing is connected with needs none around it.

Storyarn's jumps stay within a flow, those of articy do not. A jump elsewhere writes its goal into
a variable and goes to the outermost flow around it, whose beginning leads on, flow by flow.
"""

from dataclasses import dataclass, field

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import Assignment, Literal, Ref, Rule
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.items import (
    CONTAINERS,
    FLOW_KINDS,
    NOTHING,
    Item,
    hexadecimal,
)
from storyarn_pipelines.importers.articy.kept_flows import KeptFlows
from storyarn_pipelines.importers.articy.sheets import block
from storyarn_pipelines.importers.articy.store import IdMap
from storyarn_pipelines.importers.articy.ways import source_of, target_of

_SHEET, _JUMP = "articy", "jump"
_COMMENT = "Comment"


@dataclass(slots=True, eq=False)
class Unit:
    """What becomes one flow. ``container`` is None for objects that lie in none.

    ``goals`` are what jumps from elsewhere lead to: the key, the object here and its pin.
    ``exits`` are the nodes by the container's output pin.
    """

    flow: int
    container: int | None
    parent: "Unit | None"
    members: list[int] = field(default_factory=list)
    goals: dict[str, tuple[int, int]] = field(default_factory=dict)
    exits: dict[int, int] = field(default_factory=dict)
    is_entered: bool = False


class Plan:
    """The flows of one project."""

    def __init__(self, book: Book, kept: KeptFlows) -> None:
        self.book, self._store, self._kept = book, book.store, kept
        self.units: list[Unit] = []
        self._of_container = IdMap()
        self._homes = IdMap()
        self.variable: Variable | None = None
        self._find_units()
        self._find_goals()

    # -- units

    def _find_units(self) -> None:
        tops = self._tops()
        for members in self._parts(tops):
            only = members[0]
            if len(members) == 1 and self._store.kind(only) in CONTAINERS:
                self._add(only, None)
                continue
            unit = self._unit(None, None)
            unit.members = members
            for number in members:
                self._homes.add(number, len(self.units) - 1)
            for number in members:
                if self._store.kind(number) in CONTAINERS:
                    self._add(number, unit)

    def _tops(self) -> list[int]:
        """Flow objects in no container, in the order of the hierarchy where there is one."""
        store = self._store
        found = [
            x
            for x in store.of_kinds(FLOW_KINDS | {_COMMENT})
            if store.kind(store.parent(x)) not in CONTAINERS and x not in self._kept.whole
        ]
        parents = dict.fromkeys(store.parent(x) for x in found)
        ordered = [x for parent in parents for x in store.children(parent)]
        wanted = set(found)
        return [x for x in ordered if x in wanted]

    def _parts(self, tops: list[int]) -> list[list[int]]:
        """What hangs together by connections and jumps; what hangs with nothing, by its parent."""
        store, groups = self._store, {x: x for x in tops}

        def root(number: int) -> int:
            while groups[number] != number:
                groups[number] = groups[groups[number]]
                number = groups[number]
            return number

        def join(one: int, other: int) -> None:
            if one in groups and other in groups:
                groups[root(other)] = root(one)

        for number in tops:
            for _, wire in store.leaving(number):
                end = target_of(store, wire)
                if not source_of(store, wire).inside and not end.inside:
                    join(number, end.item)
            if store.kind(number) == "Jump":
                item = store.item(number)
                assert item is not None
                join(number, store.owner(item.target_pin) or item.target)
        parts: dict[int, list[int]] = {}
        for number in tops:
            parts.setdefault(root(number), []).append(number)
        lone: dict[int, list[int]] = {}
        found: list[list[int]] = []
        for members in parts.values():
            kind = store.kind(members[0])
            if len(members) > 1 or kind in CONTAINERS:
                found.append(members)
                continue
            parent = store.parent(members[0])
            if parent not in lone:
                lone[parent] = []
                found.append(lone[parent])
            lone[parent] += members
        return found

    def _add(self, container: int, parent: Unit | None) -> None:
        """A container's flow, and those of the containers in it."""
        waiting = [(container, parent)]
        while waiting:
            number, above = waiting.pop()
            unit = self._unit(number, above)
            unit.members = [
                x
                for x in self._store.children(number)
                if self._store.kind(x) in FLOW_KINDS | {_COMMENT}
            ]
            inner = [x for x in unit.members if self._store.kind(x) in CONTAINERS]
            waiting += [(x, unit) for x in reversed(inner)]

    def _unit(self, container: int | None, parent: Unit | None) -> Unit:
        own = self._kept.flows.get(container) if container is not None else None
        flow = own or int(self.book.draft.row(t.FLOWS)["id"])
        unit = Unit(flow, container, parent)
        if container is not None:
            self.book.flows.add(container, flow)
            self._of_container.add(container, len(self.units))
            item = self._store.item(container)
            assert item is not None
            for pin in item.outputs():
                unit.exits[pin.id] = int(self.book.draft.row(t.FLOW_NODES)["id"])
        self.units.append(unit)
        return unit

    # -- asking

    def of_container(self, number: int) -> Unit:
        """The flow that a container becomes."""
        index = self._of_container.get(number)
        assert index is not None
        return self.units[index]

    def home(self, number: int) -> Unit | None:
        """The flow in which an object stands, None for a container with none around it."""
        parent = self._store.parent(number)
        if parent != NOTHING and (index := self._of_container.get(parent)) is not None:
            return self.units[index]
        index = self._homes.get(number)
        return None if index is None else self.units[index]

    def main(self) -> Unit | None:
        """Where the story begins: what is around the first dialogue with something in it."""
        connected = [x for x in self.units if x.container is None and len(x.members) > 1]
        filled = [x for x in self.units if x.container is not None and x.members]
        dialogues = [x for x in filled if self._store.kind(x.container or 0) == "Dialogue"]
        found: Unit | None = next(iter([*dialogues, *filled, *connected, *self.units]), None)
        while found is not None and found.parent is not None:
            if found.parent.container is not None and not self._is_begun(found.parent):
                break
            found = found.parent
        return found

    def _is_begun(self, unit: Unit) -> bool:
        """Whether a container leads to something in it."""
        wires = (source_of(self._store, x) for _, x in self._store.leaving(unit.container or 0))
        return any(x.inside for x in wires)

    # -- jumps elsewhere

    def _find_goals(self) -> None:
        store = self._store
        for number in store.of_kinds(["Jump"]):
            if store.parent(number) in self._kept.whole:
                continue
            item = store.item(number)
            assert item is not None
            self._note_goal(self.home(number), *self.goal_of(item))
        for index in range(store.wires):
            wire = store.wire(index)
            begin, end = source_of(store, wire), target_of(store, wire)
            if not begin.is_there or not end.is_there or self._is_kept(begin.item):
                continue
            here = self.of_container(begin.item) if begin.inside else self.home(begin.item)
            there = self.of_container(end.item) if end.inside else self.home(end.item)
            if end.inside and here is there:
                continue
            self._note_goal(here, end.item, end.pin)

    def _is_kept(self, number: int) -> bool:
        """Whether an object is, or is in, a flow that comes back as it was."""
        return not self._kept.whole.isdisjoint((number, self._store.parent(number)))

    def goal_of(self, jump: Item) -> tuple[int, int]:
        """What a jump leads to: an object and its pin."""
        number = self._store.owner(jump.target_pin) or jump.target
        known = number if self._store.kind(number) in FLOW_KINDS else NOTHING
        return known, jump.target_pin if self._store.owner(jump.target_pin) else NOTHING

    def _note_goal(self, here: Unit | None, number: int, pin: int) -> None:
        if number == NOTHING:
            return
        if self._store.kind(number) in CONTAINERS:
            inner = self.of_container(number)
            inner.is_entered = True
            if not self.is_first(number, pin):
                # Only the variable can tell by which of its pins a container is entered.
                inner.goals.setdefault(self.key(number, pin), (number, pin))
                self._need_variable()
        there = self.home(number)
        if there is None or here is there:
            return
        key = self.key(number, pin)
        unit: Unit | None = there
        goal = (number, pin)
        while unit is not None:
            unit.goals.setdefault(key, goal)
            unit.is_entered = True
            goal = (unit.container or NOTHING, NOTHING)
            unit = unit.parent
        self._need_variable()

    def _need_variable(self) -> None:
        if self.variable is None:
            sheet = self.book.sheet_shortcuts.give(_SHEET)
            self.variable = Variable(sheet, _JUMP, "text", "")

    def is_first(self, number: int, pin: int) -> bool:
        """Whether a pin is the object's first input, or none at all."""
        item = self._store.item(number)
        inputs = item.inputs() if item else []
        return pin == NOTHING or not inputs or inputs[0].id == pin

    def key(self, number: int, pin: int) -> str:
        """What the variable says to lead to an object."""
        return hexadecimal(number if self.is_first(number, pin) else pin)

    def outermost(self, number: int) -> Unit:
        """The outermost flow around an object."""
        unit = self.home(number) or self.of_container(number)
        while unit.parent is not None:
            unit = unit.parent
        return unit

    def aim(self, key: str) -> Assignment:
        """The change that says where a jump leads."""
        assert self.variable is not None
        ref = Ref(self.variable.sheet, self.variable.name)
        return Assignment(ref, "set", Literal(key))

    def aimed(self, key: str) -> Rule:
        """The test of where a jump leads."""
        assert self.variable is not None
        return Rule(Ref(self.variable.sheet, self.variable.name), "equals", Literal(key))

    def arrived(self) -> Assignment:
        """The change that forgets where a jump led."""
        return self.aim("none")

    def draft_variable(self) -> None:
        """The sheet that jumps need, if there are any that do."""
        if self.variable is None:
            return
        made = block(self.book, "text", 0, {"label": "Jump"}, "none", self.variable.name)
        position = len(self.book.project.sets)
        self.book.draft.sheet(
            self.book.draft.row(
                t.SHEETS, name="articy", shortcut=self.variable.sheet, position=position,
                description="Where a jump to another flow leads.", blocks=[made],
            )
        )  # fmt: skip
        self.book.notes.add(
            "jumps to other flows go by a variable",
            [f"{self.variable.full_name}: {len({k for x in self.units for k in x.goals})} goals"],
        )
