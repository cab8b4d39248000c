"""Rows on their way in: temporary tables that only this session sees.

Nothing of Storyarn's is touched or locked while a file is read; a session that ends, killed or
not, leaves nothing behind.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import DatabaseError, ImportFileError
from storyarn_pipelines.store.columns import read_schema
from storyarn_pipelines.store.errors import translate
from storyarn_pipelines.store.sql import identifier
from storyarn_pipelines.store.target import Target, TargetTable, read_target

_BUFFER_BYTES = 1 << 20
_SESSION = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO'",
    "SET work_mem = '64MB'",
    "SET default_statistics_target = 10",  # all that ANALYZE has to tell is how large tables are
    "SET client_min_messages = 'error'",
)
_COPY_PLACE = re.compile(r"COPY \w+, line (?P<line>[0-9]+)(?:, column (?P<column>\w+))?")
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_DERIVED = {
    "entity_references": "source_type text, source_id bigint, target_type text, "
    "target_id bigint, context text",
    "variable_references": "source_type text, source_id bigint, flow_node_id bigint, "
    "kind text, source_sheet text, source_variable text",
}


class Staging:
    """The staging tables of one import and the session that has them."""

    def __init__(self, connection: sa.Connection, thread: ThreadPoolExecutor) -> None:
        """``thread`` hands rows to the server while the next ones are being made."""
        self._connection, self._thread = connection, thread
        self._sending: Future[None] | None = None
        self._buffers: dict[str, bytearray] = {}
        self._grown: set[str] = set()
        self._copy: dict[str, str] = {}
        self.target: Target = read_target(connection, read_schema(self))
        self._create()

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A small result as dictionaries."""
        self._settle()
        with database_errors():
            found = self._connection.exec_driver_sql(query.replace("%", "%%"))
            return [dict(row) for row in found.mappings()]

    def scalar(self, query: str) -> Any:
        """The one value of a query."""
        self._settle()
        with database_errors():
            return self._connection.exec_driver_sql(query.replace("%", "%%")).scalar()

    def execute(self, command: str) -> int:
        """Run a command; returns the number of rows that it touched."""
        self._settle()
        with database_errors():
            return self._connection.exec_driver_sql(command.replace("%", "%%")).rowcount

    def columns(self, table: Table) -> TargetTable:
        """A table as the database has it."""
        return self.target.tables[table]

    def add(self, table: Table, fields: Sequence[bytes]) -> None:
        """Stage one row: its fields in the order of the target's columns, then its place."""
        self._add(table.name, fields)

    def add_reference(self, table: str, fields: Sequence[bytes]) -> None:
        """Stage a row of one of the reference indexes, its fields as declared above."""
        self._add(table, fields)

    def _add(self, name: str, fields: Sequence[bytes]) -> None:
        buffer = self._buffers[name]
        buffer += b"\t".join(fields)
        buffer += b"\n"
        if len(buffer) > _BUFFER_BYTES:
            self._flush(name)

    def finish(self) -> None:
        """Send what is left and let the planner know the tables' sizes."""
        for name in self._buffers:
            self._flush(name)
        for name in sorted(self._grown):
            self.execute(f"ANALYZE pg_temp.stage_{name}")
        self._grown.clear()

    def clear(self) -> None:
        """Empty all staging tables, to begin again."""
        for name, buffer in self._buffers.items():
            buffer.clear()
            self.execute(f"TRUNCATE pg_temp.stage_{name}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: all of it or nothing."""
        self._settle()
        with database_errors(), self._driver.transaction():
            yield

    @property
    def _driver(self) -> psycopg.Connection[Any]:
        driver: Any = self._connection.connection.driver_connection
        return driver  # type: ignore[no-any-return]

    def _create(self) -> None:
        for command in _SESSION:
            self.execute(command)
        for table in self.target.tables.values():
            columns = ", ".join(f"{identifier(column.name)}" for column in table.columns)
            self.execute(
                f"CREATE TEMP TABLE stage_{table.name} AS SELECT {columns}, NULL::text AS _place "
                f"FROM {identifier(table.name)} WITH NO DATA"
            )
            self._prepare(table.name, f"{columns}, _place")
        for name, columns in _DERIVED.items():
            self.execute(f"CREATE TEMP TABLE stage_{name} ({columns})")
            self._prepare(name, "")

    def _prepare(self, name: str, columns: str) -> None:
        listed = f" ({columns})" if columns else ""
        self._buffers[name] = bytearray()
        self._copy[name] = f"COPY pg_temp.stage_{name}{listed} FROM STDIN"

    def _flush(self, name: str) -> None:
        buffer = self._buffers[name]
        if buffer:
            rows = bytes(buffer)
            buffer.clear()
            self._grown.add(name)
            self._settle()
            self._sending = self._thread.submit(self._send, name, rows)

    def _send(self, name: str, rows: bytes) -> None:
        command = self._copy[name].encode()
        try:
            with database_errors(), self._driver.cursor() as cursor, cursor.copy(command) as copy:
                copy.write(rows)
        except DatabaseError as error:
            place = _place(name, rows, error.__cause__)
            if place is None:
                raise
            reason = str(error).removeprefix("database: ")
            raise ImportFileError(f"import: {place}: {reason}") from error

    def _settle(self) -> None:
        """Wait until the session is free again; raises what went wrong meanwhile."""
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.result()


def _place(name: str, rows: bytes, error: BaseException | None) -> str | None:
    """The place in the file of the value that COPY has refused, None where it was no value.

    Types that only the database knows, an enum's or a domain's, are checked by nobody else.
    """
    if not isinstance(error, psycopg.Error):
        return None
    found = _COPY_PLACE.match(error.diag.context or "")
    if found is None or name in _DERIVED:
        return None
    lines = rows.split(b"\n")
    number = int(found["line"])
    if number > len(lines):
        return None
    place = lines[number - 1].rsplit(b"\t", 1)[-1].decode()
    place = re.sub(r"\\(.)", lambda x: _UNESCAPED.get(x[1], x[1]), place)
    return f"{place}/{found['column']}" if found["column"] else place


@contextmanager
def open_staging(url: str) -> Iterator[Staging]:
    """A session with empty staging tables."""
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with (
        database_errors(),
        engine.connect() as connection,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="storyarn-stage") as thread,
    ):
        yield Staging(connection, thread)


@contextmanager
def database_errors() -> Iterator[None]:
    """Raise DatabaseError and its kin instead of what the driver raises."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise translate(str(error.orig), getattr(error.orig, "sqlstate", None)) from error
    except psycopg.Error as error:
        raise translate(str(error), error.sqlstate) from error
