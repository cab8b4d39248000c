"""Finds out what a file is and opens it safely: a document, plain or packed, or another tool's."""

import io
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

from storyarn_pipelines.importers.archive import Archive
from storyarn_pipelines.importers.bundle import PROJECT_FILE, Bundle, no_bundle
from storyarn_pipelines.importers.foreign import drafted
from storyarn_pipelines.importers.kinds import BOM, HEAD_BYTES, IMPORTABLE, Kind, kind_of
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Folder, SingleFile, Tree
from storyarn_pipelines.importers.unpacking import copy_to_scratch, open_compressed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = frozenset(("inserted_at", "updated_at"))


class Media(Protocol):
    """The media that come with a document."""

    @property
    def media_names(self) -> frozenset[str]:
        """Their names in the document, ``assets/<sha256>.<ext>``."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Files that no part of the format asks for."""

    def open_media(self, file_name: str) -> BinaryIO:
        """One medium, front to back; raises ImportFileError."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import, open. ``name`` is for messages, ``json_bytes`` the document's size.

    ``remarks`` tell what was converted where another tool has written the file. ``unsaid`` are
    columns that its rows have and it does not tell: such files have no times.
    """

    name: str
    json_bytes: int
    _open: Callable[[], io.BufferedReader]
    _media: Media | None = None
    remarks: tuple[str, ...] = ()
    unsaid: frozenset[str] = frozenset()

    def open_json(self) -> BinaryIO:
        """The document from its start, without a byte order mark; as often as needed."""
        stream = self._open()
        if stream.peek(len(BOM)).startswith(BOM):
            stream.read(len(BOM))
        return stream

    @property
    def ignored(self) -> tuple[str, ...]:
        """Files that came along and that no part of the format asks for."""
        return self._media.ignored if self._media else ()

    def media_names(self) -> frozenset[str]:
        """The media that came along, ``assets/<sha256>.<ext>``; none in a document alone."""
        return self._media.media_names if self._media else frozenset()

    def open_media(self, file_name: str) -> BinaryIO:
        """One medium, front to back; raises ImportFileError if the file does not hold it."""
        if self._media is None:
            reason = "it is not here; such media come in a ZIP bundle, with the document"
            raise refused(self.name, file_name, reason)
        return self._media.open_media(file_name)


@contextmanager
def open_source(
    path: Path, scratch: Path, limits: Limits | None = None, now: datetime = _EPOCH
) -> Iterator[Source]:
    """Open a file to import; a packed document is unpacked once into ``scratch``.

    What another tool has written becomes a native document there, of the time ``now``. Raises
    ImportFileError for what is none of these, unsafe or damaged, and StorageError if ``scratch``
    cannot take the document. What lies in ``scratch`` is removed at the end.
    """
    with ExitStack() as stack:
        yield _Opening(path.name, scratch, limits or Limits(), now, stack).source(path)


class _Opening:
    """The way from a path to a source."""

    def __init__(
        self, name: str, scratch: Path, limits: Limits, now: datetime, stack: ExitStack
    ) -> None:
        self._name, self._scratch, self._limits = name, scratch, limits
        self._now, self._stack = now, stack

    def source(self, path: Path) -> Source:
        """Whatever lies under a path."""
        kind = _look(path, self._name)
        match kind:
            case Kind.FOLDER:
                tree = Folder(path, self._name, self._limits)
                return self._drafted(tree) or self._refuse("", "a folder with nothing to import")
            case Kind.ZIP:
                return self._packed(Archive(path, self._name, self._limits))
            case Kind.ZSTD | Kind.GZIP:
                with open_compressed(path, kind, self._name, self._limits) as stream:
                    kind = kind_of(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
                    if isinstance(kind, Kind) and kind is not Kind.JSON:
                        self._refuse("unpacked", "something that is packed twice")
                    path = copy_to_scratch(stream, self._scratch, self._name, self._limits)
                self._stack.callback(path.unlink, missing_ok=True)
                return self._document(path, kind, "unpacked")
        return self._document(path, kind, "")

    def _document(self, path: Path, kind: Kind | str, place: str) -> Source:
        """A file that is not packed: ours, or another tool's."""
        if kind is Kind.JSON:
            return Source(self._name, path.stat().st_size, _opener(path, self._name))
        return self._drafted(SingleFile(path, self._name)) or self._refuse(place, str(kind))

    def _packed(self, archive: Archive) -> Source:
        self._stack.callback(archive.close)
        if PROJECT_FILE not in archive.names():
            found = self._drafted(archive)
            if found is None:
                raise no_bundle(archive)
            return found
        bundle = Bundle(archive)
        with bundle.open_json() as stream:
            kind = kind_of(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
            if kind is not Kind.JSON:
                what = kind if isinstance(kind, str) else "something that is packed twice"
                self._refuse(PROJECT_FILE, what)
        if bundle.is_stored:
            return Source(self._name, bundle.json_bytes, bundle.open_json, bundle)
        with bundle.open_json() as stream:
            path = copy_to_scratch(stream, self._scratch, self._name, self._limits)
        self._stack.callback(path.unlink, missing_ok=True)
        return Source(self._name, bundle.json_bytes, _opener(path, self._name), bundle)

    def _drafted(self, tree: Tree) -> Source | None:
        found = drafted(tree, self._scratch, self._now, self._limits)
        if found is None:
            return None
        self._stack.callback(found.path.unlink, missing_ok=True)
        size, opener = found.path.stat().st_size, _opener(found.path, self._name)
        return Source(self._name, size, opener, found.media, found.remarks, _TIMES)

    def _refuse(self, place: str, what: str) -> NoReturn:
        raise refused(self._name, place, f"it looks like {what}; {IMPORTABLE}")


def _opener(path: Path, name: str) -> Callable[[], io.BufferedReader]:
    def open_file() -> io.BufferedReader:
        try:
            return path.open("rb")
        except OSError as error:
            raise refused(name, "", f"it cannot be read ({error.strerror})") from error

    return open_file


def _look(path: Path, name: str) -> Kind | str:
    """What lies under a path. Only files and folders are opened: a pipe would wait without end."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Kind.FOLDER
        if not stat.S_ISREG(mode):
            raise refused(name, "", f"it is a pipe or a device, not a file; {IMPORTABLE}")
        with path.open("rb") as file:
            return kind_of(file.read(HEAD_BYTES))
    except (OSError, ValueError) as error:
        raise refused(name, "", f"it cannot be read ({_strerror(error)})") from error


def _strerror(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
