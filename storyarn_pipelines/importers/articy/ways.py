"""Connections as ways between places of flows, whatever an export left out of them."""

from typing import NamedTuple

from storyarn_pipelines.importers.articy.items import CONTAINERS, NOTHING, Wire
from storyarn_pipelines.importers.articy.store import Store


class End(NamedTuple):
    """One end of a connection. ``inside``: it is the container's own pin, seen from within."""

    item: int
    pin: int
    inside: bool

    @property
    def is_there(self) -> bool:
        """Whether the export has the object."""
        return self.item != NOTHING


_NOWHERE = End(NOTHING, NOTHING, False)


def source_of(store: Store, wire: Wire) -> End:
    """Where a connection begins. A container's input pin leads to what is in it."""
    number = store.owner(wire.source_pin) or wire.source
    if store.row(number) is None:
        return _NOWHERE
    is_container = store.kind(number) in CONTAINERS
    if store.owner(wire.source_pin):
        inside = is_container and store.is_input(wire.source_pin)
    else:
        inside = is_container and store.parent(wire.target) == number
    return End(number, wire.source_pin if store.owner(wire.source_pin) else NOTHING, inside)


def target_of(store: Store, wire: Wire) -> End:
    """Where a connection leads. A container's output pin leads out of it."""
    number = store.owner(wire.target_pin) or wire.target
    if store.row(number) is None:
        return _NOWHERE
    is_container = store.kind(number) in CONTAINERS
    if store.owner(wire.target_pin):
        inside = is_container and not store.is_input(wire.target_pin)
    else:
        inside = is_container and store.parent(wire.source) == number
    return End(number, wire.target_pin if store.owner(wire.target_pin) else NOTHING, inside)
