"""Which id each row of a file gets in the database."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping

from storyarn_pipelines.domain.options import MAX_ID
from storyarn_pipelines.domain.tables import Table

UNKNOWN = -1
"""Stands for a row that is not there; staged rows that hold it are told apart by it."""

_DIGITS = len(str(MAX_ID))
_QUOTE, _ZERO = b'"0'


class NotKeepableError(Exception):
    """A file's ids cannot be kept; the message says why."""


def number_of(ref: str) -> int | None:
    """An id that could be kept, None for a text that is no id of this database."""
    if ref.isascii() and ref.isdigit() and len(ref) <= _DIGITS and (ref[0] != "0" or ref == "0"):
        number = int(ref)
        return number if number <= MAX_ID else None
    return None


def plain_digits(raw: bytes) -> bytes | None:
    """The digits of an id as a file usually writes it; None for any other JSON text."""
    digits = raw[1:-1]
    is_plain = digits.isdigit() and raw[0] == _QUOTE and len(digits) < _DIGITS
    return digits if is_plain and digits[0] != _ZERO else None


class RefList:
    """The ids of one table's rows in a file; numbers cost eight bytes each."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self.texts: dict[str, int] = {}

    def add(self, ref: str) -> None:
        """Note one id."""
        number = number_of(ref)
        if number is None:
            self.texts.setdefault(ref, len(self.texts))
        else:
            self.numbers.append(number)

    def __len__(self) -> int:
        return len(self.numbers) + len(self.texts)

    def finish(self) -> None:
        """Sort the numbers: new ids keep the order of the old ones, which breaks ties."""
        self.numbers = array("q", sorted(self.numbers))

    def place_of(self, number: int) -> int | None:
        """How many sorted numbers come before one that is there."""
        place = bisect_left(self.numbers, number)
        found = place < len(self.numbers) and self.numbers[place] == number
        return place if found else None

    def missing_in(self, others: "RefList") -> list[str]:
        """Those that another, sorted list does not have, each once."""
        numbers = {x for x in self.numbers if others.place_of(x) is None}
        texts = [text for text in self.texts if text and text not in others.texts]
        return [*(str(number) for number in sorted(numbers)), *texts]


class Identities:
    """The id of each row by its table and its id in the file."""

    def __init__(
        self,
        refs: Mapping[Table, RefList] | None = None,
        first: Mapping[Table, int] | None = None,
        known: Mapping[Table, Mapping[str, int]] | None = None,
    ) -> None:
        """Keep all ids, or number the rows of ``refs`` from ``first`` on.

        ``known`` are rows that the database has already, which keep their ids there.
        """
        self._refs, self._first, self._known = refs, first or {}, known or {}
        self._keeps_all = refs is None and all(
            ref == str(number) for found in self._known.values() for ref, number in found.items()
        )

    @property
    def keeps_all(self) -> bool:
        """Whether every id stays as it is."""
        return self._keeps_all

    def of(self, table: Table, ref: str) -> int:
        """The id of a row, UNKNOWN for one that the file does not hold."""
        known = self._known.get(table)
        if known and ref in known:
            return known[ref]
        number = number_of(ref)
        if self._refs is None:
            return UNKNOWN if number is None else number
        refs = self._refs.get(table)
        if not refs:
            return UNKNOWN
        first = self._first[table]
        if number is None:
            text = refs.texts.get(ref)
            return UNKNOWN if text is None else first + len(refs.numbers) + text
        place = refs.place_of(number)
        return UNKNOWN if place is None else first + place
