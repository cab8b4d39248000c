"""Runs, progress, lists, downloads and cleanup."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import JOB_STATUSES, Artifact, Job, JobStatus
from storyarn_pipelines.errors import (
    DatabaseUnavailableError,
    JobStateError,
    UnknownJobError,
    UsageError,
)
from storyarn_pipelines.store.jobs import Connections, JobFilter, JobStore
from tests.conftest import wait_until

Make = Callable[..., Job]
DAY = timedelta(days=1)
NOBODY = UUID(int=0)


def set_overdue(admin: psycopg.Connection[Any], job: Job) -> None:
    """Let a job's time be over, as time does it: without a trigger."""
    admin.execute("ALTER TABLE storyarn_pipelines.jobs DISABLE TRIGGER USER")
    admin.execute(
        "UPDATE storyarn_pipelines.jobs SET expires_at = now() - interval '1 s' WHERE id = %s",
        (job.id,),
    )
    admin.execute("ALTER TABLE storyarn_pipelines.jobs ENABLE TRIGGER USER")


def test_a_job_tells_its_whole_life(store: JobStore, make: Make, artifact: Artifact) -> None:
    job = make()
    launched = store.launched(job.id, "run-1")
    assert (launched.status, launched.run_id) == ("pending", "run-1")
    started = store.start(job.id, run_id="run-1", total=40)
    assert (started.status, started.total, started.attempts) == ("processing", 40, 1)
    assert started.started_at
    assert started.is_running
    assert store.progress(job.id, 10, 50, step="flows", run_id="run-1")
    now = store.get(job.id)
    assert (now.done, now.total, now.step) == (10, 50, "flows")
    assert now.updated_at > started.updated_at
    done = store.complete(
        job.id,
        artifact,
        totals={"flows": 3},
        diagnostics={"warning": 2},
        metadata={"files": ["a"]},
        run_id="run-1",
    )
    assert (done.status, done.done, done.total, done.step) == ("completed", 50, 50, None)
    assert (done.key, done.bytes, done.sha256) == (artifact.key, 1234, artifact.sha256)
    assert (done.totals, done.diagnostics) == ({"flows": 3}, {"warning": 2})
    assert done.metadata == {"files": ["a"]}
    assert done.completed_at
    assert done.expires_at == done.completed_at + DAY
    assert done.is_downloadable
    assert store.get(job.id) == done


@pytest.mark.parametrize("lifetime", [timedelta(days=400), timedelta(seconds=5), None])
def test_a_lifetime_is_of_the_jobs_type(
    connections: Connections, make: Make, lifetime: timedelta | None
) -> None:
    store = JobStore(connections, lifetimes={"archive": lifetime, "export": DAY})
    archive = store.complete(make("processing", type="archive").id)
    assert archive.completed_at
    assert archive.expires_at == (lifetime and archive.completed_at + lifetime)
    export = store.complete(make("processing").id)
    assert export.completed_at
    assert export.expires_at == export.completed_at + DAY
    assert not export.is_downloadable


def test_an_import_learns_its_options_and_its_project_on_the_way(
    store: JobStore, make: Make
) -> None:
    job = make(type="import", project_id=None, format=None, metadata={"file": "a"})
    job = store.amend(job.id, options={"conflicts": "merge"}, metadata={"preview": {"new": 3}})
    assert job.options == {"conflicts": "merge"}
    assert job.metadata == {"file": "a", "preview": {"new": 3}}
    assert store.amend(job.id).options == {"conflicts": "merge"}
    store.start(job.id)
    with pytest.raises(JobStateError, match="only a pending job is changed"):
        store.amend(job.id, options={})
    assert store.complete(job.id, project_id=9).project_id == 9


def test_a_run_has_one_job_and_a_job_one_run_at_a_time(store: JobStore, make: Make) -> None:
    job, other = make(), make()
    store.launched(job.id, "run-1")
    assert store.launched(job.id, "run-1") == store.get(job.id)
    refused: list[Callable[[], object]] = [
        lambda: store.launched(job.id, "run-2"),
        lambda: store.launched(other.id, "run-1"),
        lambda: store.start(other.id, run_id="run-1"),
        lambda: store.start(job.id, run_id="run-2"),
        lambda: store.complete(job.id, run_id="run-2"),
        lambda: store.fail(job.id, "x", run_id="run-2"),
        lambda: store.fail(other.id, "x", run_id="run-2"),
    ]
    for step in refused:
        with pytest.raises(JobStateError, match=r"run run-[12]"):
            step()
    started = store.start(job.id, run_id="run-1", total=5)
    assert store.start(job.id, run_id="run-1", total=9) == started
    assert store.launched(job.id, "run-1") == started
    assert store.find_by_run("run-1") == started
    assert store.find_by_run("run-2") is None
    assert store.get(other.id) == other


def test_a_worker_thought_dead_has_no_say_after_another_has_taken_over(
    store: JobStore, make: Make, artifact: Artifact
) -> None:
    job = make()
    store.start(job.id, run_id="run-1", total=10)
    store.progress(job.id, 7, 10, step="flows", run_id="run-1")
    store.fail(job.id, "the worker was killed", run_id="run-1")
    with pytest.raises(JobStateError, match="its run run-1 is over"):
        store.retry(job.id, run_id="run-1")
    again = store.retry(job.id, run_id="run-2", total=10)
    assert (again.status, again.done, again.step, again.error) == ("processing", 0, None, None)
    assert (again.attempts, again.completed_at) == (2, None)
    assert store.retry(job.id, run_id="run-2") == again
    assert not store.progress(job.id, 8, 10, run_id="run-1")
    with pytest.raises(JobStateError, match="run run-1 has no say"):
        store.complete(job.id, artifact, run_id="run-1")
    with pytest.raises(JobStateError, match="run run-1 has no say"):
        store.fail(job.id, "late", run_id="run-1")
    assert store.get(job.id) == again
    done = store.complete(job.id, artifact, run_id="run-2")
    assert store.complete(job.id, artifact, run_id="run-2") == done


def test_a_retry_keeps_an_artifact_in_mind_as_long_as_it_is_there(
    store: JobStore, make: Make, artifact: Artifact
) -> None:
    job = make("completed")
    assert store.retry(job.id).key == artifact.key
    store.fail(job.id, "no")
    assert [x.id for x in store.expire()] == [job.id]
    assert store.mark_removed([job.id]) == 1
    again = store.retry(job.id)
    assert (again.key, again.bytes, again.sha256, again.removed_at) == (None,) * 4


@pytest.mark.parametrize("status", [x for x in JOB_STATUSES if x != "processing"])
def test_progress_tells_a_worker_to_stop_when_its_job_is_no_longer_worked_on(
    store: JobStore, make: Make, status: JobStatus
) -> None:
    job = make(status)
    assert not store.progress(job.id, 1, 2)
    assert store.get(job.id) == job
    assert not store.progress(NOBODY, 1, 2)


@pytest.mark.parametrize(("done", "total"), [(-1, 0), (0, -1), (2**63, 0), (0, 2**63)])
def test_progress_is_counted_in_numbers_that_fit(
    store: JobStore, make: Make, done: int, total: int
) -> None:
    with pytest.raises(UsageError, match="is no count"):
        store.progress(make("processing").id, done, total)


def test_an_unknown_job_is_told_from_one_that_is_in_the_wrong_state(
    store: JobStore, artifact: Artifact
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: store.get(NOBODY),
        lambda: store.amend(NOBODY),
        lambda: store.launched(NOBODY, "r"),
        lambda: store.start(NOBODY),
        lambda: store.retry(NOBODY),
        lambda: store.complete(NOBODY, artifact),
        lambda: store.fail(NOBODY, "x"),
        lambda: store.cancel(NOBODY),
        lambda: store.record_download(NOBODY),
        lambda: store.delete(NOBODY),
    ]
    for step in steps:
        with pytest.raises(UnknownJobError, match=f"job {NOBODY} does not exist"):
            step()


def test_a_cancelled_job_says_why(store: JobStore, make: Make) -> None:
    job = store.cancel(make("processing").id, reason="asked for by Olga")
    assert (job.status, job.error) == ("cancelled", "asked for by Olga")
    assert job.completed_at
    assert store.cancel(job.id, reason="again") == job


@pytest.mark.parametrize("commits", [True, False])
def test_a_worker_that_completes_while_somebody_cancels_waits_for_the_outcome(
    store: JobStore, make: Make, artifact: Artifact, service_url: str, commits: bool
) -> None:
    job = make("processing")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(service_url) as connection:
        connection.execute("UPDATE storyarn_pipelines.jobs SET status = 'cancelled'")
        completing = pool.submit(store.complete, job.id, artifact)
        with psycopg.connect(service_url, autocommit=True) as other:
            waiting = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"
            wait_until(lambda: other.execute(waiting).fetchone() == (True,))
        if commits:
            connection.commit()
            with pytest.raises(JobStateError, match="is cancelled: only a processing job"):
                completing.result(10)
        else:
            connection.rollback()
            assert completing.result(10).status == "completed"
    assert store.get(job.id).status == ("cancelled" if commits else "completed")


def test_downloads_are_counted(store: JobStore, make: Make) -> None:
    job = make("completed")
    store.record_download(job.id)
    found = store.record_download(job.id)
    assert found.download_count == 2
    assert found.last_download_at
    assert found.last_download_at > job.created_at


@pytest.mark.parametrize("status", [x for x in JOB_STATUSES if x != "completed"])
def test_only_a_completed_job_is_downloaded(store: JobStore, make: Make, status: JobStatus) -> None:
    job = make(status)
    with pytest.raises(JobStateError, match=f"is {status}: there is nothing to download"):
        store.record_download(job.id)


def test_a_job_without_a_file_is_not_downloaded(store: JobStore, make: Make) -> None:
    job = store.complete(make("processing").id)
    with pytest.raises(JobStateError, match="has no file"):
        store.record_download(job.id)


def test_an_overdue_job_is_expired_for_everybody_before_cleanup_comes(
    store: JobStore, make: Make, admin: psycopg.Connection[Any]
) -> None:
    job, other = make("completed"), make("completed")
    set_overdue(admin, job)
    raw = "SELECT status FROM storyarn_pipelines.jobs WHERE id = %s"
    assert admin.execute(raw, (job.id,)).fetchone() == ("completed",)
    assert store.get(job.id).status == "expired"
    assert [x.id for x in store.list(JobFilter(statuses=("expired",))).jobs] == [job.id]
    assert [x.id for x in store.list(JobFilter(statuses=("completed",))).jobs] == [other.id]
    with pytest.raises(JobStateError, match="is expired: there is nothing to download"):
        store.record_download(job.id)


@pytest.mark.parametrize(("lifetime", "status"), [("-1 s", "expired"), ("1 h", "completed")])
def test_the_trigger_expires_an_overdue_job_at_any_change(
    make: Make, admin: psycopg.Connection[Any], lifetime: str, status: str
) -> None:
    job = make("completed")
    command = (
        "UPDATE storyarn_pipelines.jobs SET expires_at = now() + %s::interval "
        "WHERE id = %s RETURNING status"
    )
    assert admin.execute(command, (lifetime, job.id)).fetchone() == (status,)


def test_the_trigger_notes_every_change(make: Make, admin: psycopg.Connection[Any]) -> None:
    job = make()
    command = (
        "UPDATE storyarn_pipelines.jobs SET metadata = '{}', updated_at = '2000-01-01' "
        "RETURNING updated_at > %s"
    )
    assert admin.execute(command, (job.updated_at,)).fetchone() == (True,)


def test_cleanup_is_told_of_artifacts_until_they_are_removed(
    store: JobStore, make: Make, admin: psycopg.Connection[Any]
) -> None:
    lives, overdue, expired = make("completed"), make("completed"), make("expired")
    broken = make("completed")
    store.retry(broken.id)
    store.cancel(broken.id)
    for status in ("pending", "processing", "failed", "cancelled"):
        make(status)
    set_overdue(admin, overdue)
    removable = {overdue.id, expired.id, broken.id}
    assert {x.id for x in store.expire()} == removable
    assert {x.id for x in store.expire()} == removable
    assert len(store.expire(limit=2)) == 2
    assert store.mark_removed([overdue.id, expired.id, lives.id, NOBODY]) == 2
    assert store.mark_removed([overdue.id]) == 0
    assert [x.id for x in store.expire()] == [broken.id]
    assert store.get(lives.id) == lives
    assert store.get(overdue.id).removed_at


def age(admin: psycopg.Connection[Any], job: Job, days: int) -> None:
    """Let a job be untouched for some days."""
    admin.execute("ALTER TABLE storyarn_pipelines.jobs DISABLE TRIGGER USER")
    admin.execute(
        "UPDATE storyarn_pipelines.jobs SET updated_at = now() - %s * interval '1 day' "
        "WHERE id = %s",
        (days, job.id),
    )
    admin.execute("ALTER TABLE storyarn_pipelines.jobs ENABLE TRIGGER USER")


def test_cleanup_deletes_old_records_but_none_that_runs_lives_or_knows_a_file(
    store: JobStore, make: Make, admin: psycopg.Connection[Any]
) -> None:
    gone = [make("failed"), make("cancelled"), make("expired")]
    store.mark_removed([gone[2].id])
    kept = [make("pending"), make("processing"), make("completed"), make("expired")]
    young = make("failed")
    for job in gone + kept:
        age(admin, job, 31)
    age(admin, young, 29)
    overdue = make("completed")
    set_overdue(admin, overdue)
    assert store.cleanup() == (1, 3)
    assert store.cleanup() == (0, 0)
    ids = {x.id for x in [*gone, *kept, young, overdue]}
    assert store.existing(ids | {NOBODY}) == ids - {x.id for x in gone}
    assert store.get(overdue.id).status == "expired"
    assert store.cleanup(timedelta(days=28)) == (0, 1)


@pytest.mark.parametrize("status", JOB_STATUSES)
def test_only_a_job_that_has_ended_is_deleted(
    store: JobStore, make: Make, status: JobStatus
) -> None:
    job = make(status)
    if status in ("pending", "processing"):
        with pytest.raises(JobStateError, match="cancel it before deleting it"):
            store.delete(job.id)
        assert store.get(job.id) == job
    else:
        assert store.delete(job.id) == job
        assert store.existing([job.id]) == set()


@pytest.fixture
def seven(make: Make, admin: psycopg.Connection[Any]) -> list[Job]:
    """Seven jobs, the newest first; two of them are of the same moment."""
    made = [
        make("completed", project_id=7, format="ink", data_selector={"flow_ids": [1, 2]}),
        make("pending", project_id=8, format="yarn"),
        make("failed", project_id=7, type="report", format="pdf"),
        make("pending", owner=2, project_id=7, data_selector={"flow_ids": [2], "all": False}),
        make("expired", project_id=7),
        make("cancelled", owner=None, project_id=8),
        make("processing", project_id=7, type="media_kit", format=None),
    ]
    admin.execute("ALTER TABLE storyarn_pipelines.jobs DISABLE TRIGGER USER")
    for number, job in enumerate(made):
        created = datetime(2026, 1, 1 + min(number, 5), tzinfo=UTC)
        admin.execute(
            "UPDATE storyarn_pipelines.jobs SET created_at = %s WHERE id = %s", (created, job.id)
        )
    admin.execute("ALTER TABLE storyarn_pipelines.jobs ENABLE TRIGGER USER")
    return made


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (JobFilter(), {0, 1, 2, 3, 4, 5, 6}),
        (JobFilter(owner_id=1), {0, 1, 2, 4, 6}),
        (JobFilter(owner_id=3), set()),
        (JobFilter(project_id=8), {1, 5}),
        (JobFilter(types=("report", "media_kit")), {2, 6}),
        (JobFilter(types=()), set()),
        (JobFilter(formats=("ink", "yarn")), {0, 1}),
        (JobFilter(statuses=("pending", "failed")), {1, 2, 3}),
        (JobFilter(statuses=("expired", "completed")), {0, 4}),
        (JobFilter(data_selector={"flow_ids": [2]}), {0, 3}),
        (JobFilter(data_selector={"all": False}), {3}),
        (JobFilter(created_after=datetime(2026, 1, 5, tzinfo=UTC)), {4, 5, 6}),
        (JobFilter(created_before=datetime(2026, 1, 2, tzinfo=UTC)), {0, 1}),
        (JobFilter(updated_before=datetime(2026, 1, 2, tzinfo=UTC)), set()),
        (JobFilter(owner_id=1, project_id=7, statuses=("completed",)), {0}),
    ],
)
def test_a_list_holds_what_is_wanted(
    store: JobStore, seven: list[Job], wanted: JobFilter, numbers: set[int]
) -> None:
    assert {x.id for x in store.list(wanted).jobs} == {seven[x].id for x in numbers}


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 200])
def test_pages_hold_every_job_once_the_newest_first(
    store: JobStore, seven: list[Job], limit: int
) -> None:
    def pages() -> Iterator[Job]:
        page = store.list(limit=limit)
        while True:
            assert len(page.jobs) <= limit
            yield from page.jobs
            if page.next is None:
                return
            assert len(page.jobs) == limit
            page = store.list(limit=limit, after=page.next)

    found = list(pages())
    assert [(x.created_at, x.id) for x in found] == sorted(
        ((x.created_at, x.id) for x in found), reverse=True
    )
    assert sorted(x.id for x in found) == sorted(x.id for x in seven)


@pytest.mark.parametrize(
    "after",
    ["", "x", "é", "====", "MQ", "MjAyNi0wMS0wMQ", "bm90IGEgdGltZSAwMDAw",
     "2026-01-01T00:00:00+00:00 0", "' OR 1=1 --", "\0"],
)  # fmt: skip
def test_a_place_that_no_list_has_named_is_refused(store: JobStore, after: str) -> None:
    with pytest.raises(UsageError, match="no place that a list of jobs has named"):
        store.list(after=after)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_a_bounded_size(store: JobStore, limit: int) -> None:
    with pytest.raises(UsageError, match="1 to 200 jobs"):
        store.list(limit=limit)


@pytest.mark.parametrize("wanted", [JobFilter(owner_id=0), JobFilter(project_id=2**63)])
def test_a_filter_takes_ids_only(store: JobStore, wanted: JobFilter) -> None:
    with pytest.raises(UsageError, match="is not an id"):
        store.list(wanted)


def test_a_broken_connection_is_noticed_before_it_is_used_again(
    store: JobStore, make: Make, admin: psycopg.Connection[Any]
) -> None:
    job = make()
    ended = admin.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    assert ended
    assert ended[0] > 0
    assert store.get(job.id) == job


def test_a_database_that_is_away_is_a_transient_failure_in_one_line() -> None:
    url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"
    with (
        Connections(url) as connections,
        pytest.raises(DatabaseUnavailableError, match=r"\Ajobs database: .*[^\n]\Z") as raised,
    ):
        JobStore(connections).get(uuid4())
    assert raised.value.transient
    assert "STORYARN_JOBS_DATABASE_URL" in str(raised.value)
