"""The environment, read once into one frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storyarn_pipelines.errors import SettingsError

HOME_DIRECTORY = ".storyarn"
CHECKPOINT_BYTES, CHECKPOINT_SECONDS = 8 << 20, 5
_MAX_DIGITS = 15
POSTGRES_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything lies.

    ``database_url`` is None when the embedded PostgreSQL under ``home`` is to be used, and
    ``jobs_database_url`` when our own tables lie in Storyarn's database. The other URLs are
    directories: of artifacts, of media by ``assets.key``, and of what one step of a run leaves for
    the next. Within such a step, a checkpoint is made after every ``checkpoint_bytes``; a bucket
    gets them once the step has worked for ``checkpoint_seconds``.
    """

    home: Path
    database_url: str | None
    storage_url: str
    media_url: str
    work_url: str
    source_date: datetime | None = None
    checkpoint_bytes: int = CHECKPOINT_BYTES
    checkpoint_seconds: int = CHECKPOINT_SECONDS
    jobs_database_url: str | None = None

    @property
    def scratch(self) -> Path:
        """Where a command keeps its files while it runs."""
        return self.home / "scratch"

    def now(self) -> datetime:
        """The time to print, or ``SOURCE_DATE_EPOCH`` where bytes must not depend on the clock."""
        return self.source_date or datetime.now(UTC).replace(microsecond=0)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the ``STORYARN_*`` variables; raises SettingsError for one that cannot be used."""
    env = os.environ if environment is None else environment
    home = Path(env.get("STORYARN_HOME") or HOME_DIRECTORY).expanduser().resolve()
    storage_url = env.get("STORYARN_STORAGE_URL") or str(home / "storage")
    return Settings(
        home=home,
        database_url=_database_url("STORYARN_DATABASE_URL", env.get("STORYARN_DATABASE_URL")),
        storage_url=storage_url,
        media_url=env.get("STORYARN_MEDIA_URL") or f"{storage_url.rstrip('/')}/media",
        work_url=env.get("STORYARN_WORK_URL") or f"{storage_url.rstrip('/')}/work",
        source_date=_source_date(env.get("SOURCE_DATE_EPOCH")),
        checkpoint_bytes=_number(
            env.get("STORYARN_CHECKPOINT_BYTES"), "STORYARN_CHECKPOINT_BYTES", CHECKPOINT_BYTES, 1
        ),
        checkpoint_seconds=_number(
            env.get("STORYARN_CHECKPOINT_SECONDS"),
            "STORYARN_CHECKPOINT_SECONDS",
            CHECKPOINT_SECONDS,
        ),
        jobs_database_url=_database_url(
            "STORYARN_JOBS_DATABASE_URL", env.get("STORYARN_JOBS_DATABASE_URL")
        ),
    )


def _database_url(name: str, value: str | None) -> str | None:
    if not value:
        return None
    if not value.startswith(POSTGRES_SCHEMES):
        raise SettingsError(
            f"{name} must start with postgresql://, such as "
            "postgresql://user:password@host/database"
        )
    return "postgresql://" + value.split("://", 1)[1]


def _number(value: str | None, name: str, default: int, least: int = 0) -> int:
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > _MAX_DIGITS or int(value) < least:
        raise SettingsError(f"{name}: {value!r} is not a whole number from {least} on")
    return int(value)


def _source_date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsError(f"SOURCE_DATE_EPOCH: {value!r} is not a number of seconds") from error
