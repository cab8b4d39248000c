"""The columns that the database really has, and how each is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import OWNER_TABLES, TABLES, Table
from storyarn_pipelines.errors import SchemaError
from storyarn_pipelines.store.sql import identifier, literal

_REFLECT = """
SELECT c.relname::text AS table_name,
       a.attname::text AS column_name,
       base.typname::text AS type_name,
       NOT a.attnotnull AS nullable,
       (SELECT min(target.relname::text)
          FROM pg_constraint k JOIN pg_class target ON target.oid = k.confrelid
         WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum]) AS refers_to
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type base ON base.oid = COALESCE(NULLIF(t.typbasetype, 0), t.oid)
 WHERE c.relname IN ({names}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND pg_table_is_visible(c.oid)
 ORDER BY c.relname, a.attnum
"""

_PLAIN_KINDS = {
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "bool": Kind.BOOLEAN,
    "jsonb": Kind.JSON,
    "timestamp": Kind.TIME,
    "text": Kind.TEXT,
    "varchar": Kind.TEXT,
}
# Read as PostgreSQL prints them: its shortest doubles differ from everyone else's in rare cases
# (1e23 is 9.999999999999999e+22), and the driver cannot hand over the others exactly.
_TEXT_KINDS = {
    "float8": Kind.FLOAT,
    "float4": Kind.FLOAT,
    "numeric": Kind.NUMBER,
    "json": Kind.JSON,
}
_INTEGER_TYPES = ("int2", "int4", "int8")
_INTEGER_ARRAYS = ("_int2", "_int4", "_int8")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the database as the catalogue found it."""

    name: str
    type_name: str
    nullable: bool
    refers_to: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the snapshot: the SQL that reads it and the kind of its values."""

    name: str
    sql: str
    kind: Kind
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """What was found in the database."""

    version: int | None
    tables: Mapping[str, Mapping[str, Column]]

    def fields(self, table: Table, alias: str) -> list[Field]:
        """The snapshot's columns: the catalogue's in its order, then unknown ones in theirs."""
        found = self.tables[table.name]
        known = [name for name in table.columns if name != table.parent_key]
        skipped = {*table.needed, *table.ignored, "project_id"}
        extra = [name for name in found if name not in skipped]
        fields = [_field(table, found[name], alias, known=True) for name in known]
        fields += [_field(table, found[name], alias, known=False) for name in extra]
        if table.parent_key and table.parent_key != "project_id":
            parent = found[table.parent_key]
            fields.append(Field(parent.name, f"{alias}.{identifier(parent.name)}", Kind.ID))
        return fields


class Session(Protocol):
    """Anything that answers queries."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A small result as dictionaries."""


def read_schema(session: Session) -> Schema:
    """Look at the catalogue; raises SchemaError naming a table or column that is missing."""
    names = [*(table.name for table in TABLES), *OWNER_TABLES]
    query = _REFLECT.format(names=", ".join(literal(name) for name in names))
    tables: dict[str, dict[str, Column]] = {}
    for row in session.rows(query):
        column = Column(row["column_name"], row["type_name"], row["nullable"], row["refers_to"])
        tables.setdefault(row["table_name"], {})[column.name] = column
    version = _version(session, tables)
    _check(tables, version)
    return Schema(version, tables)


def _version(session: Session, tables: Mapping[str, Mapping[str, Column]]) -> int | None:
    if "version" not in tables.get("schema_migrations", {}):
        return None
    found = session.rows("SELECT max(version)::bigint AS version FROM schema_migrations")
    version: int | None = found[0]["version"]
    return version


def _check(tables: Mapping[str, Mapping[str, Column]], version: int | None) -> None:
    needed: list[tuple[str, Iterable[str]]] = [(table.name, table.needed) for table in TABLES]
    needed += list(OWNER_TABLES.items())
    if not any(name in tables for name, _ in needed):
        raise SchemaError(
            "database: none of Storyarn's tables is there; check STORYARN_DATABASE_URL, "
            "or create them in an empty database with `storyarn db init`"
        )
    for table, columns in needed:
        what = f"table {table}"
        missing = table not in tables
        if not missing:
            lost = next((name for name in columns if name not in tables[table]), None)
            missing, what = lost is not None, f"column {table}.{lost}"
        if missing:
            raise SchemaError(
                f"database: {what} is missing (schema version {version or 'unknown'}); "
                "use a release of storyarn-pipelines made for that version of Storyarn"
            )


def _field(table: Table, column: Column, alias: str, *, known: bool) -> Field:
    name, sql, kind = _reading(table, column, f"{alias}.{identifier(column.name)}", known=known)
    return Field(name, sql, kind, column.nullable)


def reading(table: Table, column: Column) -> tuple[str, Kind]:
    """The name under which a column travels, and how its values are written."""
    name, _, kind = _reading(table, column, "", known=column.name in table.needed)
    return name, kind


def _reading(table: Table, column: Column, sql: str, *, known: bool) -> tuple[str, str, Kind]:
    """The snapshot's name for a column, how it is read, and its kind."""
    name, type_name = column.name, column.type_name
    if _names_user(column):
        email = f"(SELECT u.email::text FROM users u WHERE u.id = {sql})"
        return name.removesuffix("_id") + "_email", email, Kind.TEXT
    if table.name == "projects" and name == "workspace_id":
        slug = f"(SELECT w.slug::text FROM workspaces w WHERE w.id = {sql})"
        return "workspace_slug", slug, Kind.TEXT
    if _is_key(column, known=known):
        return name, sql if type_name in _INTEGER_TYPES else f"{sql}::text", Kind.ID
    if name.endswith("_ids") and type_name in _INTEGER_ARRAYS:
        return name, sql, Kind.IDS
    if type_name in _PLAIN_KINDS:
        return name, sql, _PLAIN_KINDS[type_name]
    if type_name == "timestamptz":
        return name, f"({sql} AT TIME ZONE 'UTC')", Kind.TIME
    return name, f"{sql}::text", _TEXT_KINDS.get(type_name, Kind.TEXT)


def _names_user(column: Column) -> bool:
    """People travel as e-mail addresses, since their ids mean nothing elsewhere."""
    if column.refers_to is not None:
        return column.refers_to == "users"
    by_name = column.name == "owner_id" or column.name.endswith("_by_id")
    return by_name and column.type_name in _INTEGER_TYPES


def _is_key(column: Column, *, known: bool) -> bool:
    if column.name == "id":
        return True
    return column.refers_to is not None or (known and column.name.endswith("_id"))
