"""A few columns of a table's live rows, for indexes that are made before the story is read."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow.compute as pc

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.snapshot.batches import column_kind
from storyarn_pipelines.snapshot.reader import StoryReader


def live_rows(story: StoryReader, table: Table, *names: str) -> Iterator[tuple[Any, ...]]:
    """The columns ``names`` of rows that are not in the trash; nothing if not collected."""
    return _rows(story, table, names, trashed=False)


def trashed_ids(story: StoryReader, table: Table) -> set[int]:
    """Ids of the rows in the trash or the archive; a snapshot holds them only if asked to."""
    return {row[0] for row in _rows(story, table, ("id",), trashed=True)}


def _rows(
    story: StoryReader, table: Table, names: tuple[str, ...], *, trashed: bool
) -> Iterator[tuple[Any, ...]]:
    if table.name not in story.manifest.tables:
        return
    if trashed and table.trash_column is None:
        return
    is_json = [column_kind(story.schema(table).field(name)) == Kind.JSON for name in names]
    for batch in story.batches(table):
        rows = batch
        if table.trash_column is not None:
            alive = pc.is_null(batch.column(table.trash_column))
            rows = batch.filter(pc.invert(alive) if trashed else alive)
        values = [rows.column(name).to_pylist() for name in names]
        for position, decode in enumerate(is_json):
            if decode:
                values[position] = [v and msgspec.json.decode(v) for v in values[position]]
        yield from zip(*values, strict=True)


class IdSet:
    """Many ids at eight bytes each."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._ids = array("q", ids)
        self._sorted = False

    def add(self, value: int) -> None:
        """Take one more."""
        self._ids.append(value)
        self._sorted = False

    def repeated(self) -> set[int]:
        """The ids that were taken more than once."""
        values, counts = np.unique(np.asarray(self._ids, np.int64), return_counts=True)
        return set(values[counts > 1].tolist())

    def __contains__(self, value: int) -> bool:
        if not self._sorted:
            self._ids = array("q", np.sort(np.asarray(self._ids, np.int64)).tobytes())
            self._sorted = True
        place = bisect_left(self._ids, value)
        return place < len(self._ids) and self._ids[place] == value

    def __len__(self) -> int:
        return len(self._ids)
