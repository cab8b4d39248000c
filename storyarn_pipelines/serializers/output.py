"""Where a serializer writes: one part makes a plain file, more make a ZIP."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

import msgspec

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.serializers.checkpoints import (
    ARCHIVE,
    PLAIN,
    Checkpoint,
    Checkpoints,
    Digest,
    Entry,
    FileName,
)

T = TypeVar("T", bound=msgspec.Struct)

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
    a ZIP. Leaving the ``with`` block without ``finish`` removes what was written, unless there
    are ``checkpoints``: their owner knows whether someone will go on.

    A serializer that can go on where a killed one stopped calls ``restore`` first, passes over
    the parts that ``has`` knows, and calls ``checkpoint`` between two entities of its first part
    whenever ``checkpoint_due``. For any other one, checkpoints are never made.
    """

    def __init__(
        self, directory: Path, extension: str, checkpoints: Checkpoints | None = None
    ) -> None:
        self.as_zip = False
        self._extension, self._checkpoints = extension, checkpoints
        self._parts: list[str] = []
        self._plain, self._archive = directory / PLAIN, directory / ARCHIVE
        self._digest = Digest(self._plain)
        self._file: BinaryIO | None = None
        self._zip: zipfile.ZipFile | None = None
        self._zip_file: BinaryIO | None = None
        self._every = 0
        self._fresh: list[Entry] = []  # finished since the last checkpoint
        self._fresh_bytes = 0
        self._restored: frozenset[str] = frozenset()
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
        self._close_zip()
        if self._checkpoints is None:
            self._plain.unlink(missing_ok=True)
            self._archive.unlink(missing_ok=True)

    def restore(self, kind: type[T]) -> T | None:
        """The state at the last checkpoint of a try that was killed inside the first part.

        None says that the first part begins at its beginning, or is there whole.
        """
        if self._checkpoints is None:
            return None
        self._every = self._checkpoints.every
        last, digest = self._checkpoints.last, self._checkpoints.digest
        if last is None or digest is None:
            return None
        if last.file == ARCHIVE:
            self._digest = digest
            self._restore_zip([x for mark in self._checkpoints.kept for x in mark.entries])
            return None
        try:
            state = msgspec.json.decode(last.state, type=kind)
        except msgspec.DecodeError:
            self._checkpoints.forget()
            return None
        self._digest = digest
        return state

    def has(self, name: str) -> bool:
        """Whether a part was finished by an earlier try."""
        return name in self._restored

    @property
    def checkpoint_due(self) -> bool:
        """Whether enough was written to the open part since the last checkpoint."""
        if not self._every or self._file is None:
            return False
        return self._file.tell() - self._digest.done >= self._every

    def checkpoint(self, last: str, state: msgspec.Struct) -> None:
        """Note that what is written is whole up to the entity ``last``, and how to go on."""
        if self._file is not None:
            self._file.flush()
            self._note(PLAIN, self._file.tell(), last, state)

    @contextmanager
    def part(self, name: str, *, compress: bool = True) -> Iterator[BinaryIO]:
        """Open the next part; ``compress`` is off for what is compressed already."""
        _check_name(name)
        if name in self._parts:
            raise StorageError(f"artifact part {name!r} is written twice")
        self._parts.append(name)
        if len(self._parts) == 1:
            with self._open_plain() as self._file:
                yield self._file
            self._file = None
            return
        self._start_zip()
        with self._entry(name, compress=compress) as entry:
            yield entry
        self._note_entry(name)

    def finish(self) -> Artifact:
        """Close everything; the artifact stays in the directory until the caller moves it."""
        if not self._parts:
            raise StorageError("artifact without a part")
        if self.as_zip:
            self._start_zip()
        zipped = self._zip is not None
        self._close_zip()
        if zipped:
            self._plain.unlink(missing_ok=True)
        path = self._archive if zipped else self._plain
        sha256 = self._digest.upto()
        self._finished = True
        extension = "zip" if zipped else self._extension
        return Artifact(path, extension, tuple(self._parts), path.stat().st_size, sha256)

    def _open_plain(self) -> BinaryIO:
        """The first part's file, at the end of what is kept of it."""
        if not self._digest.done:
            return self._plain.open("wb")
        file = self._plain.open("r+b")
        file.truncate(self._digest.done)
        file.seek(self._digest.done)
        return file

    def _start_zip(self) -> None:
        if self._zip is not None:
            return
        self._digest = Digest(self._archive)
        self._open_zip("w+b")
        with self._entry(self._parts[0], compress=True) as entry, self._plain.open("rb") as file:
            while block := file.read(_COPY_BYTES):
                entry.write(block)
        # A checkpoint of the plain file counts until the ZIP has one that holds all of it.
        self._note_entry(self._parts[0])
        if not self._every:
            self._plain.unlink()

    def _restore_zip(self, entries: list[Entry]) -> None:
        """Go on behind the last finished entry."""
        zipped = self._open_zip("r+b")
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, _ZIP_TIME)
            info.header_offset, info.CRC = entry.offset, entry.crc
            info.file_size, info.compress_size = entry.bytes, entry.compressed
            info.compress_type, info.external_attr = entry.method, _FILE_MODE
            info.create_version = info.extract_version = entry.version
            zipped.infolist().append(info)
        self._parts = [entry.name for entry in entries]
        self._restored = frozenset(self._parts)

    def _open_zip(self, mode: str) -> zipfile.ZipFile:
        file: BinaryIO = self._archive.open(mode)  # type: ignore[assignment]  # both are binary
        file.truncate(self._digest.done)
        file.seek(self._digest.done)
        self._zip_file, self._zip = file, zipfile.ZipFile(file, "w", allowZip64=True)
        return self._zip

    def _close_zip(self) -> None:
        if self._zip is not None and self._zip_file is not None:
            with self._zip_file:
                self._zip.close()
            self._zip = self._zip_file = None

    @contextmanager
    def _entry(self, name: str, *, compress: bool) -> Iterator[BinaryIO]:
        assert self._zip is not None
        info = zipfile.ZipInfo(name, _ZIP_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info._compresslevel = _COMPRESS_LEVEL  # type: ignore[attr-defined]  # public from 3.13 on
        info.external_attr = _FILE_MODE
        with self._zip.open(info, "w", force_zip64=True) as entry:
            yield entry  # type: ignore[misc]  # typeshed: IO[bytes], which is a BinaryIO here

    def _note_entry(self, name: str) -> None:
        """Make a checkpoint of the ZIP if the entries since the last one are worth it."""
        if not self._every or self._zip is None or self._zip_file is None:
            return
        info = self._zip.infolist()[-1]
        self._fresh.append(
            Entry(
                name,
                info.header_offset,
                info.CRC,
                info.file_size,
                info.compress_size,
                info.compress_type,
                info.extract_version,
            )
        )
        self._fresh_bytes += info.file_size
        if self._fresh_bytes >= self._every:
            self._zip_file.flush()
            self._note(ARCHIVE, self._zip_file.tell(), name)
            self._plain.unlink(missing_ok=True)

    def _note(
        self, file: FileName, end: int, last: str, state: msgspec.Struct | None = None
    ) -> None:
        assert self._checkpoints is not None
        text = msgspec.Raw(msgspec.json.encode(state))
        sha256 = self._digest.upto(end)
        self._checkpoints.add(Checkpoint(file, end, sha256, last, self._fresh, text))
        self._fresh, self._fresh_bytes = [], 0


def _check_name(name: str) -> None:
    """Part names come from projects: none may leave the directory it is unpacked to."""
    path = PurePosixPath(name)
    bad = path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name
    if bad or any(ord(letter) < 32 or letter in ':*?"<>|' for letter in name):
        raise StorageError(f"artifact part {name!r} is not a safe file name")
