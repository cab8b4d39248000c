"""The archive of articy:draft X (``.articyue``): the files of its folder, one behind the other.

Numbers are little endian. The head is ``ADFA``, a byte of version, a byte of nothing, 16 bits of
flags, the number of files in 32 bits and the offset of the directory in 64. An entry of the
directory has an offset, the unpacked and the packed size in 64 bits each, flags and the length of
the name in 16 bits each, and the name in UTF-8.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.unpacking import TRUNCATED, copy_to_scratch

_HEAD, _ENTRY = struct.Struct("<4sBBHiQ"), struct.Struct("<QqqHH")
_VERSION = 1
_AGAIN = "export again from articy:draft, or export XML"


@contextmanager
def open_packed(tree: Tree, file: str, scratch: Path, limits: Limits) -> Iterator["PackedFiles"]:
    """The files in an archive of a tree. Raises ImportFileError for one that is damaged."""
    with closing(tree.open(file)) as stream:
        path = copy_to_scratch(stream, scratch, file, limits)
    try:
        with path.open("rb") as copy:
            yield PackedFiles(copy, file, limits)
    finally:
        path.unlink()


class PackedFiles:
    """A tree of an archive's files; each is called after the archive and by its own name."""

    def __init__(self, stream: BinaryIO, name: str, limits: Limits) -> None:
        """Read the directory."""
        self.name, self._stream = name, stream
        self._size = stream.seek(0, io.SEEK_END)
        found = self._directory(limits)
        self._check_overlap(found)
        self._files = dict(sorted(found.items()))

    def names(self) -> tuple[str, ...]:
        """All files."""
        return tuple(self._files)

    def size(self, file: str) -> int:
        """A file's bytes."""
        return self._files[file][1]

    def open(self, file: str) -> BinaryIO:
        """A file, front to back."""
        return io.BufferedReader(_Part(self._stream, *self._files[file]))

    def _refuse(self, place: str, reason: str) -> ImportFileError:
        return refused(self.name, place, reason)

    def _directory(self, limits: Limits) -> dict[str, tuple[int, int]]:
        """Offset and size of each file."""
        _, version, _, _, count, offset = _HEAD.unpack(self._read(0, _HEAD.size))
        if version != _VERSION:
            raise self._refuse("", f"the archive has the version {version}, not 1; {_AGAIN}")
        if not 0 < count <= limits.entries:
            raise self._refuse(
                "", f"the archive has {count:,} files, 1 to {limits.entries:,} may be"
            )
        found: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            start, unpacked, packed, _, length = _ENTRY.unpack(self._read(offset, _ENTRY.size))
            offset += _ENTRY.size
            name = self._named(self._read(offset, length))
            offset += length
            if name in found:
                raise self._refuse(name, "the archive has this name twice")
            if unpacked != packed:
                raise self._refuse(
                    name, f"it is compressed, which articy:draft never does; {_AGAIN}"
                )
            if packed < 0 or start + packed > self._size:
                raise self._refuse(name, f"it lies outside the archive (truncated); {_AGAIN}")
            found[name] = (start, packed)
        return found

    def _named(self, raw: bytes) -> str:
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise self._refuse("", "the name of a file in it is no UTF-8") from None
        if not name:
            raise self._refuse("", "a file in it has no name")
        return f"{self.name}/{name}"

    def _read(self, offset: int, size: int) -> bytes:
        if offset + size > self._size:
            raise self._refuse("", TRUNCATED)
        self._stream.seek(offset)
        return self._stream.read(size)

    def _check_overlap(self, found: dict[str, tuple[int, int]]) -> None:
        """Files that share bytes are how a small archive holds a huge one many times."""
        placed = sorted((start, size, name) for name, (start, size) in found.items() if size)
        for (start, size, _), (begin, _, name) in pairwise(placed):
            if begin < start + size:
                raise self._refuse(name, "it lies over another file of the archive")


class _Part(io.RawIOBase):
    """A stretch of a file."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._stream, self._at, self._end = stream, start, start + size

    def readable(self) -> bool:
        """It can be read, front to back."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # typeshed: any writable buffer
        """The next bytes."""
        self._stream.seek(self._at)
        block = self._stream.read(min(len(buffer), self._end - self._at))
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)
