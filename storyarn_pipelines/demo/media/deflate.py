"""A small deflate compressor.

The standard library's one depends on the zlib that Python was built with, and different builds
pack the same picture into different bytes. This one packs less tightly, but always alike.
"""

import zlib
from bisect import bisect_right

MIN_MATCH, MAX_MATCH, WINDOW = 3, 258, 32768
END_OF_BLOCK = 256

_LENGTH_BITS = [0] * 8 + [bits for bits in range(1, 6) for _ in range(4)]
_DISTANCE_BITS = [0, 0] + [bits for bits in range(14) for _ in range(2)]


def _starts(first: int, extra_bits: list[int]) -> list[int]:
    """List the smallest value that each length or distance code stands for."""
    starts = [first]
    for bits in extra_bits[:-1]:
        starts.append(starts[-1] + (1 << bits))
    return starts


_LENGTHS = _starts(MIN_MATCH, _LENGTH_BITS)
_DISTANCES = _starts(1, _DISTANCE_BITS)


def _symbol_codes() -> list[tuple[int, int]]:
    """List the fixed codes of all symbols, bits in the order in which they are sent."""
    ranges = ((0, 144, 0x30, 8), (144, 256, 0x190, 9), (256, 280, 0, 7), (280, 288, 0xC0, 8))
    return [
        (_reversed(code + symbol - first, width), width)
        for first, last, code, width in ranges
        for symbol in range(first, last)
    ]


def _reversed(code: int, width: int) -> int:
    return int(f"{code:0{width}b}"[::-1], 2)


_SYMBOLS = _symbol_codes()


class _Bits:
    """A growing row of bits, filled from the lowest bit up."""

    def __init__(self) -> None:
        self._chunks: list[str] = []

    def put(self, value: int, width: int) -> None:
        if width:
            self._chunks.append(f"{value:0{width}b}"[::-1])

    def symbol(self, symbol: int) -> None:
        self.put(*_SYMBOLS[symbol])

    def match(self, length: int, distance: int) -> None:
        code = len(_LENGTHS) if length == MAX_MATCH else bisect_right(_LENGTHS, length) - 1
        self.symbol(END_OF_BLOCK + 1 + code)
        if length < MAX_MATCH:
            self.put(length - _LENGTHS[code], _LENGTH_BITS[code])
        code = bisect_right(_DISTANCES, distance) - 1
        self.put(_reversed(code, 5), 5)
        self.put(distance - _DISTANCES[code], _DISTANCE_BITS[code])

    def finish(self) -> bytes:
        bits = "".join(self._chunks)
        return int(bits[::-1], 2).to_bytes((len(bits) + 7) // 8, "little")


def compress(data: bytes, stride: int) -> bytes:
    """Pack data as a zlib stream; `stride` is the length of the rows that are likely to repeat."""
    bits = _Bits()
    bits.put(0b011, 3)  # the last block, with the fixed codes
    seen: dict[bytes, int] = {}
    here = 0
    while here < len(data):
        key = data[here : here + MIN_MATCH]
        candidates = (here - stride, seen.get(key, -1))
        seen[key] = here
        length, start = max((_common(data, start, here), start) for start in candidates)
        if length >= MIN_MATCH:
            bits.match(length, here - start)
        else:
            bits.symbol(data[here])
            length = 1
        here += length
    bits.symbol(END_OF_BLOCK)
    return b"\x78\x01" + bits.finish() + zlib.adler32(data).to_bytes(4, "big")


def _common(data: bytes, start: int, here: int) -> int:
    """Count how many bytes repeat what stood at an earlier place."""
    if start < 0 or here - start > WINDOW:
        return 0
    limit = min(MAX_MATCH, len(data) - here)
    length = 0
    while length < limit and data[start + length] == data[here + length]:
        length += 1
    return length
