"""Strings and terms of two files, matched by hashes: there may be very many of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.numbering import Numbering, Side
from storyarn_pipelines.importers.outline import Listed, hash64
from storyarn_pipelines.importers.rows import SOURCES, Row

_FIELD = ("source_type", "source_field", "locale_code")

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A text or a term's translation in either file or both."""

    key: str
    before: Row | None
    after: Row | None


class _Reader:
    """Reads rows of one file; those of one piece after the other cost one reading."""

    def __init__(self, side: Side, listed: Listed) -> None:
        self.side, self._listed = side, listed
        self.places = np.frombuffer(listed.places, np.int64)
        self._place, self._rows = -1, list[Row]()

    def row(self, index: int) -> Row:
        """The row with an index in the list."""
        place = self._listed.places[index]
        if place != self._place:
            self._place, self._rows = (
                place,
                list(self.side.outline.rows(self.side.outline.piece(place))),
            )
        return self._rows[self._listed.numbers[index]]

    def keys(self) -> Hashes:
        """Hashes of what the file calls them."""
        return np.frombuffer(self._listed.keys, np.uint64)

    def sources(self) -> tuple[Hashes, Hashes]:
        """Hashes of the fields of rows that texts belong to, and for texts that outlived their
        sources hashes of what they say."""
        count = len(self.places)
        found, lost = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
        alike: Counter[tuple[str, ...]] = Counter()
        for index in range(count):
            row = self.row(index)
            kind, field, locale = (row.text(x) or "" for x in _FIELD)
            table = SOURCES.get(kind)
            if table is None or not field or not locale:
                continue
            number = self.side.translator.reference(table, row.text("source_id"))
            if number is not None:
                found[index] = hash64(kind, str(number), field, locale)
            else:
                key = (kind, field, locale, row.text("source_text") or "")
                alike[key] += 1
                lost[index] = hash64(*key, str(alike[key]))
        return found, lost


def match_listed(table: Table, numbering: Numbering) -> Iterator[ListedRow]:
    """The texts or terms of both files, those of the first file first.

    A text is the same if it belongs to the same field of the same row, or has the same key, or
    has outlived its source and says the same.
    """
    before, after = (
        _Reader(side, side.outline.strings if table is t.LOCALIZED_TEXTS else side.outline.terms)
        for side in (numbering.before, numbering.after)
    )
    counterparts = np.full(len(before.places), -1, np.int64)
    free = np.ones(len(after.places), np.bool_)
    is_text = table is t.LOCALIZED_TEXTS
    sources = [reader.sources() if is_text else None for reader in (before, after)]
    if sources[0] and sources[1]:
        _pair(counterparts, free, sources[0][0], sources[1][0])
    _pair(counterparts, free, before.keys(), after.keys())
    if sources[0] and sources[1]:
        _pair(counterparts, free, sources[0][1], sources[1][1])
    for index, counterpart in enumerate(counterparts.tolist()):
        row = before.row(index)
        second = after.row(counterpart) if counterpart >= 0 else None
        yield ListedRow(_key(row, before.side, numbering), row, second)
    for index in np.flatnonzero(free).tolist():
        row = after.row(index)
        yield ListedRow(_key(row, after.side, numbering), None, row)


def _pair(counterparts: Numbers, free: Flags, before: Hashes, after: Hashes) -> None:
    """Pair what has no counterpart yet by equal hashes; zero is none."""
    left = np.flatnonzero((counterparts < 0) & (before != 0))
    right = np.flatnonzero(free & (after != 0))
    _, ours, theirs = np.intersect1d(before[left], after[right], return_indices=True)
    counterparts[left[ours]] = right[theirs]
    free[right[theirs]] = False


def _key(row: Row, side: Side, numbering: Numbering) -> str:
    """What a row is called in any database: an id in a key is replaced by the name of its row."""
    if row.table is t.GLOSSARY_ENTRIES:
        term, source, target = (
            row.text(x) for x in ("source_term", "source_locale", "target_locale")
        )
        return f"{term} ({source}) [{target}]"
    kind, ref, field = (row.text(f"source_{x}") for x in ("type", "id", "field"))
    key, locale = row.key, row.text("locale_code")
    if key == f"{kind}.{ref}.{field}" and kind in SOURCES:
        number = side.translator.reference(SOURCES[kind], ref)
        name = "(not in the file)" if number is None else numbering.names.get(number, "(unnamed)")
        key = f"{kind}.{name}.{field}"
    return f"{key} [{locale}]"
