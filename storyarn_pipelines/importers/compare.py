"""Two native files, entity by entity, whatever the ids in them."""

import re
from collections import ChainMap, Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import shown
from storyarn_pipelines.importers.differences import Difference, differences
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.items import by_table, items_of
from storyarn_pipelines.importers.labels import TYPES, part_label
from storyarn_pipelines.importers.listed import match_listed
from storyarn_pipelines.importers.matches import (
    Match,
    Part,
    alike,
    embedded_bytes,
    left_out,
    lost_keys,
    name_of,
)
from storyarn_pipelines.importers.matching import (
    Item,
    Matcher,
    Pairing,
    Policy,
    match_items,
)
from storyarn_pipelines.importers.numbering import Numbering, Side
from storyarn_pipelines.importers.outline import TREES, Entry, Outline
from storyarn_pipelines.importers.tokens import NUMBERED, moved_ids

__all__ = ["Match", "Part", "compare"]

_MOST_MOVED = 20_000
_NUMBERS = re.compile(rb"[0-9]+")


def compare(
    before: NativeDocument,
    after: NativeDocument,
    *,
    all_pairs: bool = False,
    into_trash: bool = True,
    scratch: Path | None = None,
) -> Iterator[Match]:
    """The entities of two files: the project, then section by section, what was there first.

    Only entities that differ or have a remark; with ``all_pairs`` every one, with all its pairs.
    With ``into_trash`` an entity that is live in one file may be the one that is in the other's
    trash. Columns that one of the files does not tell are not compared. Memory holds an index of
    both files and one entity of each; a document inside of a ZIP is copied to ``scratch`` (the
    system's own place if it is None). Raises ImportFileError.
    """
    with ExitStack() as stack:
        outlines = [
            Outline(document, stack.enter_context(_random_access(document, scratch)))
            for document in (before, after)
        ]
        policy = Policy(_one_origin(*outlines), into_trash)
        unsaid = before.source.unsaid | after.source.unsaid
        first, second = (Side(x, unsaid) for x in outlines)
        numbering = Numbering(first, second, policy)
        numbering.settle()
        yield from _Comparison(numbering, all_pairs).matches()


@contextmanager
def _random_access(document: NativeDocument, scratch: Path | None) -> Iterator[BinaryIO]:
    """The document as a stream that can be read at any place."""
    with document.source.open_json() as stream:
        if stream.seekable():
            yield stream
            return
        with TemporaryFile(dir=scratch) as copy:
            copyfileobj(stream, copy)
            copy.seek(0)
            yield copy


def _one_origin(before: Outline, after: Outline) -> bool:
    """Whether both files tell of one project in one database, so that ids say something."""
    rows = (before.project, after.project)
    return all(
        rows[0].get(column) == rows[1].get(column) is not None for column in ("id", "inserted_at")
    )


class _Comparison:
    def __init__(self, numbering: Numbering, all_pairs: bool) -> None:
        self._numbering, self._all_pairs = numbering, all_pairs
        self._before, self._after = numbering.before, numbering.after
        self._names: ChainMap[int, str] = ChainMap({}, numbering.names)
        self._moved = self._moved_ids()

    def _moved_ids(self) -> frozenset[bytes] | None:
        """Ids that say something else in the other file; None if nearly all do."""
        projects = [x.outline.project.text("id") for x in (self._before, self._after)]
        found = moved_ids(self._before.tokens, self._after.tokens, _MOST_MOVED)
        if found is None or projects[0] != projects[1]:
            return None
        renamed = self._before.nameless ^ self._after.nameless
        return found | {ref.encode() for ref in renamed}

    def matches(self) -> Iterator[Match]:
        yield from self._project()
        for table in (*TREES, t.PROJECT_LANGUAGES):
            yield from self._entities(table)
        yield from self._listed(t.LOCALIZED_TEXTS)
        yield from self._listed(t.GLOSSARY_ENTRIES)
        yield from self._entities(t.ASSETS)

    def _project(self) -> Iterator[Match]:
        rows = [side.outline.project for side in (self._before, self._after)]
        items = [
            items_of(row, side.translator)
            for row, side in zip(rows, (self._before, self._after), strict=True)
        ]
        yield from self._told(self._match(items[0], items[1], "project"))

    def _entities(self, table: Table) -> Iterator[Match]:
        pairing = self._numbering.entities[table]
        paired = {id(first): second for first, second in pairing.pairs}
        for entry in self._before.outline.entries[table]:
            second = paired.get(id(entry))
            if second is None:
                row = self._before.outline.row(entry)
                yield Match(table, entry.label, name_of(row), row, None)
            else:
                yield from self._entity(entry, second)
        for entry in pairing.new:
            row = self._after.outline.row(entry)
            yield Match(table, entry.label, name_of(row), None, row)

    def _entity(self, first: Entry, second: Entry) -> Iterator[Match]:
        pieces = [
            side.outline.piece(entry.place)
            for side, entry in ((self._before, first), (self._after, second))
        ]
        if self._says_the_same(pieces[0].raw, pieces[1].raw):
            if self._all_pairs:
                rows = [self._before.outline.row(first), self._after.outline.row(second)]
                yield alike(first.label, rows[0], rows[1])
            return
        items = [self._before.item(first), self._after.item(second)]
        match = self._match(items[0], items[1], first.label)
        if first.table is t.ASSETS:
            match.differences += embedded_bytes(match)
        yield from self._told(match)

    def _listed(self, table: Table) -> Iterator[Match]:
        for found in match_listed(table, self._numbering):
            items = [
                items_of(row, side.translator) if row else None
                for row, side in ((found.before, self._before), (found.after, self._after))
            ]
            first, second = items
            if first and second:
                yield from self._told(self._match(first, second, found.key))
            else:
                row = found.before or found.after
                assert row is not None
                yield Match(table, found.key, name_of(row), found.before, found.after)

    def _told(self, match: Match) -> Iterator[Match]:
        if self._all_pairs or match.remarks or not match.is_same:
            yield match

    def _says_the_same(self, before: bytes, after: bytes) -> bool:
        """Whether two texts are equal and every id in them stands for the same row."""
        if self._moved is None or before != after:
            return False
        return not self._moved or self._moved.isdisjoint(_NUMBERS.findall(before))

    def _match(self, first: Item, second: Item, key: str) -> Match:
        found = Match(first.row.table, key, name_of(first.row), first.row, second.row)
        if first.whole == second.whole and first.lost == second.lost and not self._all_pairs:
            return found
        self._name_parts(first, second)
        self._pair(found, first, second, key)
        return found

    def _name_parts(self, first: Item, second: Item) -> None:
        """Names of the rows in an entity, as long as it is looked at."""
        local = self._names.maps[0]
        local.clear()
        for side, item in ((self._after, second), (self._before, first)):
            for child in item.children:
                if child.row.table in NUMBERED:
                    number = side.number(child.row)
                    if number is not None:
                        local[number] = part_label(child, self._names)

    def _pair(self, match: Match, first: Item, second: Item, key: str) -> None:
        match.pairs.append((first.row, second.row))
        if first.portable.lost != second.portable.lost:
            match.remarks += lost_keys(key, first, second)
        if first.portable.digest != second.portable.digest:
            told = differences(first, second, self._before.translator, self._after.translator)
            for name, before, after in told.fields:
                match.differences.append(
                    Difference(
                        first.row.table,
                        key,
                        name_of(second.row),
                        name,
                        shown(before, self._names),
                        shown(after, self._names),
                    )
                )
            match.remarks += (f"{key}: {remark}" for remark in told.remarks)
        left, right = by_table(first.children), by_table(second.children)
        for table in t.children_of(first.row.table):
            self._pair_parts(match, table, left.get(table, []), right.get(table, []), key)

    def _pair_parts(
        self, match: Match, table: Table, before: list[Item], after: list[Item], key: str
    ) -> None:
        pairing = self._pairing(table, before, after)
        place = f"{key}/{table.list_key or TYPES[table]}"
        labels: dict[int, str] = {}
        for one, other in pairing.pairs:
            if one.whole == other.whole and one.lost == other.lost:
                if self._all_pairs:
                    match.pairs += zip(one.row.walk(), other.row.walk(), strict=True)
                continue
            labels = labels or self._labels(before, pairing.new)
            self._pair(match, one, other, f"{place}/{labels[id(one)]}")
        for items, parts in ((pairing.gone, match.gone), (pairing.new, match.new)):
            for item in items:
                labels = labels or self._labels(before, pairing.new)
                part = f"{place}/{labels[id(item)]}"
                if item.portable.missing_key:
                    match.remarks.append(left_out(item, part))
                else:
                    parts.append(Part(part, name_of(item.row), item.row))

    def _pairing(self, table: Table, before: list[Item], after: list[Item]) -> Pairing:
        """Which rows belong together; those that have numbers were matched before."""
        if table not in NUMBERED:
            return match_items(before, after, self._numbering.policy)
        numbers = {
            id(item): side.number(item.row)
            for side, items in ((self._before, before), (self._after, after))
            for item in items
        }
        matcher = Matcher(before, after)
        matcher.round(lambda x: numbers[id(x)])
        left, right = ([x for x in side if numbers[id(x)] is None] for side in matcher.rest())
        matcher.add(match_items(left, right, self._numbering.policy).pairs)
        return matcher.result()

    def _labels(self, before: Sequence[Item], new: Sequence[Item]) -> dict[int, str]:
        """What rows of one list are called; equal names are numbered."""
        taken: Counter[str] = Counter()
        found = {}
        for item in (*before, *new):
            label = part_label(item, self._names)
            taken[label] += 1
            found[id(item)] = label if taken[label] == 1 else f"{label} #{taken[label]}"
        return found
