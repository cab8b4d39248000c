"""Where a serializer writes: one part makes a plain file, more make a ZIP."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from storyarn_pipelines.errors import StorageError

# The earliest time that a ZIP entry can bear: the same content gives the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_COPY_BYTES = 1 << 20
_FILE_MODE = 0o644 << 16
_COMPRESS_LEVEL = 2
"""Text gets a tenth larger than at zlib's own level, in a third of the time."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished file with the names of its parts."""

    path: Path
    extension: str
    parts: tuple[str, ...]
    bytes: int
    sha256: str


class Output:
    """Named parts, written one after the other into a directory of the caller's.

    The first part is a plain file. When a second one is opened, or ``as_zip`` is set, all go into
    a ZIP. Leaving the ``with`` block without ``finish`` removes what was written.
    """

    def __init__(self, directory: Path, extension: str) -> None:
        self.as_zip = False
        self._directory, self._extension = directory, extension
        self._parts: list[str] = []
        self._plain = directory / "artifact.part"
        self._archive = directory / "artifact.zip"
        self._zip: zipfile.ZipFile | None = None
        self._finished = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._finished:
            return
        if self._zip is not None:
            self._zip.close()
        self._plain.unlink(missing_ok=True)
        self._archive.unlink(missing_ok=True)

    @contextmanager
    def part(self, name: str, *, compress: bool = True) -> Iterator[BinaryIO]:
        """Open the next part; ``compress`` is off for what is compressed already."""
        _check_name(name)
        if name in self._parts:
            raise StorageError(f"artifact part {name!r} is written twice")
        self._parts.append(name)
        if len(self._parts) == 1:
            with self._plain.open("wb") as file:
                yield file
            return
        self._start_zip()
        with self._entry(name, compress=compress) as entry:
            yield entry

    def finish(self) -> Artifact:
        """Close everything; the artifact stays in the directory until the caller moves it."""
        if not self._parts:
            raise StorageError("artifact without a part")
        if self.as_zip:
            self._start_zip()
        if self._zip is not None:
            self._zip.close()
        path = self._archive if self._zip is not None else self._plain
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._finished = True
        extension = "zip" if self._zip is not None else self._extension
        return Artifact(path, extension, tuple(self._parts), path.stat().st_size, sha256)

    def _start_zip(self) -> None:
        if self._zip is not None:
            return
        self._zip = zipfile.ZipFile(self._archive, "w", allowZip64=True)
        with self._entry(self._parts[0], compress=True) as entry, self._plain.open("rb") as file:
            while block := file.read(_COPY_BYTES):
                entry.write(block)
        self._plain.unlink()

    @contextmanager
    def _entry(self, name: str, *, compress: bool) -> Iterator[BinaryIO]:
        assert self._zip is not None
        info = zipfile.ZipInfo(name, _ZIP_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info._compresslevel = _COMPRESS_LEVEL  # type: ignore[attr-defined]  # public from 3.13 on
        info.external_attr = _FILE_MODE
        with self._zip.open(info, "w", force_zip64=True) as entry:
            yield entry  # type: ignore[misc]  # typeshed: IO[bytes], which is a BinaryIO here


def _check_name(name: str) -> None:
    """Part names come from projects: none may leave the directory it is unpacked to."""
    path = PurePosixPath(name)
    bad = path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name
    if bad or any(ord(letter) < 32 or letter in ':*?"<>|' for letter in name):
        raise StorageError(f"artifact part {name!r} is not a safe file name")
