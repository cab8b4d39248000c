"""Objects as the JSON of articy:draft 3 has them, and the definitions of their types."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zlib import crc32

from storyarn_pipelines.serializers.articy.ids import NULL_ID
from storyarn_pipelines.serializers.articy.objects import (
    COLOR,
    FLOW_KINDS,
    SIZES,
    Kept,
    Pin,
    Property,
    Text,
    Thing,
)

Json = dict[str, Any]

_NO_IMAGE = {"x": 0.0, "y": 0.0, "w": 0.0, "h": 0.0}


def model(thing: Thing) -> Json:
    """An object as a member of a package."""
    properties: Json = {
        "TechnicalName": thing.technical_name,
        "Id": thing.id,
        "Parent": thing.parent,
    }
    _OWN.get(thing.kind, _named)(thing, properties)
    properties |= {
        "Color": colour(thing.color),
        "Text": thing.text.plain,
        "ExternalId": thing.external_id,
        "Position": {"x": float(thing.x), "y": float(thing.y)},
        "ZIndex": 0.0,
        "Size": _size(thing.kind),
        "ShortId": crc32(thing.id.encode()),
    }
    if thing.kind in FLOW_KINDS:
        properties["InputPins"] = [_pin(thing, x) for x in thing.inputs]
        if thing.outputs:
            properties["OutputPins"] = [_pin(thing, x) for x in thing.outputs]
    made: Json = {"Type": thing.template or thing.kind, "Properties": properties}
    if thing.template:
        made["Template"] = {
            name: {x.name: _value(x) for x in properties} for name, properties in thing.features
        }
    return made


def texts(thing: Thing) -> list[tuple[str, Text]]:
    """The texts of an object that may be translated, by their keys in a localised export."""
    name = thing.technical_name
    members = (
        ("DisplayName", thing.name), ("Text", thing.text),
        ("StageDirections", thing.stage), ("PreviewText", thing.menu),
    )  # fmt: skip
    found = [(f"{name}.{key}", text) for key, text in members if text.more]
    for feature, properties in thing.features:
        found += [
            (f"{name}.{feature}.{one.name}", one.value)
            for one in properties
            if isinstance(one.value, Text) and one.value.more
        ]
    return found


@lru_cache(maxsize=256)
def colour(value: str) -> Mapping[str, float]:
    """``#RRGGBB`` as shares of one."""
    red, green, blue = (int(value[x : x + 2], 16) / 255 for x in (1, 3, 5))
    return {"r": round(red, 9), "g": round(green, 9), "b": round(blue, 9)}


_WIRE_COLOUR = {"a": 1.0, **colour(COLOR)}


@lru_cache(maxsize=32)
def _size(kind: str) -> Mapping[str, float]:
    width, height = SIZES.get(kind, (256, 196))
    return {"w": float(width), "h": float(height)}


def _pin(thing: Thing, pin: Pin) -> Json:
    made: Json = {"Text": pin.script, "Id": pin.id, "Owner": thing.id}
    if pin.wires:
        made["Connections"] = [
            {
                "Color": _WIRE_COLOUR,
                "Label": "",
                "TargetPin": wire.pin,
                "Target": wire.target,
            }
            for wire in pin.wires
        ]
    return made


def _value(one: Property) -> object:
    if isinstance(one.value, Text):
        return one.value.plain
    if isinstance(one.value, Kept):
        return one.value.text
    return float(one.value) if one.kind == "Number" else one.value


def _image(thing: Thing) -> Json:
    return {"ViewBox": _NO_IMAGE, "Mode": "FromAsset", "Asset": thing.preview}


def _named(thing: Thing, properties: Json) -> None:
    properties["DisplayName"] = thing.name.plain


def _holder(thing: Thing, properties: Json) -> None:
    properties |= {
        "Attachments": list(thing.references),
        "DisplayName": thing.name.plain,
        "PreviewImage": _image(thing),
    }


def _fragment(thing: Thing, properties: Json) -> None:
    properties |= {
        "MenuText": thing.menu.plain,
        "StageDirections": thing.stage.plain,
        "Speaker": thing.speaker,
        "SplitHeight": 64.0,
    }


def _script(thing: Thing, properties: Json) -> None:
    properties |= {"DisplayName": thing.name.plain, "Expression": thing.expression}


def _jump(thing: Thing, properties: Json) -> None:
    wire = thing.target
    properties |= {
        "Target": wire.target if wire else NULL_ID,
        "TargetPin": wire.pin if wire else NULL_ID,
    }


def _comment(thing: Thing, properties: Json) -> None:
    del thing
    properties |= {"CreatedBy": "", "CreatedOn": "2000-01-01T00:00:00Z"}


def _asset(thing: Thing, properties: Json) -> None:
    properties |= {
        "DisplayName": thing.name.plain,
        "Filename": thing.file.rpartition("/")[2],
        "OriginalSource": thing.source,
        "PreviewImage": _image(thing),
    }


def _spot(thing: Thing, properties: Json) -> None:
    properties |= {
        "DisplayName": thing.name.plain,
        "PreviewImage": _image(thing),
        "Visibility": "Visible",
        "Selectability": "Selectable",
    }


def _link(thing: Thing, properties: Json) -> None:
    properties |= {
        "Target": next(iter(thing.references), NULL_ID),
        "Visibility": "Visible",
        "Selectability": "Selectable",
    }


def _zone(thing: Thing, properties: Json) -> None:
    _spot(thing, properties)
    nowhere = {"x": 0.0, "y": 0.0}
    properties |= {
        "Vertices": [{"x": x, "y": y} for x, y in thing.points],
        "Transform": {"Pivot": nowhere, "Rotation": 0.0, "Translation": nowhere},
        "ShapeType": "Polygon",
    }


_OWN = {
    "Dialogue": _holder, "Entity": _holder, "Location": _holder, "DialogueFragment": _fragment,
    "Condition": _script, "Instruction": _script, "Jump": _jump, "Comment": _comment,
    "Asset": _asset, "Spot": _spot, "Link": _link, "Zone": _zone,
}  # fmt: skip

# -- definitions

_TYPES: Mapping[str, Mapping[str, str]] = {
    "Point": {"x": "float", "y": "float"},
    "Color": {"a": "float", "r": "float", "g": "float", "b": "float"},
    "Size": {"w": "float", "h": "float"},
    "Rect": {"x": "float", "y": "float", "w": "float", "h": "float"},
    "PreviewImage": {"ViewBox": "Rect", "Mode": "PreviewImageViewBoxModes", "Asset": "Id"},
    "Transformation": {"Pivot": "Point", "Rotation": "float", "Translation": "Point"},
    "OutgoingConnection": {
        "Label": "string", "Color": "Color", "TargetPin": "InputPin", "Target": "Id",
    },
    "OutputPin": {
        "Text": "Script_Instruction", "Id": "id", "Owner": "id",
        "Connections": "[OutgoingConnection]",
    },
    "InputPin": {
        "Text": "Script_Condition", "Id": "id", "Owner": "id",
        "Connections": "[OutgoingConnection]",
    },
}  # fmt: skip
_ENUMS = {
    "PreviewImageViewBoxModes": ("FromAsset", "Custom"),
    "VisibilityModes": ("Invisible", "Visible"),
    "SelectabilityModes": ("Unselectable", "Selectable"),
    "ShapeType": ("Invalid", "Spot", "Circle", "Rectangle", "Path", "Polygon", "Link"),
}
_HEAD = {
    "Color": "Color", "Text": "string", "ExternalId": "string", "Position": "Point",
    "ZIndex": "Float", "Size": "Size", "ShortId": "uint", "Id": "Id", "TechnicalName": "string",
    "Parent": "Id",
}  # fmt: skip
_PINNED = {"InputPins": "[InputPin]", "OutputPins": "[OutputPin]"}
_HOLDER = {"Attachments": "[Id]", "DisplayName": "string", "PreviewImage": "PreviewImage"}
_SEEN = {"Visibility": "VisibilityModes", "Selectability": "SelectabilityModes"}
_OBJECTS: Mapping[str, Mapping[str, str]] = {
    "Dialogue": {**_HOLDER, **_HEAD, **_PINNED},
    "DialogueFragment": {
        "MenuText": "string", "StageDirections": "string", "Speaker": "Id",
        "SplitHeight": "Float", **_HEAD, **_PINNED,
    },
    "Hub": {"DisplayName": "string", **_HEAD, **_PINNED},
    "Jump": {"Target": "Id", "TargetPin": "Id", **_HEAD, **_PINNED},
    "Condition": {
        "DisplayName": "string", "Expression": "Script_Condition", **_HEAD, **_PINNED,
    },
    "Instruction": {
        "DisplayName": "string", "Expression": "Script_Instruction", **_HEAD, **_PINNED,
    },
    "Comment": {"CreatedBy": "string", "CreatedOn": "DateTime", **_HEAD},
    "Entity": {**_HOLDER, **_HEAD},
    "Location": {**_HOLDER, **_HEAD},
    "Spot": {"DisplayName": "string", "PreviewImage": "PreviewImage", **_SEEN, **_HEAD},
    "Link": {"Target": "Id", **_SEEN, **_HEAD},
    "Zone": {
        "DisplayName": "string", "PreviewImage": "PreviewImage", "Vertices": "[Point]",
        "Transform": "Transformation", "ShapeType": "ShapeType", **_SEEN, **_HEAD,
    },
    "Asset": {
        "DisplayName": "string", "Filename": "string", "OriginalSource": "string",
        "PreviewImage": "PreviewImage", **_HEAD,
    },
}  # fmt: skip
PROPERTY_TYPES = {"String": "string", "Number": "Float", "Boolean": "Boolean",
                  "NamedReference": "Id"}  # fmt: skip
"""Kinds of properties as the JSON calls them."""


def definitions() -> list[Json]:
    """The types that articy itself brings along, as far as they occur."""
    primitive = ("Point", "Color", "Size", "Rect")
    found: list[Json] = [
        {
            "Type": name,
            "Class": "Primitive" if name in primitive else "ArticyObject",
            "Properties": _members(members),
        }
        for name, members in _TYPES.items()
    ]
    for name, values in _ENUMS.items():
        numbered = {x: number for number, x in enumerate(values)}
        shown = {x: x for x in values}
        found.append(
            {
                "Type": name,
                "Class": "Enum",
                "DisplayName": name,
                "Values": numbered,
                "DisplayNames": shown,
            }
        )
    for name, members in _OBJECTS.items():
        made = {"Type": name, "Class": name, "DisplayName": name}
        found.append({**made, "Properties": _members(members)})
    return found


def _members(members: Mapping[str, str]) -> list[Json]:
    return [
        {"Property": name, "Type": "Array", "ItemType": kind[1:-1]}
        if kind.startswith("[")
        else {"Property": name, "Type": kind}
        for name, kind in members.items()
    ]
