"""What a job may become, in the package and in the database alike."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from storyarn_pipelines.domain.jobs import (
    JOB_STATUSES,
    LIFETIMES,
    MAX_JSON_BYTES,
    MOVES,
    TRANSITIONS,
    Artifact,
    Job,
    JobStatus,
    JobStep,
    NewJob,
    check_step,
    error_line,
)
from storyarn_pipelines.errors import JobStateError, UsageError
from storyarn_pipelines.store.jobs import JobStore

Make = Callable[..., Job]

# Written out by hand: what leads where, and nothing else does.
ALLOWED: dict[tuple[JobStep, JobStatus], JobStatus] = {
    ("start", "pending"): "processing",
    ("fail", "pending"): "failed",
    ("cancel", "pending"): "cancelled",
    ("complete", "processing"): "completed",
    ("fail", "processing"): "failed",
    ("cancel", "processing"): "cancelled",
    ("expire", "completed"): "expired",
    ("retry", "completed"): "processing",
    ("retry", "expired"): "processing",
    ("retry", "failed"): "processing",
    ("retry", "cancelled"): "processing",
}
# Said twice, these are no news instead of an error.
REPEATED = {("fail", "failed"), ("cancel", "cancelled"), ("complete", "completed")}


@pytest.mark.parametrize(("step", "status"), [*product(MOVES, JOB_STATUSES)])
def test_a_step_leads_where_it_should_or_is_refused_with_a_reason(
    step: JobStep, status: JobStatus
) -> None:
    job_id = uuid4()
    if (step, status) in ALLOWED:
        assert check_step(job_id, status, step) == ALLOWED[step, status]
    else:
        with pytest.raises(JobStateError, match=f"job {job_id} is {status}: only a .* can be "):
            check_step(job_id, status, step)


@pytest.mark.parametrize(
    ("step", "status"), [*product(("start", "retry", "complete", "fail", "cancel"), JOB_STATUSES)]
)
def test_the_store_takes_a_step_or_leaves_the_job_as_it_was(
    store: JobStore, make: Make, artifact: Artifact, step: JobStep, status: JobStatus
) -> None:
    before = make(status)

    def take() -> Job:
        match step:
            case "complete":
                return store.complete(before.id, artifact)
            case "fail":
                return store.fail(before.id, "another reason")
            case _:
                taken: Job = getattr(store, step)(before.id)
                return taken

    if (step, status) in ALLOWED:
        assert take().status == ALLOWED[step, status]
    elif (step, status) in REPEATED:
        assert take() == before
    else:
        with pytest.raises(JobStateError, match=f"is {status}"):
            take()
        assert store.get(before.id) == before


@pytest.mark.parametrize(("old", "new"), [*product(JOB_STATUSES, JOB_STATUSES)])
def test_the_database_holds_the_same_transitions(
    admin: psycopg.Connection[Any], make: Make, old: JobStatus, new: JobStatus
) -> None:
    job = make(old)
    command = "UPDATE storyarn_pipelines.jobs SET status = %s WHERE id = %s RETURNING status"
    if old == new or (old, new) in TRANSITIONS:
        assert admin.execute(command, (new, job.id)).fetchone() == (new,)
    else:
        with pytest.raises(psycopg.errors.CheckViolation, match=f"{old} cannot become {new}"):
            admin.execute(command, (new, job.id))


@pytest.mark.parametrize(
    "change",
    ["id = gen_random_uuid()", "owner_id = 2", "type = 'report'", "project_id = 8",
     "project_id = NULL", "created_at = now()"],
)  # fmt: skip
def test_what_a_job_is_about_stays(admin: psycopg.Connection[Any], make: Make, change: str) -> None:
    make()
    with pytest.raises(psycopg.errors.CheckViolation, match="stay as they are"):
        admin.execute(f"UPDATE storyarn_pipelines.jobs SET {change}".encode())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"type": "dance"}, "job type 'dance' does not exist; it is one of export, import"),
        ({"project_id": 0}, "job project: 0 is not an id"),
        ({"project_id": 2**63}, "is not an id"),
        ({"project_id": True}, "is not an id"),
        ({"project_id": "7; DROP TABLE jobs"}, "is not an id"),
        ({"owner_id": 1}, "job owner: an id and an e-mail address, or neither"),
        ({"owner_email": "a@b"}, "or neither"),
        ({"owner_id": -1, "owner_email": "a@b"}, "is not an id"),
        ({"owner_id": 1, "owner_email": "a\0b"}, "U[+]0000"),
        ({"owner_id": 1, "owner_email": "a\ud800"}, "owner e-mail"),
        ({"format": "../etc/passwd"}, "is not a name"),
        ({"format": ""}, "is not a name"),
        ({"idempotency_key": ""}, "1 to 200 visible ASCII"),
        ({"idempotency_key": "x" * 201}, "1 to 200 visible ASCII"),
        ({"idempotency_key": "é"}, "visible ASCII"),
        ({"options": {"a": "b\0c"}}, "job options: the database cannot hold"),
        ({"options": {"a\0": 1}}, "cannot hold"),
        ({"metadata": {"a": "\ud800"}}, "job metadata: it is not JSON"),
        ({"metadata": {"a": 2**64}}, "it is not JSON"),
        ({"metadata": {"a": object()}}, "it is not JSON"),
        ({"metadata": {1: 2}}, "it is not JSON"),
        ({"data_selector": ["a"]}, "a JSON object is needed, not list"),
        ({"data_selector": {"a": "x" * MAX_JSON_BYTES}}, "bytes are more than"),
    ],
)
def test_what_no_record_can_hold_is_refused_in_one_line(
    values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason) as raised:
        NewJob(**{"type": "export"} | values)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["\\u0000", "\\\\u0000", "'; DROP TABLE jobs; --", "%s %(id)s :id", "💾\u2028", "\x01"],
)
def test_hostile_texts_come_back_as_they_were(store: JobStore, make: Make, text: str) -> None:
    found = make(options={text: [text, None, 1.5, {text: True}]}, metadata={"name": text})
    assert found.options == {text: [text, None, 1.5, {text: True}]}
    assert store.fail(found.id, text).error == text.strip("\u2028")
    assert store.get(found.id).metadata == {"name": text}


@pytest.mark.parametrize(
    ("key", "size", "sha256"),
    [
        ("", 1, "ab" * 32),
        ("k\0", 1, "ab" * 32),
        ("k", -1, "ab" * 32),
        ("k", 2**63, "ab" * 32),
        ("k", 1, "AB" * 32),
        ("k", 1, "ab" * 31),
    ],
)
def test_an_artifact_has_a_key_a_size_and_a_hash(key: str, size: int, sha256: str) -> None:
    with pytest.raises(UsageError, match="artifact"):
        Artifact(key, size, sha256)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("one\ntwo", "one"),
        ("\n \n two ", "two"),
        ("", "failed"),
        ("a\0b", "a�b"),
        ("\ud800", "?"),
        ("x" * 2000, "x" * 999 + "…"),
    ],
)
def test_of_an_error_one_short_line_is_kept(message: str, kept: str) -> None:
    assert error_line(message) == kept


def test_artifacts_of_every_type_live_a_day() -> None:
    assert set(LIFETIMES.values()) == {timedelta(hours=24)}
    assert set(LIFETIMES) == {"export", "import", "archive", "media_kit", "report"}
