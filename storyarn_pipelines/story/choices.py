"""Who chooses when a play offers two responses or more."""

from collections.abc import Sequence
from typing import Protocol

from storyarn_pipelines.errors import UsageError

_MODULUS, _MULTIPLIER = 2147483647, 48271


class Choices(Protocol):
    """Picks from a menu. ``unscripted`` counts the menus for which nobody had made a choice."""

    unscripted: int

    def pick(self, node_id: int, options: Sequence[str]) -> int:
        """The index of the response to take, counted among those on offer."""


class ScriptedChoices:
    """Takes the responses of a list; when it has run out, the first one of every menu."""

    def __init__(self, indexes: Sequence[int] = ()) -> None:
        self._indexes = list(indexes)
        self._next = 0
        self.unscripted = 0

    def pick(self, node_id: int, options: Sequence[str]) -> int:
        """The next index; raises UsageError if the menu has no such response."""
        if self._next >= len(self._indexes):
            self.unscripted += 1
            return 0
        index = self._indexes[self._next]
        self._next += 1
        if not 0 <= index < len(options):
            raise UsageError(
                f"choices: number {self._next} is {index}, but node {node_id} offers "
                f"0 to {len(options) - 1}"
            )
        return index


class SeededChoices:
    """The same choices for the same seed, in any language that has doubles.

    A generator of Lehmer's kind: the state is multiplied by 48271 modulo 2147483647.
    """

    unscripted = 0

    def __init__(self, seed: int) -> None:
        self._state = seed % (_MODULUS - 1) + 1

    def pick(self, node_id: int, options: Sequence[str]) -> int:
        """The next number, modulo the number of options."""
        del node_id
        self._state = self._state * _MULTIPLIER % _MODULUS
        return self._state % len(options)
