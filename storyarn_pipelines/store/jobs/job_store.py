"""The job store: requests, work, lists, downloads and cleanup of one table."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from storyarn_pipelines.domain.jobs import Job, check_text
from storyarn_pipelines.errors import JobStateError, UsageError
from storyarn_pipelines.store.jobs.listing import (
    MAX_PAGE,
    JobFilter,
    JobPage,
    cursor_of,
    read_cursor,
)
from storyarn_pipelines.store.jobs.requests import JobRequests
from storyarn_pipelines.store.jobs.table import SELECT, TABLE, as_job, change, find
from storyarn_pipelines.store.jobs.work import JobWork

KEEP = timedelta(days=30)
"""How long a record outlives its artifact."""

_REMOVABLE = (
    "key IS NOT NULL AND removed_at IS NULL AND status IN ('expired', 'failed', 'cancelled')"
)


class JobStore(JobRequests, JobWork):
    """Jobs, as the service sees them, or one user after ``as_user``.

    Every method is one short transaction. All raise DatabaseUnavailableError when the database is
    away; those that name a job raise UnknownJobError if it is not there or not the user's, and
    JobStateError for what its state does not allow.
    """

    def as_user(self, user_id: int) -> "JobStore":
        """The same table as one user may see and change it, by row-level security.

        A user makes, lists, cancels, downloads and deletes; everything else is the service's.
        """
        return JobStore(self._connections, lifetimes=self._lifetimes, user_id=user_id)

    def get(self, job_id: UUID) -> Job:
        """One job."""
        with self._transaction() as connection:
            return find(connection, job_id)

    def find_by_run(self, run_id: str) -> Job | None:
        """The job that a run works, or was the last to work, on."""
        check_text("run", run_id)
        return next(iter(self._rows(f"{SELECT} WHERE run_id = :run", run=run_id)), None)

    def existing(self, job_ids: Iterable[UUID]) -> set[UUID]:
        """Those of the ids that have a record; files of the others are nobody's."""
        query = f"SELECT id FROM {TABLE} WHERE id = ANY (CAST(:ids AS uuid[]))"
        with self._transaction() as connection:
            return set(connection.scalars(sa.text(query), {"ids": list(job_ids)}))

    def list(
        self, wanted: JobFilter | None = None, *, limit: int = 50, after: str | None = None
    ) -> JobPage:
        """A page of at most ``limit`` jobs (1 to 200), the newest first, behind ``after``."""
        if not 1 <= limit <= MAX_PAGE:
            raise UsageError(f"page: 1 to {MAX_PAGE} jobs are allowed, not {limit}")
        conditions, values = (wanted or JobFilter()).conditions()
        if after is not None:
            values["at"], values["id"] = read_cursor(after)
            conditions.append("(created_at, id) < (:at, :id)")
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._rows(
            f"{SELECT} {where} ORDER BY created_at DESC, id DESC LIMIT :limit",
            limit=limit + 1,
            **values,
        )
        page = rows[:limit]
        return JobPage(page, cursor_of(page[-1]) if len(rows) > limit else None)

    def record_download(self, job_id: UUID) -> Job:
        """Count a download; raises JobStateError if there is nothing to download, or no more."""
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if not job.is_downloadable:
                state = "has no file" if job.status == "completed" else f"is {job.status}"
                raise JobStateError(f"job {job_id} {state}: there is nothing to download")
            sets = "download_count = download_count + 1, last_download_at = now()"
            return change(connection, job_id, sets)

    def expire(self, *, limit: int = 1000) -> tuple[Job, ...]:
        """Mark what is overdue as expired, and tell whose artifacts are to be removed.

        Those are of jobs that ended as expired, failed or cancelled, the oldest first, until
        ``mark_removed``: a cleanup that broke off is told of them again.
        """
        overdue = (
            f"UPDATE {TABLE} SET status = 'expired' "
            "WHERE status = 'completed' AND expires_at <= now()"
        )
        query = f"{SELECT} WHERE {_REMOVABLE} ORDER BY completed_at, id LIMIT :limit"
        with self._transaction() as connection:
            connection.execute(sa.text(overdue))
            found = connection.execute(sa.text(query), {"limit": limit})
            return tuple(as_job(row) for row in found.mappings())

    def mark_removed(self, job_ids: Collection[UUID]) -> int:
        """Note that these jobs' artifacts are gone; returns for how many that is news.

        A job that was tried again meanwhile is left alone.
        """
        query = (
            f"UPDATE {TABLE} SET removed_at = now() "
            f"WHERE id = ANY (CAST(:ids AS uuid[])) AND {_REMOVABLE}"
        )
        with self._transaction() as connection:
            return connection.execute(sa.text(query), {"ids": list(job_ids)}).rowcount

    def cleanup(self, keep: timedelta = KEEP) -> tuple[int, int]:
        """Expire what is overdue, delete old records without artifacts; how many of each."""
        query = "SELECT expired, deleted FROM storyarn_pipelines.cleanup_jobs(:keep)"
        with self._transaction() as connection:
            found = connection.execute(sa.text(query), {"keep": keep}).one()
            return found.expired, found.deleted

    def delete(self, job_id: UUID) -> Job:
        """Forget a job that has ended; returns it as it was, for its artifact to be removed."""
        with self._transaction() as connection:
            job = find(connection, job_id, lock=True)
            if job.is_running:
                raise JobStateError(f"job {job_id} is {job.status}: cancel it before deleting it")
            connection.execute(sa.text(f"DELETE FROM {TABLE} WHERE id = :id"), {"id": job_id})
            return job
