"""Names that nothing else has."""

from collections.abc import Iterable


class Unique:
    """Gives each name once; a second wish for it gets a number behind it, ``name_2``."""

    def __init__(self, longest: int, joint: str = "_", taken: Iterable[str] = ()) -> None:
        self._longest, self._joint = longest, joint
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """The name itself, or with the next number that is free."""
        found, number = wanted, self._last.get(wanted, 1)
        while found in self._taken:
            number += 1
            suffix = f"{self._joint}{number}"
            found = f"{wanted[: self._longest - len(suffix)]}{suffix}"
        self._last[wanted] = number
        self._taken.add(found)
        return found
