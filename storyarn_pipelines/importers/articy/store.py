"""Keeps a project's objects in a file, and in memory only where they stand.

An export is flat: what belongs to one flow lies anywhere in it, and which flow that is may be
said at the very end. So objects are written to a spool as they come; memory holds ids, places and
kinds in arrays, some sixty bytes an object, and the objects of one flow at a time.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from storyarn_pipelines.importers.articy.items import NOTHING, Item, Wire, hexadecimal
from storyarn_pipelines.importers.refusal import refused

_ENCODER = msgspec.msgpack.Encoder()
_ITEMS = msgspec.msgpack.Decoder(Item)
_WIRES = msgspec.msgpack.Decoder(Wire)


class IdMap:
    """Numbers by ids of 64 bits, sixteen bytes each."""

    def __init__(self) -> None:
        self._keys, self._values = array("Q"), array("q")
        self._sorted: tuple[array[int], array[int]] | None = None

    def add(self, key: int, value: int) -> None:
        """Note a number; a second one for the same id is not found."""
        self._keys.append(key)
        self._values.append(value)
        self._sorted = None

    def get(self, key: int) -> int | None:
        """The number of an id, None if it has none."""
        keys, values = self._sorted or self._settle()
        place = bisect_left(keys, key)
        return values[place] if place < len(keys) and keys[place] == key else None

    def twice(self) -> int | None:
        """An id that stands there twice, if there is one."""
        keys, _ = self._sorted or self._settle()
        found = np.frombuffer(keys, np.uint64) if keys else np.zeros(0, np.uint64)
        same = np.flatnonzero(found[1:] == found[:-1])
        return int(found[same[0]]) if len(same) else None

    def _settle(self) -> tuple["array[int]", "array[int]"]:
        keys, values = self._keys, self._values
        if keys:
            numbers = np.frombuffer(keys, np.uint64)
            order = np.argsort(numbers, kind="stable")
            values = array("q", np.frombuffer(values, np.int64)[order].tobytes())
            keys = array("Q", numbers[order].tobytes())
            self._keys, self._values = keys, values
        self._sorted = (keys, values)
        return self._sorted


class Store:
    """The objects of one project. ``add`` all of them, ``settle``, then ask.

    Rows count objects in the order of the file; children come in the order of the hierarchy.
    """

    def __init__(self, scratch: Path, file: str) -> None:
        self.file = file
        self._spool = (scratch / "articy-objects").open("w+b")
        self._at = 0
        self._rows, self._pins = IdMap(), IdMap()
        self._ids, self._parents = array("Q"), array("Q")
        self._offsets, self._heights = array("Q"), array("d")
        self._kinds, self.kind_names = array("H"), list[str]()
        self._numbers: dict[str, int] = {}
        self._wires = {name: array("Q") for name in ("source", "pin", "target", "to", "offset")}
        self._places: array[int] | None = None
        self._children: tuple[Any, Any] = (None, None)
        self._leaving: tuple[Any, Any] = (None, None)
        self._follow = 0

    def close(self) -> None:
        """Let go of the file."""
        self._spool.close()
        Path(self._spool.name).unlink(missing_ok=True)

    # -- filling

    def add(self, item: Item) -> None:
        """Take an object."""
        row = len(self._ids)
        if item.kind not in self._numbers:
            if len(self.kind_names) >= 0xFFFF:
                raise refused(self.file, "", "it has more kinds of objects than articy knows")
            self._numbers[item.kind] = len(self.kind_names)
            self.kind_names.append(item.kind)
        self._ids.append(item.id)
        self._parents.append(item.parent)
        self._heights.append(item.y)
        self._kinds.append(self._numbers[item.kind])
        self._offsets.append(self._write(item))
        self._rows.add(item.id, row)
        for pin in item.pins:
            self._pins.add(pin.id, row << 1 | pin.is_input)

    def add_wire(self, wire: Wire) -> None:
        """Take a connection."""
        parts = (wire.source, wire.source_pin, wire.target, wire.target_pin)
        for values, value in zip(self._wires.values(), parts, strict=False):
            values.append(value)
        self._wires["offset"].append(self._write(wire) + 1 if any(wire.label.values()) else 0)

    def place(self, item_id: int, parent: int) -> None:
        """Say where an object stands in the hierarchy, in the hierarchy's order."""
        if self._places is None:
            self._places = array("Q", bytes(8 * len(self._ids)))
        row = self._rows.get(item_id)
        if row is None:
            return
        if self._places[row]:
            reason = "it stands in the hierarchy twice: export again from articy:draft"
            raise refused(self.file, hexadecimal(item_id), reason)
        self._follow += 1
        self._places[row] = self._follow
        self._parents[row] = parent

    def settle(self) -> None:
        """Find out who is whose child. Raises ImportFileError for ids that stand twice."""
        for ids, what in ((self._rows, "objects"), (self._pins, "pins")):
            if (twice := ids.twice()) is not None:
                reason = f"two {what} have this id: export again from articy:draft"
                raise refused(self.file, hexadecimal(twice), reason)
        self._check_circles()
        parents = np.frombuffer(self._parents, np.uint64) if self._ids else np.zeros(0, np.uint64)
        places = self._places or array("Q", bytes(8 * len(self._ids)))
        known = np.frombuffer(places, np.uint64) if self._ids else np.zeros(0, np.uint64)
        # What the hierarchy does not name comes last, in the order of the file.
        late = np.where(known == 0, np.uint64(0xFFFF_FFFF_FFFF_FFFF), known)
        order = np.lexsort((late, parents))
        self._children = (parents[order], order)
        sources = np.frombuffer(self._wires["source"], np.uint64) if self.wires else parents[:0]
        leaving = np.argsort(sources, kind="stable")
        self._leaving = (sources[leaving], leaving)

    def _check_circles(self) -> None:
        """Refuse objects that stand inside themselves."""
        state = bytearray(len(self._ids))
        for start in range(len(self._ids)):
            row: int | None = start
            trail = []
            while row is not None and not state[row]:
                state[row] = 1
                trail.append(row)
                parent = self._parents[row]
                row = self._rows.get(parent) if parent != NOTHING else None
            if row is not None and state[row] == 1:
                reason = "the hierarchy leads round: it stands inside itself"
                raise refused(self.file, hexadecimal(self._ids[row]), reason)
            for one in trail:
                state[one] = 2

    def _write(self, value: Item | Wire) -> int:
        block = _ENCODER.encode(value)
        offset = self._at
        self._spool.write(len(block).to_bytes(4, "little") + block)
        self._at += len(block) + 4
        return offset

    def _read(self, offset: int) -> bytes:
        self._spool.seek(offset)
        size = int.from_bytes(self._spool.read(4), "little")
        return self._spool.read(size)

    # -- asking

    @property
    def wires(self) -> int:
        """How many connections there are."""
        return len(self._wires["source"])

    def __len__(self) -> int:
        return len(self._ids)

    def row(self, item_id: int) -> int | None:
        """The row of an object."""
        return self._rows.get(item_id) if item_id != NOTHING else None

    def kind(self, item_id: int) -> str:
        """The kind of an object, empty if it is not there."""
        row = self.row(item_id)
        return "" if row is None else self.kind_names[self._kinds[row]]

    def parent(self, item_id: int) -> int:
        """The parent of an object."""
        row = self.row(item_id)
        return NOTHING if row is None else self._parents[row]

    def height(self, item_id: int) -> float:
        """How far down an object stands: branches are in this order."""
        row = self.row(item_id)
        return 0.0 if row is None else self._heights[row]

    def owner(self, pin_id: int) -> int:
        """The object that has a pin."""
        found = self._pins.get(pin_id) if pin_id != NOTHING else None
        return NOTHING if found is None else self._ids[found >> 1]

    def is_input(self, pin_id: int) -> bool:
        """Whether a pin is there, and is led to."""
        found = self._pins.get(pin_id) if pin_id != NOTHING else None
        return found is not None and bool(found & 1)

    def item(self, item_id: int) -> Item | None:
        """An object, read from the spool."""
        row = self.row(item_id)
        return None if row is None else _ITEMS.decode(self._read(self._offsets[row]))

    def items(self, ids: Iterable[int]) -> Iterator[Item]:
        """Objects that are there."""
        for item_id in ids:
            found = self.item(item_id)
            if found is not None:
                yield found

    def of_kinds(self, kinds: Sequence[str] | frozenset[str]) -> list[int]:
        """The ids of all objects of some kinds, in the order of the file."""
        wanted = {self._numbers[x] for x in kinds if x in self._numbers}
        return [self._ids[row] for row, kind in enumerate(self._kinds) if kind in wanted]

    def children(self, parent: int) -> list[int]:
        """The ids of an object's children, in the order of the hierarchy."""
        keys, order = self._children
        begin = int(np.searchsorted(keys, np.uint64(parent), "left"))
        end = int(np.searchsorted(keys, np.uint64(parent), "right"))
        return [self._ids[row] for row in order[begin:end]]

    def leaving(self, item_id: int) -> list[tuple[int, Wire]]:
        """The connections that leave an object, each with its number, in the order of the file."""
        keys, order = self._leaving
        begin = int(np.searchsorted(keys, np.uint64(item_id), "left"))
        end = int(np.searchsorted(keys, np.uint64(item_id), "right"))
        return [(int(number), self.wire(int(number))) for number in order[begin:end]]

    def wire(self, number: int) -> Wire:
        """A connection by its number."""
        offset = self._wires["offset"][number]
        if offset:
            return _WIRES.decode(self._read(offset - 1))
        source, pin, target, to, _ = (values[number] for values in self._wires.values())
        return Wire(source, pin, target, to)
