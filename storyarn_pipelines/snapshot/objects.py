"""Rows of a snapshot as domain objects, children merged with their parents in passing."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec
import pyarrow as pa

from storyarn_pipelines.domain.columns import DERIVED, Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import SnapshotError
from storyarn_pipelines.snapshot.batches import TableBatches, column_kind

T = TypeVar("T", bound=msgspec.Struct)
Nested = Callable[[int], dict[str, Any]]
"""Gives the child lists of the object with some id, by field name."""


def rows(
    source: TableBatches, table: Table, kind: type[T], nested: Nested | None = None
) -> Iterator[tuple[int, T]]:
    """Objects of ``kind`` in the table's order, each with its parent's id."""
    columns = [name for name in kind.__struct_fields__ if _column(source, table, name)]
    for batch in source.batches(table):
        parents = _parents(batch, table)
        values = [_values(batch, table, _column(source, table, name)) for name in columns]
        keys = batch.column(table.key).to_pylist()
        for parent, key, *row in zip(parents, keys, *values, strict=True):
            fields = dict(zip(columns, row, strict=True))
            yield parent, kind(**fields, **(nested(key) if nested else {}))


class Children(Generic[T]):
    """The objects of a nested table, taken in the order of their parents."""

    def __init__(
        self, source: TableBatches, table: Table, kind: type[T], nested: Nested | None = None
    ) -> None:
        self._rows = rows(source, table, kind, nested)
        self._next = next(self._rows, None)

    def of(self, parent: int) -> tuple[T, ...]:
        """One parent's children; parents must come in the snapshot's order."""
        found = []
        while self._next is not None and self._next[0] == parent:
            found.append(self._next[1])
            self._next = next(self._rows, None)
        return tuple(found)


def _column(source: TableBatches, table: Table, name: str) -> str:
    names = source.schema(table).names
    return next((column for column in (name, DERIVED + name) if column in names), "")


def _parents(batch: pa.RecordBatch, table: Table) -> Sequence[int]:
    """The project is nobody's child and everybody's parent: its id is not repeated in the rows."""
    if table.parent_key in batch.schema.names:
        parents: list[int] = batch.column(table.parent_key).to_pylist()
        return parents
    return [0] * batch.num_rows


def _values(batch: pa.RecordBatch, table: Table, column: str) -> list[Any]:
    field = batch.schema.field(column)
    values: list[Any] = batch.column(column).to_pylist()
    match column_kind(field):
        case Kind.JSON:
            return _decoded(values, batch, table, column)
        case Kind.FLOAT:
            return [None if value is None else float(value) for value in values]
        case Kind.NUMBER:
            return [None if value is None else Decimal(value) for value in values]
        case Kind.IDS:
            return [None if value is None else tuple(value) for value in values]
    return values


def _decoded(values: list[Any], batch: pa.RecordBatch, table: Table, column: str) -> list[Any]:
    decode = msgspec.json.Decoder().decode
    decoded = []
    for row, value in enumerate(values):
        try:
            decoded.append(None if value is None else decode(value))
        except (msgspec.DecodeError, RecursionError) as error:
            key = batch.column(table.key)[row].as_py()
            raise SnapshotError(
                f"{table.name} {key}: {column} cannot be read ({error}); correct it in Storyarn"
            ) from error
    return decoded
