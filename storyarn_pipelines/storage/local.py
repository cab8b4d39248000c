"""An object store in a directory."""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from storyarn_pipelines.errors import ObjectMissingError, StorageError
from storyarn_pipelines.storage.base import StoredObject, check_key

_TEMPORARY = ".incoming-"
_FILE_MODE = 0o644


class LocalStore:
    """Keys are paths below one directory."""

    def __init__(self, directory: str | Path) -> None:
        self._root = Path(directory).expanduser().resolve()

    def put_file(self, key: str, path: Path) -> StoredObject:
        """Copy a file in; it gets its name when its bytes are all there."""
        target = self._path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_whole(path, target)
        except OSError as error:
            raise StorageError(f"storage: {key} cannot be written ({error.strerror})") from error
        return self._describe(target)

    def open_read(self, key: str) -> BinaryIO:
        """Open an object for reading."""
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ObjectMissingError(f"{key} is not in {self._root}") from error
        except OSError as error:
            raise StorageError(f"{key} cannot be read ({error.strerror})") from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """All objects below a prefix."""
        top = self._root / PurePosixPath(prefix).parent if "/" in prefix else self._root
        if prefix.endswith("/"):
            top = self._root / prefix
        if ".." in top.parts or not top.is_dir():
            return
        files = sorted(
            path.relative_to(self._root).as_posix()
            for path in top.rglob("*")
            if path.is_file() and not path.name.startswith(_TEMPORARY)
        )
        yield from (self._describe(self._root / key) for key in files if key.startswith(prefix))

    def delete(self, key: str) -> None:
        """Remove an object and the directories that it leaves empty."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        self._drop_empty(path)

    def move(self, key: str, new_key: str) -> None:
        """Rename an object's file."""
        target = self._path(new_key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._path(key).replace(target)
        except FileNotFoundError as error:
            raise ObjectMissingError(f"{key} is not in {self._root}") from error
        except OSError as error:
            raise StorageError(f"storage: {key} cannot be moved ({error.strerror})") from error
        self._drop_empty(self._path(key))

    def metadata(self, key: str) -> Mapping[str, str]:
        """Files have none."""
        del key
        return {}

    def drop_unfinished(self, before: datetime) -> int:
        """Remove copies that never got their name."""
        stale = [
            path
            for path in self._root.rglob(f"{_TEMPORARY}*")
            if path.is_file() and path.stat().st_mtime < before.timestamp()
        ]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def local_path(self, key: str) -> Path:
        """The object's own file."""
        return self._path(key)

    def _drop_empty(self, path: Path) -> None:
        """Remove the directories that an object which has gone leaves empty."""
        for parent in path.parents:
            if parent == self._root or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()

    def _path(self, key: str) -> Path:
        path = self._root / check_key(key)
        if not path.resolve().is_relative_to(self._root):
            raise StorageError(f"object key {key!r} leads out of the store")
        return path

    def _describe(self, path: Path) -> StoredObject:
        key, found = path.relative_to(self._root).as_posix(), path.stat()
        return StoredObject(
            key,
            found.st_size,
            str(path),
            f"{found.st_size:x}-{found.st_mtime_ns:x}",
            datetime.fromtimestamp(found.st_mtime, UTC),
        )


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file beside its final name, to disk, and rename it: readers never see half of it."""
    with NamedTemporaryFile(dir=target.parent, prefix=_TEMPORARY, delete=False) as temporary:
        try:
            with source.open("rb") as file:
                shutil.copyfileobj(file, temporary, 1 << 20)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.chmod(temporary.name, _FILE_MODE)
            os.replace(temporary.name, target)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise


def move_whole(source: Path, target: Path) -> None:
    """Give a file its final name; across file systems it is copied first."""
    source.chmod(_FILE_MODE)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_whole(source, target)
