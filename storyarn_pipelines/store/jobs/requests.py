"""New jobs: once for each request, and not more than a person may have."""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import RowMapping

from storyarn_pipelines.domain.jobs import Job, NewJob, Quota, Usage, json_text
from storyarn_pipelines.errors import JobStateError, QuotaError
from storyarn_pipelines.store.jobs.table import COLUMNS, TABLE, JobTable, as_job

_JSON = ("data_selector", "options", "metadata")
_LIVES = (
    "status = 'completed' AND key IS NOT NULL AND removed_at IS NULL "
    "AND (expires_at IS NULL OR expires_at > now())"
)
_USAGE = f"""
SELECT count(*) FILTER (WHERE status IN ('pending', 'processing')) AS running,
       count(*) FILTER (WHERE {_LIVES}) AS stored,
       COALESCE(sum(bytes) FILTER (WHERE {_LIVES}), 0)::bigint AS bytes,
       count(*) FILTER (WHERE created_at >= CAST(:since AS timestamptz)) AS recent
  FROM {TABLE} WHERE CAST(:owner AS bigint) IS NULL OR owner_id = :owner
"""
_INSERT = f"""
INSERT INTO {TABLE} (id, owner_id, owner_email, project_id, type, format, data_selector, options,
                     metadata, idempotency_key, request)
VALUES (:id, :owner_id, :owner_email, :project_id, :type, :format, CAST(:data_selector AS jsonb),
        CAST(:options AS jsonb), CAST(:metadata AS jsonb), :idempotency_key, :request)
    ON CONFLICT DO NOTHING RETURNING {COLUMNS}
"""
_SAME = f"""
SELECT {COLUMNS}, request FROM {TABLE}
 WHERE id = :id OR (idempotency_key = :idempotency_key
                    AND coalesce(owner_id, 0) = coalesce(CAST(:owner_id AS bigint), 0))
 ORDER BY id <> :id LIMIT 1
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('storyarn_pipelines.jobs', :owner))"


class JobRequests(JobTable):
    """Making jobs and counting them."""

    def create(self, new: NewJob, *, quota: Quota | None = None) -> tuple[Job, bool]:
        """Record a request; returns the job and whether it is new.

        The same id, or the same idempotency key of the same owner, gives the job that is there,
        whatever has become of it. Raises JobStateError if that one asked for something else,
        QuotaError if the owner has too much already.
        """
        values = {f.name: getattr(new, f.name) for f in fields(new)} | {"request": new.digest()}
        values |= {name: json_text(name, values[name]) for name in _JSON}
        for _ in range(3):  # the job that is in the way may be deleted at this very moment
            with self._transaction() as connection:
                if quota is not None and new.owner_id is not None:
                    connection.execute(sa.text(_LOCK), {"owner": new.owner_id})
                    found = connection.execute(sa.text(_SAME), values).mappings().first()
                    if found is not None:
                        return _same(new, found), False
                    _check_quota(quota, _usage(connection, new.owner_id, None))
                made = connection.execute(sa.text(_INSERT), values).mappings().first()
                if made is not None:
                    return as_job(made), True
                found = connection.execute(sa.text(_SAME), values).mappings().first()
                if found is not None:
                    return _same(new, found), False
        raise JobStateError(f"job {new.id}: the id belongs to another job")

    def usage(self, owner_id: int | None = None, *, since: datetime | None = None) -> Usage:
        """What one person, or everybody, has; ``recent`` is 0 without ``since``."""
        with self._transaction() as connection:
            return _usage(connection, owner_id, since)


def _usage(connection: sa.Connection, owner_id: int | None, since: datetime | None) -> Usage:
    found = connection.execute(sa.text(_USAGE), {"owner": owner_id, "since": since}).one()
    return Usage(found.running, found.stored, found.bytes, found.recent)


def _same(new: NewJob, found: RowMapping) -> Job:
    job = as_job({name: value for name, value in found.items() if name != "request"})
    if found["request"] != new.digest():
        what = "the id" if job.id == new.id else f"idempotency key {new.idempotency_key!r}"
        raise JobStateError(f"job {job.id}: {what} was used for another request; take a new one")
    return job


def _check_quota(quota: Quota, usage: Usage) -> None:
    for allowed, used, what, remedy in (
        (quota.running, usage.running, "jobs under way", "wait for one or cancel it"),
        (quota.stored, usage.stored, "stored artifacts", "delete one"),
        (quota.bytes, usage.bytes, "stored bytes", "delete an artifact"),
    ):
        if allowed is not None and used >= allowed:
            raise QuotaError(f"quota: you have {used} {what} and may have {allowed}; {remedy}")
