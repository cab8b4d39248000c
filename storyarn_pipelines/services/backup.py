"""Backups: the native file compressed, its manifest, and every medium's content once.

``backups/{project_id}/{date}/{slug}.json.zst`` and ``.manifest.json`` beside it,
``backups/{project_id}/media/{sha256}{.ext}`` shared by all of a project's backups.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow as pa

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import ASSETS
from storyarn_pipelines.errors import ObjectMissingError, StorageError, UsageError
from storyarn_pipelines.services.export import entity_counts
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import ObjectStore, StoredObject

BACKUP_OPTIONS = ExportOptions(include_trash=True, pretty_print=False, validate_before_export=False)
"""What a backup holds: everything, the trash and all mistakes included, media beside the file."""

MANIFEST_SUFFIX = ".manifest.json"
_BLOCK_BYTES = 1 << 20


class BackupMedia(msgspec.Struct, frozen=True):
    """One medium of a backup: ``file`` is its object, None when its bytes were not there."""

    id: int
    key: str
    bytes: int
    file: str | None
    sha256: str | None
    problem: str | None = None


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup holds, written last: without it there is no backup."""

    project_id: int
    project_slug: str
    created_at: str
    schema_version: int | None
    content_hash: str
    options: dict[str, Any]
    file: str
    bytes: int
    sha256: str
    json_bytes: int
    json_sha256: str
    entities: dict[str, int]
    media: list[BackupMedia]

    @property
    def problems(self) -> list[BackupMedia]:
        """Media whose bytes are missing or not what the database says."""
        return [media for media in self.media if media.problem]


class BackupResult(msgspec.Struct, frozen=True):
    """A backup that was made, or the equal one (``unchanged``) that made it needless."""

    manifest: BackupManifest
    key: str
    unchanged: bool
    new_media: int


def check_backup_options(options: ExportOptions) -> None:
    """Raise UsageError for options under which a backup would lack something."""
    if options.selects or options.languages is not None or not options.include_trash:
        raise UsageError(
            "backup: it needs everything; leave selections out and set include_trash=true, "
            "as the job nightly_backup does by itself"
        )


def store_backup(
    store: ObjectStore,
    story: StoryReader,
    artifact: Path,
    now: datetime,
    progress: Progress = silent,
) -> BackupResult:
    """Store the native file ``artifact`` of ``story`` and its media as a backup of today.

    Nothing is stored when the last backup is whole and has the same content.
    """
    found = story.manifest
    prefix = f"backups/{found.project_id}/"
    present = {stored.key: stored for stored in store.list(prefix)}
    last = _last_backup(store, present)
    if last is not None and last[1].content_hash == found.content_hash and not last[1].problems:
        return BackupResult(last[1], last[0], unchanged=True, new_media=0)
    media, new = _store_media(store, story, prefix, present, progress)
    name = f"{prefix}{now:%Y-%m-%d}/{found.project_slug}"
    with TemporaryDirectory(dir=artifact.parent, prefix="backup-") as directory:
        compressed = Path(directory) / "backup.json.zst"
        _compress(artifact, compressed)
        manifest = BackupManifest(
            project_id=found.project_id,
            project_slug=found.project_slug,
            created_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            schema_version=found.schema_version,
            content_hash=found.content_hash,
            options=found.options,
            file=f"{name}.json.zst",
            bytes=compressed.stat().st_size,
            sha256=_sha256(compressed),
            json_bytes=artifact.stat().st_size,
            json_sha256=_sha256(artifact),
            entities=entity_counts(found),
            media=media,
        )
        store.put_file(manifest.file, compressed)
        described = Path(directory) / "manifest.json"
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        described.write_bytes(text + b"\n")
        store.put_file(f"{name}{MANIFEST_SUFFIX}", described)
    return BackupResult(manifest, f"{name}{MANIFEST_SUFFIX}", unchanged=False, new_media=new)


def _last_backup(
    store: ObjectStore, present: dict[str, StoredObject]
) -> tuple[str, BackupManifest] | None:
    """The newest manifest, if all that it lists is there with the right size."""
    manifests = [key for key in present if key.endswith(MANIFEST_SUFFIX)]
    if not manifests:
        return None
    key = max(manifests)
    try:
        with store.open_read(key) as file:
            manifest = msgspec.json.decode(file.read(), type=BackupManifest)
    except (msgspec.DecodeError, ObjectMissingError):
        return None
    wanted = {media.file: media.bytes for media in manifest.media if media.file}
    wanted[manifest.file] = manifest.bytes
    whole = all(name in present and present[name].bytes == size for name, size in wanted.items())
    return (key, manifest) if whole else None


def _store_media(
    store: ObjectStore, story: StoryReader, prefix: str, present: Iterable[str], progress: Progress
) -> tuple[list[BackupMedia], int]:
    """Store contents that are not there yet; a medium without bytes is noted, not fatal."""
    contents = {PurePosixPath(key).stem: key for key in present if "/media/" in key}
    before = len(contents)
    stored: list[BackupMedia] = []
    counter = Counter(progress, "media", story.manifest.rows(ASSETS.name))
    with TemporaryDirectory(dir=story.directory.parent, prefix="media-") as directory:
        for media in story.media():
            known = contents.get(media.blob_hash or "")
            if known is not None:
                stored.append(BackupMedia(media.id, media.key, media.size, known, media.blob_hash))
            else:
                path = Path(directory) / "media"
                stored.append(_copy(store, story, media, prefix, contents, path))
            counter.add(1)
    counter.finish()
    return stored, len(contents) - before


def _copy(
    store: ObjectStore,
    story: StoryReader,
    media: Media,
    prefix: str,
    contents: dict[str, str],
    path: Path,
) -> BackupMedia:
    try:
        with story.media_source.open_read(media.key) as source, path.open("wb") as copy:
            while block := source.read(_BLOCK_BYTES):
                copy.write(block)
    except StorageError as error:
        if error.transient:
            raise
        return BackupMedia(media.id, media.key, media.size, None, None, problem=str(error))
    sha256 = _sha256(path)
    if sha256 not in contents:
        contents[sha256] = f"{prefix}media/{sha256}{media.extension}"
        store.put_file(contents[sha256], path)
    changed = media.blob_hash is not None and media.blob_hash != sha256
    problem = f"the database says SHA-256 {media.blob_hash}" if changed else None
    size = path.stat().st_size
    return BackupMedia(media.id, media.key, size, contents[sha256], sha256, problem)


def _compress(source: Path, target: Path) -> None:
    with source.open("rb") as file, pa.CompressedOutputStream(str(target), "zstd") as out:
        while block := file.read(_BLOCK_BYTES):
            out.write(block)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
