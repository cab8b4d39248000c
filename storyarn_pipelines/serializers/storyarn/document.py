"""What all sections share: the stream they write to, and the counting of what they write."""

from collections.abc import Iterator

import pyarrow as pa

from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.rows import (
    ChildRows,
    Layout,
    RowTexts,
    numbers,
    slices,
)
from storyarn_pipelines.serializers.storyarn.statistics import Statistics
from storyarn_pipelines.snapshot.reader import StoryReader


class Document:
    """One native document being written from one snapshot."""

    def __init__(self, story: StoryReader, stream: JsonStream, counter: Counter) -> None:
        self.story, self.stream = story, stream
        self.statistics = Statistics()
        self.counter = counter

    def rows(self, table: Table, layout: Layout | None = None) -> Iterator[tuple[int, memoryview]]:
        """Every row: its key, and its text led by a comma."""
        for batch, texts in RowTexts(self.story, table, layout or Layout()).formatted(self.story):
            self.count(table, batch)
            data, offsets = slices(texts)
            for row, key in enumerate(numbers(batch, table.key).tolist()):
                yield key, data[offsets[row] : offsets[row + 1]]

    def children(self, table: Table, layout: Layout | None = None) -> ChildRows:
        """The rows of a nested table, to be taken parent by parent."""
        return ChildRows(self.story, table, layout, self.count)

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
