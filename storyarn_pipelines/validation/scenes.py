"""One scene after the other: pins, zones and the flows that it starts by itself."""

from functools import partial
from typing import Any

from storyarn_pipelines.domain.json_values import kind_of, mapping
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.domain.scenes import AmbientFlow, Pin, Scene, Zone
from storyarn_pipelines.validation.conditions import check_condition
from storyarn_pipelines.validation.findings import Entity, Here
from storyarn_pipelines.validation.instructions import check_assignments
from storyarn_pipelines.validation.interpolation import check_named_variable
from storyarn_pipelines.validation.names import check_duplicates, check_shortcut
from storyarn_pipelines.validation.references import (
    check_media,
    check_reference,
    check_typed_reference,
)
from storyarn_pipelines.validation.run import Run

_ACTIONS = ("action", "walkable", "display", "collection")
_TRIGGERS = ("on_enter", "timed", "on_event", "one_shot")


def check_scenes(run: Run, counter: Counter) -> None:
    """Check all scenes, one at a time."""
    for scene in run.story.scenes():
        counter.add(1 + len(scene.pins) + len(scene.zones))
        entity = run.index.entities["scene"].get(scene.id)
        if entity is None:
            continue
        run.count("scenes")
        check_shortcut(run, entity.itself, scene.shortcut)
        check_media(run, entity.itself, scene.background_asset_id, "background")
        _check_elements(run, entity, scene)


def _check_elements(run: Run, entity: Entity, scene: Scene) -> None:
    pins = [(pin, _pin_entity(entity, pin)) for pin in scene.pins]
    zones = [(zone, _zone_entity(entity, zone)) for zone in scene.zones]
    for pin, found in pins:
        _check_pin(run, found.itself, pin)
    for zone, found in zones:
        _check_zone(run, found.itself, zone)
    check_duplicates(run, (found for _, found in pins))
    check_duplicates(run, (found for _, found in zones))
    for ambient in scene.ambient_flows:
        here = partial(_ambient_entity, entity, ambient)
        _check_ambient(run, here, ambient)


def _pin_entity(scene: Entity, pin: Pin) -> Entity:
    return Entity("scene_pin", pin.id, pin.shortcut, pin.label, scene, "pin")


def _zone_entity(scene: Entity, zone: Zone) -> Entity:
    return Entity("scene_zone", zone.id, zone.shortcut, zone.name, scene, "zone")


def _ambient_entity(scene: Entity, ambient: AmbientFlow) -> Entity:
    return Entity("scene_ambient_flow", ambient.id, None, None, scene, "ambient flow")


def _check_pin(run: Run, here: Here, pin: Pin) -> None:
    check_shortcut(run, here, pin.shortcut)
    check_reference(run, here, "sheet", pin.sheet_id, "sheet")
    check_reference(run, here, "flow", pin.flow_id, "flow")
    check_media(run, here, pin.icon_asset_id, "icon")
    check_condition(run, here, pin.condition, "condition")


def _check_zone(run: Run, here: Here, zone: Zone) -> None:
    check_shortcut(run, here, zone.shortcut)
    check_media(run, here, zone.label_icon_asset_id, "icon")
    kinds = ("flow", "scene")
    check_typed_reference(run, here, zone.target_type, zone.target_id, kinds, "target")
    check_condition(run, here, zone.condition, "condition")
    if not _is_outline(zone.vertices):
        kind = kind_of(zone.vertices)
        run.add("SA1004", here, what="outline", kind=kind, wanted="a list of at least 3 points")
    if zone.action_type not in _ACTIONS:
        run.add("SA1005", here, what="action", type=zone.action_type)
    elif zone.action_data is not None and not isinstance(zone.action_data, dict):
        kind = kind_of(zone.action_data)
        run.add("SA1004", here, what="action data", kind=kind, wanted="an object")
    else:
        _check_action(run, here, zone.action_type, mapping(zone.action_data))


def _is_outline(vertices: object) -> bool:
    if not isinstance(vertices, list) or len(vertices) < 3:
        return False
    coordinates = [mapping(point).get(axis) for point in vertices for axis in ("x", "y")]
    return all(isinstance(x, int | float) and not isinstance(x, bool) for x in coordinates)


def _check_action(run: Run, here: Here, action: str, data: dict[str, Any]) -> None:
    match action:
        case "action":
            check_assignments(run, here, data.get("assignments"), "assignments")
        case "display":
            check_named_variable(run, here, data.get("variable_ref"), "display")
        case "collection":
            _check_items(run, here, data.get("items"))


def _check_items(run: Run, here: Here, items: object) -> None:
    if items is not None and not isinstance(items, list):
        run.add("SA1004", here, what="collection", kind=kind_of(items), wanted="a list")
        return
    for number, item in enumerate(items or (), start=1):
        if not isinstance(item, dict):
            what = f"item {number}"
            run.add("SA1004", here, what=what, kind=kind_of(item), wanted="an object")
            continue
        check_reference(run, here, "sheet", item.get("sheet_id"), f"item {number}")
        check_condition(run, here, item.get("condition"), f"condition of item {number}")


def _check_ambient(run: Run, here: Here, ambient: AmbientFlow) -> None:
    check_reference(run, here, "flow", ambient.flow_id, "flow")
    config = ambient.trigger_config
    if ambient.trigger_type not in _TRIGGERS:
        run.add("SA1005", here, what="trigger", type=ambient.trigger_type)
    elif config is not None and not isinstance(config, dict):
        run.add("SA1004", here, what="trigger", kind=kind_of(config), wanted="an object")
    elif ambient.trigger_type == "on_event":
        check_named_variable(run, here, mapping(config).get("variable_ref"), "trigger")
