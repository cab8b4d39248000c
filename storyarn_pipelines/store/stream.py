"""One read-only transaction whose results arrive as Arrow batches.

The Arrow driver's low-level interface is used on purpose: its DB-API module imports pandas,
which costs most of a second. Queries carry no bound parameters, since those would leave the
driver's streamed ``COPY`` path and put whole results into memory.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import adbc_driver_manager
import adbc_driver_postgresql
import pyarrow as pa

from storyarn_pipelines.store.errors import is_connection_error, translate

BATCH_BYTES = 1 << 20
"""Size of a streamed batch: the driver's default of 16 MiB costs 48 MB of memory."""

T = TypeVar("T")

_BATCH_OPTION = "adbc.postgresql.batch_size_hint_bytes"
_SESSION = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
    # Texts are sorted by their keys; the default of 4 MB sorts on the server's disk.
    "SET LOCAL work_mem = '32MB'",
    # On freshly loaded tables, without statistics, the planner takes every table for a small one
    # and joins row by row, which is quadratic. Where rows are to be looked up parent by parent,
    # LATERAL says so, and no setting forbids it.
    "SET LOCAL enable_nestloop = off",
)


@dataclass(frozen=True, slots=True)
class Stream:
    """A running query: the schema of its result, and its batches."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


class ReadTransaction:
    """Everything read through one object is of one moment."""

    def __init__(self, connection: adbc_driver_manager.AdbcConnection) -> None:
        self._connection = connection

    def rows(self, query: str) -> list[dict[str, Any]]:
        """A small result as dictionaries."""
        with self.stream(query) as result:
            return [row for batch in result.batches for row in batch.to_pylist()]

    @contextmanager
    def stream(self, query: str) -> Iterator[Stream]:
        """A result of any size, in batches of about BATCH_BYTES, one of them read ahead.

        Raises DatabaseError and its kin, while batches are read too.
        """
        statement = adbc_driver_manager.AdbcStatement(self._connection)
        with _arrow_errors(), ExitStack() as cleanup:
            cleanup.callback(statement.close)
            statement.set_options(**{_BATCH_OPTION: str(BATCH_BYTES)})
            statement.set_sql_query(query)
            reading = cleanup.enter_context(_Reading(statement))
            handle = reading.start(lambda: statement.execute_query()[0]).result()
            reader = cleanup.enter_context(pa.RecordBatchReader.from_stream(handle))
            yield Stream(reader.schema, reading.batches(reader))

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


class _Reading:
    """A thread that waits for the driver, which blocks outside of Python, deaf to signals.

    An interruption of the thread that waits here cancels the query on the server.
    """

    def __init__(self, statement: adbc_driver_manager.AdbcStatement) -> None:
        self._statement = statement
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storyarn-read")
        self._pending: Future[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pending is not None and not self._pending.done():
            self._statement.cancel()
        self._thread.shutdown()

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Begin a call on the thread."""
        future = self._thread.submit(call)
        self._pending = future
        return future

    def batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """All batches, the next one being read while the caller works on the last."""
        future = self.start(lambda: next(reader, None))
        while (batch := future.result()) is not None:
            future = self.start(lambda: next(reader, None))
            yield batch


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
