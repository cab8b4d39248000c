"""Scenes: maps with pins and zones. Coordinates are per cent of the background, 0 to 100."""

from typing import Any

import msgspec


class Layer(msgspec.Struct, frozen=True):
    """A layer of a scene."""

    id: int
    name: str
    is_default: bool | None
    position: int | None
    visible: bool | None
    fog_enabled: bool


class Pin(msgspec.Struct, frozen=True):
    """A point on a scene, perhaps of a sheet or a flow."""

    id: int
    position_x: float
    position_y: float
    pin_type: str | None
    icon: str | None
    color: str | None
    label: str | None
    tooltip: str | None
    size: str | None
    position: int | None
    opacity: float | None
    locked: bool
    condition: Any
    condition_effect: str | None
    layer_id: int | None
    sheet_id: int | None
    icon_asset_id: int | None
    is_playable: bool
    is_leader: bool
    patrol_mode: str
    patrol_speed: float
    patrol_pause_ms: int
    shortcut: str | None
    hidden: bool
    flow_id: int | None
    target_type: str | None
    target_id: int | None
    target_shortcut: str | None


class Zone(msgspec.Struct, frozen=True):
    """An area on a scene; ``action_data`` depends on ``action_type``."""

    id: int
    name: str
    vertices: Any
    target_type: str | None
    target_id: int | None
    tooltip: str | None
    position: int | None
    locked: bool
    action_type: str
    action_data: Any
    condition: Any
    condition_effect: str | None
    layer_id: int | None
    is_walkable: bool
    shortcut: str | None
    hidden: bool
    label_mode: str
    label_icon_asset_id: int | None


class SceneConnection(msgspec.Struct, frozen=True):
    """A line between two pins, or a free-form one along its waypoints."""

    id: int
    line_style: str | None
    color: str | None
    label: str | None
    bidirectional: bool | None
    waypoints: Any
    from_pin_id: int | None
    to_pin_id: int | None


class SceneAnnotation(msgspec.Struct, frozen=True):
    """A text on a scene."""

    id: int
    layer_id: int | None
    text: str
    position_x: float
    position_y: float
    position: int | None


class AmbientFlow(msgspec.Struct, frozen=True):
    """A flow that a scene starts by itself."""

    id: int
    flow_id: int
    trigger_type: str
    enabled: bool
    position: int
    trigger_config: Any
    priority: int


class Scene(msgspec.Struct, frozen=True):
    """One scene with everything on it."""

    id: int
    name: str
    description: str | None
    shortcut: str | None
    width: int | None
    height: int | None
    position: int | None
    parent_id: int | None
    background_asset_id: int | None
    path: str
    layers: tuple[Layer, ...]
    pins: tuple[Pin, ...]
    zones: tuple[Zone, ...]
    connections: tuple[SceneConnection, ...]
    annotations: tuple[SceneAnnotation, ...]
    ambient_flows: tuple[AmbientFlow, ...]
