"""Which jobs a list holds, page by page."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from storyarn_pipelines.domain.jobs import Job, JobStatus, JobType, check_id, json_text
from storyarn_pipelines.errors import UsageError

MAX_PAGE = 200

# A completed job whose time is over is expired for everybody, though cleanup has not come by.
STATUS = "CASE WHEN status = 'completed' AND expires_at <= now() THEN 'expired' ELSE status END"


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What a list holds; None is no condition. Times are inclusive.

    ``data_selector`` wants jobs whose selector holds all of these members.
    """

    owner_id: int | None = None
    project_id: int | None = None
    types: tuple[JobType, ...] | None = None
    formats: tuple[str, ...] | None = None
    statuses: tuple[JobStatus, ...] | None = None
    data_selector: dict[str, Any] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_before: datetime | None = None

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """SQL conditions and their parameters; raises UsageError for ids that are none."""
        check_id("owner", self.owner_id)
        check_id("project", self.project_id)
        simple = {
            "owner": ("owner_id =", self.owner_id),
            "project": ("project_id =", self.project_id),
            "created_after": ("created_at >=", self.created_after),
            "created_before": ("created_at <=", self.created_before),
            "updated_before": ("updated_at <=", self.updated_before),
        }
        found = [f"{sql} :{name}" for name, (sql, x) in simple.items() if x is not None]
        values: dict[str, Any] = {name: x for name, (_, x) in simple.items() if x is not None}
        for name, column, chosen in (
            ("types", "type", self.types),
            ("formats", "format", self.formats),
            ("statuses", STATUS, self.statuses),
        ):
            if chosen is not None:
                found.append(f"{column} = ANY (CAST(:{name} AS text[]))")
                values[name] = list(chosen)
        if self.statuses is not None:  # the plain column as well, since only that has an index
            found.append("status = ANY (CAST(:stored AS text[]))")
            values["stored"] = [*self.statuses, *(["completed"] * ("expired" in self.statuses))]
        if self.data_selector is not None:
            found.append("data_selector @> CAST(:selector AS jsonb)")
            values["selector"] = json_text("data_selector", self.data_selector)
        return found, values


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, the newest first, and where the next page begins; None at the end."""

    jobs: tuple[Job, ...]
    next: str | None


def cursor_of(job: Job) -> str:
    """The place behind a job, as a word that goes into a URL."""
    text = f"{job.created_at.isoformat()} {job.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The time and id of a place; raises UsageError for any other text."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        at, _, number = text.partition(" ")
        found = datetime.fromisoformat(at), UUID(number)
        if found[0].tzinfo is None:
            raise ValueError("no time zone")
    except ValueError as error:
        raise UsageError(
            "page: this is no place that a list of jobs has named; begin with the first page"
        ) from error
    return found
