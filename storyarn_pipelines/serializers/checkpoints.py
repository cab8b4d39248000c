"""What is finished of an artifact, noted beside it while it grows.

A checkpoint says: so many bytes of this file are finished and have this SHA-256, this is the last
entity in them, and this is what the serializer needs to go on behind it. Checkpoints are lines of
a journal in the directory of the artifact. A line counts only under the binding that it was made
with (snapshot, options, format, version), and its bytes only with their hash, so that nothing has
to be flushed to disk: what a crash has lost is noticed.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

FileName = Literal["artifact.part", "artifact.zip"]
JOURNAL = ".checkpoints"
PLAIN: FileName = "artifact.part"
ARCHIVE: FileName = "artifact.zip"

_BLOCK_BYTES = 1 << 20
_SEAL_LENGTH = 64


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A finished entry of a ZIP, with what its central directory says of it."""

    name: str
    offset: int
    crc: int
    bytes: int
    compressed: int
    method: int
    version: int


class Checkpoint(msgspec.Struct, frozen=True):
    """The first ``bytes`` of ``file`` are finished, up to the entity ``last``.

    ``entries`` are those finished since the checkpoint before, ``state`` is the serializer's own.
    """

    file: FileName
    bytes: int
    sha256: str
    last: str
    entries: list[Entry] = []
    state: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def rank(self) -> tuple[bool, int]:
        """Larger for what is further on; a ZIP begins with the plain file."""
        return self.file == ARCHIVE, self.bytes


Watcher = Callable[[Checkpoint, bytes], None]
"""Is told of every checkpoint with its line of the journal."""


def ignore(checkpoint: Checkpoint, line: bytes) -> None:
    """Watch nothing."""
    del checkpoint, line


class Digest:
    """The SHA-256 of a file that grows, taken up to where it will not change any more."""

    def __init__(self, path: Path) -> None:
        self.done = 0
        self._path, self._hash = path, hashlib.sha256()

    def upto(self, end: int | None = None, copy: Any = None) -> str:
        """The hash of the first ``end`` bytes, or of all; ``copy`` gets the bytes that are new.

        A file that is shorter gives the hash of what there is.
        """
        buffer = memoryview(bytearray(_BLOCK_BYTES))
        with self._path.open("rb", buffering=0) as file:
            file.seek(self.done)
            while end is None or self.done < end:
                want = _BLOCK_BYTES if end is None else min(_BLOCK_BYTES, end - self.done)
                read = file.readinto(buffer[:want])
                if not read:
                    break
                self._hash.update(buffer[:read])
                self.done += read
                if copy is not None:
                    copy.write(buffer[:read])
        return self._hash.hexdigest()

    def of_copy(self, path: Path) -> "Digest":
        """The same for a file with the same beginning."""
        made = Digest(path)
        made.done, made._hash = self.done, self._hash.copy()
        return made


class Checkpoints:
    """The checkpoints of one artifact in its directory, and what an earlier try left of it.

    ``kept`` are the checkpoints of the file to go on with, ``digest`` is that of its bytes.
    """

    def __init__(self, directory: Path, binding: str, every: int, watch: Watcher = ignore) -> None:
        self.every = every
        self.kept: list[Checkpoint] = []
        self.digest: Digest | None = None
        self._directory, self._binding, self._watch = directory, binding, watch

    @property
    def last(self) -> Checkpoint | None:
        """Where to go on."""
        return self.kept[-1] if self.kept else None

    def add(self, checkpoint: Checkpoint) -> None:
        """Note a checkpoint: its bytes are in the file."""
        self._note([(checkpoint, _sealed(msgspec.json.encode(checkpoint), self._binding))])

    def adopt(self, source: Path) -> bool:
        """Copy what another directory holds that is finished and sound, if there is anything."""
        lines = read_journal(source, self._binding)
        for name in (ARCHIVE, PLAIN):
            if (source / name).is_file() and self._copy(
                source / name, [x for x in lines if x[0].file == name]
            ):
                return True
        return False

    def forget(self) -> None:
        """Begin anew after all."""
        for name in (PLAIN, ARCHIVE, JOURNAL):
            (self._directory / name).unlink(missing_ok=True)
        self.kept, self.digest = [], None

    def _copy(self, source: Path, lines: list[tuple[Checkpoint, bytes]]) -> bool:
        digest, target = Digest(source), self._directory / source.name
        sound: list[tuple[Checkpoint, bytes]] = []
        good = digest.of_copy(target)
        with target.open("wb") as copy:
            for line in lines:
                if digest.upto(line[0].bytes, copy) != line[0].sha256:
                    break
                sound.append(line)
                good = digest.of_copy(target)
            copy.truncate(good.done)
        if not sound:
            target.unlink()
            return False
        self.kept, self.digest = [checkpoint for checkpoint, _ in sound], good
        self._note(sound)
        return True

    def _note(self, lines: Iterable[tuple[Checkpoint, bytes]]) -> None:
        with (self._directory / JOURNAL).open("ab") as journal:
            journal.writelines(line for _, line in lines)
        for checkpoint, line in lines:
            self._watch(checkpoint, line)


def read_journal(directory: Path, binding: str) -> list[tuple[Checkpoint, bytes]]:
    """The checkpoints in a directory with their lines; see ``read_lines``."""
    try:
        return read_lines((directory / JOURNAL).read_bytes(), binding)
    except OSError:
        return []


def read_lines(text: bytes, binding: str) -> list[tuple[Checkpoint, bytes]]:
    """Checkpoints up to the first line that is broken or was made for something else."""
    found: list[tuple[Checkpoint, bytes]] = []
    for line in text.splitlines(keepends=True):
        content = line[_SEAL_LENGTH:].removesuffix(b"\n")
        if line != _sealed(content, binding):
            break
        try:
            found.append((msgspec.json.decode(content, type=Checkpoint), line))
        except msgspec.DecodeError:
            break
    return found


def _sealed(content: bytes, binding: str) -> bytes:
    return hashlib.sha256(binding.encode() + content).hexdigest().encode() + content + b"\n"
