"""The collector of circular garbage, asked less often while an export makes many objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_NEW_OBJECTS = 50_000
"""After so many new objects the collector looks for circles; Python's own number is 700."""

_lock = Lock()
_exports: list[tuple[int, int, int]] = []
"""For each export that runs now, the thresholds that the first of them found."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for circles of garbage less often, as long as any block like this one runs.

    The objects of a flow live while it is written, and are gone afterwards without being in
    circles. To look at them time and again takes an eighth of an export, and finds nothing.
    """
    with _lock:
        usual = _exports[0] if _exports else gc.get_threshold()
        _exports.append(usual)
        gc.set_threshold(_NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        with _lock:
            _exports.pop()
            if not _exports:
                gc.set_threshold(*usual)
