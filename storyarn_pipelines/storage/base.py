"""What the package asks of an object store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from storyarn_pipelines.errors import StorageError

_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object: its key, size in bytes, and where a person finds it.

    ``version`` changes whenever the content does; ``modified`` is when it was stored.
    """

    key: str
    bytes: int
    location: str
    version: str = ""
    modified: datetime = _LONG_AGO


class ObjectStore(Protocol):
    """Objects by key. An object is there whole or not at all."""

    def put_file(self, key: str, path: Path) -> StoredObject:
        """Store a file's bytes under ``key``, replacing what was there."""

    def open_read(self, key: str) -> BinaryIO:
        """Open an object; raises StorageError when it is not there."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects whose keys start with ``prefix``, in the order of their keys."""

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""

    def move(self, key: str, new_key: str) -> None:
        """Give an object another key, replacing what was there."""

    def metadata(self, key: str) -> Mapping[str, str]:
        """What the writer of an object noted beside it."""

    def drop_unfinished(self, before: datetime) -> int:
        """Remove what writers that were killed before a moment left behind; says how many."""

    def local_path(self, key: str) -> Path | None:
        """The file behind a key where objects are files of this machine, else None."""


def check_key(key: str) -> PurePosixPath:
    """A key as a relative path; raises StorageError for one that could leave its store."""
    path = PurePosixPath(key)
    if not key or path.is_absolute() or ".." in path.parts or "\\" in key or "\x00" in key:
        raise StorageError(f"object key {key!r} is not a relative path inside the store")
    return path
