"""Sheets as Dialogic's characters."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.story import SheetFacts
from storyarn_pipelines.serializers.godot import godot_text as g

_SCRIPT = "res://addons/dialogic/Resources/character.gd"
Place = Callable[[int | None], str]


def character(
    sheet: Sheet,
    facts: SheetFacts,
    key: str,
    portraits: Mapping[int, str],
    place: Place,
    told: Told,
) -> str:
    """The ``.dch`` file of a sheet; ``key`` is the id of its name's translations."""
    name = display_name(sheet, told)
    images = {portraits[x.id]: place(x.asset_id) for x in sheet.avatars}
    default = next((portraits[x.id] for x in sheet.avatars if x.is_default), "")
    default = default or next(iter(images), "")
    custom = {"storyarn": {"shortcut": sheet.shortcut or "", "path": sheet.path,
                           "properties": dict(properties(sheet))}}  # fmt: skip
    fields = {
        "@path": g.text(_SCRIPT),
        "@subpath": 'NodePath("")',
        "_translation_id": g.text(key),
        "color": g.color(facts.color),
        "custom_info": g.variant(custom),
        "default_portrait": g.text(default),
        "description": g.text(sheet.description or ""),
        "display_name": g.text(name),
        "mirror": "false",
        "nicknames": "[]",
        "offset": "Vector2(0, 0)",
        "portraits": g.dictionary((x, _portrait(image)) for x, image in images.items()),
        "scale": "1.0",
    }
    return g.dictionary(fields.items()) + "\n"


def display_name(sheet: Sheet, told: Told) -> str:
    """The name, in which Dialogic would replace what stands in braces."""
    name = " ".join(sheet.name.split()) or "-"
    if "{" in name:
        message = "braces of its name are shown with signs that only look like them"
        told.add("XP0202", message, f"sheet {sheet.shortcut or sheet.id}")
    return name.replace("{", "\uff5b")


def properties(sheet: Sheet) -> Iterator[tuple[str, Any]]:
    """Constants: what is no variable can be read here only."""
    for block in sheet.blocks:
        key = block.variable_name or _label(block)
        if not block.is_variable and key and isinstance(block.value, dict):
            content = block.value.get("content")
            if content is not None:
                yield key, content


def _label(block: Block) -> str:
    label = block.config.get("label") if isinstance(block.config, dict) else None
    return label if isinstance(label, str) else ""


def _portrait(image: str) -> str:
    overrides = {"image": g.text(image)} if image else {}
    return g.variant({"export_overrides": overrides, "scene": ""})
