"""Dagster's state in PostgreSQL, over connections that are kept.

``dagster_postgres`` connects anew for each of the hundreds of statements that a run's events
take: two seconds of an export of a mid-sized project. Here each process keeps one connection for
each of the three storages, and tries one that was idle before use, so that a restarted server is
noticed by the pool and not by the run.
"""

import time
from typing import Any, Self

import psycopg2
import sqlalchemy as sa
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config

_RECYCLE_SECONDS = 1800
_IDLE_SECONDS = 1.0
_MORE_CONNECTIONS = 20  # as many as threads may ask at once; closed when they are done


class PooledPostgresStorage(DagsterPostgresStorage):
    """``storage: custom`` of a production ``dagster.yaml``; its configuration is Dagster's own."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As ``DagsterPostgresStorage``."""
        super().__init__(*arguments, **named)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            # The storages take no engine from outside; the webserver replaces it in the same way.
            storage._engine = _engine(self.postgres_url)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Self:
        """The storage that a ``dagster.yaml`` describes."""
        return cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
        )


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=_MORE_CONNECTIONS,
        pool_recycle=_RECYCLE_SECONDS,
    )
    sa.event.listen(engine, "checkin", _note_use)
    sa.event.listen(engine, "checkout", _try_if_idle)
    return engine


def _note_use(_: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _try_if_idle(connection: Any, record: Any, _: Any) -> None:
    """``pool_pre_ping`` tries each time, which is half of what the statements themselves cost."""
    if time.monotonic() - record.info.get("used", 0.0) < _IDLE_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        raise sa.exc.DisconnectionError("closed by the server") from error
