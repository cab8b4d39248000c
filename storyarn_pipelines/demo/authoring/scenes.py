"""How scenes are written: maps with layers, pins, zones, paths and notes.

All coordinates are per cent of the background, as in the database.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from storyarn_pipelines.demo.authoring.logic import Assignment, Test

Point = tuple[float, float]
Effect = Literal["hide", "disable"]


@dataclass(frozen=True)
class SceneLayer:
    """A layer that its pins and zones name."""

    name: str
    fog: bool = False
    visible: bool = True


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A marker on the map."""

    key: str
    type: Literal["location", "character", "event", "custom"]
    at: Point
    label: str
    layer: str = "Default"
    tooltip: str | None = None
    sheet: str | None = None
    flow: str | None = None
    icon: str | None = None
    color: str = "#f4c95d"
    size: Literal["sm", "md", "lg"] = "md"
    opacity: float = 1.0
    hidden: bool = False
    locked: bool = False
    playable: bool = False
    leader: bool = False
    patrol: tuple[str, float, int] = ("none", 1.0, 0)
    when: Test | None = None
    effect: Effect = "hide"


@dataclass(frozen=True)
class Item:
    """Something to be picked up in a collection zone."""

    sheet: str
    label: str
    when: Test | None = None


@dataclass(frozen=True, kw_only=True)
class Zone:
    """An area of the map; which of the last fields count depends on the action."""

    key: str
    name: str
    action: Literal["action", "walkable", "display", "collection"]
    outline: tuple[Point, ...]
    layer: str = "Default"
    tooltip: str | None = None
    fill: str | None = "#f4c95d"
    border: tuple[str, int] = ("solid", 2)
    opacity: float = 0.3
    label_mode: Literal["none", "text", "icon", "both"] = "text"
    label_font: tuple[int, str, str, str] = (12, "system", "600", "normal")
    label_icon: str | None = None
    when: Test | None = None
    effect: Effect = "hide"
    hidden: bool = False
    changes: tuple[Assignment, ...] = ()
    target: str | None = None
    shows: str | None = None
    display_mode: Literal["value", "label_value"] = "label_value"
    items: tuple[Item, ...] = ()
    empty_message: str = ""


@dataclass(frozen=True, kw_only=True)
class Path:
    """A line between two pins, or with at least two waypoints a free one."""

    label: str
    ends: tuple[str, str] | None = None
    waypoints: tuple[Point, ...] = ()
    style: Literal["solid", "dashed", "dotted"] = "solid"
    width: int = 2
    color: str = "#d9c7a0"
    both_ways: bool = True
    pauses: tuple[int, int] | None = None


@dataclass(frozen=True)
class Remark:
    """A text written on the map."""

    text: str
    at: Point
    size: Literal["sm", "md", "lg"] = "md"
    color: str = "#f5efe0"
    layer: str = "Default"


@dataclass(frozen=True)
class Ambient:
    """A flow that plays in the background of the scene."""

    flow: str
    trigger: Literal["on_enter", "timed", "on_event", "one_shot"]
    config: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A map and the maps below it."""

    shortcut: str
    name: str
    description: str
    background: str
    size: tuple[int, int]
    layers: tuple[SceneLayer, ...]
    scale: tuple[str, float] | None = None
    display: Literal["fit", "scaled"] = "fit"
    zoom: float = 1.0
    center: Point = (50.0, 50.0)
    fog: tuple[str, float] = ("#0b1026", 0.85)
    pins: tuple[Pin, ...] = ()
    zones: tuple[Zone, ...] = ()
    paths: tuple[Path, ...] = ()
    remarks: tuple[Remark, ...] = ()
    ambient: tuple[Ambient, ...] = ()
    children: "tuple[Scene, ...]" = ()
