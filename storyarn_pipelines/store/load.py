"""Plain rows into Storyarn's tables, for the sample project."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from storyarn_pipelines.store.database import connect

Row = Mapping[str, Any]


def insert_rows(url: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Insert rows table by table in one transaction and move the sequences past their ids.

    Tables and rows come in an order that satisfies the foreign keys. JSON columns hold plain
    values, None is NULL everywhere.
    """
    with connect(url) as connection:
        for name, table_rows in rows.items():
            if table_rows:
                _insert(connection, name, table_rows)


def _insert(connection: sa.Connection, name: str, rows: Sequence[Row]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    for column in table.c:
        if isinstance(column.type, JSONB):
            column.type = JSONB(none_as_null=True)
    # One statement inserts rows that set the same columns.
    for _, batch in groupby(rows, key=tuple):
        connection.execute(table.insert(), [dict(row) for row in batch])
    if "id" in table.c:
        sequence = sa.func.pg_get_serial_sequence(name, "id")
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(table.c.id))))
