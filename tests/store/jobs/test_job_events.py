"""Changes are heard as they are committed, and by nobody who would be misled."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import Artifact, Job
from storyarn_pipelines.errors import DatabaseUnavailableError
from storyarn_pipelines.store.jobs import JobEvent, JobStore, listen_jobs
from storyarn_pipelines.store.jobs.names import CHANNEL

Make = Callable[..., Job]


def test_every_change_of_state_and_progress_is_heard_in_order(
    service_url: str, store: JobStore, make: Make, artifact: Artifact
) -> None:
    with listen_jobs(service_url, timeout=5) as events:
        job = make()
        store.start(job.id, total=10)
        store.progress(job.id, 4, 10, step="flows")
        store.progress(job.id, 4, 10, step="scenes")  # nothing new to tell
        store.complete(job.id, artifact)
        store.record_download(job.id)  # nor here
        store.delete(job.id)
        heard = [next(events) for _ in range(5)]
    assert heard == [
        JobEvent(job.id, 7, "pending", 0, 0),
        JobEvent(job.id, 7, "processing", 0, 10),
        JobEvent(job.id, 7, "processing", 4, 10),
        JobEvent(job.id, 7, "completed", 10, 10),
        JobEvent(job.id, 7, None, 10, 10),
    ]


def test_an_import_of_a_new_project_is_heard_too(
    service_url: str, store: JobStore, make: Make
) -> None:
    with listen_jobs(service_url, timeout=5) as events:
        job = make("processing", type="import", project_id=None)
        store.complete(job.id, project_id=9)
        heard = [next(events) for _ in range(3)]
    assert [x and x.project for x in heard] == [None, None, 9]


def test_silence_is_told_and_nothing_is_lost_in_it(
    service_url: str, make: Make, admin: psycopg.Connection[Any]
) -> None:
    with listen_jobs(service_url, timeout=0.05) as events:
        assert next(events) is None
        assert next(events) is None
        job = make()
        heard = next(events)
        while heard is None:
            heard = next(events)
        assert heard.job == job.id


def test_what_is_rolled_back_is_not_heard(
    service_url: str, make: Make, admin: psycopg.Connection[Any]
) -> None:
    job = make()
    with listen_jobs(service_url, timeout=0.2) as events:
        with psycopg.connect(service_url) as connection:
            connection.execute("UPDATE storyarn_pipelines.jobs SET status = 'cancelled'")
            connection.rollback()
        assert next(events) is None
        assert make().id != job.id
        heard = next(events)
        assert heard
        assert heard.job != job.id


@pytest.mark.parametrize(
    "payload",
    ["", "x", "{}", '{"job": 1}', '"\\ud800"', "[" * 7000, '{"x":' * 1500, '{"x":' + "[" * 7000],
    ids=range(8),
)
def test_what_others_say_on_the_channel_is_passed_over(
    service_url: str, make: Make, admin: psycopg.Connection[Any], payload: str
) -> None:
    with listen_jobs(service_url, timeout=5) as events:
        admin.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
        job = make()
        heard = next(events)
        assert heard
        assert heard.job == job.id


def test_a_payload_is_small_whatever_a_job_holds(
    service_url: str, make: Make, store: JobStore
) -> None:
    with psycopg.connect(service_url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}".encode())
        make("processing", options={"x": "y" * 200_000}, metadata={"z": "y" * 200_000})
        heard = list(connection.notifies(timeout=5, stop_after=2))
    assert len(heard) == 2
    for notify in heard:
        assert len(notify.payload) < 200
        assert set(json.loads(notify.payload)) == {"job", "project", "status", "done", "total"}


def test_a_listener_whose_database_goes_away_says_so(
    service_url: str, admin: psycopg.Connection[Any]
) -> None:
    with listen_jobs(service_url, timeout=5) as events:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            (CHANNEL,),
        )
        with pytest.raises(DatabaseUnavailableError, match=r"\Ajobs database: [^\n]*\Z"):
            next(events)


def test_a_database_that_is_away_cannot_be_listened_to() -> None:
    url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"
    with pytest.raises(DatabaseUnavailableError), listen_jobs(url):
        pass
