"""Rows of a snapshot table as JSON objects, handed out parent by parent.

All rows of a batch are formatted at once into one contiguous text, so that the rows of one
parent are a slice of it. Rows that have children of their own are handed out singly and open.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain.columns import DERIVED
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import SnapshotError
from storyarn_pipelines.serializers.storyarn.cells import json_texts
from storyarn_pipelines.snapshot.batches import TableBatches, column_kind
from storyarn_pipelines.snapshot.read_ahead import read_ahead

Fragment = Callable[[pa.RecordBatch], Sequence[pa.Array | str]]
"""What is joined to a text such as ``,"speaker_shortcut":"mc"`` in each row, empty where there is
nothing: columns of texts, and texts that are the same in every row."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table's rows become objects.

    ``hidden`` columns are left out, ``special`` fragments replace single columns or, under names
    of no column, follow the others. ``open_rows`` tells which rows have children: all of them
    (True), none (False), or those that the named boolean column or its function marks.
    """

    hidden: frozenset[str] = frozenset()
    special: dict[str, Fragment] = field(default_factory=dict)
    open_rows: bool | Callable[[pa.RecordBatch], pa.Array] = False


class Position(msgspec.Struct):
    """How far a table is written: rows taken, and rows counted, which is whole batches."""

    taken: int = 0
    counted: int = 0

    def count(self, rows: int) -> bool:
        """Move past a batch that starts at ``taken``; False if an earlier try has counted it."""
        fresh = self.taken + rows > self.counted
        self.counted = max(self.counted, self.taken + rows)
        return fresh


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row that has children: its key, and a look at its columns."""

    key: int
    batch: pa.RecordBatch
    index: int

    def value(self, column: str) -> object:
        """One value of the row."""
        return self.batch.column(column)[self.index].as_py()


@dataclass(frozen=True, slots=True)
class Run:
    """Some rows of one parent, each led by a comma. An open row comes alone."""

    text: memoryview
    open_row: OpenRow | None = None


class RowTexts:
    """Formats batches of one table."""

    def __init__(self, story: TableBatches, table: Table, layout: Layout) -> None:
        self._table, self._layout = table, layout
        self._columns: dict[str, Fragment] = {}
        for column in story.schema(table):
            name = column.name
            if name in layout.hidden or name in (table.parent_key, f"{DERIVED}has_children"):
                continue
            if name.removeprefix(DERIVED) in self._columns:
                continue  # a newer Storyarn has a column of that name, and the column counts
            lead = "," if self._columns else ""
            self._columns[name] = layout.special.get(name) or self._fragment(column, lead)
        self._columns |= {
            name: made for name, made in layout.special.items() if name not in self._columns
        }

    def format(self, batch: pa.RecordBatch, lead: str = ",{") -> pa.Array:
        """One text a row: ``,{"id":…}``, without the closing brace where the row is open."""
        members = [part for fragment in self._columns.values() for part in fragment(batch)]
        return pc.binary_join_element_wise(lead, *members, self._closing(batch), "")

    def formatted(
        self, story: TableBatches, start: int = 0
    ) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """All batches with rows behind the first ``start``, and their texts, one made ahead."""
        batches = story.batches_after(self._table, start)
        return read_ahead((x, self.format(x)) for x in batches if x.num_rows)

    def open_flags(self, batch: pa.RecordBatch) -> pa.Array | bool:
        """Which rows of a batch have children."""
        marks = self._layout.open_rows
        return marks if isinstance(marks, bool) else marks(batch)

    def _closing(self, batch: pa.RecordBatch) -> pa.Array | str:
        flags = self.open_flags(batch)
        if isinstance(flags, bool):
            return "" if flags else "}"
        return pc.if_else(flags, "", "}")

    def _fragment(self, column: pa.Field, lead: str) -> Fragment:
        name = column.name.removeprefix(DERIVED)
        key = f"{lead}{json_key(self._table.renames.get(name, name))}:"
        kind, source = column_kind(column), column.name

        def fragment(batch: pa.RecordBatch) -> Sequence[pa.Array | str]:
            return key, json_texts(batch.column(source), kind)

        return fragment


def slices(texts: pa.Array) -> tuple[memoryview, np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """The contiguous bytes of a text column and the offsets of its rows."""
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data) if data is not None else memoryview(b""), starts


def numbers(batch: pa.RecordBatch, column: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """An integer column as an array."""
    return np.asarray(batch.column(column).to_numpy(zero_copy_only=False), np.int64)


def json_key(name: str) -> str:
    """A key as JSON; unknown columns may be called anything."""
    return orjson.dumps(name).decode()


class ChildRows:
    """The rows of a nested table, taken in the order of their parents.

    They begin behind ``position``, which moves along with what is taken.
    """

    def __init__(
        self,
        story: TableBatches,
        table: Table,
        layout: Layout,
        position: Position,
        watch: Callable[[Table, pa.RecordBatch], None],
    ) -> None:
        self.list_key = table.list_key
        self._table = table
        self._texts = RowTexts(story, table, layout)
        self._batches = self._texts.formatted(story, position.taken)
        self._position, self._watch = position, watch
        self._row = self._rows = 0

    def take(self, parent: int) -> Iterator[Run]:
        """The rows of ``parent``, none if it has none; parents must come in the file's order."""
        while self._at(parent):
            start, stop = self._row, next(self._stops)
            text = self._data[self._offsets[start] : self._offsets[stop]]
            self._row = stop
            self._position.taken += stop - start
            yield Run(text, self._open.get(start))

    def finish(self) -> None:
        """Check that no row is left over: one would be missing from the file."""
        if self._row < self._rows or self._load():
            raise SnapshotError(
                f"snapshot table {self._table.name}: rows of {self._table.parent_key} "
                f"{self._parents[self._row]} do not follow their parents; collect it again"
            )

    def _at(self, parent: int) -> bool:
        if self._row >= self._rows and not self._load():
            return False
        return bool(self._parents[self._row] == parent)

    def _load(self) -> bool:
        for batch, texts in self._batches:
            if self._position.count(batch.num_rows):
                self._watch(self._table, batch)
            self._data, self._offsets = slices(texts)
            self._parents = numbers(batch, self._table.parent_key)
            self._row, self._rows = 0, batch.num_rows
            self._mark(batch)
            return True
        return False

    def _mark(self, batch: pa.RecordBatch) -> None:
        """Find where runs stop: where the parent changes, and around every open row."""
        flags = self._texts.open_flags(batch)
        if isinstance(flags, bool):
            flags = pa.array([flags] * batch.num_rows)
        opened = np.flatnonzero(flags.to_numpy(zero_copy_only=False))
        changes = np.flatnonzero(self._parents[1:] != self._parents[:-1]) + 1
        stops = np.unique(np.concatenate([changes, opened, opened + 1, [batch.num_rows]]))
        self._stops = iter(stops[stops > 0].tolist())
        keys = numbers(batch, self._table.key)
        self._open = {row: OpenRow(int(keys[row]), batch, row) for row in opened.tolist()}
