"""Dagster's state in PostgreSQL, over connections that are kept.

``dagster_postgres`` connects anew for each of the hundreds of statements that a run's events
take: two seconds of an export of a mid-sized project. Here each process keeps one connection for
each of the three storages, and tries it before use, so that a restarted server is noticed by the
pool and not by the run.
"""

from typing import Any, Self

import sqlalchemy as sa
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config

_RECYCLE_SECONDS = 1800
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
    return sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=_MORE_CONNECTIONS,
        pool_recycle=_RECYCLE_SECONDS,
        pool_pre_ping=True,
    )
