"""Dagster's storage with kept connections."""

from collections.abc import Callable

import psycopg
import pytest
from dagster_postgres import DagsterPostgresStorage

from storyarn_pipelines import instance_storage
from storyarn_pipelines.instance_storage import PooledPostgresStorage


def backends(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        ).fetchone()
    return row[0] if row else 0


def test_each_storage_keeps_one_connection(new_database: Callable[..., str]) -> None:
    url = new_database(empty=True)
    storage = PooledPostgresStorage.from_config_value(None, {"postgres_url": url})
    for _ in range(3):
        storage.run_storage.get_runs()
        storage.event_log_storage.all_asset_keys()
        storage.schedule_storage.all_instigator_state()
    assert backends(url) == 3
    storage.run_storage.dispose()
    storage.event_log_storage.dispose()
    storage.schedule_storage.dispose()


def test_idle_connections_that_the_server_has_closed_are_replaced(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_storage, "_IDLE_SECONDS", 0.0)
    url = new_database(empty=True)
    storage = PooledPostgresStorage.from_config_value(None, {"postgres_url": url})
    assert isinstance(storage, DagsterPostgresStorage)
    assert storage.run_storage.get_runs() == []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert storage.run_storage.get_runs() == []
    storage.run_storage.dispose()
