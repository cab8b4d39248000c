"""The native format as rows, one entity at a time."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.cut import Piece
from storyarn_pipelines.importers.rows import Row, refusal

Fields = dict[str, msgspec.Raw]

_ENTITIES: dict[str, Table] = {
    "pages": t.SHEETS,
    "sheets": t.SHEETS,
    "flows": t.FLOWS,
    "maps": t.SCENES,
    "scenes": t.SCENES,
    "localization/languages": t.PROJECT_LANGUAGES,
    "assets/items": t.ASSETS,
}
STRINGS = "localization/strings/"
"""How the keys of strings begin; their names follow."""
GLOSSARY = "localization/glossary"

_CHILDREN = {table: t.children_of(table) for table in t.TABLES}
_SIDE_TABLES = t.children_of(t.FLOW_NODES)
_SHARED_BY_STRING = ("source_type", "source_id", "source_field", "content_role", "vo_eligible")
_COLUMNS = {table: {key: column for column, key in table.renames.items()} for table in t.TABLES}

_SURROGATE = re.compile("[\ud800-\udfff]")
_fields = msgspec.json.Decoder(Fields)
_fields_list = msgspec.json.Decoder(list[Fields])
_list = msgspec.json.Decoder(list[msgspec.Raw])


class Older(Protocol):
    """Turns what older documents say into what today's tables hold."""

    def piece(self, piece: Piece) -> Iterator[Row]:
        """The rows of a piece that today's documents do not have."""

    def string(self, piece: Piece, found: Fields) -> Iterator[Row] | None:
        """The rows of a string of an older shape; None for today's."""

    def term(self, piece: Piece, found: Fields) -> Iterator[Row] | None:
        """The rows of a term of an older shape; None for today's."""

    def renamed(self, found: Fields, pointer: str, key: str, column: str) -> None:
        """A member stands under its column's name instead of its key."""

    def row(self, row: Row) -> None:
        """Complete a row, after its children."""


def rows_of(piece: Piece, older: Older | None = None) -> Iterator[Row]:
    """The rows that a piece of a document holds; none for what is no row.

    With ``older`` also what documents of older shapes hold.
    """
    table = _ENTITIES.get(piece.key)
    if table is not None:
        yield entity(table, fields(piece.raw, piece.pointer), piece.pointer, older)
    elif piece.key == "project":
        yield entity(t.PROJECTS, fields(piece.raw, piece.pointer), piece.pointer, older)
    elif piece.key.startswith(STRINGS):
        found = fields(piece.raw, piece.pointer)
        yield from (older and older.string(piece, found)) or _string(piece, found)
    elif piece.key == GLOSSARY:
        found = fields(piece.raw, piece.pointer)
        yield from (older and older.term(piece, found)) or _term(piece, found)
    elif older is not None:
        yield from older.piece(piece)


def entity(table: Table, found: Fields, pointer: str, older: Older | None = None) -> Row:
    """One row with everything nested under it."""
    children: list[Row] = []
    if table is t.FLOW_NODES:
        _sequence(found, pointer, children, older)
    elif table is not t.PROJECTS:
        for child in _CHILDREN[table]:
            raw = found.pop(child.list_key, None)
            if raw is not None:
                children.extend(_many(child, raw, f"{pointer}/{child.list_key}", older))
    columns = _COLUMNS[table]
    if columns and older is not None:
        for key, column in columns.items():
            if column in found:
                older.renamed(found, pointer, key, column)
    for key, column in columns.items():
        if key in found:
            found[column] = found.pop(key)
    row = Row(table, pointer, found, children)
    if older is not None:
        older.row(row)
    return row


def fields(raw: bytes | msgspec.Raw, pointer: str) -> Fields:
    """The members of an object, still as text."""
    found: Fields = _decoded(_fields.decode, raw, pointer, "it must be an object")
    return found


def members(raw: bytes | msgspec.Raw, pointer: str) -> list[msgspec.Raw]:
    """The elements of a list, still as text."""
    found: list[msgspec.Raw] = _decoded(_list.decode, raw, pointer, "it must be a list")
    return found


def _decoded(decode: Callable[[Any], Any], raw: Any, pointer: str, reason: str) -> Any:
    try:
        return _with_room(decode, raw)
    except msgspec.ValidationError as error:
        raise refusal(pointer, reason) from error
    except RecursionError as error:
        raise refusal(pointer, "it nests too many levels deep") from error
    except (msgspec.DecodeError, ValueError) as error:
        place = half_pair(raw)
        if place is not None:
            reason = "a text holds half of a surrogate pair; remove it"
            raise refusal(pointer + place, reason) from error
        raise refusal(pointer, f"this is no valid JSON ({error})") from error


def _with_room(decode: Callable[[Any], Any], raw: Any) -> Any:
    """Decode on a stack of its own where the caller's is nearly used up."""
    try:
        return decode(raw)
    except RecursionError:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(decode, raw).result()


def half_pair(raw: bytes | msgspec.Raw) -> str | None:
    """The pointer of the first text with half of a surrogate pair, None if that is not it.

    Our decoder tells neither; the standard library's lets them pass.
    """
    try:
        waiting = [(json.loads(bytes(raw)), "")]
    except (ValueError, RecursionError):
        return None
    while waiting:
        value, pointer = waiting.pop()
        if isinstance(value, str) and _SURROGATE.search(value):
            return pointer
        if isinstance(value, list):
            value = dict(enumerate(value))
        inside = list(value.items()) if isinstance(value, dict) else []
        for name, part in reversed(inside):
            if _SURROGATE.search(str(name)):
                return pointer
            waiting.append((part, f"{pointer}/{name}"))
    return None


def _many(
    table: Table, raw: msgspec.Raw, pointer: str, older: Older | None = None
) -> Iterator[Row]:
    for number, found in enumerate(_objects(raw, pointer)):
        yield entity(table, found, f"{pointer}/{number}", older)


def _objects(raw: msgspec.Raw, pointer: str) -> list[Fields]:
    """The objects of a list, each as ``fields`` gives it."""
    try:
        return _fields_list.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):  # one by one, to find the place
        return [fields(x, f"{pointer}/{number}") for number, x in enumerate(members(raw, pointer))]


def _sequence(found: Fields, pointer: str, children: list[Row], older: Older | None) -> None:
    """What hangs from a node: its configuration beside the lists of tracks and layers."""
    raw = found.pop("sequence", None)
    if raw is None:
        return
    place = f"{pointer}/sequence"
    inside = fields(raw, place)
    for table in _SIDE_TABLES:
        if table.list_key and table.list_key in inside:
            lists = inside.pop(table.list_key)
            children.extend(_many(table, lists, f"{place}/{table.list_key}", older))
    if inside:
        children.insert(0, Row(t.SEQUENCE_CONFIGS, place, dict(inside)))


def _string(piece: Piece, found: Fields) -> Iterator[Row]:
    """A string's rows, one a locale."""
    shared = {name: found[name] for name in _SHARED_BY_STRING if name in found}
    for locale, raw in locales(found, piece.pointer):
        place = f"{piece.pointer}/translations/{locale}"
        row = entity(t.LOCALIZED_TEXTS, fields(raw, place), place)
        row.values = {**shared, "locale_code": msgspec.json.encode(locale), **row.values}
        row.key = piece.key.removeprefix(STRINGS)
        yield row


def _term(piece: Piece, found: Fields) -> Iterator[Row]:
    """A term's rows, one a target language."""
    shared = {
        column: found[key]
        for column, key in (("source_term", "term"), ("source_locale", "source_locale"))
        if key in found
    }
    for locale, raw in locales(found, piece.pointer):
        place = f"{piece.pointer}/translations/{locale}"
        row = entity(t.GLOSSARY_ENTRIES, fields(raw, place), place)
        row.values = {**shared, "target_locale": msgspec.json.encode(locale), **row.values}
        yield row


def locales(found: Fields, pointer: str) -> Iterator[tuple[str, msgspec.Raw]]:
    """The translations of a string or a term, by locale."""
    raw = found.get("translations")
    if raw is None:
        raise refusal(f"{pointer}/translations", "it is missing")
    yield from fields(raw, f"{pointer}/translations").items()
