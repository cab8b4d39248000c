"""Removes what finished or killed work has left behind."""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import ObjectStore

WORK_HOURS = 24
"""How long the files of finished runs stay, for re-executions."""

_RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Removed:
    """How much was removed."""

    objects: int
    bytes: int
    scratch_directories: int
    unfinished: int


def clean(
    settings: Settings, work: ObjectStore, storage: ObjectStore, keep: Collection[str]
) -> Removed:
    """Remove the work of all root runs but those in ``keep``, stale scratch directories, and
    uploads to the work area or the storage that were killed.

    Only names that are run ids are touched: the work area may lie beside other things.
    """
    stale = datetime.now(UTC) - timedelta(hours=WORK_HOURS)
    objects = total = 0
    for stored in list(work.list("")):
        root = stored.key.partition("/")[0]
        if _RUN_ID.fullmatch(root) and root not in keep:
            work.delete(stored.key)
            objects, total = objects + 1, total + stored.bytes
    unfinished = storage.drop_unfinished(stale) + work.drop_unfinished(stale)
    return Removed(objects, total, _clean_scratch(settings, stale), unfinished)


def _clean_scratch(settings: Settings, before: datetime) -> int:
    """A living command's directory is younger than any command runs."""
    if not settings.scratch.is_dir():
        return 0
    oldest = before.timestamp()
    stale = [path for path in settings.scratch.iterdir() if path.stat().st_mtime < oldest]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
