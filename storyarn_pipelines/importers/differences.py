"""Where two versions of a row differ, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import encoded, is_json
from storyarn_pipelines.importers.matching import Item
from storyarn_pipelines.importers.portable import Translator

_NULL = b"null"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. ``key`` and ``name`` are its row's; ``field`` leads into JSON columns with dots.

    ``before`` and ``after`` are JSON texts, in which names stand for ids: ``"mc.mira"``, ``1.50``,
    ``null``.
    """

    table: Table
    key: str
    name: str
    field: str
    before: str
    after: str


@dataclass(slots=True)
class Told:
    """Fields with both values, ids still marked; and what is set aside."""

    fields: list[tuple[str, str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def differences(first: Item, second: Item, before: Translator, after: Translator) -> Told:
    """Compare the values of two rows."""
    table, told = first.row.table, Told()
    left, right = first.portable.values, second.portable.values
    columns = [*table.columns, *sorted((left.keys() | right.keys()) - set(table.columns))]
    for column in columns:
        name = table.renames.get(column, column)
        one, other = left.get(column, _NULL), right.get(column, _NULL)
        if one == other or _is_unsaid(column, first, second):
            continue
        if column not in table.columns and not column.endswith("_email"):
            if before.same_row_somewhere(one, after, other):
                continue
            if _leads_nowhere(one, other, before, after):
                told.remarks.append(f"{name} may name a row that is not in the file")
                continue
        if is_json(table, column):
            told.fields += _inside(name, one, other)
        elif not _equal_numbers(one, other):
            told.fields.append((name, one.decode(), other.decode()))
    return told


def _is_unsaid(column: str, first: Item, second: Item) -> bool:
    """Whether a column of ours is not in one of the files at all, as in older shapes."""
    is_known = column in first.row.table.columns
    return is_known and any(column not in item.row.values for item in (first, second))


def _leads_nowhere(one: bytes, other: bytes, before: Translator, after: Translator) -> bool:
    pairs = ((one, other, before), (other, one, after))
    return any(y == _NULL and side.names_nothing(x) for x, y, side in pairs)


def _equal_numbers(one: bytes, other: bytes) -> bool:
    """Outside of JSON ``1``, ``1.0`` and ``1e0`` are the same value of a column."""
    try:
        return Decimal(one.decode()) == Decimal(other.decode())
    except InvalidOperation:
        return False


def _inside(name: str, one: bytes, other: bytes) -> Iterator[tuple[str, str, str]]:
    """The places in two JSON values that differ; lists of unequal length differ as a whole."""
    waiting: list[tuple[str, Any, Any]] = [(name, json_text.parse(one), json_text.parse(other))]
    while waiting:
        place, left, right = waiting.pop()
        inner: list[tuple[str, Any, Any]] = []
        if isinstance(left, dict) and isinstance(right, dict):
            for key in sorted(left.keys() | right.keys()):
                if key in left and key in right:
                    inner.append((f"{place}.{key}", left[key], right[key]))
                else:
                    yield f"{place}.{key}", _text(left.get(key)), _text(right.get(key))
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            pairs = enumerate(zip(left, right, strict=True))
            inner += ((f"{place}.{number}", *pair) for number, pair in pairs)
        else:
            yield place, _text(left), _text(right)
        waiting += [x for x in reversed(inner) if encoded(x[1]) != encoded(x[2])]


def _text(value: Any) -> str:
    return encoded(value).decode()
