"""The table of jobs: rows as objects, and one row locked, checked and changed."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from storyarn_pipelines.domain.jobs import Job, check_id, check_text
from storyarn_pipelines.errors import JobStateError, UnknownJobError
from storyarn_pipelines.store.jobs.connections import Connections
from storyarn_pipelines.store.jobs.listing import STATUS

TABLE = "storyarn_pipelines.jobs"
COLUMNS = ", ".join(
    f"{STATUS} AS status" if name == "status" else name for name in Job.__struct_fields__
)
SELECT = f"SELECT {COLUMNS} FROM {TABLE}"


class JobTable:
    """What reading, working and cleaning up have in common."""

    def __init__(self, connections: Connections, *, user_id: int | None = None) -> None:
        """With ``user_id`` everything is done as that user, by row-level security."""
        check_id("owner", user_id)
        self._connections, self._user = connections, user_id

    def _transaction(self) -> AbstractContextManager[sa.Connection]:
        return self._connections.transaction(self._user)

    def _rows(self, query: str, **values: Any) -> tuple[Job, ...]:
        with self._transaction() as connection:
            return tuple(as_job(x) for x in connection.execute(sa.text(query), values).mappings())


def as_job(row: sa.RowMapping | Mapping[str, Any]) -> Job:
    """A row of ``COLUMNS``."""
    return msgspec.convert(dict(row), Job)


def find(connection: sa.Connection, job_id: UUID, *, lock: bool = False) -> Job:
    """One job, held against others until the transaction ends if ``lock``."""
    query = f"{SELECT} WHERE id = :id{' FOR UPDATE' if lock else ''}"
    found = connection.execute(sa.text(query), {"id": job_id}).mappings().first()
    if found is None:
        raise UnknownJobError(f"job {job_id} does not exist")
    return as_job(found)


def change(connection: sa.Connection, job_id: UUID, sets: str, **values: Any) -> Job:
    """Change one job that ``find`` has locked."""
    query = f"UPDATE {TABLE} SET {sets} WHERE id = :id RETURNING {COLUMNS}"
    found = connection.execute(sa.text(query), {"id": job_id, **values}).mappings().one()
    return as_job(found)


def take_run(
    connection: sa.Connection, job_id: UUID, run_id: str | None, sets: str, **values: Any
) -> Job:
    """Change one job and its run; raises JobStateError if the run works on another one."""
    check_text("run", run_id)
    try:
        with connection.begin_nested():
            return change(connection, job_id, sets, run=run_id, **values)
    except sa.exc.IntegrityError as error:
        raise JobStateError(f"run {run_id} belongs to another job than {job_id}") from error


def check_run(job: Job, run_id: str | None) -> None:
    """Raise JobStateError if a run speaks that is not the job's, such as one thought dead."""
    if run_id is not None and job.run_id != run_id:
        now = f"run {job.run_id}" if job.run_id else "no run"
        raise JobStateError(f"job {job.id}: it has {now}, so run {run_id} has no say in it")
