"""Keeps what the plugin does between two lines finite.

Groups may not lead to themselves: the plugin would follow them without end, and it gives up
after 128 in a row. And a loop that says nothing would never end: its rounds are counted.
"""

from collections.abc import Callable, Iterable

from storyarn_pipelines.serializers.unity.entries import (
    ABOVE_NORMAL,
    CONTINUE,
    HIGH,
    NORMAL,
    Board,
    Entry,
)
from storyarn_pipelines.serializers.unity.ids import START
from storyarn_pipelines.story.loops import components

MOST_ROUNDS = 100
"""As many rounds as a loop may make that changes something and says nothing."""

LONGEST_CHAIN = 100
"""As many groups stand in a row at most."""

Tell = Callable[[int], None]
"""Told the node of a loop."""


def bound_rounds(board: Board, counter: str, tell: Tell) -> None:
    """Count the rounds of loops without a line; ``counter`` is the variable in Lua."""
    silent = {entry.id: entry for entry in board if not entry.speaks and entry.id != START}
    ways = {key: [x for x in _ways(board, key) if x in silent] for key in silent}
    loops = [
        set(members)
        for members in components(ways)
        if len(members) > 1 or members[0] in ways[members[0]]
    ]
    for members in sorted(loops, key=min):
        nodes = [board.entries[key].node_id for key in members]
        tell(min(x for x in nodes if x is not None))
        _Loop(board, members, counter).bound()
    if loops:
        start = board.entries[START]
        start.script = "\n".join(filter(None, [start.script, f"{counter} = 0"]))


def shorten_chains(board: Board) -> None:
    """Make every so many groups in a row an entry that shows nothing."""
    length: dict[int, int] = {}
    for entry in board:
        waiting = [entry.id] if entry.is_group else []
        while waiting:
            here = board.entries[waiting[-1]]
            groups = [x for x in _ways(board, here.id) if board.entries[x].is_group]
            missing = [x for x in groups if x not in length]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            longest = 1 + max((length[x] for x in groups), default=0)
            if longest > LONGEST_CHAIN and here.sure:
                here.is_group, here.sequence, longest = False, CONTINUE, 0
            length[here.id] = longest


class _Loop:
    """One loop: a strongly connected part of a conversation that says nothing."""

    def __init__(self, board: Board, members: set[int], counter: str) -> None:
        self._board, self._members, self._counter = board, members, counter
        self._counting: dict[int, int] = {}
        self._leaving: dict[tuple[int, int], int] = {}

    def bound(self) -> None:
        """Count where the loop closes, forget the count where it is left."""
        back = self._back()
        changes = any(not self._board.entries[key].is_group for key in self._members)
        # Without a change, more rounds than ways back come to a place where play has been.
        self._most = MOST_ROUNDS if changes else len(back)
        for key in sorted(self._members):
            entry = self._board.entries[key]
            self._leave(entry)
            here = self._board.id
            entry.links = [
                (other, self._count(target), priority)
                if other == here and (key, target) in back
                else (other, target, priority)
                for other, target, priority in entry.links
            ]

    def _back(self) -> set[tuple[int, int]]:
        """The links that close the loop: without them its entries are in an order."""
        back: set[tuple[int, int]] = set()
        done: set[int] = set()
        for first in sorted(self._members, key=self._is_conditional):
            if first in done:
                continue
            path = [(first, iter(self._inner(first)))]
            open_ = {first}
            while path:
                here, rest = path[-1]
                target = next(rest, None)
                if target is None:
                    path.pop()
                    open_.discard(here)
                    done.add(here)
                elif target in open_:
                    back.add((here, target))
                elif target not in done:
                    open_.add(target)
                    path.append((target, iter(self._inner(target))))
        return back

    def _is_conditional(self, key: int) -> tuple[bool, int]:
        """Sorts branches last: the loop is not closed in front of one, which might be false."""
        entry = self._board.entries[key]
        return (bool(entry.condition) or not entry.sure, key)

    def _inner(self, key: int) -> Iterable[int]:
        return [x for x in _ways(self._board, key) if x in self._members]

    def _count(self, target: int) -> int:
        """An entry before another one of the loop, that counts a round and ends the last one."""
        if target not in self._counting:
            beside = self._board.entries[target]
            entry = self._board.make(f"{target}.round", "again", beside=beside)
            entry.script = f"{self._counter} = {self._counter} + 1"
            end = self._board.make(f"{target}.rounds", "Endless loop", beside=beside)
            end.condition = f"{self._counter} > {self._most}"
            end.script = f"{self._counter} = 0"
            self._board.link(entry, end.id, HIGH)
            self._board.link(entry, target, ABOVE_NORMAL)
            self._counting[target] = entry.id
        return self._counting[target]

    def _leave(self, entry: Entry) -> None:
        """Put an entry that resets the count where ways lead out.

        It stands behind branches: in front of one it would always be there to be taken.
        """
        waiting = [entry]
        seen = {entry.id}
        while waiting:
            source = waiting.pop()
            links = []
            for other, target, priority in source.links:
                inner = self._board.entries.get(target) if other == self._board.id else None
                if inner is not None and inner.id in self._members:
                    links.append((other, target, priority))
                elif inner is not None and (inner.condition or not inner.sure):
                    if inner.links and inner.id not in seen:
                        seen.add(inner.id)
                        waiting.append(inner)
                    links.append((other, target, priority))
                elif inner is not None and not inner.links and not inner.speaks:
                    links.append((other, target, priority))  # the end
                else:
                    links.append((self._board.id, self._reset(other, target, entry), priority))
            source.links = links

    def _reset(self, conversation: int, target: int, beside: Entry) -> int:
        key = (conversation, target)
        if key not in self._leaving:
            entry = self._board.make(f"{beside.id}.left.{target}", "on", beside=beside)
            entry.script = f"{self._counter} = 0"
            self._board.link(entry, target, NORMAL, conversation)
            self._leaving[key] = entry.id
        return self._leaving[key]


def _ways(board: Board, key: int) -> list[int]:
    """Where the links of an entry lead within the conversation."""
    return [target for other, target, _ in board.entries[key].links if other == board.id]
