"""Changes of jobs as they happen, told by the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import psycopg

from storyarn_pipelines.domain.jobs import JobStatus
from storyarn_pipelines.store.jobs.connections import translate_for_jobs
from storyarn_pipelines.store.jobs.names import CHANNEL


class JobEvent(msgspec.Struct, frozen=True):
    """A job was made, has changed its state or got further; ``status`` is None once deleted.

    It says that there is news, not who may know: ask the store as the user before passing it on.
    """

    job: UUID
    project: int | None
    status: JobStatus | None
    done: int
    total: int


@contextmanager
def listen_jobs(url: str, *, timeout: float = 15.0) -> Iterator[Iterator[JobEvent | None]]:
    """The changes of all jobs from now on, without end; None whenever ``timeout`` seconds pass.

    A None means that the database still answers. Raises DatabaseUnavailableError when it does
    not any more; changes are missed then, so read the jobs again after reconnecting. This keeps
    one connection, which no transaction pooler may sit before: one listener a process is enough.
    """
    with _errors():
        connection = psycopg.connect(url, autocommit=True, application_name=CHANNEL)
    with connection:
        with _errors():
            connection.execute(f"LISTEN {CHANNEL}".encode())
        yield _events(connection, timeout)


def _events(connection: psycopg.Connection, timeout: float) -> Iterator[JobEvent | None]:
    while True:
        with _errors():
            found = list(connection.notifies(timeout=timeout, stop_after=1))
            if not found:
                connection.execute("SELECT 1")  # a peer that is gone says nothing by itself
                yield None
        for notify in found:
            try:
                yield msgspec.json.decode(notify.payload, type=JobEvent)
            except (msgspec.MsgspecError, RecursionError):
                continue  # anyone in the database may use the channel


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise translate_for_jobs(str(error), error.sqlstate) from error
