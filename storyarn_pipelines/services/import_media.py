"""Media bytes that come with a file: checked before the database is touched, then stored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.progress import Counter, Progress
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.importers.rows import Row, refusal
from storyarn_pipelines.importers.source import Source
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import ObjectStore, open_store
from storyarn_pipelines.storage.base import check_key

_BLOCK_BYTES = 1 << 20
_CHECKSUM = "sha256:"

StoredMedia = Mapping[str, Callable[[], BinaryIO]]
"""Opens media that lie elsewhere, by the asset's id in the file."""


@dataclass(frozen=True, slots=True)
class _Content:
    """Bytes for one object key."""

    key: str
    sha256: str
    bytes: int
    open: Callable[[], BinaryIO]


class MediaIntake:
    """The media of one import."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        scratch: Path,
        stored: StoredMedia | None = None,
    ) -> None:
        """``stored`` are the bytes of a backup."""
        self._url, self._source, self._scratch = settings.media_url, source, scratch
        self._stored = stored or {}
        self._contents: list[_Content] = []
        self._references: list[str] = []
        self._notes = Notes()

    def clear(self) -> None:
        """Forget what was taken."""
        self._contents.clear()
        self._references.clear()

    def brings(self, row: Row) -> bool:
        """Whether an asset's bytes come with the file, and so move with it."""
        named = (bytes(row.values.get(name) or b"null") for name in ("file", "data"))
        return row.ref in self._stored or any(raw != b"null" for raw in named)

    def take(self, row: Row, key: str) -> None:
        """Check the bytes that an asset brings with it; raises ImportFileError."""
        opener = self._opener(row)
        if opener is None:
            _refuse_outside(row, key)
            self._references.append(key)
            return
        try:
            check_key(key)
        except StorageError as error:
            raise refusal(f"{row.pointer}/key", str(error)) from error
        sha256, size = _digest(opener)
        for name in ("blob_hash", "checksum", "file"):
            told = PurePosixPath(row.text(name) or "").stem
            if told and told.removeprefix(_CHECKSUM) != sha256:
                raise refusal(
                    f"{row.pointer}/{name}", f"the file's bytes have SHA-256 {sha256}, not {told}"
                )
        self._contents.append(_Content(key, sha256, size, opener))

    def store(self, progress: Progress) -> None:
        """Put the bytes where the database's keys say; nothing that is there is replaced."""
        if not self._contents:
            return
        store = open_store(self._url)
        counter = Counter(progress, "media", len(self._contents))
        for content in self._contents:
            present = _present(store, content.key)
            if present is None:
                with self._copied(content) as path:
                    store.put_file(content.key, path)
            elif present != content.sha256:
                raise StorageError(
                    f"storage: {content.key} holds other bytes already; remove that object, "
                    "or import with --ids new"
                )
            counter.add(1)
        counter.finish()

    def warnings(self) -> Iterator[str]:
        """What is missing of media that the file only names, and what nobody asked for."""
        if self._source.ignored:
            notes = Notes()
            notes.add("files in the bundle that are no part of the format", self._source.ignored)
            yield from notes.lines()
        if self._references:
            store = open_store(self._url)
            missing = [key for key in self._references if not _exists(store, key)]
            notes = Notes()
            notes.add("media whose bytes are not in the media store", missing)
            yield from notes.lines()

    def _opener(self, row: Row) -> Callable[[], BinaryIO] | None:
        name = row.text("file")
        if name is not None:
            return lambda: self._source.open_media(name)
        raw = row.values.get("data")
        if raw is None or bytes(raw) == b"null":
            return self._stored.get(row.ref)
        try:
            content = msgspec.json.decode(raw, type=bytes)
        except msgspec.DecodeError as error:
            raise refusal(f"{row.pointer}/data", "it must be Base64") from error
        path = self._scratch / f"media-{len(self._contents)}"
        path.write_bytes(content)
        return lambda: path.open("rb")

    @contextmanager
    def _copied(self, content: _Content) -> Iterator[Path]:
        path = self._scratch / "media-copy"
        with content.open() as source, path.open("wb") as copy:
            while block := source.read(_BLOCK_BYTES):
                copy.write(block)
        try:
            yield path
        finally:
            path.unlink()


def _refuse_outside(row: Row, key: str) -> None:
    """Keys that only travel need not be such as we would make; but none may lead elsewhere."""
    parts = key.replace("\\", "/").split("/")
    if key.startswith(("/", "\\")) or ".." in parts:
        raise refusal(f"{row.pointer}/key", f"{key!r} leads out of the media store")


def _digest(opener: Callable[[], BinaryIO]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with opener() as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _exists(store: ObjectStore, key: str) -> bool:
    try:
        path = store.local_path(key)
        if path is not None:
            return path.is_file()
    except (StorageError, OSError):
        return False  # a key that no store has: with odd characters, or too long
    return any(found.key == key for found in store.list(key))


def _present(store: ObjectStore, key: str) -> str | None:
    """The SHA-256 of the object under a key, None if there is none."""
    return _digest(lambda: store.open_read(key))[0] if _exists(store, key) else None
