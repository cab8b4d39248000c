"""Scenes of older documents: what pins aim at, what shows a layer."""

from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.older_values import (
    Conversions,
    decoded,
    excerpt,
    is_missing,
    new_row,
)
from storyarn_pipelines.importers.rows import Row

_TARGETS = {"page": t.SHEETS, "sheet": t.SHEETS, "flow": t.FLOWS}
_COLUMNS = {t.SHEETS: "sheet_id", t.FLOWS: "flow_id"}
_MIDDLE = b"50.0"
_POSITIONED = (t.SCENE_PINS, t.SCENE_ANNOTATIONS)
_MARGIN, _LINE = 2.0, 4.0


def convert_scene(scene: Row, conversions: Conversions) -> None:
    """Bring what stands on a scene into today's shape; annotations keep what has no place."""
    converter = _Scene(conversions)
    for child in scene.children:
        if child.table is t.SCENE_LAYERS:
            converter.layer(child)
        elif child.table is t.SCENE_PINS and not _is_todays_pin(child):
            converter.pin(child)
        if child.table in _POSITIONED:
            for column in ("position_x", "position_y"):
                if is_missing(child, column):
                    child.values[column] = _MIDDLE
                    conversions.note("places that are missing, set to the middle", child.pointer)
    scene.children += converter.notes


class _Scene:
    def __init__(self, conversions: Conversions) -> None:
        self._conversions = conversions
        self.notes: list[Row] = []

    def layer(self, layer: Row) -> None:
        raw = layer.values.pop("trigger_event_id", None)
        if raw is None or bytes(raw) == b"null":
            return
        event = decoded(raw, f"{layer.pointer}/trigger_event_id")
        self._keep(
            layer,
            "trigger_event_id",
            f"Layer {excerpt(layer.get('name'))}: trigger_event_id {excerpt(event)}",
            layer.ref,
        )
        self._conversions.note("trigger_event_id of layers kept as annotations", layer.pointer)

    def pin(self, pin: Row) -> None:
        if not (is_missing(pin, "sheet_id") and is_missing(pin, "flow_id")):
            return
        kind, shortcut = pin.text("target_type"), pin.text("target_shortcut")
        target = pin.text("target_id")
        table = _TARGETS.get(kind or "")
        if target is None and table is not None and shortcut:
            target = self._conversions.facts.shortcuts.get((table, shortcut))
        if target is not None and table is not None:
            pin.values[_COLUMNS[table]] = _json(target)
            self._conversions.note("target_id of pins read by their target_type", pin.pointer)
        elif target is not None or shortcut:
            text = f"Pin {excerpt(pin.get('label'))}: target {kind} {target or shortcut}"
            self._keep(pin, "target_id", text, pin.text("layer_id"))
            self._conversions.note(
                "targets of pins that are no sheet or flow, kept as annotations", pin.pointer
            )

    def _keep(self, row: Row, key: str, text: str, layer: str | None) -> None:
        self.notes.append(scene_note(row, key, text, len(self.notes), layer))


def _is_todays_pin(pin: Row) -> bool:
    return "inserted_at" in pin.values and "sheet_id" in pin.values


def scene_note(row: Row, key: str, text: str, number: int, layer: str | None = None) -> Row:
    """An annotation on a scene: beside what it speaks of, else in a list at the margin."""
    x, y = (row.get(f"position_{axis}") for axis in ("x", "y"))
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        x, y = _MARGIN, _MARGIN + _LINE * (number % 24)
    return new_row(
        t.SCENE_ANNOTATIONS,
        f"{row.pointer}/{key}",
        id=f"{row.ref}/note/{row.table.name}/{key}",
        text=text,
        position_x=x,
        position_y=y,
        position=number,
        layer_id=layer,
    )


def _json(text: Any) -> bytes:
    return bytes(new_row(t.SCENE_PINS, "", x=text).values["x"])
