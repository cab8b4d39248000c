"""A snapshot's tables in batches."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import SnapshotError
from storyarn_pipelines.snapshot.manifest import Manifest, read_manifest
from storyarn_pipelines.snapshot.writer import KIND


class TableBatches:
    """The Parquet files of one snapshot. A batch is about a megabyte."""

    def __init__(self, directory: Path) -> None:
        """Open a snapshot; raises SnapshotError when it is missing or unfinished."""
        self.directory = directory
        self.manifest: Manifest = read_manifest(directory)
        self._schemas: dict[str, pa.Schema] = {}

    def schema(self, table: Table) -> pa.Schema:
        """The columns of a table, each with its kind."""
        if table.name not in self._schemas:
            with self._open(table) as file:
                self._schemas[table.name] = file.schema_arrow
        return self._schemas[table.name]

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """The rows of a table, as they were streamed; a broken file is a SnapshotError."""
        return self.batches_after(table, 0)

    def batches_after(self, table: Table, start: int) -> Iterator[pa.RecordBatch]:
        """The same without the first ``start`` rows; row groups of those are not even read."""
        with self._open(table) as file:
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if start >= rows > 0:
                    start -= rows
                    continue
                try:
                    batches = file.read_row_group(group, use_threads=False).to_batches()
                except (OSError, pa.ArrowException) as error:
                    raise self._broken(table) from error
                for batch in batches:
                    passed = min(start, batch.num_rows)
                    start -= passed
                    yield _without_head(batch, passed) if passed else batch

    def _open(self, table: Table) -> pq.ParquetFile:
        if table.name not in self.manifest.tables:
            raise SnapshotError(f"snapshot {self.directory}: {table.name} was not collected")
        try:
            return pq.ParquetFile(self.directory / self.manifest.tables[table.name].file)
        except (OSError, pa.ArrowException) as error:
            raise self._broken(table) from error

    def _broken(self, table: Table) -> SnapshotError:
        return SnapshotError(
            f"snapshot {self.directory}: {table.name} is not readable; collect it again"
        )


def _without_head(batch: pa.RecordBatch, rows: int) -> pa.RecordBatch:
    """The rows after the first ``rows``, copied: slices of lists do not suit every kernel."""
    return batch.take(pa.array(range(rows, batch.num_rows), pa.int64()))


def column_kind(field: pa.Field) -> Kind:
    """The kind of a snapshot's column."""
    return Kind(field.metadata[KIND].decode())
