"""Chance that is the same every time: for stars, rain and waves."""

from collections.abc import Iterator

_MULTIPLIER, _INCREMENT, _MODULUS = 1103515245, 12345, 1 << 31


def noise(seed: int, limit: int) -> Iterator[int]:
    """Go on forever with numbers from 0 up to, but not including, the limit."""
    state = seed
    while True:
        state = (state * _MULTIPLIER + _INCREMENT) % _MODULUS
        yield (state >> 12) % limit
