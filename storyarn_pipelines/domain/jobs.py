"""Jobs: who asked for what, how far it is, what came of it. One record for all kinds of work.

::

    pending ──> processing ──> completed ──> expired
       │            │
       └────────────┴──> failed, cancelled

A job that has ended can be tried again, which makes it ``processing`` once more. The database
holds the same table of transitions (``store/jobs``), so that no other program goes around it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, get_args
from uuid import UUID, uuid4

import msgspec
import orjson

from storyarn_pipelines.domain.options import MAX_ID
from storyarn_pipelines.errors import JobStateError, UsageError

JobType = Literal["export", "import", "archive", "media_kit", "report"]
JobStatus = Literal["pending", "processing", "completed", "expired", "failed", "cancelled"]
JobStep = Literal["start", "retry", "complete", "fail", "cancel", "expire"]

JOB_TYPES: tuple[JobType, ...] = get_args(JobType)
JOB_STATUSES: tuple[JobStatus, ...] = get_args(JobStatus)
RUNNING: frozenset[JobStatus] = frozenset({"pending", "processing"})
"""What a job is as long as it has not ended."""

DEFAULT_LIFETIME = timedelta(hours=24)
LIFETIMES: Mapping[JobType, timedelta | None] = MappingProxyType(
    dict.fromkeys(JOB_TYPES, DEFAULT_LIFETIME)
)
"""How long a completed job's artifact is kept, by type; None for ever."""

MAX_JSON_BYTES = 256 * 1024
MAX_ERROR_LENGTH = 1000
_FORMAT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Move:
    """A step: the states that it starts from, the one that it leads to, and its name in errors."""

    origins: frozenset[JobStatus]
    target: JobStatus
    participle: str


MOVES: Mapping[JobStep, Move] = MappingProxyType(
    {
        "start": Move(frozenset({"pending"}), "processing", "started"),
        "retry": Move(frozenset(JOB_STATUSES) - RUNNING, "processing", "tried again"),
        "complete": Move(frozenset({"processing"}), "completed", "completed"),
        "fail": Move(RUNNING, "failed", "failed"),
        "cancel": Move(RUNNING, "cancelled", "cancelled"),
        "expire": Move(frozenset({"completed"}), "expired", "expired"),
    }
)
TRANSITIONS: frozenset[tuple[JobStatus, JobStatus]] = frozenset(
    (origin, move.target) for move in MOVES.values() for origin in move.origins
)
"""Every change of a state that there is."""


def check_step(job_id: UUID, status: JobStatus, step: JobStep) -> JobStatus:
    """The state that a step leads to; raises JobStateError if the job is in none it starts from."""
    move = MOVES[step]
    if status not in move.origins:
        allowed = " or ".join(x for x in JOB_STATUSES if x in move.origins)
        raise JobStateError(
            f"job {job_id} is {status}: only a {allowed} job can be {move.participle}"
        )
    return move.target


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One record. Times are the database's, in UTC; None stands for "not yet" or "does not apply".

    ``owner_id`` is a user of Storyarn, None for what the system does by itself. ``project_id`` is
    None while an import has not made its project. ``totals`` counts entities by kind,
    ``diagnostics`` sums findings up. ``completed_at`` is the time of any end, ``removed_at`` that
    of the artifact's removal. A completed job whose time is over reads as expired at once.
    """

    id: UUID
    owner_id: int | None
    owner_email: str | None
    project_id: int | None
    type: JobType
    format: str | None
    data_selector: dict[str, Any]
    options: dict[str, Any]
    metadata: dict[str, Any]
    status: JobStatus
    step: str | None
    done: int
    total: int
    totals: dict[str, Any]
    key: str | None
    bytes: int | None
    sha256: str | None
    diagnostics: dict[str, Any]
    error: str | None
    run_id: str | None
    idempotency_key: str | None
    attempts: int
    download_count: int
    last_download_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    removed_at: datetime | None
    updated_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status in RUNNING

    @property
    def is_downloadable(self) -> bool:
        """Whether there is an artifact to fetch."""
        return self.status == "completed" and self.key is not None and self.removed_at is None


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is asked for. Raises UsageError for values that no record can hold.

    Two requests of one owner with the same ``idempotency_key`` are one job.
    """

    type: JobType
    project_id: int | None = None
    format: str | None = None
    owner_id: int | None = None
    owner_email: str | None = None
    data_selector: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        if self.type not in JOB_TYPES:
            raise UsageError(f"job type {self.type!r} does not exist; it is one of {_TYPES}")
        check_id("project", self.project_id)
        check_id("owner", self.owner_id)
        if (self.owner_id is None) != (self.owner_email is None):
            raise UsageError("job owner: an id and an e-mail address, or neither for the system")
        check_text("owner e-mail", self.owner_email)
        if self.format is not None and not _FORMAT.fullmatch(self.format):
            raise UsageError(f"job format {self.format!r} is not a name such as storyarn or pdf")
        key = self.idempotency_key
        if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
            raise UsageError("idempotency key: 1 to 200 visible ASCII characters are allowed")
        for name in ("data_selector", "options", "metadata"):
            json_text(name, getattr(self, name))

    def digest(self) -> str:
        """A hash that tells two requests apart, whatever their ids, keys and metadata."""
        asked = [
            *(self.type, self.project_id, self.format, self.owner_id),
            *(dict(self.data_selector), dict(self.options)),
        ]
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


_TYPES = ", ".join(JOB_TYPES)


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a job has stored: its key in the object store, its size and its hash."""

    key: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        check_text("artifact key", self.key)
        if not self.key or not 0 <= self.bytes <= MAX_ID:
            raise UsageError(f"artifact {self.key!r}: a key and a size of 0 or more bytes it is")
        if not _SHA256.fullmatch(self.sha256):
            raise UsageError(f"artifact {self.key}: the SHA-256 is 64 lower-case hex digits")


@dataclass(frozen=True, slots=True)
class Quota:
    """What one person may have at once; None is no limit. Counts jobs of all types."""

    running: int | None = None
    stored: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one person, or everybody, has: jobs under way, artifacts that live, and their bytes.

    ``recent`` counts the jobs made since the time that was asked for.
    """

    running: int
    stored: int
    bytes: int
    recent: int


def json_text(name: str, value: Mapping[str, Any]) -> str:
    """A JSON object for a jsonb column; raises UsageError for one that it cannot hold."""
    if not isinstance(value, Mapping):
        raise UsageError(f"job {name}: a JSON object is needed, not {type(value).__name__}")
    try:
        text = orjson.dumps(dict(value))
    except (TypeError, RecursionError) as error:
        raise UsageError(f"job {name}: it is not JSON: {error}") from error
    if len(text) > MAX_JSON_BYTES:
        raise UsageError(f"job {name}: {len(text)} bytes are more than {MAX_JSON_BYTES}")
    if _ESCAPED_NUL.search(text):
        raise UsageError(f"job {name}: the database cannot hold the character U+0000")
    return text.decode()


def error_line(message: str) -> str:
    """What is kept of an error: its first line, without what a database cannot hold, and short."""
    text = message.encode("utf-8", "replace").decode().replace("\x00", "�")
    line = next((x.strip() for x in text.splitlines() if x.strip()), "failed")
    return line if len(line) <= MAX_ERROR_LENGTH else line[: MAX_ERROR_LENGTH - 1] + "…"


def check_id(name: str, value: int | None) -> None:
    """Raise UsageError unless it is an id of Storyarn's, or None."""
    good = value is None or (
        isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID
    )
    if not good:
        raise UsageError(f"job {name}: {value!r} is not an id")


def check_text(name: str, value: str | None, *, longest: int = 2000) -> None:
    """Raise UsageError unless a text column can hold it."""
    if value is None:
        return
    if len(value) > longest or "\x00" in value or not _is_unicode(value):
        raise UsageError(f"job {name}: at most {longest} characters, without U+0000, are allowed")


def _is_unicode(value: str) -> bool:
    """Whether there are no halves of surrogate pairs in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
