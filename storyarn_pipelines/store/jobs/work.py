"""Work on jobs: from the queue to the end, each step one short transaction."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storyarn_pipelines.domain.jobs import (
    LIFETIMES,
    Artifact,
    Job,
    JobType,
    check_id,
    check_step,
    check_text,
    error_line,
    json_text,
)
from storyarn_pipelines.domain.options import MAX_ID
from storyarn_pipelines.errors import JobStateError, UsageError
from storyarn_pipelines.store.jobs.connections import Connections
from storyarn_pipelines.store.jobs.table import (
    TABLE,
    JobTable,
    change,
    check_run,
    find,
    take_run,
)

_PROGRESS = f"""
UPDATE {TABLE} SET done = :done, total = :total, step = :step
 WHERE id = :id AND status = 'processing' AND (CAST(:run AS text) IS NULL OR run_id = :run)
"""
_RETRY = ", ".join(
    (
        "status = :target, run_id = :run, attempts = attempts + 1, removed_at = NULL",
        "done = 0, total = :total, step = NULL, error = NULL",
        *(f"{x} = CASE WHEN removed_at IS NULL THEN {x} END" for x in ("key", "bytes", "sha256")),
    )
)
_COMPLETE = """
status = :target, done = total, step = NULL, error = NULL, removed_at = NULL,
key = :key, bytes = :bytes, sha256 = :sha256, totals = CAST(:totals AS jsonb),
diagnostics = CAST(:diagnostics AS jsonb), metadata = metadata || CAST(:metadata AS jsonb),
project_id = COALESCE(project_id, CAST(:project AS bigint)),
expires_at = now() + CAST(:lifetime AS interval)
"""
_FAIL = """
status = :target, error = :error,
diagnostics = COALESCE(CAST(:diagnostics AS jsonb), diagnostics)
"""


class JobWork(JobTable):
    """The steps of a job. ``run_id``, where given, must be the job's run."""

    def __init__(
        self,
        connections: Connections,
        *,
        lifetimes: Mapping[JobType, timedelta | None] = LIFETIMES,
        user_id: int | None = None,
    ) -> None:
        super().__init__(connections, user_id=user_id)
        self._lifetimes = lifetimes

    def amend(
        self,
        job_id: UUID,
        *,
        options: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Job:
        """Replace a pending job's options, and add to its metadata, as an import's preview does."""
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if job.status != "pending":
                raise JobStateError(f"job {job_id} is {job.status}: only a pending job is changed")
            return change(
                connection,
                job_id,
                "options = COALESCE(CAST(:options AS jsonb), options), "
                "metadata = metadata || CAST(:metadata AS jsonb)",
                options=None if options is None else json_text("options", options),
                metadata=json_text("metadata", metadata or {}),
            )

    def launched(self, job_id: UUID, run_id: str) -> Job:
        """Note the run that waits in the queue for a pending job; the same one again is no news.

        The run may be quicker than this: it has then started the job, which is no error.
        """
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if job.run_id == run_id:
                return job
            if job.run_id is not None or job.status != "pending":
                state = f"it is {job.status}" + (f" by run {job.run_id}" if job.run_id else "")
                raise JobStateError(f"job {job_id}: {state}, so it takes no run {run_id}")
            return take_run(connection, job_id, run_id, "run_id = :run")

    def start(self, job_id: UUID, *, run_id: str | None = None, total: int = 0) -> Job:
        """Begin with a pending job; its run that says so again, in its next step, is no news."""
        _check_counts(0, total)
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if job.run_id is not None:
                check_run(job, run_id)
                if job.status == "processing" and job.run_id == run_id:
                    return job
            return take_run(
                connection,
                job_id,
                run_id,
                "status = :target, run_id = COALESCE(CAST(:run AS text), run_id), "
                "total = :total, attempts = attempts + 1",
                target=check_step(job_id, job.status, "start"),
                total=total,
            )

    def retry(self, job_id: UUID, *, run_id: str | None = None, total: int = 0) -> Job:
        """Go on with a job that has ended, in another run.

        An artifact that is still there stays noted until it is replaced, so that cleanup knows it.
        """
        _check_counts(0, total)
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if run_id is not None and job.run_id == run_id:
                if job.status == "processing":
                    return job
                raise JobStateError(f"job {job_id} is {job.status}: its run {run_id} is over")
            target = check_step(job_id, job.status, "retry")
            return take_run(connection, job_id, run_id, _RETRY, target=target, total=total)

    def progress(
        self,
        job_id: UUID,
        done: int,
        total: int,
        *,
        step: str | None = None,
        run_id: str | None = None,
    ) -> bool:
        """Note how far the work is. False: stop it, the job has ended, is gone or another run's."""
        _check_counts(done, total)
        check_text("step", step)
        values = {"id": job_id, "done": done, "total": total, "step": step, "run": run_id}
        with self._transaction() as connection:
            return connection.execute(sa.text(_PROGRESS), values).rowcount == 1

    def complete(
        self,
        job_id: UUID,
        artifact: Artifact | None = None,
        *,
        totals: Mapping[str, Any] | None = None,
        diagnostics: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        project_id: int | None = None,
        run_id: str | None = None,
    ) -> Job:
        """End well; the same artifact a second time is no news.

        ``metadata`` is added to what is there, ``project_id`` is the one that an import made. The
        job expires when the lifetime of its type is over.
        """
        check_id("project", project_id)
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            check_run(job, run_id)
            if job.status == "completed" and _artifact(job) == artifact:
                return job
            return change(
                connection,
                job_id,
                _COMPLETE,
                target=check_step(job_id, job.status, "complete"),
                key=artifact.key if artifact else None,
                bytes=artifact.bytes if artifact else None,
                sha256=artifact.sha256 if artifact else None,
                totals=json_text("totals", totals or {}),
                diagnostics=json_text("diagnostics", diagnostics or {}),
                metadata=json_text("metadata", metadata or {}),
                project=project_id,
                lifetime=self._lifetimes[job.type],
            )

    def fail(
        self,
        job_id: UUID,
        error: str,
        *,
        diagnostics: Mapping[str, Any] | None = None,
        run_id: str | None = None,
    ) -> Job:
        """End badly; the first line of ``error`` is kept. A second failure changes nothing."""
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            check_run(job, run_id)
            if job.status == "failed":
                return job
            return change(
                connection,
                job_id,
                _FAIL,
                target=check_step(job_id, job.status, "fail"),
                error=error_line(error),
                diagnostics=None if diagnostics is None else json_text("diagnostics", diagnostics),
            )

    def cancel(self, job_id: UUID, *, reason: str | None = None) -> Job:
        """End because somebody wants it; a second time changes nothing."""
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if job.status == "cancelled":
                return job
            return change(
                connection,
                job_id,
                "status = :target, error = :error",
                target=check_step(job_id, job.status, "cancel"),
                error=None if reason is None else error_line(reason),
            )


def _artifact(job: Job) -> Artifact | None:
    if job.key is None or job.bytes is None or job.sha256 is None:
        return None
    return Artifact(job.key, job.bytes, job.sha256)


def _check_counts(done: int, total: int) -> None:
    if not (0 <= done <= MAX_ID and 0 <= total <= MAX_ID):
        raise UsageError(f"job progress: {done} of {total} is no count")
