"""Finds out what a file is and opens it safely: a document, plain or compressed, or a bundle."""

import io
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.bundle import PROJECT_FILE, Bundle
from storyarn_pipelines.importers.kinds import BOM, HEAD_BYTES, IMPORTABLE, Kind, kind_of
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.unpacking import copy_to_scratch, open_compressed


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import, open. ``name`` is for messages, ``json_bytes`` the document's size.

    ``ignored`` names files in a bundle that no part of the format asks for.
    """

    name: str
    json_bytes: int
    ignored: tuple[str, ...]
    _open: Callable[[], io.BufferedReader]
    _bundle: Bundle | None

    def open_json(self) -> BinaryIO:
        """The document from its start, without a byte order mark; as often as needed."""
        stream = self._open()
        if stream.peek(len(BOM)).startswith(BOM):
            stream.read(len(BOM))
        return stream

    def media_names(self) -> frozenset[str]:
        """The media in a bundle, ``assets/<sha256>.<ext>``; none in a document alone."""
        return self._bundle.media_names if self._bundle else frozenset()

    def open_media(self, file_name: str) -> BinaryIO:
        """One medium, front to back; raises ImportFileError if the file does not hold it."""
        if self._bundle is None:
            reason = "it is not here; such media come in a ZIP bundle, with the document"
            raise refused(self.name, file_name, reason)
        return self._bundle.open_media(file_name)


@contextmanager
def open_source(path: Path, scratch: Path, limits: Limits | None = None) -> Iterator[Source]:
    """Open a file to import; a compressed document is unpacked once into ``scratch``.

    Raises ImportFileError for what is none of ours, unsafe or damaged, and StorageError if
    ``scratch`` cannot take the document. What lies in ``scratch`` is removed at the end.
    """
    limits = limits or Limits()
    with ExitStack() as stack:
        yield _opened(path, scratch, limits, stack)


def _opened(path: Path, scratch: Path, limits: Limits, stack: ExitStack) -> Source:
    name = path.name
    kind = _kind(path, name)
    bundle = None
    if kind is Kind.ZIP:
        bundle = Bundle(path, name, limits)
        stack.callback(bundle.close)
        with bundle.open_json() as stream:
            _require_json(stream, name, PROJECT_FILE)
        ignored = bundle.ignored
        if bundle.is_stored:
            return Source(name, bundle.json_bytes, ignored, bundle.open_json, bundle)
        with bundle.open_json() as stream:
            path = copy_to_scratch(stream, scratch, name, limits)
        stack.callback(path.unlink, missing_ok=True)
        return Source(name, bundle.json_bytes, ignored, _opener(path, name), bundle)
    if kind is not Kind.JSON:
        with open_compressed(path, kind, name, limits) as stream:
            _require_json(stream, name, "unpacked")
            path = copy_to_scratch(stream, scratch, name, limits)
        stack.callback(path.unlink, missing_ok=True)
    return Source(name, path.stat().st_size, (), _opener(path, name), None)


def _opener(path: Path, name: str) -> Callable[[], io.BufferedReader]:
    def open_file() -> io.BufferedReader:
        try:
            return path.open("rb")
        except OSError as error:
            raise refused(name, "", f"it cannot be read ({error.strerror})") from error

    return open_file


def _kind(path: Path, name: str) -> Kind:
    """What lies under a path. Only files are opened: a pipe would wait without end."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise refused(name, "", f"it is a directory; {IMPORTABLE}")
        if not stat.S_ISREG(mode):
            raise refused(name, "", f"it is a pipe or a device, not a file; {IMPORTABLE}")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise refused(name, "", f"it cannot be read ({_strerror(error)})") from error
    kind = kind_of(head)
    if isinstance(kind, str):
        raise _unknown(name, "", kind)
    return kind


def _strerror(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _require_json(stream: io.BufferedReader, name: str, place: str) -> None:
    """Look at the head of what was packed, which stays unread."""
    kind = kind_of(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
    if kind is not Kind.JSON:
        what = kind if isinstance(kind, str) else "something that is packed twice"
        raise _unknown(name, place, what)


def _unknown(name: str, place: str, what: str) -> ImportFileError:
    return refused(name, place, f"it looks like {what}; {IMPORTABLE}")
