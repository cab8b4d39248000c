"""XML that comes from outside, front to back and an element at a time.

A document type is refused before anything in it is read: with it go entities, external or
nested, and what they would fetch or unfold. lxml then reads the elements.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO
from xml.parsers import expat

from lxml import etree

from storyarn_pipelines.importers.refusal import refused, shown

MAX_ELEMENT_BYTES = 64 << 20
"""The largest element of the content: it is held whole."""

_PROLOG_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 16
_LARGEST = 1e15  # beyond that, numbers are mistakes

Element = Any
"""An element of lxml, whose types do not say what it has."""


class _BeginError(Exception):
    """The prolog is read: the first element begins."""


class _DoctypeError(Exception):
    """There is a document type."""


def first_element(head: bytes) -> str | None:
    """The local name of the first element, None if the head has none or is no XML."""
    try:
        return _prolog([head])
    except (ValueError, expat.ExpatError):
        return None


def check_prolog(stream: BinaryIO, file: str) -> str:
    """The local name of the first element. Raises ImportFileError for a document type."""
    blocks = iter(lambda: stream.read(_BLOCK_BYTES), b"")
    try:
        found = _prolog(blocks)
    except ValueError as error:
        raise refused(file, "", str(error)) from None
    except expat.ExpatError as error:
        raise refused(file, f"line {error.lineno}", f"the XML is broken ({error})") from None
    if found is None:
        raise refused(file, "", "the file ends before its first element (truncated)")
    return found


def _prolog(blocks: Any) -> str | None:
    """The first element's local name. Raises ValueError for what is never read."""
    parser = expat.ParserCreate(namespace_separator="}")
    names: list[str] = []

    def begin(name: str, _attributes: object) -> None:
        names.append(name.rpartition("}")[2])
        raise _BeginError

    def doctype(*_: object) -> None:
        raise _DoctypeError

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = doctype
    size = 0
    try:
        for block in blocks:
            size += len(block)
            if size > _PROLOG_BYTES + _BLOCK_BYTES:
                raise ValueError("more than a megabyte stands before its first element")
            parser.Parse(block, False)
    except _BeginError:
        return names[0]
    except _DoctypeError:
        raise ValueError(
            "it has a DOCTYPE, which articy:draft never writes; entities are not read: remove it"
        ) from None
    return None


class _Counted:
    """A stream that stops where one element grows too large."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self._file = stream, file
        self.open_bytes = 0

    def read(self, size: int = -1) -> bytes:
        if self.open_bytes > MAX_ELEMENT_BYTES:
            reason = f"an element is larger than {MAX_ELEMENT_BYTES >> 20} MiB, the most that fits"
            raise refused(self._file, "", reason)
        try:
            block = self._stream.read(min(size, _BLOCK_BYTES) if size >= 0 else _BLOCK_BYTES)
        except OSError as error:
            raise refused(self._file, "", f"it cannot be read ({error.strerror})") from error
        self.open_bytes += len(block)
        return block


def events(stream: BinaryIO, file: str) -> Iterator[tuple[str, Element]]:
    """Starts and ends of elements, in order; the caller empties what it has read.

    Whatever is wrong with the XML is an ImportFileError with its line.
    """
    counted = _Counted(stream, file)
    try:
        for event, element in etree.iterparse(
            counted,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        ):
            yield event, element
            if event == "end":
                counted.open_bytes = 0
    except etree.XMLSyntaxError as error:
        line, column = error.position
        what = shown(str(error.msg or "it is empty"))
        raise refused(
            file, f"line {line}, column {column}", f"the XML is broken ({what})"
        ) from None


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, name: str) -> Element | None:
    """The first child of a name."""
    if element is None:
        return None
    return next((x for x in element if local(x) == name), None)


def said(element: Element | None, name: str = "") -> str:
    """The text of an element, or of one of its children."""
    found = child(element, name) if name else element
    return "" if found is None else found.text or ""


def real(text: str | None) -> float:
    """A number as it is written; what is none, or far too large, is 0."""
    try:
        found = float((text or "0").replace(",", "."))
    except ValueError:
        return 0.0
    return found if math.isfinite(found) and abs(found) <= _LARGEST else 0.0
