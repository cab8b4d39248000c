"""64-bit ids as articy has them: the same object has the same id in every export.

An id is ``0x01`` and 56 bits: 4 for the kind of its owner, 33 for the owner's number (its
database id), 16 for a place within the owner and 3 for a part of that place. So ids of different
owners never meet, and places within one owner are checked when they are given. What does not fit
is hashed into a kind of its own, where every id is checked.
"""

import hashlib
from collections.abc import Mapping
from zlib import crc32

NULL_ID = "0x0000000000000000"
PROJECT_ID = "0x0100000000000001"

FOLDERS: Mapping[str, str] = {
    "Flow": "0x0300000043CE43F7",
    "Entities": "0x03000000AC61A2B3",
    "GlobalVariables": "0x030000002B4F4C54",
    "Locations": "0x030000003140D3AC",
    "Assets": "0x030000004C3DAF54",
    "Documents": "0x03000000103AA2F0",
    "Journeys": "0x03000000236F7272",
    "Features": "0x03000000D2404DC0",
    "ObjectTemplates": "0x030000009AF68DCD",
    "ProjectSettings": "0x03000000F917511B",
}
"""The system folders, which have the same ids in every project."""

NODE, FLOW, SHEET, SCENE, PIN, ZONE, MEDIA, SET, FEATURE, PROPERTY, TEMPLATE = range(1, 12)
"""Kinds of owners."""
_HASHED = 15

OBJECT, INPUT, OUTPUT, SECOND, WIRE, SECOND_WIRE, INNER_WIRE = range(7)
"""Parts of a place: an object, its pins, the wires of its outputs, the wire of its input."""

_NUMBERS, _PLACES = 1 << 33, 1 << 16
_OWN = _PLACES - 2
_TOP = 1 << 56


def written(number: int) -> str:
    """An id as articy writes it."""
    return f"0x{number:016X}"


class Ids:
    """Gives ids. ``of`` needs no memory; hashed ids and those by name are remembered."""

    def __init__(self) -> None:
        self._hashed: dict[int, tuple[int, int, int]] = {}
        self._named: dict[tuple[int, str], int] = {}
        self._taken: set[tuple[int, int]] = set()

    def of(self, kind: int, number: int, place: int = 0, part: int = OBJECT) -> str:
        """The id of a part of an owner."""
        if 0 <= number < _NUMBERS and place < _PLACES:
            return f"0x{_TOP | kind << 52 | number << 19 | place << 3 | part:016X}"
        return written(_TOP | _HASHED << 52 | self._hash(kind, number, place) << 3 | part)

    def parts(self, kind: int, number: int, place: int, *parts: int) -> list[str]:
        """The ids of several parts of one place."""
        if 0 <= number < _NUMBERS and place < _PLACES:
            base = _TOP | kind << 52 | number << 19 | place << 3
            return [f"0x{base | part:016X}" for part in parts]
        return [self.of(kind, number, place, part) for part in parts]

    def named(self, kind: int, name: str, part: int = OBJECT) -> str:
        """The id of something that has a name and no number in the database."""
        number = self._named.get((kind, name))
        if number is None:
            number = crc32(name.encode("utf-8", "surrogatepass"))
            while (kind, number) in self._taken:
                number = (number + 1) % _NUMBERS
            self._taken.add((kind, number))
            self._named[kind, name] = number
        return self.of(kind, number, 0, part)

    def _hash(self, kind: int, number: int, place: int) -> int:
        owner = (kind, number, place)
        digest = hashlib.sha256(repr(owner).encode()).digest()
        found = int.from_bytes(digest[:6], "big")
        while self._hashed.setdefault(found, owner) != owner:
            found = (found + 1) % (1 << 48)
        return found


class Places:
    """The places of one owner, by names such as a response's id; place 0 is the owner itself,
    and the last one is never given.

    A place is made from its name, so that it stays when others come or go; names that would
    meet take the next free one.
    """

    def __init__(self) -> None:
        self._used: set[int] = {0}

    def take(self, name: str) -> int:
        """A place for another name; equal names get different places, in their order."""
        place = 1 + crc32(name.encode("utf-8", "surrogatepass")) % _OWN
        tried = 0
        while place in self._used:
            tried += 1
            # A full owner goes on beyond the places that fit.
            place = 1 + place % _OWN if tried < _PLACES else len(self._used) + _PLACES
        self._used.add(place)
        return place
