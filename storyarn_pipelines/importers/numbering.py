"""Finds out which entities of two files are the same, and gives those one number."""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.items import by_table, items_of
from storyarn_pipelines.importers.labels import entity_labels, part_name
from storyarn_pipelines.importers.matching import Item, Matcher, Pairing, Policy, match_items
from storyarn_pipelines.importers.outline import TREES, Entry, Outline
from storyarn_pipelines.importers.portable import Translator
from storyarn_pipelines.importers.rows import Row
from storyarn_pipelines.importers.tokens import Tokens
from storyarn_pipelines.importers.wiring import WIRED, Wires, match_nodes

_STEPS: tuple[tuple[Table, tuple[Table, ...]], ...] = (
    (t.SHEETS, (t.SHEET_AVATARS, t.BLOCKS)),
    (t.FLOWS, (t.FLOW_NODES,)),
    (t.SCENES, (t.SCENE_LAYERS,)),
    (t.SCENES, (t.SCENE_PINS,)),
)
"""Which rows in which entities are numbered, one step after the other: a step's rows may refer
to those of the steps before it."""

_DIGITS_AND_BLANKS = re.compile(rb"[0-9\s]+")


class Side:
    """One of the two files. ``nameless`` are ids that stand where other sheets' shortcuts do."""

    def __init__(self, outline: Outline, unsaid: frozenset[str] = frozenset()) -> None:
        """``unsaid`` are columns that are not compared."""
        self.outline = outline
        self.tokens = Tokens()
        live = [entry for entry in outline.entries[t.SHEETS] if not entry.in_trash]
        self.nameless = {entry.ref for entry in live if not entry.shortcut}
        self.nameless -= {entry.shortcut for entry in live}
        self.translator = Translator(self.tokens, self.nameless.__contains__, unsaid)

    def item(self, entry: Entry) -> Item:
        """An entity, read from the file."""
        return items_of(self.outline.row(entry), self.translator)

    def number(self, row: Row) -> int | None:
        """The number of a row that others refer to."""
        return self.translator.reference(row.table, row.text("id") or None)

    def hint(self, entry: Entry) -> bytes:
        """An entity's text without ids, for entities that have one name."""
        piece = self.outline.piece(entry.place)
        return _DIGITS_AND_BLANKS.sub(b"", piece.raw)


@dataclass(slots=True)
class Numbering:
    """What is the same in both files. ``names`` says for people what a number stands for."""

    before: Side
    after: Side
    policy: Policy
    entities: dict[Table, Pairing] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    last: int = 0
    _waiting: list[tuple[tuple[Table, ...], Entry | None, Entry | None]] = field(
        default_factory=list
    )

    def settle(self) -> None:
        """Number everything that is referred to, assets first and nodes last."""
        for table in (t.ASSETS, t.PROJECT_LANGUAGES, *TREES):
            sides = (self.before.outline.entries[table], self.after.outline.entries[table])
            self.entities[table] = self._match_entries(table, *sides)
            entity_labels(self.entities[table], *sides)
            for first, second in self._numbered(self.entities[table]):
                self._number(table, first and first.ref, second and second.ref)
                for entry in (first, second):
                    if entry is not None:
                        entry.number = self.last
                        self.names[self.last] = entry.label
        self._settled(t.ASSETS, *TREES)
        for table, parts in _STEPS:
            for first, second in self._numbered(self.entities[table]):
                self._number_parts(parts, first, second)
            # Flows that need to know the exits of others, when those are known.
            waiting, self._waiting = self._waiting, []
            for step in waiting:
                self._number_parts(*step, last=True)
            self._settled(*parts)

    def _match_entries(
        self, table: Table, before: Sequence[Entry], after: Sequence[Entry]
    ) -> Pairing:
        matcher = Matcher(before, after)
        if table is t.ASSETS:
            _match_assets(matcher, self.policy)
        elif table is t.PROJECT_LANGUAGES:
            matcher.round(lambda x: (x.in_trash, x.parts))
            if self.policy.into_trash:
                matcher.round(lambda x: x.parts)
        else:
            self._match_tree(matcher)
        if self.policy.by_id:
            matcher.round(lambda x: x.ref or None)
        return matcher.result()

    def _match_tree(self, matcher: Matcher) -> None:
        matcher.round(lambda x: x.natural and (x.in_trash, x.natural, x.parts))
        matcher.round(lambda x: x.natural and (x.in_trash, x.natural))
        matcher.keyless_round(self._hinted(matcher))
        matcher.keyless_round(lambda x: (x.in_trash, x.parts))
        if self.policy.into_trash:
            matcher.round(lambda x: x.natural)
            matcher.keyless_round(lambda x: x.parts)

    def _hinted(self, matcher: Matcher) -> Callable[[Entry], Hashable]:
        """A key that tells entities of one path apart by what is in them."""
        seen: dict[Hashable, int] = {}
        sides = dict.fromkeys(map(id, matcher.rest()[0]), self.before)
        sides |= dict.fromkeys(map(id, matcher.rest()[1]), self.after)
        for entry in (*matcher.rest()[0], *matcher.rest()[1]):
            seen[entry.parts] = seen.get(entry.parts, 0) + 1

        def key(entry: Entry) -> Hashable:
            tied = seen.get(entry.parts, 0) > 2
            hint = sides[id(entry)].hint(entry) if tied else b""
            return (entry.in_trash, entry.parts, hint)

        return key

    def _number_parts(
        self,
        parts: tuple[Table, ...],
        first: Entry | None,
        second: Entry | None,
        *,
        last: bool = False,
    ) -> None:
        if first and second:
            pieces = [
                side.outline.piece(entry.place)
                for side, entry in ((self.before, first), (self.after, second))
            ]
            if pieces[0].raw == pieces[1].raw:
                self._number_alike(parts, self.before.outline.row(first), first)
                return
        items = [side.item(x) if x else None for side, x in self._sides(first, second)]
        entity = first or second
        assert entity is not None
        left, right = (by_table(item.children) if item else {} for item in items)
        for part in parts:
            sides = (left.get(part, []), right.get(part, []))
            if part in WIRED:
                connections = [x.get(WIRED[part], []) for x in (left, right)]
                wires = [Wires(*side) for side in zip(sides, connections, strict=True)]
                if not last and any(side.far_pins_matter for side in wires):
                    self._waiting.append((parts, first, second))
                    continue
                pairing = match_nodes(wires[0], wires[1], self.policy)
            else:
                pairing = match_items(*sides, self.policy)
            for one, other in self._numbered(pairing):
                refs = [x.row.text("id") if x else None for x in (one, other)]
                self._number_part((one or other).row, entity.label, *refs)

    def _number_alike(self, parts: tuple[Table, ...], row: Row, entry: Entry) -> None:
        """Number the parts of an entity whose text is the same in both files."""
        for child in row.children:
            if child.table in parts:
                ref = child.text("id")
                self._number_part(child, entry.label, ref, ref)

    def _number_part(self, row: Row, entity: str, before: str | None, after: str | None) -> None:
        """Number a row inside of an entity, and name it if others refer to it."""
        self._number(row.table, before, after)
        sides = ((self.before, before), (self.after, after))
        if row.table is t.FLOW_NODES and row.get("type") == "exit":
            for side, ref in sides:
                if ref:
                    side.tokens.add_exit(ref, self.last)
        wanted = any(ref in side.outline.sources for side, ref in sides)
        tokens = (self.before if before else self.after).tokens
        name = part_name(row, entity, self.names, tokens, wanted=wanted)
        if name is not None:
            self.names[self.last] = name

    def _sides(
        self, first: Entry | None, second: Entry | None
    ) -> Iterator[tuple[Side, Entry | None]]:
        yield self.before, first
        yield self.after, second

    def _number(self, table: Table, before: str | None, after: str | None) -> None:
        self.last += 1
        for side, ref in ((self.before, before), (self.after, after)):
            if ref and table is not t.PROJECT_LANGUAGES:
                side.tokens.add(table, ref, self.last)

    def _numbered(self, pairing: Pairing) -> Iterator[tuple[Any, Any]]:
        yield from pairing.pairs
        yield from ((x, None) for x in pairing.gone)
        yield from ((None, x) for x in pairing.new)

    def _settled(self, *tables: Table) -> None:
        for side in (self.before, self.after):
            side.tokens.settle(*tables)


def _match_assets(matcher: Matcher, policy: Policy) -> None:
    """By content, else by the place of the bytes, which is unique in a project."""
    matcher.round(lambda x: (x.in_trash, x.parts, x.name))
    matcher.round(lambda x: (x.parts[0] and (x.in_trash, x.parts[0], x.name)) or None)
    matcher.round(lambda x: (x.parts[0] and (x.in_trash, x.parts[0])) or None)
    matcher.round(lambda x: (x.parts[1] and (x.in_trash, x.parts[1])) or None)
    if policy.into_trash:
        matcher.round(lambda x: x.parts[1] or None)
        matcher.round(lambda x: x.parts[0] or None)
