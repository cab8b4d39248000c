"""Values of a file as fields of PostgreSQL's COPY format, checked by the column's type.

Whatever passes here is taken by the column: a wrong type, a NUL, a number out of range or a date
that does not exist is refused with its place in the file, before the database hears of it.
"""

import re
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.store.target import TargetColumn

NULL = b"\\N"

Cell = Callable[[bytes], bytes]
"""Makes a field of a JSON text; raises ValueError with the reason."""

_INTEGERS = {"int2": 1 << 15, "int4": 1 << 31, "int8": 1 << 63}
_NUMBER = re.compile(rb"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,5})?")
_TIME = re.compile(
    r"([0-9]{4,6})-([0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)Z?"
)
_SPECIAL = ("NaN", "Infinity", "-Infinity", "infinity", "-infinity")
_LAST_YEAR = 294_276  # of PostgreSQL's timestamps
_MAX_DOUBLE = Decimal("1.7976931348623157e308")
_MAX_DIGITS = 1_000

_string = msgspec.json.Decoder(str)


def cell_for(column: TargetColumn, latest: json_text.Latest) -> Cell:
    """The function that makes a column's fields; ``latest`` decodes JSON."""
    if column.kind is Kind.JSON:
        return _json(latest)
    if column.kind is Kind.BOOLEAN:
        return _boolean
    if column.kind is Kind.INTEGER:
        return _integer(_INTEGERS[column.type_name])
    if column.kind in (Kind.FLOAT, Kind.NUMBER):
        return _number
    if column.kind is Kind.TIME:
        return time_cell
    if column.type_name == "uuid":
        return _uuid
    if column.kind is Kind.ID and column.type_name in _INTEGERS:
        return _key
    return _text(column.max_length)


def string(raw: bytes) -> str:
    """A JSON text as a string that PostgreSQL takes; raises ValueError."""
    try:
        text = _string.decode(raw)
    except (msgspec.DecodeError, ValueError) as error:
        raise ValueError("it must be a text") from error
    if "\x00" in text:
        raise ValueError("PostgreSQL has no place for the character NUL; remove it")
    return text


def escaped(text: str) -> bytes:
    """A text as a field."""
    return raw_escaped(text.encode())


def raw_escaped(field: bytes) -> bytes:
    """Bytes as a field: what COPY takes for itself is escaped."""
    if b"\\" in field:
        field = field.replace(b"\\", b"\\\\")
    if b"\n" in field:
        field = field.replace(b"\n", b"\\n")
    if b"\t" in field:
        field = field.replace(b"\t", b"\\t")
    if b"\r" in field:
        field = field.replace(b"\r", b"\\r")
    return field


def _json(latest: json_text.Latest) -> Cell:
    """JSON as it stands."""

    def cell(raw: bytes) -> bytes:
        latest.decode(raw)
        return raw_escaped(raw)

    return cell


def _boolean(raw: bytes) -> bytes:
    if raw not in (b"true", b"false"):
        raise ValueError("it must be true or false")
    return raw


def _integer(limit: int) -> Cell:
    def cell(raw: bytes) -> bytes:
        digits = raw[1:] if raw[:1] == b"-" else raw
        if not digits.isdigit() or len(digits) > 19 or not -limit <= int(raw) < limit:
            raise ValueError(f"it must be a whole number from {-limit} to {limit - 1}")
        return raw

    return cell


def _number(raw: bytes) -> bytes:
    if raw[:1] == b'"' and string(raw) in _SPECIAL:
        return raw[1:-1]
    if not _NUMBER.fullmatch(raw) or len(raw) > _MAX_DIGITS:
        raise ValueError("it must be a number")
    is_unusual = len(raw) > 20 or b"e" in raw.lower()
    if is_unusual and abs(Decimal(raw.decode())) > _MAX_DOUBLE:
        raise ValueError("the number is too large")
    return raw


def time_cell(raw: bytes) -> bytes:
    """A moment in UTC; raises ValueError."""
    text = string(raw)
    if text in ("infinity", "-infinity"):
        return text.encode()
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("it must be a time such as 2026-01-31T12:00:00Z")
    year, rest = int(found[1]), found[2]
    try:
        # The calendar repeats every 400 years, which Python's dates need for far ones.
        datetime.fromisoformat(f"{year if 1 <= year <= 9999 else 2000 + year % 400:04d}-{rest}")
    except ValueError as error:
        raise ValueError(f"there is no such time ({error})") from error
    if not 1 <= year <= _LAST_YEAR:
        raise ValueError(f"the year must be between 1 and {_LAST_YEAR}")
    return text.encode()


def _uuid(raw: bytes) -> bytes:
    try:
        return str(UUID(string(raw))).encode()
    except ValueError as error:
        raise ValueError("it must be a UUID") from error


def _key(raw: bytes) -> bytes:
    text = string(raw)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError("it must be an id in digits")
    return text.encode()


def _text(max_length: int | None) -> Cell:
    longest = sys.maxsize if max_length is None else max_length + len('""')

    def cell(raw: bytes) -> bytes:
        # The usual text has no escapes: between its quotes it stands as COPY takes it.
        if raw[:1] == b'"' and b"\\" not in raw and raw.isascii() and len(raw) <= longest:
            return raw[1:-1]
        text = string(raw)
        if max_length is not None and len(text) > max_length:
            raise ValueError(f"it has {len(text):,} characters, {max_length} are allowed")
        return escaped(text)

    return cell
