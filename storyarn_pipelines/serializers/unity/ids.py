"""Ids of a database: whole numbers of 32 bits, the same in every export.

A row of the story keeps its database id where that is below 2**30. Everything else (responses,
branches, what does not fit) gets a number made from its name, above. The few entries that other
conversations link to have fixed numbers between the two.
"""

from zlib import crc32

PLAYER, NARRATOR = 1, 2
SHEETS_FROM = 2
"""What is added to the id of a sheet to make the id of its actor."""

START = 0
_OWN = (1 << 30) - 16
ENTER, RETURNS, END, CALLS_END = range(_OWN, _OWN + 4)
"""Entries with fixed ids: the entry node if its own id does not fit, where callees come back,
where everything ends."""

_MADE, _RANGE = 1 << 30, 1 << 29


def enter_id(node_id: int) -> int:
    """The entry that callers of a flow link to, by the id of its entry node."""
    return node_id if 0 < node_id < _OWN else ENTER


class Numbers:
    """The ids of one list. Names that would get the same number take the next free one."""

    def __init__(self, *taken: int) -> None:
        self._used = set(taken)

    def own(self, number: int, shift: int = 0) -> int:
        """The id of a row."""
        if number > 0 and number + shift < _OWN:
            self._used.add(number + shift)
            return number + shift
        return self.made(f"#{number}")

    def made(self, name: str) -> int:
        """The id of something without a row; a name that comes again gets another id."""
        number = crc32(name.encode("utf-8", "surrogatepass")) % _RANGE
        while _MADE + number in self._used:
            number = (number + 1) % _RANGE
        self._used.add(_MADE + number)
        return _MADE + number
