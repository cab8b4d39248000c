"""Which flows there will be, before any of them is built: others refer to them and their exits."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.yarn.desk import Unit
from storyarn_pipelines.importers.yarn.index import Index, NodeFacts
from storyarn_pipelines.importers.yarn.metadata import Metadata
from storyarn_pipelines.importers.yarn.stock import parent_path, shortcut_of
from storyarn_pipelines.importers.yarn.unique import Unique
from storyarn_pipelines.serializers.yarn.names import VARIABLES_NODE

START = "Start"
_LONGEST = 50


class Planner:
    """Makes the rows of flows. ``units`` are by the titles of their nodes, and by the keys of a
    group's members."""

    def __init__(self, draft: Draft, index: Index, own: Metadata | None) -> None:
        self._draft, self._index, self._own = draft, index, own
        self._by_file: dict[str, Unit] = {}
        known = [x.shortcut for x in own.flows.values() if x.shortcut] if own else []
        self._shortcuts = Unique(_LONGEST, "-", known)
        self._count = 0
        self.units: dict[str, Unit] = {}

    def plan(self) -> None:
        """Plan all flows."""
        for members in self._index.nodes.values():
            self._add(members)
        self._finish()

    def _add(self, members: list[NodeFacts]) -> None:
        """The nodes of one title."""
        first = members[0]
        own = self._own.flows.get(first.title) if self._own else None
        if own is None and self._own is not None and self._is_plumbing(first):
            return
        if own is None and first.file in self._by_file and "__" in first.title:
            self.units[first.title] = self._by_file[first.file]
            return
        unit = self._unit(first.title, own.name if own else first.title, first.position)
        self.units[first.title] = unit
        if own is not None:
            unit.own = own
            unit.row["shortcut"] = own.shortcut
            self._by_file.setdefault(first.file, unit)
            for one in own.exits:
                unit.exits[one.id] = self._draft.row(t.FLOW_NODES, type="exit")
                if one.mode == "caller_return":
                    unit.returns[one.id] = unit.exits[one.id]
        unit.called = first.title in self._index.called
        if unit.called and (first.returns or first.whens) and own is None:
            self.add_return(unit)
        if first.whens:
            self._add_members(members)

    def _add_members(self, members: list[NodeFacts]) -> None:
        for member in members:
            while member.key in self._index.nodes or member.key in self.units:
                member.key += "_"
            unit = self._unit(member.key, member.key, member.position)
            unit.called = True
            if member.returns:
                self.add_return(unit)
            self.units[member.key] = unit

    def add_return(self, unit: Unit) -> None:
        """The exit by which a play comes back to whoever called."""
        unit.exits[""] = unit.returns[""] = self._draft.row(t.FLOW_NODES, type="exit")

    def _finish(self) -> None:
        """Which flow is the main one, and which stands below which."""
        found = list(dict.fromkeys(self.units.values()))
        main = next((x for x in found if x.own and x.own.main), None)
        wanted = self._own.start if self._own else START
        chosen = main or self.units.get(wanted or "") or (found[0] if found else None)
        if chosen is not None:
            chosen.row["is_main"] = True
        by_path = {x.own.path: x for x in found if x.own}
        for unit in found:
            parent = by_path.get(parent_path(unit.own.path)) if unit.own else None
            if parent is not None and parent is not unit:
                unit.row["parent_id"] = parent.row["id"]

    def _is_plumbing(self, node: NodeFacts) -> bool:
        """Whether a node is there only so that an export of ours runs."""
        if node.title in self._index.targets:
            return False
        start = self._own.start if self._own else None
        is_start = node.title == START and node.only_jump == start
        return is_start or (node.title == VARIABLES_NODE and node.is_silent)

    def _unit(self, title: str, name: str, position: tuple[float, float] | None) -> Unit:
        row = self._draft.row(
            t.FLOWS, name=name[:200], shortcut=self._shortcuts.take(shortcut_of(title, "node")),
            is_main=False, settings={"import_source": "yarn_spinner"}, position=self._count,
            parent_id=None,
        )  # fmt: skip
        self._count += 1
        return Unit(title, row, position=position)
