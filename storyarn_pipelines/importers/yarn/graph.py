"""A flow under construction: nodes, the ways between them, and where they lie.

Nodes lie from left to right in columns, by the longest way that leads to them; what hangs
together stands one below the other, and nothing overlaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_COLUMN, _GAP = 380.0, 60.0
_HEIGHT, _RESPONSE, _COMMENT = 160.0, 44.0, 90.0
_ORIGIN = (100.0, 300.0)


@dataclass(slots=True, eq=False)
class Made:
    """A node. ``ways`` are the nodes behind its pins; ``comments`` stand above it.

    One without a kind stands for nothing at all: a pin that is not connected. ``texts`` are what
    can be translated; ``row`` is there if others know its id already.
    """

    kind: str
    data: Json = field(default_factory=dict)
    ways: dict[str, "Made"] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)
    row: Json | None = None

    @property
    def height(self) -> float:
        """About as much room as it takes."""
        return _HEIGHT + _RESPONSE * len(self.data.get("responses", ()))


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its place, and those of its comments."""

    node: Made
    x: float
    y: float
    comments: tuple[tuple[str, float, float], ...]


def laid_out(roots: Sequence[Made], origin: tuple[float, float] | None = None) -> list[Placed]:
    """All nodes that can be reached from the roots, in reading order, with their places."""
    order = _reachable(roots)
    columns = _columns(order)
    left, top = origin or _ORIGIN
    free: dict[int, float] = {}
    wanted: dict[Made, float] = {}
    found: list[Placed] = []
    behind = {target for node in order for target in node.ways.values()}
    lowest = 0.0
    for node in order:
        column = columns[node]
        y = max(wanted.get(node, 0.0), free.get(column, 0.0))
        if node not in behind and found:
            y = max(y, lowest)
        comments = []
        for text in node.comments:
            comments.append((text, left + column * _COLUMN, top + y))
            y += _COMMENT + text.count("\n") * 20.0
        found.append(Placed(node, left + column * _COLUMN, top + y, tuple(comments)))
        free[column] = y + node.height + _GAP
        lowest = max(lowest, free[column])
        for place, target in enumerate(node.ways.values()):
            wanted.setdefault(target, y + place * 40.0)
    return found


def _reachable(roots: Sequence[Made]) -> list[Made]:
    """Depth first, in the order of the pins."""
    found: dict[Made, None] = {}
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        if node not in found and node.kind:
            found[node] = None
            waiting += reversed(node.ways.values())
    return list(found)


def _columns(order: Sequence[Made]) -> dict[Made, int]:
    """Columns by the longest way. Ways never lead back: loops go by jumps."""
    count = dict.fromkeys(order, 0)
    for node in order:
        for target in {x for x in node.ways.values() if x.kind}:
            count[target] += 1
    columns = dict.fromkeys(order, 0)
    ready = [x for x in order if not count[x]]
    for node in ready:  # grows while it is walked
        for target in dict.fromkeys(x for x in node.ways.values() if x.kind):
            columns[target] = max(columns[target], columns[node] + 1)
            count[target] -= 1
            if not count[target]:
                ready.append(target)
    return columns
