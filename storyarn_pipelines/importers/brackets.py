"""The brackets of a JSON text, found block by block with numpy.

Looking at each byte in Python would take minutes where this takes seconds. The text need not be
valid: whoever reads its pieces finds out. On valid JSON, every bracket found is a real one.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

_QUOTE, _BACKSLASH = ord('"'), ord("\\")
# With this bit set, "[" looks like "{" and "]" like "}"; quotes stay what they are.
_CASE, _OPENER, _CLOSER = 0x20, ord("{"), ord("}")

Positions = npt.NDArray[np.intp]
Bytes = npt.NDArray[np.uint8]


class BracketFinder:
    """Follows a text from its start: ``feed`` takes the blocks in turn, of any size.

    ``depth`` is the number of brackets open after the last block. ``too_deep`` is the offset of
    the first bracket that opens more than ``max_depth`` levels, None while there is none.
    """

    def __init__(self, shallow: int, max_depth: int) -> None:
        self.depth = 0
        self.too_deep: int | None = None
        self._shallow, self._max_depth = shallow, max_depth
        self._offset = 0
        self._in_string = False
        self._escaping = False

    def feed(self, block: bytes) -> Iterator[tuple[int, int]]:
        """The offset of each bracket with at most ``shallow`` levels open after it, and these."""
        # One odd backslash stands for all that the last block ended in.
        text = b"\\" + block if self._escaping else block
        start = self._offset - self._escaping
        self._offset += len(block)
        self._escaping = (len(text) - len(text.rstrip(b"\\"))) % 2 == 1

        brackets, steps = self._outside_strings(text)
        levels = np.cumsum(steps, dtype=np.int64) + self.depth
        if not levels.size:
            return iter(())
        self.depth = int(levels[-1])
        if self.too_deep is None and int(levels.max()) > self._max_depth:
            first = int(np.argmax(levels > self._max_depth))
            self.too_deep = start + int(brackets[first])
        near = np.flatnonzero(levels <= self._shallow)
        return zip((brackets[near] + start).tolist(), levels[near].tolist(), strict=True)

    def _outside_strings(self, text: bytes) -> tuple[Positions, npt.NDArray[np.int8]]:
        """Brackets outside strings, with 1 for an opening and -1 for a closing one."""
        data = np.frombuffer(text, np.uint8)
        folded = data | _CASE
        marked = data == _QUOTE
        marked |= folded == _OPENER
        marked |= folded == _CLOSER
        places = np.flatnonzero(marked)
        kinds = folded[places]
        quotes = kinds == _QUOTE
        if b"\\" in text:
            quotes &= ~_escaped(data, places)
        # Only whether a count is odd matters, so the sum may run over.
        parity = np.cumsum(quotes, dtype=np.uint8)
        parity += self._in_string
        parity &= 1
        if parity.size:
            self._in_string = bool(parity[-1])
        outside = np.flatnonzero((kinds != _QUOTE) & (parity == 0))
        steps = np.where(kinds[outside] == _OPENER, np.int8(1), np.int8(-1))
        return places[outside], steps


def _escaped(data: Bytes, places: Positions) -> npt.NDArray[np.bool_]:
    """Which places follow an odd number of backslashes."""
    slashes = np.flatnonzero(data == _BACKSLASH)
    order = np.arange(slashes.size)
    # Where a run of backslashes begins, by the number of its first one.
    begins = np.ones(slashes.size, dtype=bool)
    begins[1:] = slashes[1:] != slashes[:-1] + 1
    run_starts = np.maximum.accumulate(np.where(begins, order, 0))
    odd = (order - run_starts) % 2 == 0
    escaped_at = np.zeros(data.size + 1, dtype=bool)
    # A backslash that others follow in its run escapes none of the places asked for.
    escaped_at[slashes + 1] = odd
    escaped: npt.NDArray[np.bool_] = escaped_at[places]
    return escaped
