"""What happened to many rows, told in one line a kind."""

from collections.abc import Iterable, Iterator

_SHOWN = 3


class Notes:
    """Counts events by kind and keeps the first places of each."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, what: str, places: Iterable[str]) -> None:
        """Note something that happened at some places, perhaps at none."""
        for place in places:
            self._counts[what] = self._counts.get(what, 0) + 1
            shown = self._places.setdefault(what, [])
            if len(shown) < _SHOWN:
                shown.append(place)

    def clear(self) -> None:
        """Forget everything."""
        self._places.clear()
        self._counts.clear()

    def lines(self) -> Iterator[str]:
        """One line a kind, with its number and its first places."""
        for what, number in self._counts.items():
            more = ", …" if number > _SHOWN else ""
            yield f"{what}: {number} ({', '.join(self._places[what])}{more})"
