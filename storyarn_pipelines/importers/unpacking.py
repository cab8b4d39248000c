"""Compressed bytes as a stream whose failures are refusals, and a scratch file made of it."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, Protocol

import pyarrow as pa

from storyarn_pipelines.errors import ImportFileError, StorageError
from storyarn_pipelines.importers.kinds import Kind
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused, shown

TRUNCATED = "the file ends too early (truncated)"
_BLOCK_BYTES = 1 << 20
_FAILURES = (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile)


class _Readable(Protocol):
    """What unpacks: zstd, gzip and ZIP entries alike."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes, none at the end."""

    def close(self) -> None:
        """Let go."""


class Unpacking(io.RawIOBase):
    """A stream that unpacks; broken or lying bytes raise ImportFileError.

    ``packed`` tells how many packed bytes were read so far, for the ratio; ``size`` is how many
    unpacked bytes there must be, None where nobody says.
    """

    def __init__(
        self,
        source: _Readable,
        refuse: Callable[[str], ImportFileError],
        *,
        size: int | None = None,
        packed: Callable[[], int] | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__()
        self._source, self._refuse = source, refuse
        self._size, self._packed, self._limits = size, packed, limits or Limits()
        self._done = 0

    def readable(self) -> bool:
        """It can be read, front to back."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # typeshed: any writable buffer
        """Unpack the next bytes into ``buffer``."""
        try:
            block = self._source.read(len(buffer))
        except _FAILURES as error:
            raise self._refuse(_reason(error)) from error
        if not block:
            self._check_end()
        buffer[: len(block)] = block
        self._done += len(block)
        self._check_ratio()
        return len(block)

    def close(self) -> None:
        """Close what is unpacked too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _check_end(self) -> None:
        if self._size is not None and self._done != self._size:
            raise self._refuse(f"it holds {self._done:,} bytes, but says {self._size:,}")

    def _check_ratio(self) -> None:
        if self._packed is None or self._done <= self._limits.free_bytes:
            return
        if self._done > self._packed() * self._limits.json_ratio:
            raise self._refuse(
                f"it unpacks to more than {self._limits.json_ratio:,} times its size"
            )


def open_compressed(path: Path, kind: Kind, name: str, limits: Limits) -> io.BufferedReader:
    """What a zstd or gzip file holds: all frames or members, one after the other."""
    file = path.open("rb")
    if kind is Kind.ZSTD:
        source = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
    else:
        source = gzip.GzipFile(fileobj=file)

    def refuse(reason: str) -> ImportFileError:
        return refused(name, "", reason)

    unpacking = Unpacking(source, refuse, packed=file.tell, limits=limits)
    return _Closing(unpacking, file)


def copy_to_scratch(stream: BinaryIO, scratch: Path, name: str, limits: Limits) -> Path:
    """A new file in ``scratch`` with all bytes of a stream.

    Raises ImportFileError above ``limits.json_bytes``, StorageError if the disk cannot take it.
    """
    try:
        number, created = mkstemp(dir=scratch, prefix="import-", suffix=".json")
    except OSError as error:
        raise _disk_error(name, 0, error) from error
    path = Path(created)
    try:
        with open(number, "wb", buffering=0) as target:
            done = 0
            while block := stream.read(_BLOCK_BYTES):
                if done + len(block) > limits.json_bytes:
                    raise refused(name, "", f"it unpacks to more than {limits.json_bytes:,} bytes")
                _write(target, block, name, done)
                done += len(block)
    except BaseException:
        path.unlink()
        raise
    return path


class _Closing(io.BufferedReader):
    """A buffered stream that closes the file below it as well."""

    def __init__(self, raw: io.RawIOBase, file: BinaryIO) -> None:
        super().__init__(raw, _BLOCK_BYTES)
        self._file = file

    def close(self) -> None:
        super().close()
        self._file.close()


def _write(target: io.FileIO, block: bytes, name: str, done: int) -> None:
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[target.write(rest) :]
    except OSError as error:
        raise _disk_error(name, done, error) from error


def _disk_error(name: str, done: int, error: OSError) -> StorageError:
    return StorageError(
        f"import: {shown(name)}: it cannot be unpacked into the work area after {done:,} bytes "
        f"({error.strerror}); make room there"
    )


def _reason(error: Exception) -> str:
    """The failures of three libraries in one voice."""
    text = str(error)
    if isinstance(error, OSError) and error.errno is not None:
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, EOFError) or "Truncated" in text:
        return TRUNCATED
    if "too much memory" in text:
        return "it needs more than 128 MiB to unpack; compress it again without --long"
    return f"it is damaged ({shown(text)})"
