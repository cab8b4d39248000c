"""The backups that a store holds: finding them, and letting the old ones go."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec

from storyarn_pipelines.errors import ObjectMissingError, StorageError, UnknownNameError, UsageError
from storyarn_pipelines.services.backup import MANIFEST_SUFFIX, BackupManifest
from storyarn_pipelines.storage import ObjectStore

_MANIFEST = re.compile(r"backups/([0-9]+)/([0-9]{4}-[0-9]{2}-[0-9]{2})/[^/]+\.manifest\.json")
_MEDIA = re.compile(r"backups/[0-9]+/media/[^/]+")
_MEDIA_GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Backup:
    """One dated backup by its manifest's key."""

    project_id: int
    day: date
    key: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of the newest days, weeks and months keep a backup: the last one of each."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    def __post_init__(self) -> None:
        """Check the numbers; raises UsageError."""
        if min(self.daily, self.weekly, self.monthly) < 0 or self.daily < 1:
            raise UsageError("retention: keep at least 1 daily backup, and no negative number")

    def kept(self, days: Sequence[date]) -> set[date]:
        """The days whose backups stay."""
        newest = sorted(set(days), reverse=True)
        kept = set(newest[: self.daily])
        for number, period in ((self.weekly, _week), (self.monthly, _month)):
            seen: dict[tuple[int, int], date] = {}
            for day in newest:
                seen.setdefault(period(day), day)
            kept |= set(list(seen.values())[:number])
        return kept


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention removed."""

    backups: int
    media: int
    bytes: int


def backups_of(store: ObjectStore, project_id: int | None = None) -> Iterator[Backup]:
    """Backups, those of one project or all, the oldest first."""
    prefix = "backups/" if project_id is None else f"backups/{project_id}/"
    for stored in store.list(prefix):
        found = _MANIFEST.fullmatch(stored.key)
        if found:
            yield Backup(int(found[1]), date.fromisoformat(found[2]), stored.key)


def read_manifest(store: ObjectStore, backup: Backup) -> BackupManifest:
    """What a backup holds; raises StorageError when its manifest cannot be read."""
    try:
        with store.open_read(backup.key) as file:
            return msgspec.json.decode(file.read(), type=BackupManifest)
    except msgspec.DecodeError as error:
        raise StorageError(f"{backup.key}: the manifest cannot be read ({error})") from error


def find_backup(store: ObjectStore, project: str, day: date | None = None) -> Backup:
    """A project's newest backup, or that of a day.

    ``project`` is an id, or the slug by which the project was backed up: it need not exist any
    longer. Raises UnknownNameError naming the days that there are.
    """
    slug = project.rpartition("/")[2]
    found = [
        backup
        for backup in backups_of(store, int(project) if project.isdecimal() else None)
        if project.isdecimal() or backup.key.endswith(f"/{slug}{MANIFEST_SUFFIX}")
    ]
    owners = {backup.project_id for backup in found}
    if len(owners) > 1:
        listed = ", ".join(str(number) for number in sorted(owners))
        raise UnknownNameError(f"restore: {project!r} is ambiguous; say one of the ids {listed}")
    wanted = [backup for backup in found if day is None or backup.day == day]
    if wanted:
        return wanted[-1]
    days = ", ".join(f"{backup.day}" for backup in found[-10:]) or "none"
    when = f" of {day}" if day else ""
    raise UnknownNameError(f"restore: {project!r} has no backup{when}; there are: {days}")


def prune(store: ObjectStore, project_id: int, retention: Retention, now: datetime) -> Pruned:
    """Remove backups that retention does not keep, then media that none of the kept ones names.

    A manifest that cannot be read keeps all media; fresh media may belong to a backup that is
    being made.
    """
    backups = list(backups_of(store, project_id))
    kept_days = retention.kept([backup.day for backup in backups])
    kept = [backup for backup in backups if backup.day in kept_days]
    removed = size = 0
    present = {stored.key: stored for stored in store.list(f"backups/{project_id}/")}
    for backup in backups:
        if backup.day not in kept_days:
            directory = backup.key.rpartition("/")[0] + "/"
            # The manifest goes first: without it there is no backup, half a backup never.
            for key in [backup.key, *(x for x in present if x.startswith(directory))]:
                if key in present:
                    size += present.pop(key).bytes
                    store.delete(key)
            removed += 1
    try:
        named = {x.file for backup in kept for x in read_manifest(store, backup).media}
    except (StorageError, ObjectMissingError):
        return Pruned(removed, 0, size)
    media = 0
    for key, stored in present.items():
        old = stored.modified < now.astimezone(UTC) - _MEDIA_GRACE
        if _MEDIA.fullmatch(key) and key not in named and old:
            store.delete(key)
            media, size = media + 1, size + stored.bytes
    return Pruned(removed, media, size)


def prune_all(store: ObjectStore, retention: Retention, now: datetime) -> Pruned:
    """The same for every project that has backups."""
    owners = sorted({backup.project_id for backup in backups_of(store)})
    found = [prune(store, number, retention, now) for number in owners]
    return Pruned(
        sum(x.backups for x in found), sum(x.media for x in found), sum(x.bytes for x in found)
    )


def _week(day: date) -> tuple[int, int]:
    found = day.isocalendar()
    return found.year, found.week


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
