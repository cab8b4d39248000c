"""Backups back into a database: as a new project, or into a scratch database to prove them."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.backup import BackupManifest
from storyarn_pipelines.services.backup_catalogue import Backup, find_backup, read_manifest
from storyarn_pipelines.services.import_media import StoredMedia
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import ObjectStore, open_store

_BLOCK_BYTES = 1 << 20


def restore_project(
    settings: Settings,
    project: str,
    workspace: str,
    *,
    day: date | None = None,
    name: str | None = None,
    progress: Progress = silent,
) -> tuple[Backup, ImportReport]:
    """Bring a project's newest backup, or that of a day, back as a new project, media included.

    Raises UsageError when there is none, StorageError when it is damaged.
    """
    store = open_store(settings.storage_url)
    backup = find_backup(store, project, day)
    with scratch_directory(settings) as scratch:
        report = restore_backup(
            settings,
            store,
            read_manifest(store, backup),
            ImportOptions(new=workspace, name=name),
            scratch / "backup.json.zst",
            progress,
        )
    return backup, report


def restore_backup(
    settings: Settings,
    store: ObjectStore,
    manifest: BackupManifest,
    options: ImportOptions,
    path: Path,
    progress: Progress = silent,
) -> ImportReport:
    """Fetch a backup's file to ``path`` and import it with its media."""
    fetch(store, manifest.file, path, manifest.sha256)
    return import_file(
        settings, path, options, progress, stored_media=stored_media(store, manifest)
    )


def stored_media(store: ObjectStore, manifest: BackupManifest) -> StoredMedia:
    """Opens the media of a backup by their ids."""

    def opener(key: str) -> Callable[[], BinaryIO]:
        return lambda: store.open_read(key)

    return {str(media.id): opener(media.file) for media in manifest.media if media.file}


def fetch(store: ObjectStore, key: str, path: Path, sha256: str) -> None:
    """Copy an object to a file; raises StorageError if its bytes are not those expected."""
    digest = hashlib.sha256()
    with store.open_read(key) as source, path.open("wb") as copy:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != sha256:
        raise StorageError(f"{key}: its SHA-256 is not the manifest's; this backup is damaged")
