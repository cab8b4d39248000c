"""Bounds for what comes from outside."""

from dataclasses import dataclass

_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one import; ratios are of unpacked to packed bytes.

    A ratio counts only above ``free_bytes`` unpacked. JSON compresses well, media hardly: what
    does more than ``media_ratio`` is made to fill a disk.
    """

    json_bytes: int = 64 * _GIB
    json_ratio: int = 2000
    media_ratio: int = 200
    free_bytes: int = 16 * _MIB
    entries: int = 100_000
    directory_bytes: int = 32 * _MIB
