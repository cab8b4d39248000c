"""Flows: graphs of nodes. ``data`` is the node's decoded JSON, of any shape."""

from decimal import Decimal
from typing import Any

import msgspec


class SequenceConfig(msgspec.Struct, frozen=True):
    """Name and size of a sequence, in editor pixels."""

    name: str
    width: float
    height: float


class SequenceTrack(msgspec.Struct, frozen=True):
    """Sound of a sequence; times in seconds, volume 0 to 1."""

    id: int
    kind: str
    position: int
    asset_id: int | None
    start_time: Decimal | None
    end_time: Decimal | None
    volume: Decimal | None


class SequenceVisualLayer(msgspec.Struct, frozen=True):
    """An image of a sequence; places and sizes as shares of the stage, 0 to 1."""

    id: int
    asset_id: int
    kind: str
    label: str | None
    z_index: int
    slot: str
    x: float
    y: float
    width: float
    height: float
    anchor_x: float
    anchor_y: float
    fit: str
    opacity: float
    visible: bool


class Node(msgspec.Struct, frozen=True):
    """One node. ``parent_id`` is the sequence that it stands in."""

    id: int
    type: str
    position_x: float
    position_y: float
    data: Any
    word_count: int
    parent_id: int | None
    speaker_shortcut: str | None
    referenced_flow_shortcut: str | None
    configs: tuple[SequenceConfig, ...]
    tracks: tuple[SequenceTrack, ...]
    visual_layers: tuple[SequenceVisualLayer, ...]


class Connection(msgspec.Struct, frozen=True):
    """A wire from a node's output pin to another node; the oldest comes first."""

    id: int
    source_pin: str
    target_pin: str
    label: str | None
    source_node_id: int
    target_node_id: int


class Flow(msgspec.Struct, frozen=True):
    """One flow with its graph. ``path`` joins the names from the root with ``/``.

    ``lost_connections`` are those left out for an end in the trash, as objects with ``id``,
    ``pin``, ``source`` and ``target``; None if there are none.
    """

    id: int
    name: str
    description: str | None
    shortcut: str | None
    is_main: bool
    settings: Any
    position: int | None
    parent_id: int | None
    scene_id: int | None
    path: str
    is_folder: bool
    entry_node_id: int | None
    exit_node_ids: tuple[int, ...]
    scene_shortcut: str | None
    lost_connections: Any
    nodes: tuple[Node, ...]
    connections: tuple[Connection, ...]
