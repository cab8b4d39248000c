"""A ZIP from outside, checked before it is read.

Nothing is ever unpacked under a name from the archive. Names are checked all the same: an archive
with names that lead elsewhere was made to do harm, or is broken.
"""

import io
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused, shown
from storyarn_pipelines.importers.unpacking import TRUNCATED, Unpacking

_TEXTS = (".json", ".xml", ".yarn", ".yarnproject", ".csv")
"""Files that compress as well as texts do; all others count as media."""

_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BUFFER_BYTES = 1 << 18
_LOCAL_HEADER_BYTES = 30
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    LookupError,
    EOFError,
    struct.error,
)

_END, _END_64, _LOCATOR_64, _ENTRY = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2"
_END_BYTES, _END_64_BYTES, _LOCATOR_BYTES = 22, 56, 20
_LONGEST_COMMENT = 0xFFFF


class Archive:
    """An open ZIP; ``name`` is for messages."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        """Open and check it; raises ImportFileError."""
        self.name = name
        self._file = path.open("rb")
        try:
            self._check_directory(limits)
            try:
                self._zip = zipfile.ZipFile(self._file)
            except _BROKEN as error:
                raise self._refuse("", f"the ZIP is damaged ({shown(str(error))})") from error
            self._entries = self._checked(limits)
        except BaseException:
            self._file.close()
            raise

    def names(self) -> tuple[str, ...]:
        """The files in it, sorted."""
        return tuple(sorted(self._entries))

    def size(self, file: str) -> int:
        """What a file unpacks to."""
        return self._entries[file].file_size

    def is_stored(self, file: str) -> bool:
        """Whether a file lies in the ZIP without compression."""
        return self._entries[file].compress_type == zipfile.ZIP_STORED

    def open(self, file: str) -> io.BufferedReader:
        """A file, front to back; raises ImportFileError."""
        info = self._entries[file]

        def refuse(reason: str) -> ImportFileError:
            return self._refuse(file, reason)

        try:
            source = self._zip.open(info)
        except (*_BROKEN, OSError) as error:
            raise refuse(f"it is damaged ({shown(str(error))})") from error
        return io.BufferedReader(Unpacking(source, refuse, size=info.file_size), _BUFFER_BYTES)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _refuse(self, place: str, reason: str) -> ImportFileError:
        return refused(self.name, place, reason)

    def _check_directory(self, limits: Limits) -> None:
        """Bound the directory before it is loaded; its own count of entries may lie."""
        size, end = self._directory()
        if size > end:
            raise self._refuse("", "the ZIP is damaged (its directory is larger than the file)")
        if size > limits.directory_bytes:
            raise self._refuse("", f"the ZIP's directory is larger than {limits.directory_bytes:,}")
        self._file.seek(end - size)
        if self._file.read(size).count(_ENTRY) > limits.entries:
            raise self._refuse("", f"the ZIP has more than {limits.entries:,} entries")
        self._directory_start = end - size

    def _directory(self) -> tuple[int, int]:
        """The size of the ZIP's directory, and the offset where it ends."""
        length = self._file.seek(0, io.SEEK_END)
        start = max(0, length - _END_BYTES - _LONGEST_COMMENT)
        self._file.seek(start)
        tail = self._file.read()
        place = tail.rfind(_END)
        if place < 0 or len(tail) - place < _END_BYTES:
            raise self._refuse("", TRUNCATED)
        size, _ = struct.unpack_from("<LL", tail, place + 12)
        end = start + place
        large_end = end - _LOCATOR_BYTES - _END_64_BYTES
        if large_end >= 0:
            self._file.seek(large_end)
            record = self._file.read(_END_64_BYTES + _LOCATOR_BYTES)
            if record.startswith(_END_64) and record[_END_64_BYTES:].startswith(_LOCATOR_64):
                (size,) = struct.unpack_from("<Q", record, 40)
                end = large_end
        return size, end

    def _checked(self, limits: Limits) -> dict[str, zipfile.ZipInfo]:
        """The files by name, all of them checked; folders are left out."""
        infos = self._zip.infolist()
        if len(infos) > limits.entries:
            raise self._refuse("", f"the ZIP has more than {limits.entries:,} entries")
        seen: set[str] = set()
        for info in infos:
            name = info.orig_filename
            if reason := _bad_name(name) or _bad_type(info):
                raise self._refuse(name, reason)
            same = unicodedata.normalize("NFC", name).rstrip("/").casefold()
            if same in seen:
                raise self._refuse(name, "the ZIP has this name twice")
            seen.add(same)
        files = {info.filename: info for info in infos if not info.is_dir()}
        self._check_sizes(files.values(), limits)
        self._check_overlap(files.values())
        return files

    def _check_sizes(self, infos: Iterable[zipfile.ZipInfo], limits: Limits) -> None:
        """Nothing unpacks to more than it says: what is said is enough to go by."""
        unpacked = packed = 0
        for info in infos:
            if info.filename.lower().endswith(_TEXTS):
                if info.file_size > limits.json_bytes:
                    reason = f"it unpacks to more than {limits.json_bytes:,} bytes"
                    raise self._refuse(info.filename, reason)
                continue
            self._check_ratio(info.filename, info.file_size, info.compress_size, limits)
            unpacked, packed = unpacked + info.file_size, packed + info.compress_size
        self._check_ratio("", unpacked, packed, limits)

    def _check_ratio(self, entry: str, unpacked: int, packed: int, limits: Limits) -> None:
        ratio = limits.media_ratio
        if unpacked > limits.free_bytes and unpacked > packed * ratio:
            raise self._refuse(entry, f"it unpacks to more than {ratio:,} times its size")

    def _check_overlap(self, infos: Iterable[zipfile.ZipInfo]) -> None:
        """Entries that share bytes are how a small file holds a huge one many times."""
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise self._refuse(info.filename, "it lies over another entry of the ZIP")
            end = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size
            if info.header_offset < 0 or end > self._directory_start:
                raise self._refuse(info.filename, "it lies outside the ZIP's data")


def _bad_name(name: str) -> str | None:
    """Why a name is refused, if it is."""
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or _DRIVE.match(name):
        return "the name is absolute"
    if "\\" in name:
        return "the name has a backslash"
    if ".." in parts:
        return "the name leads out of the ZIP"
    control = any(unicodedata.category(letter) == "Cc" for letter in name)
    if control or "" in parts or "." in parts:
        return "the name is not one of a file"
    return None


def _bad_type(info: zipfile.ZipInfo) -> str | None:
    """Why a kind of entry is refused, if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR) > info.is_dir():
        return "it is neither a file nor a folder"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted; make the ZIP without a password"
    if info.compress_type not in _METHODS:
        return "it is compressed in an unusual way; use Deflate or none"
    if info.is_dir() and info.file_size:
        return "it is a folder with bytes of its own"
    return None
