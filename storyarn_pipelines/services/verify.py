"""Prove a backup: restore it into a scratch database, export it again, compare."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.source import open_source
from storyarn_pipelines.services.backup import BACKUP_OPTIONS
from storyarn_pipelines.services.backup_catalogue import find_backup, read_manifest
from storyarn_pipelines.services.diff import DiffResult, diff_files
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.restore import fetch, restore_backup
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.store.database import (
    add_people,
    add_unknown_columns,
    create_database,
    drop_database,
    initialise,
)
from storyarn_pipelines.store.embedded import database_url, embedded_url

_EMAIL_KEY = re.compile(rb'"[a-z_]*_email": ?("(?:[^"\\]|\\.)*")')
_WORKSPACE = "restore-drill"
_OWNER = "restore-drill@localhost"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a restore drill found. ``media`` are those whose bytes came back as they were."""

    backup: str
    same: bool
    differences: DiffResult
    rows: int
    media: int
    warnings: list[str]
    seconds: float


def verify_backup(settings: Settings, project: str, progress: Progress = silent) -> Verification:
    """Restore a project's newest backup into a scratch database and compare it with itself.

    The scratch database lives on the embedded PostgreSQL, never on Storyarn's server. Every
    medium's bytes are read and checked on the way.
    """
    store = open_store(settings.storage_url)
    backup = find_backup(store, project)
    manifest = read_manifest(store, backup)
    with scratch_directory(settings) as scratch, _scratch_database(settings) as url:
        drill = replace(
            settings,
            home=scratch,
            database_url=url,
            storage_url=str(scratch / "storage"),
            media_url=str(scratch / "media"),
        )
        original = scratch / "original.json.zst"
        fetch(store, manifest.file, original, manifest.sha256)
        add_people(url, _emails(original, scratch), _WORKSPACE, _OWNER)
        report = restore_backup(
            drill, store, manifest, ImportOptions(new=_WORKSPACE), scratch / "copy", progress
        )
        again = export_project(
            drill,
            str(report.project["id"]),
            "storyarn",
            BACKUP_OPTIONS,
            out=scratch / "again.json",
            progress=progress,
        )
        found = diff_files(settings, original, Path(str(again.path)))
    return Verification(
        backup.key,
        found.same,
        found,
        sum(report.rows.values()),
        sum(1 for media in manifest.media if media.file),
        report.warnings,
        report.seconds,
    )


@contextmanager
def _scratch_database(settings: Settings) -> Iterator[str]:
    """An empty Storyarn database with the columns that the real one has."""
    server = embedded_url(settings.home)
    name = f"storyarn_drill_{uuid.uuid4().hex}"
    url = create_database(server, name)
    try:
        initialise(url)
        add_unknown_columns(database_url(settings), url)
        yield url
    finally:
        drop_database(server, name)


def _emails(path: Path, scratch: Path) -> list[str]:
    """The addresses in a file, so that its people exist in the scratch database."""
    directory = scratch / "people"
    directory.mkdir()
    found: set[str] = set()
    with open_source(path, directory) as source:
        document = NativeDocument(source)
        for piece in document.pieces():
            for raw in _EMAIL_KEY.findall(piece.raw):
                found.add(msgspec.json.decode(raw, type=str))
    return sorted(found)
