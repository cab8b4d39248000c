"""Which number stands for a row, by the row's id in one file.

Rows that are the same entity in two files share a number, so that references can be compared
whatever the ids are.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

import numpy as np

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.identity import number_of

SOME_ROW = 0
"""Stands for a row of the file whose number is not settled yet."""

NUMBERED: tuple[Table, ...] = (
    t.ASSETS, t.SHEETS, t.FLOWS, t.SCENES, t.BLOCKS, t.SHEET_AVATARS, t.FLOW_NODES,
    t.SCENE_LAYERS, t.SCENE_PINS,
)  # fmt: skip
"""The tables whose rows are referred to."""


class _Numbers:
    """One table: sixteen bytes a row, texts that are no numbers apart."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.numbers = array("q")
        self.texts: dict[str, int] = {}
        self._sorted = True

    def add(self, ref: str, number: int) -> None:
        found = number_of(ref)
        if found is None:
            self.texts.setdefault(ref, number)
        else:
            self._sorted = self._sorted and (not self.ids or self.ids[-1] < found)
            self.ids.append(found)
            self.numbers.append(number)

    def find(self, ref: str) -> int | None:
        found = number_of(ref)
        if found is None:
            return self.texts.get(ref)
        self.sort()
        place = bisect_left(self.ids, found)
        there = place < len(self.ids) and self.ids[place] == found
        return self.numbers[place] if there else None

    def sort(self) -> None:
        if self._sorted:
            return
        ids, numbers = (np.frombuffer(x, np.int64) for x in (self.ids, self.numbers))
        order = np.argsort(ids, kind="stable")
        self.ids, self.numbers = (array("q", x[order].tobytes()) for x in (ids, numbers))
        self._sorted = True

    def pairs(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Ids beside their numbers, in one order whatever the file's was."""
        self.sort()
        return np.stack([np.frombuffer(x, np.int64) for x in (self.ids, self.numbers)], axis=1)


class Tokens:
    """The numbers of one file's rows."""

    def __init__(self) -> None:
        self._tables = {table: _Numbers() for table in NUMBERED}
        self._settled: set[Table] = set()
        self._exits: dict[str, int] = {}

    def add(self, table: Table, ref: str, number: int) -> None:
        """Note a row's number; a second row with the same id is not found by it."""
        self._tables[table].add(ref, number)

    def add_exit(self, ref: str, number: int) -> None:
        """Let an exit be found before all nodes are settled: pins of other flows name it."""
        self._exits[ref] = number

    def settle(self, *tables: Table) -> None:
        """Say that all rows of some tables have their numbers."""
        self._settled |= set(tables)
        if t.FLOW_NODES in self._settled:
            self._exits.clear()

    def find(self, table: Table, ref: str) -> int | None:
        """The number of a row, None for one that the file does not hold.

        Rows of tables that are not settled are all ``SOME_ROW``, but for known exits.
        """
        if table not in self._settled:
            return self._exits.get(ref, SOME_ROW) if table is t.FLOW_NODES else SOME_ROW
        return self._tables[table].find(ref)

    def anywhere(self, ref: str) -> Iterator[int]:
        """The numbers of all rows that have an id, whatever their table."""
        for table in NUMBERED:
            number = self._tables[table].find(ref)
            if number is not None:
                yield number


def moved_ids(before: Tokens, after: Tokens, limit: int) -> frozenset[bytes] | None:
    """Ids that do not stand for the same rows in both files; None if there are more than a limit.

    Text that holds none of them says the same in both.
    """
    found: set[int] = set()
    for table in NUMBERED:
        left, right = before._tables[table], after._tables[table]
        if left.texts != right.texts:
            return None
        found.update(_one_sided(left.pairs(), right.pairs()))
        if len(found) > limit:
            return None
    return frozenset(b"%d" % number for number in found)


def _one_sided(left: np.ndarray, right: np.ndarray) -> Iterable[int]:
    if left.shape == right.shape and bool((left == right).all()):
        return ()
    both = np.concatenate([np.unique(left, axis=0), np.unique(right, axis=0)])
    rows, counts = np.unique(both, axis=0, return_counts=True)
    return [int(x) for x in rows[counts == 1][:, 0]]
