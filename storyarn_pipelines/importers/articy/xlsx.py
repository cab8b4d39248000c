"""The texts of a localised articy:draft 3 export: an ``.xlsx`` for each language.

Such a file is a ZIP of XML. The sheet ``ArticyStrings`` has keys in its first column and texts in
its second. Shared texts wait in a file, so memory holds eight bytes each.
"""

import re
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from posixpath import join, normpath
from tempfile import TemporaryFile
from typing import IO

from storyarn_pipelines.importers.archive import Archive
from storyarn_pipelines.importers.articy.xml_stream import (
    Element,
    check_prolog,
    child,
    events,
    local,
    said,
)
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.unpacking import copy_to_scratch

_LARGEST_PART = 1 << 30
_SHEET = "ArticyStrings"
_BOOK, _RELATIONS, _SHARED = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COLUMN = re.compile(r"[A-Z]+")


def tables(tree: Tree, main: str) -> list[tuple[str, str]]:
    """The ``.xlsx`` files beside an export, each with the language that its name ends in."""
    here = main.rpartition("/")[0]
    found = []
    for name in tree.names():
        folder, _, own = name.rpartition("/")
        if folder == here and own.lower().endswith(".xlsx") and "_" in own and own[0] not in "~.":
            found.append((name, own[:-5].rpartition("_")[2]))
    return found


@contextmanager
def open_table(
    tree: Tree, file: str, scratch: Path, limits: Limits
) -> Iterator[Iterator[tuple[str, str]] | None]:
    """Keys and texts of one table, None if it has no texts of articy:draft.

    Raises ImportFileError for what is no table, or unsafe.
    """
    with closing(tree.open(file)) as stream:
        path = copy_to_scratch(stream, scratch, file, limits)
    try:
        with path.open("rb") as copy:
            if not copy.read(4).startswith(b"PK"):
                raise refused(file, "", "it is no .xlsx table: save it as one, or take it away")
        with closing(Archive(path, file, replace(limits, json_bytes=_LARGEST_PART))) as archive:
            book = _Book(archive, file, scratch)
            sheet = book.sheet()
            yield None if sheet is None else book.rows(sheet)
    finally:
        path.unlink()


class _Book:
    """One open table."""

    def __init__(self, archive: Archive, file: str, scratch: Path) -> None:
        self._archive, self._file, self._scratch = archive, file, scratch

    def rows(self, sheet: str) -> Iterator[tuple[str, str]]:
        """The first two columns of a sheet, where both are there."""
        with TemporaryFile(dir=self._scratch) as spool:
            shared = self._shared(spool)
            for row in self._elements(sheet, "row"):
                found: dict[str, str] = {}
                for place, cell in enumerate(x for x in row if local(x) == "c"):
                    named = _COLUMN.match(cell.get("r") or "")
                    column = named[0] if named else "AB"[place : place + 1]
                    if column in ("A", "B"):
                        found[column] = _cell(cell, shared)
                if found.get("A") and found.get("B"):
                    yield found["A"], found["B"]

    def sheet(self) -> str | None:
        """The file of the sheet with the texts."""
        wanted = None
        for one in self._elements(_BOOK, "sheet"):
            if one.get("name") == _SHEET:
                wanted = next((x for name, x in one.items() if name.endswith("}id")), None)
        for one in self._elements(_RELATIONS, "Relationship"):
            if wanted is not None and one.get("Id") == wanted:
                return normpath(join("/xl", one.get("Target") or "")).lstrip("/")
        return None

    def _shared(self, spool: IO[bytes]) -> Callable[[int], str]:
        """The texts that cells share, by number."""
        places = array("Q", [0])
        if _SHARED in self._archive.names():
            for one in self._elements(_SHARED, "si"):
                spool.write(_words(one).encode())
                places.append(spool.tell())

        def text(number: int) -> str:
            if not 0 <= number < len(places) - 1:
                raise refused(self._file, _SHARED, f"it has no text {number}: save the table again")
            spool.seek(places[number])
            return spool.read(places[number + 1] - places[number]).decode()

        return text

    def _elements(self, part: str, wanted: str) -> Iterator[Element]:
        """All elements of a name in a part, each freed once the next one is asked for."""
        if part not in self._archive.names():
            raise refused(self._file, part, "it is not in the table: save it as .xlsx again")
        place = f"{self._file}/{part}"
        with closing(self._archive.open(part)) as stream:
            check_prolog(stream, place)
        with closing(self._archive.open(part)) as stream:
            for event, element in events(stream, place):
                if event == "end" and local(element) == wanted:
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]


def _cell(cell: Element, shared: Callable[[int], str]) -> str:
    kind, value = cell.get("t"), said(cell, "v")
    if kind == "s":
        return shared(int(value)) if value.isdecimal() and len(value) < 12 else ""
    inline = child(cell, "is")
    return _words(inline) if inline is not None else _unescaped(value)


def _words(element: Element) -> str:
    """A text, perhaps in runs; how it is pronounced is no part of it."""
    runs = [x for x in element if local(x) in ("t", "r")]
    return _unescaped("".join(said(x) if local(x) == "t" else said(x, "t") for x in runs))


def _unescaped(text: str) -> str:
    """Characters that Excel writes as ``_x000D_``."""
    plain = _ESCAPE.sub(lambda x: chr(int(x[1], 16)), text).replace("\r\n", "\n")
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", plain)
