"""One read-only transaction whose results arrive as Arrow batches.

The Arrow driver's low-level interface is used on purpose: its DB-API module imports pandas,
which costs most of a second. Queries carry no bound parameters, since those would leave the
driver's streamed ``COPY`` path and put whole results into memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import pyarrow as pa

from storyarn_pipelines.store.errors import is_connection_error, translate

BATCH_BYTES = 1 << 20
"""Size of a streamed batch: the driver's default of 16 MiB costs 48 MB of memory."""

_SESSION = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)


class ReadTransaction:
    """Everything read through one object is of one moment."""

    def __init__(self, connection: adbc_driver_manager.AdbcConnection) -> None:
        self._connection = connection

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A small result as dictionaries."""
        with self.stream(query) as reader:
            rows: list[dict[str, Any]] = reader.read_all().to_pylist()
            return rows

    @contextmanager
    def stream(self, query: str) -> Iterator[pa.RecordBatchReader]:
        """A result of any size, in batches of about BATCH_BYTES."""
        with _arrow_errors():
            statement = adbc_driver_manager.AdbcStatement(self._connection)
            try:
                statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
                statement.set_sql_query(query)
                handle, _ = statement.execute_query()
                with pa.RecordBatchReader.from_stream(handle) as reader:
                    yield reader
            finally:
                statement.close()

    def execute(self, command: str) -> None:
        """A command without a result."""
        with _arrow_errors():
            statement = adbc_driver_manager.AdbcStatement(self._connection)
            try:
                statement.set_sql_query(command)
                statement.execute_update()
            finally:
                statement.close()


@contextmanager
def read_transaction(database_url: str) -> Iterator[ReadTransaction]:
    """A REPEATABLE READ, READ ONLY transaction on its own connection.

    Raises DatabaseUnavailableError when the database cannot be reached.
    """
    with _arrow_errors():
        database = adbc_driver_postgresql.connect(database_url)
        connection = adbc_driver_manager.AdbcConnection(database)
        connection.set_autocommit(False)
    try:
        transaction = ReadTransaction(connection)
        for command in _SESSION:
            transaction.execute(command)
        yield transaction
    finally:
        connection.close()
        database.close()


@contextmanager
def _arrow_errors() -> Iterator[None]:
    """Raise DatabaseError and its kin instead of what the driver raises."""
    try:
        yield
    except adbc_driver_manager.Error as error:
        raise translate(str(error), error.sqlstate) from error
    except OSError as error:
        # A batch that breaks off reaches us as an I/O error of the Arrow reader.
        if is_connection_error(str(error)) or "libpq" in str(error):
            raise translate(str(error), None) from error
        raise
