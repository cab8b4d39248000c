"""Scenes and everything on them, as rows."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from storyarn_pipelines.demo.authoring.scenes import Path, Pin, Point, Scene, Zone
from storyarn_pipelines.demo.compiling.expressions import assignments, condition
from storyarn_pipelines.demo.compiling.ledger import PROJECT_ID, Ledger

_TARGET_TABLES = {"flow": "flows", "scene": "scenes"}


def walk(scenes: Sequence[Scene]) -> Iterator[Scene]:
    """Go through a tree of scenes, parents first."""
    for scene in scenes:
        yield scene
        yield from walk(scene.children)


def reserve_scenes(scenes: Sequence[Scene], ledger: Ledger) -> None:
    """Give all scenes, layers and pins their ids."""
    for scene in walk(scenes):
        ledger.reserve("scenes", scene.shortcut)
        for layer in scene.layers:
            ledger.reserve("scene_layers", f"{scene.shortcut}/{layer.name}")
        for pin in scene.pins:
            ledger.reserve("scene_pins", f"{scene.shortcut}/{pin.key}")


def write_scenes(scenes: Sequence[Scene], ledger: Ledger, parent: int | None = None) -> None:
    """Write the whole tree."""
    for position, scene in enumerate(scenes):
        scene_id = ledger.add(
            "scenes",
            scene.shortcut,
            name=scene.name,
            description=scene.description,
            shortcut=scene.shortcut,
            width=scene.size[0],
            height=scene.size[1],
            default_zoom=scene.zoom,
            default_center_x=scene.center[0],
            default_center_y=scene.center[1],
            scale_unit=scene.scale[0] if scene.scale else None,
            scale_value=scene.scale[1] if scene.scale else None,
            position=position,
            deleted_at=None,
            project_id=PROJECT_ID,
            parent_id=parent,
            background_asset_id=ledger.id("assets", scene.background),
            current_version_id=None,
            exploration_display_mode=scene.display,
            fog_color=scene.fog[0],
            fog_opacity=scene.fog[1],
        )
        _SceneWriter(scene, scene_id, ledger).write()
        write_scenes(scene.children, ledger, scene_id)


class _SceneWriter:
    """Writes what lies on one scene."""

    def __init__(self, scene: Scene, scene_id: int, ledger: Ledger) -> None:
        self._scene = scene
        self._scene_id = scene_id
        self._ledger = ledger

    def write(self) -> None:
        self._write_layers()
        for position, pin in enumerate(self._scene.pins):
            self._write_pin(pin, position)
        for position, zone in enumerate(self._scene.zones):
            self._write_zone(zone, position)
        for path in self._scene.paths:
            self._write_path(path)
        self._write_remarks()
        self._write_ambient()

    def _layer(self, name: str) -> int:
        return self._ledger.id("scene_layers", f"{self._scene.shortcut}/{name}")

    def _maybe(self, table: str, key: str | None) -> int | None:
        return None if key is None else self._ledger.id(table, key)

    def _write_layers(self) -> None:
        for position, layer in enumerate(self._scene.layers):
            self._ledger.add(
                "scene_layers",
                f"{self._scene.shortcut}/{layer.name}",
                name=layer.name,
                is_default=position == 0,
                position=position,
                visible=layer.visible,
                fog_enabled=layer.fog,
                scene_id=self._scene_id,
            )

    def _write_pin(self, pin: Pin, position: int) -> None:
        mode, speed, pause = pin.patrol
        self._ledger.add(
            "scene_pins",
            f"{self._scene.shortcut}/{pin.key}",
            position_x=pin.at[0],
            position_y=pin.at[1],
            pin_type=pin.type,
            icon=None,
            color=pin.color,
            label=pin.label,
            tooltip=pin.tooltip,
            size=pin.size,
            position=position,
            opacity=pin.opacity,
            locked=pin.locked,
            condition=condition(pin.when),
            condition_effect=pin.effect,
            scene_id=self._scene_id,
            layer_id=self._layer(pin.layer),
            sheet_id=self._maybe("sheets", pin.sheet),
            icon_asset_id=self._maybe("assets", pin.icon),
            is_playable=pin.playable,
            is_leader=pin.leader,
            patrol_mode=mode,
            patrol_speed=speed,
            patrol_pause_ms=pause,
            shortcut=pin.key,
            hidden=pin.hidden,
            flow_id=self._maybe("flows", pin.flow),
        )

    def _write_zone(self, zone: Zone, position: int) -> None:
        kind, _, target = (zone.target or "").partition(":")
        font_size, family, weight, style = zone.label_font
        self._ledger.add(
            "scene_zones",
            name=zone.name,
            vertices=[{"x": x, "y": y} for x, y in zone.outline],
            fill_color=zone.fill,
            border_color=zone.fill,
            border_width=zone.border[1],
            border_style=zone.border[0],
            opacity=zone.opacity,
            target_type=kind or None,
            target_id=self._ledger.id(_TARGET_TABLES[kind], target) if kind else None,
            tooltip=zone.tooltip,
            position=position,
            locked=False,
            action_type=zone.action,
            action_data=self._action_data(zone),
            condition=condition(zone.when),
            condition_effect=zone.effect,
            scene_id=self._scene_id,
            layer_id=self._layer(zone.layer),
            is_walkable=zone.action == "walkable",
            shortcut=zone.key,
            hidden=zone.hidden,
            label_mode=zone.label_mode,
            label_font_size=font_size,
            label_font_family=family,
            label_font_weight=weight,
            label_font_style=style,
            label_icon_asset_id=self._maybe("assets", zone.label_icon),
        )

    def _action_data(self, zone: Zone) -> dict[str, Any]:
        match zone.action:
            case "action":
                return {"assignments": assignments(zone.changes)}
            case "display":
                return {"variable_ref": zone.shows, "display_mode": zone.display_mode}
            case "collection":
                items = [
                    {
                        "id": str(uuid5(NAMESPACE_URL, f"{zone.key}/{item.sheet}")),
                        "sheet_id": self._ledger.id("sheets", item.sheet),
                        "label": item.label,
                        "condition": condition(item.when),
                    }
                    for item in zone.items
                ]
                return {
                    "items": items,
                    "collect_all_enabled": True,
                    "empty_message": zone.empty_message,
                }
            case "walkable":
                return {}

    def _write_path(self, path: Path) -> None:
        ends = path.ends or (None, None)
        first, last = (
            None if end is None else self._ledger.id("scene_pins", f"{self._scene.shortcut}/{end}")
            for end in ends
        )
        pauses = path.pauses or (None, None)
        self._ledger.add(
            "scene_connections",
            line_style=path.style,
            color=path.color,
            label=path.label,
            bidirectional=path.both_ways,
            waypoints=[_waypoint(point, stop=not path.ends) for point in path.waypoints],
            show_label=bool(path.label),
            line_width=path.width,
            scene_id=self._scene_id,
            from_pin_id=first,
            to_pin_id=last,
            from_stop=True,
            to_stop=True,
            from_pause_ms=pauses[0],
            to_pause_ms=pauses[1],
        )

    def _write_remarks(self) -> None:
        for position, remark in enumerate(self._scene.remarks):
            self._ledger.add(
                "scene_annotations",
                scene_id=self._scene_id,
                layer_id=self._layer(remark.layer),
                text=remark.text,
                position_x=remark.at[0],
                position_y=remark.at[1],
                font_size=remark.size,
                color=remark.color,
                position=position,
                locked=False,
            )

    def _write_ambient(self) -> None:
        for position, ambient in enumerate(self._scene.ambient):
            self._ledger.add(
                "scene_ambient_flows",
                scene_id=self._scene_id,
                flow_id=self._ledger.id("flows", ambient.flow),
                trigger_type=ambient.trigger,
                enabled=ambient.enabled,
                position=position,
                trigger_config=dict(ambient.config),
                priority=ambient.priority,
            )


def _waypoint(point: Point, stop: bool) -> dict[str, Any]:
    return {"x": point[0], "y": point[1], "stop": stop, "pause_ms": 500 if stop else 0}
