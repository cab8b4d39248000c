"""One request is one job, and nobody has more than is allowed, however many ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import Artifact, Job, NewJob, Quota, Usage
from storyarn_pipelines.errors import JobStateError, QuotaError
from storyarn_pipelines.store.jobs import Connections, JobStore

Make = Callable[..., Job]


def request(**values: Any) -> NewJob:
    """What Olga asks for."""
    asked: dict[str, Any] = {"type": "export", "project_id": 7, "format": "ink", "owner_id": 1,
             "owner_email": "olga@x.test", "options": {"pretty_print": False}}  # fmt: skip
    return NewJob(**asked | values)


def test_a_new_job_is_pending_and_holds_what_was_asked_for(store: JobStore) -> None:
    new = request(data_selector={"flow_ids": [12]}, metadata={"from": "page"})
    job, is_new = store.create(new)
    assert is_new
    assert (job.id, job.type, job.format, job.project_id) == (new.id, "export", "ink", 7)
    assert (job.owner_id, job.owner_email) == (1, "olga@x.test")
    assert (job.data_selector, job.options) == ({"flow_ids": [12]}, {"pretty_print": False})
    assert job.metadata == {"from": "page"}
    assert (job.status, job.done, job.total, job.attempts) == ("pending", 0, 0, 0)
    assert job.created_at == job.updated_at
    assert job.created_at.tzinfo is not None
    assert not any((job.key, job.started_at, job.completed_at, job.expires_at, job.run_id))
    assert store.get(job.id) == job


@pytest.mark.parametrize("owner", [{}, {"owner_id": None, "owner_email": None}])
def test_the_same_key_gives_the_same_job_whatever_has_become_of_it(
    store: JobStore, owner: dict[str, Any]
) -> None:
    job, _ = store.create(request(idempotency_key="once", **owner))
    store.cancel(job.id)
    again, is_new = store.create(request(idempotency_key="once", metadata={"a": 1}, **owner))
    assert not is_new
    assert again == store.get(job.id)


def test_the_same_id_gives_the_same_job(store: JobStore) -> None:
    new = request()
    job, _ = store.create(new)
    assert store.create(new) == (job, False)


def test_keys_of_different_people_do_not_meet(store: JobStore) -> None:
    olga = store.create(request(idempotency_key="once"))
    will = store.create(request(idempotency_key="once", owner_id=2, owner_email="will@x.test"))
    nobody = store.create(request(idempotency_key="once", owner_id=None, owner_email=None))
    assert [is_new for _, is_new in (olga, will, nobody)] == [True] * 3


@pytest.mark.parametrize(
    "other",
    [
        {"type": "report"},
        {"project_id": 8},
        {"format": "yarn"},
        {"options": {}},
        {"data_selector": {"flow_ids": [1]}},
    ],
)
@pytest.mark.parametrize("quota", [None, Quota(running=1)])
def test_a_key_that_was_used_for_something_else_is_refused(
    store: JobStore, other: dict[str, Any], quota: Quota | None
) -> None:
    store.create(request(idempotency_key="once"))
    with pytest.raises(JobStateError, match="'once' was used for another request"):
        store.create(request(idempotency_key="once", **other), quota=quota)
    job, _ = store.create(request())
    with pytest.raises(JobStateError, match="the id was used for another request"):
        store.create(request(id=job.id, **other))


@pytest.mark.parametrize("quota", [None, Quota(running=1)])
def test_a_double_click_makes_one_job(service_url: str, admin: object, quota: Quota | None) -> None:
    people = 8
    barrier = Barrier(people)

    def click(_: int) -> tuple[Job, bool]:
        with Connections(service_url) as connections:
            store = JobStore(connections)
            store.usage()  # connected
            barrier.wait()
            return store.create(request(idempotency_key="once"), quota=quota)

    with ThreadPoolExecutor(people) as pool:
        found = list(pool.map(click, range(people)))
    assert len({job.id for job, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False] * (people - 1) + [True]


@pytest.mark.parametrize("commits", [True, False])
def test_a_repeated_request_waits_for_the_first_one_to_commit_or_fail(
    store: JobStore, service_url: str, commits: bool
) -> None:
    """The first transaction is held open while the second connection asks."""
    first = uuid4()
    with ThreadPoolExecutor(1) as pool, psycopg.connect(service_url) as connection:
        connection.execute(
            "INSERT INTO storyarn_pipelines.jobs "
            "(id, owner_id, owner_email, project_id, type, format, request, idempotency_key) "
            "VALUES (%s, 1, 'olga@x.test', 7, 'export', 'ink', %s, 'once')",
            (first, request().digest()),
        )
        second = pool.submit(store.create, request(idempotency_key="once"))
        wait_for_a_lock(service_url)
        if commits:
            connection.commit()
        else:
            connection.rollback()
        job, is_new = second.result(10)
    assert is_new is not commits
    assert (job.id == first) is commits


def wait_for_a_lock(url: str) -> None:
    """Wait until some session of this database waits for another."""
    with psycopg.connect(url, autocommit=True) as connection:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        deadline = datetime.now(UTC) + timedelta(seconds=10)
        while connection.execute(query).fetchone() == (0,):
            assert datetime.now(UTC) < deadline


def test_usage_sums_what_lives_of_one_person_or_of_all(
    store: JobStore, make: Make, admin: psycopg.Connection[Any]
) -> None:
    for status in ("pending", "processing", "completed", "completed", "expired", "failed"):
        make(status)
    make("completed", owner=2)
    make("pending", owner=None)
    removed = make("completed")
    store.retry(removed.id)
    store.fail(removed.id, "no")
    store.mark_removed([removed.id])
    make("cancelled")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert store.usage(1) == Usage(running=2, stored=2, bytes=2 * 1234, recent=0)
    assert store.usage(1, since=hour_ago).recent == 8
    assert store.usage(2, since=hour_ago) == Usage(running=0, stored=1, bytes=1234, recent=1)
    assert store.usage(since=hour_ago) == Usage(running=3, stored=3, bytes=3 * 1234, recent=10)
    assert store.usage(3) == Usage(0, 0, 0, 0)
    # Overdue ones cost nothing, though cleanup has not come by: no UPDATE, no trigger here.
    admin.execute("ALTER TABLE storyarn_pipelines.jobs DISABLE TRIGGER USER")
    admin.execute("UPDATE storyarn_pipelines.jobs SET expires_at = now() - interval '1 s'")
    admin.execute("ALTER TABLE storyarn_pipelines.jobs ENABLE TRIGGER USER")
    assert store.usage(1) == Usage(running=2, stored=0, bytes=0, recent=0)


def test_bytes_are_summed_beyond_one_column(store: JobStore, make: Make) -> None:
    for _ in range(2):
        job = make("processing")
        store.complete(job.id, Artifact("k", 2**62 - 1, "ab" * 32))
    assert store.usage(1).bytes == 2**63 - 2


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        (Quota(running=2), "2 jobs under way and may have 2; wait"),
        (Quota(stored=1), "1 stored artifacts and may have 1; delete"),
        (Quota(bytes=1234), "1234 stored bytes and may have 1234; delete"),
    ],
)
def test_a_full_quota_is_refused_and_says_what_helps(
    store: JobStore, make: Make, quota: Quota, words: str
) -> None:
    known = [make("pending", idempotency_key="known"), make("processing"), make("completed")]
    with pytest.raises(QuotaError, match=words):
        store.create(request(), quota=quota)
    assert store.usage(1).running == 2
    # A repeated request asks for nothing new, other people and the system are not counted.
    new = NewJob("export", 7, "storyarn", 1, "1@x.test", idempotency_key="known")
    assert store.create(new, quota=quota) == (store.get(known[0].id), False)
    assert store.create(request(owner_id=2, owner_email="w@x.test"), quota=quota)[1]
    assert store.create(request(owner_id=None, owner_email=None), quota=quota)[1]


def test_a_quota_with_room_lets_through(store: JobStore, make: Make) -> None:
    make("pending")
    make("completed")
    assert store.create(request(), quota=Quota(running=2, stored=2, bytes=1235))[1]
    assert store.create(request(), quota=Quota())[1]


def test_a_quota_holds_when_many_ask_at_once(service_url: str, admin: object) -> None:
    people = 8
    barrier = Barrier(people)

    def ask(_: int) -> UUID | None:
        with Connections(service_url) as connections:
            store = JobStore(connections)
            store.usage()
            barrier.wait()
            try:
                return store.create(request(), quota=Quota(running=3))[0].id
            except QuotaError:
                return None

    with ThreadPoolExecutor(people) as pool:
        found = [x for x in pool.map(ask, range(people)) if x]
    assert len(found) == 3
