"""Reads a snapshot: whole tables in batches, or the story one parent at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import SnapshotError, StorageError
from storyarn_pipelines.snapshot.manifest import Manifest, read_manifest
from storyarn_pipelines.snapshot.writer import KIND


class MediaSource(Protocol):
    """Where media bytes lie, by ``assets.key``."""

    def open_read(self, key: str) -> BinaryIO:
        """Open one object; raises StorageError when it is not there."""


class NoMedia:
    """No place for media bytes is configured."""

    def open_read(self, key: str) -> BinaryIO:
        """Refuse."""
        raise StorageError(f"media {key}: no media storage is configured")


class StoryReader:
    """One snapshot. Memory is bounded by a batch of each open table, whatever the project."""

    def __init__(self, directory: Path, media: MediaSource | None = None) -> None:
        """Open a snapshot; raises SnapshotError when it is missing or unfinished."""
        self.directory = directory
        self.manifest: Manifest = read_manifest(directory)
        self.media_source: MediaSource = media or NoMedia()

    def has(self, table: Table) -> bool:
        """Whether a table was collected."""
        return table.name in self.manifest.tables

    def schema(self, table: Table) -> pa.Schema:
        """The columns of a table, each with its kind."""
        return self._open(table).schema_arrow

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """The rows of a table, as they were streamed."""
        with self._open(table) as file:
            for group in range(file.num_row_groups):
                yield from file.read_row_group(group, use_threads=False).to_batches()

    def _open(self, table: Table) -> pq.ParquetFile:
        entry = self.manifest.tables.get(table.name)
        if entry is None:
            raise SnapshotError(f"snapshot {self.directory}: {table.name} was not collected")
        path = self.directory / entry.file
        try:
            return pq.ParquetFile(path, memory_map=False)
        except (OSError, pa.ArrowException) as error:
            raise SnapshotError(f"snapshot {path}: not readable; collect it again") from error


def column_kind(field: pa.Field) -> Kind:
    """The kind of a snapshot's column."""
    return Kind(field.metadata[KIND].decode())
