"""What all sections share: the stream they write to, and the counting of what they write."""

from collections.abc import Iterator, Sequence

import msgspec
import pyarrow as pa

from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.rows import (
    ChildRows,
    Layout,
    Position,
    RowTexts,
    numbers,
    slices,
)
from storyarn_pipelines.serializers.storyarn.statistics import Statistics
from storyarn_pipelines.snapshot.reader import StoryReader


class DocumentState(msgspec.Struct, frozen=True):
    """A document between two entities, as a checkpoint holds it.

    ``table`` is the one whose entities were being written, ``positions`` that of every table
    beside it, ``closers`` and ``empty`` the open brackets, ``done`` the rows counted, and
    ``group`` the key of the last group where rows are grouped.
    """

    table: str
    positions: dict[str, Position]
    closers: list[str]
    empty: list[bool]
    statistics: Statistics
    done: int
    group: list[str | None] | None = None


class Document:
    """One native document being written from one snapshot.

    With a ``state``, it goes on behind what another process has written.
    """

    def __init__(
        self,
        story: StoryReader,
        out: Output,
        stream: JsonStream,
        counter: Counter,
        state: DocumentState | None = None,
    ) -> None:
        self.story, self.stream = story, stream
        self.statistics = Statistics()
        self.counter = counter
        self._out, self._state = out, state
        self._positions: dict[str, Position] = {}
        if state is not None:
            self.statistics = state.statistics
            counter.done = state.done
            stream.go_on(state.closers, state.empty)

    def goes_on_with(self, table: Table) -> DocumentState | None:
        """The state to go on with if it is inside the list of this table's entities.

        What stands before them is written already.
        """
        return self._state if self._state and self._state.table == table.name else None

    def position(self, table: Table) -> Position:
        """Where the rows of a table begin; whoever takes rows moves it along."""
        known = self._state.positions if self._state else {}
        return self._positions.setdefault(table.name, known.get(table.name, Position()))

    def end_entity(self, table: Table, key: int, group: Sequence[str | None] = ()) -> None:
        """Here the document can be cut: everything up to the entity ``key`` is written."""
        if not self._out.checkpoint_due:
            return
        closers, empty = self.stream.brackets
        state = DocumentState(
            table.name,
            self._positions,
            closers,
            empty,
            self.statistics,
            self.counter.done,
            list(group) or None,
        )
        self._out.checkpoint(f"{table.name} {key}", state)

    def entities(self, table: Table, layout: Layout) -> Iterator[int]:
        """Write the list of a section's entities: each is open while its key is handed out."""
        if not self.goes_on_with(table):
            self.stream.begin(b"[", table.list_key)
        for key, text in self.rows(table, layout):
            self.stream.begin(text[1:])
            yield key
            self.stream.end()
            self.end_entity(table, key)
        self.stream.end()

    def rows(self, table: Table, layout: Layout | None = None) -> Iterator[tuple[int, memoryview]]:
        """Every row: its key, and its text led by a comma."""
        position = self.position(table)
        texts_of = RowTexts(self.story, table, layout or Layout())
        for batch, texts in texts_of.formatted(self.story, position.taken):
            if position.count(batch.num_rows):
                self.count(table, batch)
            data, offsets = slices(texts)
            for row, key in enumerate(numbers(batch, table.key).tolist()):
                position.taken += 1
                yield key, data[offsets[row] : offsets[row + 1]]

    def children(self, table: Table, layout: Layout | None = None) -> ChildRows:
        """The rows of a nested table, to be taken parent by parent."""
        return ChildRows(self.story, table, layout or Layout(), self.position(table), self.count)

    def write_list(self, children: ChildRows, parent: int, *, always: bool = True) -> None:
        """Write one parent's rows as a list; an empty one only where ``always`` asks for it."""
        runs = children.take(parent)
        first = next(runs, None)
        if first is None and not always:
            return
        self.stream.begin(b"[", children.list_key)
        if first is not None:
            self.stream.many(first.text)
        for run in runs:
            self.stream.many(run.text)
        self.stream.end()

    def count(self, table: Table, batch: pa.RecordBatch) -> None:
        """Take note of rows that are written."""
        self.statistics.watch(table, batch)
        self.counter.add(batch.num_rows)
