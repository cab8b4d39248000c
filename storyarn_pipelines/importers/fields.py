"""Rows of one table as rows of COPY: all fields of a row at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.cells import NULL, Cell, escaped
from storyarn_pipelines.importers.rows import refusal
from storyarn_pipelines.store.target import TargetColumn

_ABSENT = b""  # stands for a value that a row does not have; no JSON text is empty
_FEW_VALUES = (Kind.BOOLEAN, Kind.INTEGER, Kind.FLOAT, Kind.NUMBER, Kind.TIME)
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class FieldMaker:
    """Makes the fields of one column of the value under ``key``, which is ``shown`` in a file."""

    key: str
    shown: str
    make: Cell


def field_maker(column: TargetColumn, cell: Cell, shown: str) -> FieldMaker:
    """A column's maker of fields; ``cell`` makes those of values that are there.

    Columns that may well hold few values, numbers, times and short texts, remember what was made.
    """
    complete = _with_nothing(column, cell)
    if column.kind in _FEW_VALUES or column.max_length is not None:
        complete = _Memory(complete).__getitem__
    return FieldMaker(column.key, shown, complete)


class RowFields:
    """Makes all fields of the rows of one table."""

    def __init__(self, makers: Sequence[FieldMaker]) -> None:
        self._makers = makers
        self._keys = [maker.key for maker in makers]
        self._cells = [maker.make for maker in makers]

    def of(self, values: Mapping[str, Any], pointer: str) -> list[bytes]:
        """The fields for a row's JSON texts; raises ImportFileError with the place of a bad one."""
        texts = map(bytes, map(values.get, self._keys, repeat(_ABSENT)))
        try:
            return [make(text) for make, text in zip(self._cells, texts, strict=True)]
        except ValueError:
            raise self._refusal(values, pointer) from None

    def _refusal(self, values: Mapping[str, Any], pointer: str) -> ImportFileError:
        for maker in self._makers:
            try:
                maker.make(bytes(values.get(maker.key, _ABSENT)))
            except ValueError as error:
                return refusal(f"{pointer}/{maker.shown}", str(error))
        raise AssertionError("a value was refused, and then was not")


def _with_nothing(column: TargetColumn, cell: Cell) -> Cell:
    """A cell that also takes null, and for a value that is not there the column's default."""
    default = NULL if column.default is None else escaped(column.default)
    must_be_there = column.not_null and not column.has_default and column.default is None
    # Where NULL cannot be, a file's null is the one that JSON has.
    holds_null = column.kind is Kind.JSON and column.not_null

    def complete(text: bytes) -> bytes:
        if text == b"null" and not holds_null:
            if column.not_null:
                raise ValueError("it must not be null")
            return NULL
        if text:
            return cell(text)
        if must_be_there:
            raise ValueError("it is missing")
        return default

    return complete


class _Memory(dict[bytes, bytes]):
    """Fields by their JSON texts, made when they are first asked for."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell

    def __missing__(self, text: bytes) -> bytes:
        made = self._cell(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = made
        return made
