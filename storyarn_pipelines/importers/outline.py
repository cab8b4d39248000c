"""Where the entities of one file stand, so that they can be read again in any order."""

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import digest, storage_path
from storyarn_pipelines.importers.cut import Piece
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.native import GLOSSARY, STRINGS
from storyarn_pipelines.importers.rows import Row

TREES: tuple[Table, ...] = (t.SHEETS, t.FLOWS, t.SCENES)
_ENTITIES = frozenset((*TREES, t.ASSETS, t.PROJECT_LANGUAGES))
_SOURCE = re.compile(r"flow_node\.([0-9]+)\.")
_LISTED_KEYS = {
    t.LOCALIZED_TEXTS: ("locale_code",),
    t.GLOSSARY_ENTRIES: ("source_term", "source_locale", "target_locale"),
}
_LONGEST_PATH = 100


@dataclass(slots=True)
class Entry:
    """One entity of a list: what it is known by, and where it stands.

    ``parts`` are what its key is made of beside its name. ``number`` stands for it in both files,
    ``label`` is its name for people.
    """

    table: Table
    place: int
    ref: str
    name: str
    shortcut: str
    parent: str | None
    in_trash: bool
    parts: tuple[str, ...]
    number: int = 0
    label: str = ""

    @property
    def natural(self) -> str | None:
        """What alone tells whether it is the same entity; None if there is no such thing."""
        return self.shortcut or None


class Pieces:
    """Places of pieces in the file: twenty bytes and its key for each."""

    def __init__(self, start: int) -> None:
        """``start`` is where the document begins in its stream."""
        self._start = start
        self._offsets, self._lengths, self._indexes = array("q"), array("q"), array("i")
        self._keys, self._ends = bytearray(), array("q")

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, piece: Piece) -> int:
        """Note a piece; returns its number."""
        self._offsets.append(piece.offset)
        self._lengths.append(len(piece.raw))
        self._indexes.append(-1 if piece.index is None else piece.index)
        self._keys += piece.key.encode()
        self._ends.append(len(self._keys))
        return len(self._offsets) - 1

    def read(self, number: int, stream: BinaryIO) -> Piece:
        """A piece as it was."""
        stream.seek(self._start + self._offsets[number])
        raw = stream.read(self._lengths[number])
        start = self._ends[number - 1] if number else 0
        key = self._keys[start : self._ends[number]].decode()
        index = self._indexes[number]
        pointer = _pointer(key, index)
        return Piece(pointer, key, None if index < 0 else index, raw, self._offsets[number])


class Listed:
    """Rows of strings or terms: where they stand, beside hashes of what the file calls them."""

    def __init__(self) -> None:
        self.places, self.numbers, self.keys = array("q"), array("i"), array("Q")

    def add(self, place: int, number: int, *key: str) -> None:
        """Note the row that is ``number`` in the piece at ``place``."""
        self.places.append(place)
        self.numbers.append(number)
        self.keys.append(hash64(*key))


class Outline:
    """The entities of one file. ``stream`` must stay open and be nobody else's.

    ``sources`` are the ids in keys of strings; ``rows`` gives the rows of a piece.
    """

    def __init__(self, document: NativeDocument, stream: BinaryIO) -> None:
        """Read the file once; raises ImportFileError for what is no entity."""
        self.project = document.project
        self.rows = document.rows_of
        self.entries: dict[Table, list[Entry]] = {table: [] for table in _ENTITIES}
        self.strings, self.terms = Listed(), Listed()
        self.sources: set[str] = set()
        self._stream, self._pieces = stream, Pieces(stream.tell())
        for piece in document.pieces():
            if piece.key != "project":
                self._note(piece)
        for table in TREES:
            _name_paths(self.entries[table])

    def piece(self, place: int) -> Piece:
        """What stands at a place."""
        return self._pieces.read(place, self._stream)

    def row(self, entry: Entry) -> Row:
        """An entity with everything in it."""
        return next(self.rows(self.piece(entry.place)))

    def _note(self, piece: Piece) -> None:
        if piece.key.startswith(STRINGS):
            name = piece.key.removeprefix(STRINGS)
            source = _SOURCE.match(name)
            if source:
                self.sources.add(source[1])
            self._list(self.strings, piece, name)
        elif piece.key == STRINGS.rstrip("/"):
            self._list(self.strings, piece, "")
        elif piece.key == GLOSSARY:
            self._list(self.terms, piece, "")
        else:
            for row in self.rows(piece):
                self.entries[row.table].append(_entry(row, self._pieces.add(piece)))

    def _list(self, listed: Listed, piece: Piece, name: str) -> None:
        place = self._pieces.add(piece)
        for number, row in enumerate(self.rows(piece)):
            texts = (row.text(x) or "" for x in _LISTED_KEYS[row.table])
            listed.add(place, number, name or row.key, *texts)


def _entry(row: Row, place: int) -> Entry:
    table = row.table
    found = Entry(
        table,
        place,
        row.text("id") or "",
        row.text("name") or "" if table is not t.ASSETS else row.text("filename") or "",
        row.text("shortcut") or "" if table in TREES else "",
        row.text("parent_id") if table in TREES else None,
        table.trash_column is not None and row.get(table.trash_column) is not None,
        (),
    )
    if table is t.ASSETS:
        found.parts = (row.text("blob_hash") or "", storage_path(row.text("key") or ""))
        found.label = found.parts[1] or found.name
    elif table is t.PROJECT_LANGUAGES:
        found.parts = (row.text("locale_code") or "",)
        found.label = found.parts[0]
    return found


def _name_paths(entries: list[Entry]) -> None:
    """``parts`` of a tree's entries: the names from the root."""
    known: Mapping[str, Entry] = {entry.ref: entry for entry in reversed(entries)}
    for entry in entries:
        names, at, seen = [entry.name], entry, {entry.ref}
        while (parent := known.get(at.parent or "")) and parent.ref not in seen:
            at = parent
            seen.add(at.ref)
            names.append(at.name)
            if len(names) == _LONGEST_PATH:
                break
        entry.parts = tuple(reversed(names))
        entry.label = entry.shortcut or "/".join(x.replace("/", "\\/") for x in entry.parts)


def hash64(*parts: str) -> int:
    """A number that stands for a key."""
    return int.from_bytes(digest(*parts)[:8], "little")


def _pointer(key: str, index: int) -> str:
    """The pointer of a piece; names in ``localization/strings`` may hold anything."""
    if key.startswith(STRINGS):
        name = key.removeprefix(STRINGS).replace("~", "~0").replace("/", "~1")
        return f"/{STRINGS}{name}"
    return f"/{key}" if index < 0 else f"/{key}/{index}"
