"""Small questions about decoded JSON, which may hold anything, and places inside of it."""

import re
from collections.abc import Iterator
from typing import Any

MAX_ID = 2**63 - 1
_BEGINNINGS = frozenset("0123456789{[ \t\n\r")
_ID = re.compile(r"[0-9]{1,19}")

Path = tuple[Any, str | int] | None
"""A place in a value: the place of what holds it, and the key there. None is the value itself."""

ROOT: Path = None


def row_id(value: object) -> int | None:
    """A row's id, which is an integer or a text of digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _ID.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and 0 < value <= MAX_ID else None


def texts(value: object, under: frozenset[str] | None = None) -> Iterator[tuple[Path, Any, str]]:
    """All texts in a value in their order: place, what holds it (None at the top), text.

    With ``under`` only those that can name a row: with a tag of HTML in them, or under one of
    these keys and beginning with a digit or as JSON does. Most texts are neither.

    A stack instead of recursion: values may be deeper than Python's own limit.
    """
    if isinstance(value, str):
        yield ROOT, None, value
    waiting: list[tuple[Path, Any, Any]] = [(ROOT, value, _items(value))]
    while waiting:
        path, holder, items = waiting[-1]
        for key, item in items:
            if isinstance(item, str):
                if under is None or "<" in item or (key in under and item[:1] in _BEGINNINGS):
                    yield (path, key), holder, item
            elif isinstance(item, dict | list):
                waiting.append(((path, key), item, _items(item)))
                break
        else:
            waiting.pop()


def _items(value: object) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def pointer(path: Path) -> str:
    """A place as a JSON pointer, such as ``/responses/0/text``."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys(path))


def keys(path: Path) -> list[str | int]:
    """The keys that lead to a place, the outermost first."""
    found = []
    while path is not None:
        path, key = path
        found.append(key)
    return found[::-1]


class Draft:
    """A value that is copied where it changes; the original is never touched.

    ``value`` is the original itself as long as nothing was put.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self._ours: dict[int, Any] = {}

    def put(self, path: Path, new: Any) -> None:
        """Replace what stands at a place."""
        steps = keys(path)
        if not steps:
            self.value = new
            return
        holder = self.value = self._own(self.value)
        for key in steps[:-1]:
            holder[key] = self._own(holder[key])
            holder = holder[key]
        holder[steps[-1]] = new

    def _own(self, container: Any) -> Any:
        if id(container) in self._ours:
            return container
        copied = container.copy()
        self._ours[id(copied)] = copied
        return copied
