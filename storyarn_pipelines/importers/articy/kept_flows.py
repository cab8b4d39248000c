"""Flows of our own export, drafted as they were."""

import re
from collections.abc import Iterator

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Item, hexadecimal
from storyarn_pipelines.importers.articy.kept import (
    KeptFlow,
    data_of,
    is_row,
    kept_flow,
    kept_scene,
    kept_sheet,
    listed,
    reserve,
    stamped,
)
from storyarn_pipelines.importers.articy.kept_edits import FlowEdits, TangledError, scripts_differ
from storyarn_pipelines.importers.articy.kept_texts import draft_texts, is_changed
from storyarn_pipelines.importers.articy.store import IdMap
from storyarn_pipelines.importers.articy.world import World

_ID = re.compile(r"0x[0-9A-F]{16}")
_PROJECT = ("name", "description", "settings", "project_type", "project_subtype")


def reserve_ids(book: Book) -> None:
    """Keep the ids of all originals, before any other row is drafted."""
    if book.kept is None:
        return
    for media in book.kept.media.values():
        if is_row(media, t.ASSETS):
            book.draft.reserve(t.ASSETS, int(media["id"]))
    for number in book.store.of_kinds(["Dialogue", "Entity", "Location"]):
        item = book.store.item(number)
        assert item is not None
        if flow := kept_flow(item):
            reserve(book.draft, flow.flow, t.FLOWS)
        elif sheet := kept_sheet(item):
            reserve(book.draft, sheet.sheet, t.SHEETS)
        elif scene := kept_scene(item):
            reserve(book.draft, scene.scene, t.SCENES)


def restore_project(book: Book) -> None:
    """What the project is, but for a name that was changed in articy."""
    if book.kept is None:
        return
    row = {x: y for x, y in book.kept.project.items() if x in _PROJECT and y is not None}
    if is_changed(book.project.name, book.kept.marks.get("name")):
        row.pop("name", None)
    book.draft.project.update(row)


def tell_unused(book: Book) -> None:
    """Tell of changed values that no sheet has taken."""
    book.notes.add("changes made in articy that sheets cannot take",
                   [f"variable {x}" for x in book.changed])  # fmt: skip


class KeptFlows:
    """The flows that come back. All others are read as articy has them.

    ``flows`` are the ids of originals by dialogue, those that are read otherwise too; ``whole``
    are the dialogues that come back as they were.
    """

    def __init__(self, book: Book, world: World) -> None:
        self._book, self._world = book, world
        self.flows: dict[int, int] = {}
        self.whole: set[int] = set()
        self.has_main = False
        self._entries = IdMap()
        if book.kept is not None:
            self._find()

    def _find(self) -> None:
        """Look which flows can come back: with one that cannot go all that call each other."""
        groups: dict[int, int] = {0: 0}
        tangled: dict[int, str] = {}
        calls: list[tuple[int, int]] = []
        for number in self._book.store.of_kinds(["Dialogue"]):
            item, kept = self._read(number)
            if kept is None:
                continue
            flow = int(kept.flow["id"])
            if flow in groups:
                continue  # a copy that claims to be the same
            groups[flow] = flow
            self.flows[number] = flow
            calls += [(flow, x) for x in _called(kept)]
            self._note_entry(kept, flow)
        for number, flow in self.flows.items():
            item, kept = self._read(number)
            assert item is not None
            assert kept is not None
            try:
                self._edits(item, kept).apply()
            except (TangledError, KeyError, TypeError, ValueError, AttributeError) as error:
                tangled[flow] = str(error)

        def root(flow: int) -> int:
            while groups[flow] != flow:
                flow = groups[flow]
            return flow

        for one, other in (*calls, *self._jumps()):
            if one in groups and other in groups:
                groups[root(other)] = root(one)
        lost = {root(x) for x in (0, *tangled)}
        self.whole = {x for x, flow in self.flows.items() if root(flow) not in lost}
        for number in self.flows.keys() - self.whole:
            self._mark_edited(number)
        self._tell(tangled)

    def _mark_edited(self, number: int) -> None:
        """Of a flow that is read as articy has it: objects whose originals do not count."""
        _, kept = self._read(number)
        store = self._book.store
        for item in store.items(store.children(number)):
            marks = kept.marks.get(hexadecimal(item.id)) if kept else None
            if marks is None or scripts_differ(item, marks):
                self._world.edited.add(item.id)

    def _jumps(self) -> Iterator[tuple[int, int]]:
        """The flows between which jumps lead; an unknown one is 0, which cannot come back."""
        store = self._book.store
        for number in store.of_kinds(["Jump"]):
            item = store.item(number)
            assert item is not None
            one = store.parent(number)
            other = store.parent(store.owner(item.target_pin) or item.target)
            if one != other:
                yield self.flows.get(one, 0), self.flows.get(other, 0)

    def _tell(self, tangled: dict[int, str]) -> None:
        around = len(self.flows) - len(self.whole) - len(tangled)
        places = [f"flow {flow}: {reason}" for flow, reason in tangled.items()]
        if around:
            places.append(f"{around} flows that call them or are called by them")
        self._book.notes.add(
            "flows whose make was changed in articy are read as articy has them", places
        )

    def _note_entry(self, kept: KeptFlow, flow: int) -> None:
        entry = next((x for x in listed(kept.flow, "nodes") if x.get("type") == "entry"), None)
        for number, marks in kept.marks.items():
            is_entry = entry is not None and marks.get("node") == entry["id"]
            if is_entry and _ID.fullmatch(number):
                self._entries.add(int(number, 16), flow)

    def _read(self, number: int) -> tuple[Item | None, KeptFlow | None]:
        item = self._book.store.item(number)
        return item, kept_flow(item) if item else None

    def _edits(self, item: Item, kept: KeptFlow) -> FlowEdits:
        return FlowEdits(self._book, self._world, item, kept, self._entries.get)

    def draft(self) -> None:
        """Draft the flows that come back."""
        for number in self.flows:
            if number not in self.whole:
                continue
            item, kept = self._read(number)
            assert item is not None
            assert kept is not None
            edits = self._edits(item, kept)
            edits.apply()
            self._book.notes.add("changes made in articy are taken over", edits.made)
            for what, place in edits.lost:
                self._book.notes.add(what, [place])
            self._book.flows.add(number, self.flows[number])
            self.has_main = self.has_main or kept.flow.get("is_main") is True
            self._draft(kept)

    def _draft(self, kept: KeptFlow) -> None:
        for node in listed(kept.flow, "nodes"):
            texts = kept.texts.get(node["id"])
            if not texts:
                continue
            data = data_of(node)
            name = data.get("localization_id")
            key = name if isinstance(name, str) and name else node["id"]
            draft_texts(
                self._book, ("flow_node", node["id"]), texts, _sources(data),
                key=f"flow_node.{key}", speaker=data.get("speaker_sheet_id"),
            )  # fmt: skip
        self._book.draft.flow(stamped(self._book.draft, kept.flow, t.FLOWS))


def _sources(data: Json) -> Json:
    """The texts of a node by the names of their fields."""
    found = {x: data.get(x) for x in ("text", "stage_directions", "menu_text", "label")}
    for one in listed(data, "responses"):
        found[f"response.{one.get('id')}.text"] = one.get("text")
    return found


def _called(kept: KeptFlow) -> list[int]:
    found = [data_of(x).get(key) for x in listed(kept.flow, "nodes")
             for key in ("referenced_flow_id", "target_id")]  # fmt: skip
    told = [str(x) for x in found]
    return [int(x) for x in told if x.isascii() and x.isdecimal()]
