"""Streams of Arrow batches into Parquet files, counted and hashed on their way."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.snapshot.manifest import TableEntry

KIND = b"storyarn.kind"
"""Key of a column's kind in the Parquet file's field metadata."""

_REPETITIVE = (Kind.TIME, Kind.BOOLEAN, Kind.INTEGER)


class _HashingFile:
    """A file that knows the SHA-256 and the size of what went into it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._hash.update(view)
        self.size += view.nbytes
        return self._file.write(view)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def flush(self) -> None:
        self._file.flush()

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed


def write_table(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    kinds: Mapping[str, Kind],
    counter: Counter,
) -> TableEntry:
    """Write one table; the columns' kinds travel in the file."""
    schema = pa.schema(_plain_field(field, kinds[field.name]) for field in schema)
    dictionary = [name for name, kind in kinds.items() if kind in _REPETITIVE]
    file = _HashingFile(path)
    rows = 0
    try:
        with pq.ParquetWriter(
            pa.PythonFile(file, mode="w"),
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=dictionary,
            write_statistics=False,
        ) as writer:
            for batch in batches:
                writer.write_batch(_plain_batch(batch, schema))
                rows += batch.num_rows
                counter.add(batch.num_rows)
    finally:
        file.close()
        pa.default_memory_pool().release_unused()  # else serializing comes on top of it
    return TableEntry(path.name, rows, file.size, file.hexdigest())


def _plain_field(field: pa.Field, kind: Kind) -> pa.Field:
    """Without the driver's extension types and remarks, with our kind."""
    plain = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
    return pa.field(field.name, plain, metadata={KIND: kind.value.encode()})


def _plain_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        column.storage if isinstance(column, pa.ExtensionArray) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
