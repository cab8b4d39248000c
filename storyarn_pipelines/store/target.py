"""Storyarn's tables as an import meets them: types, defaults and rules, read from the catalogue.

The rules are not copied from anywhere: whatever CHECK, unique index or NOT NULL the database has
is what staged rows are held against.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import TABLES, Table
from storyarn_pipelines.store.columns import Column, Schema, reading
from storyarn_pipelines.store.sql import identifier

_COLUMNS = """
SELECT a.attname AS name,
       CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4
            THEN a.atttypmod - 4 END AS max_length,
       a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS default_sql,
       a.attgenerated <> '' AS is_generated
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = to_regclass(:name) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
_CHECKS = """
SELECT c.conname AS name, pg_get_expr(c.conbin, c.conrelid) AS sql,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       bool_and(t.typcategory IN ('S', 'B', 'N', 'D')) AS are_plain
  FROM pg_constraint c
  LEFT JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
  LEFT JOIN pg_type t ON t.oid = a.atttypid
 WHERE c.conrelid = to_regclass(:name) AND c.contype = 'c'
 GROUP BY c.oid, c.conname, c.conbin, c.conrelid ORDER BY c.conname
"""
_UNIQUES = """
SELECT i.indexrelid::regclass::text AS name,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
               FROM generate_series(1, i.indnkeyatts) k) AS terms,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       i.indisprimary AS is_primary
  FROM pg_index i WHERE i.indrelid = to_regclass(:name) AND i.indisunique
 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column to be filled. ``key`` is its name in a file, ``kind`` how a file writes it.

    ``default`` is the text of the column's default value, None for NULL.
    """

    name: str
    key: str
    kind: Kind
    type_name: str
    refers_to: str | None
    max_length: int | None
    not_null: bool
    default: str | None
    has_default: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK: SQL that must not be false.

    ``columns`` are those that it looks at where it matches a regular expression, which takes long,
    and they are texts, numbers and the like; else there are none.
    """

    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index: its terms and, for a partial one, its predicate, as SQL on the columns."""

    name: str
    terms: tuple[str, ...]
    predicate: str | None
    is_primary: bool


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A table with its rules."""

    table: Table
    columns: tuple[TargetColumn, ...]
    checks: Mapping[str, Check]
    uniques: tuple[UniqueIndex, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def stage(self) -> str:
        """The temporary table that holds rows on their way in."""
        return f"pg_temp.stage_{self.table.name}"

    @property
    def column_list(self) -> str:
        """Its columns for SQL."""
        return ", ".join(identifier(column.name) for column in self.columns)


@dataclass(frozen=True, slots=True)
class Target:
    """All tables of a project."""

    version: int | None
    tables: Mapping[Table, TargetTable]


def read_target(connection: sa.Connection, schema: Schema) -> Target:
    """Look at the tables; ``schema`` says which columns there are and what they refer to."""
    tables = {}
    for table in TABLES:
        found = schema.tables[table.name]
        rows = connection.execute(sa.text(_COLUMNS), {"name": table.name}).mappings().all()
        defaults = _defaults(connection, rows)
        columns = tuple(
            _column(table, found[row["name"]], row, defaults)
            for row in rows
            if not row["is_generated"] and row["name"] not in table.ignored
        )
        checks = connection.execute(sa.text(_CHECKS), {"name": table.name})
        uniques = connection.execute(sa.text(_UNIQUES), {"name": table.name}).mappings()
        tables[table] = TargetTable(
            table,
            columns,
            {check.name: _check(check) for check in checks},
            tuple(
                UniqueIndex(x["name"], tuple(x["terms"]), x["predicate"], x["is_primary"])
                for x in uniques
            ),
        )
    return Target(schema.version, tables)


def _column(
    table: Table, column: Column, row: sa.RowMapping, defaults: Mapping[str, str | None]
) -> TargetColumn:
    key, kind = reading(table, column)
    return TargetColumn(
        column.name,
        key,
        kind,
        column.type_name,
        column.refers_to,
        row["max_length"],
        bool(row["not_null"]),
        defaults.get(column.name),
        column.name in defaults,
    )


def _check(row: sa.Row[Any]) -> Check:
    is_slow = row.are_plain and "~" in row.sql
    return Check(row.sql, tuple(row.columns) if is_slow else ())


def _defaults(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> dict[str, str | None]:
    """Default values as text; sequences are left alone, ids are given otherwise."""
    wanted = {
        row["name"]: row["default_sql"]
        for row in rows
        if row["default_sql"]
        and not row["default_sql"].startswith("nextval(")
        and not row["is_generated"]
    }
    if not wanted:
        return {}
    terms = ", ".join(f"({sql})::text AS {identifier(name)}" for name, sql in wanted.items())
    found = connection.exec_driver_sql("SELECT " + terms.replace("%", "%%")).mappings().one()
    return dict(found)
