"""Which row of one list is which row of another.

A row with a natural key is only ever itself. The others are told by content first, then by place,
then by the order in which they stand, if the lists have equally many of them left.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.importers.portable import Portable
from storyarn_pipelines.importers.rows import Row

Key = Callable[["Item"], Hashable]


@dataclass(slots=True, eq=False)
class Item:
    """A row to be matched, its portable values and the items nested under it.

    ``natural`` is None for a row without natural key; ``place`` and ``near`` are then the better
    and the worse hint. ``whole`` stands for the row and all that is nested in it, ``lost`` is how
    many keys in there lead nowhere. ``wired`` tells rows of equal content apart by what they are
    tied to.
    """

    row: Row
    portable: Portable
    children: list["Item"] = field(default_factory=list)
    natural: Hashable = None
    kind: Hashable = None
    place: Hashable = None
    near: Hashable = None
    in_trash: bool = False
    whole: bytes = b""
    wired: int = 0
    lost: int = 0


@dataclass(slots=True)
class Pairing:
    """What came of matching two lists, each in its own order."""

    pairs: list[tuple[Any, Any]]
    gone: list[Any]
    new: list[Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """``by_id`` lets equal ids break ties: both files come from one database. ``into_trash``
    lets a row in the trash be the one that is not there on the other side."""

    by_id: bool = False
    into_trash: bool = True


class Matcher:
    """Two lists that get shorter round by round."""

    def __init__(self, before: Sequence[Any], after: Sequence[Any]) -> None:
        self._before, self._after = list(before), list(after)
        self._order = {id(item): number for number, item in enumerate(before)}
        self._pairs: list[tuple[Any, Any]] = []

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """The pairs found until now."""
        return self._pairs

    def rest(self) -> tuple[list[Any], list[Any]]:
        """What has no counterpart yet."""
        return self._before, self._after

    def round(self, key: Callable[[Any], Hashable]) -> None:
        """Pair items with equal keys, in order; an empty key takes no part."""
        self._pair(self._before, self._after, key)

    def keyless_round(self, key: Callable[[Any], Hashable]) -> None:
        """The same for pairs of which at least one has no natural key."""
        self._pair([x for x in self._before if x.natural is None], self._after, key)
        self._pair(self._before, [x for x in self._after if x.natural is None], key)

    def ordered_round(self, key: Callable[[Any], Hashable]) -> None:
        """Pair what is left without natural key, where both sides have equally many of a key."""
        sides = [[x for x in side if x.natural is None] for side in (self._before, self._after)]
        counts: list[dict[Hashable, int]] = []
        for side in sides:
            found: dict[Hashable, int] = defaultdict(int)
            for item in side:
                found[key(item)] += 1
            counts.append(found)
        even = {x for x, number in counts[0].items() if counts[1].get(x) == number}
        left, right = ([x for x in side if key(x) in even] for side in sides)
        self._pair(left, right, key)

    def add(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Take pairs that were found otherwise."""
        found = list(pairs)
        self._pairs += found
        self._drop(found)

    def result(self) -> Pairing:
        """Everything, in the order of the lists."""
        pairs = sorted(self._pairs, key=lambda pair: self._order[id(pair[0])])
        return Pairing(pairs, self._before, self._after)

    def _pair(
        self, before: Iterable[Any], after: Sequence[Any], key: Callable[[Any], Hashable]
    ) -> None:
        if not self._before or not self._after:
            return
        waiting: dict[Hashable, deque[Any]] = defaultdict(deque)
        for item in after:
            found = key(item)
            if found:
                waiting[found].append(item)
        pairs = []
        for item in before:
            queue = waiting.get(key(item))
            if queue:
                pairs.append((item, queue.popleft()))
        self.add(pairs)

    def _drop(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        paired = {id(item) for pair in pairs for item in pair}
        if paired:
            self._before = [x for x in self._before if id(x) not in paired]
            self._after = [x for x in self._after if id(x) not in paired]


def match_items(before: Sequence[Item], after: Sequence[Item], policy: Policy) -> Pairing:
    """Match the rows of one table under one parent."""
    matcher = Matcher(before, after)
    natural_rounds(matcher)
    matcher.keyless_round(lambda x: x.whole)
    later_rounds(matcher, policy)
    return matcher.result()


def natural_rounds(matcher: Matcher) -> None:
    """Pair rows by natural keys; where one is there twice, equal contents come first."""
    matcher.round(lambda x: x.natural and (x.in_trash, x.natural, x.whole))
    matcher.round(lambda x: x.natural and (x.in_trash, x.natural))


def later_rounds(matcher: Matcher, policy: Policy) -> None:
    """Pair what is left when natural keys and equal contents are through."""
    matcher.keyless_round(lambda x: x.place and (x.in_trash, x.portable.body, x.place))
    matcher.keyless_round(lambda x: (x.in_trash, x.portable.body))
    matcher.keyless_round(lambda x: x.place and (x.in_trash, x.place))
    matcher.keyless_round(lambda x: x.near and (x.in_trash, x.near))
    if policy.into_trash:
        matcher.round(lambda x: x.natural)
    if policy.by_id:
        matcher.round(lambda x: x.row.text("id") and (x.kind, x.row.text("id")))
    matcher.ordered_round(lambda x: (x.in_trash, x.kind))
