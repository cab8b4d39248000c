"""One object of the JSON exports: a model, its template, its pins and their connections."""

import math
from typing import Any

import msgspec

from storyarn_pipelines.importers.articy.items import (
    NOTHING,
    Item,
    Pin,
    Property,
    Text,
    Wire,
    number_of,
)
from storyarn_pipelines.importers.articy.json_texts import Texts
from storyarn_pipelines.importers.articy.project import ArticyProject, Enum
from storyarn_pipelines.importers.refusal import refused

Json = dict[str, Any]

_IDS = frozenset({"id", "Id"})


class ObjectReader:
    """Reads models. ``classes`` are the kinds of types, ``types`` the types of properties."""

    def __init__(self, project: ArticyProject, texts: Texts) -> None:
        self._project, self._texts, self._file = project, texts, project.file
        self.classes: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.enums: dict[str, Enum] = {}
        self.is_localised = False

    def take(self, model: Json, place: str) -> None:
        """Keep an object and its connections. Raises ImportFileError."""
        told = model.get("Properties")
        if not isinstance(told, dict):
            raise refused(self._file, place, "an object without Properties: export again")
        number = number_of(told.get("Id"), self._file, f"{place}/Properties/Id")
        kind = text_of(model.get("Type"))
        base = self.classes.get(kind, kind)
        pins = self._pins(told, number, place)
        item = self._item(told, number, base, place)
        item.template = kind if kind != base else ""
        item.pins = pins
        item.properties = self._properties(model.get("Template"), place)
        item.file = text_of(model.get("AssetRef")) or item.file
        self._project.store.add(item)

    def _item(self, told: Json, number: int, kind: str, place: str) -> Item:
        def ref(name: str) -> int:
            return self._ref(told.get(name), f"{place}/Properties/{name}")

        position, size, preview = (
            _mapping(told.get(x)) for x in ("Position", "Size", "PreviewImage")
        )
        return Item(
            id=number,
            kind=kind,
            parent=ref("Parent"),
            technical=text_of(told.get("TechnicalName")).strip(),
            external=text_of(told.get("ExternalId")),
            name=self._words(told.get("DisplayName")),
            text=self._words(told.get("Text")),
            stage=self._words(told.get("StageDirections")),
            menu=self._words(told.get("MenuText")),
            color=_color(told.get("Color")),
            x=_real(position.get("x")),
            y=_real(position.get("y")),
            width=_real(size.get("w")),
            height=_real(size.get("h")),
            expression=text_of(told.get("Expression")),
            speaker=ref("Speaker"),
            target=ref("Target"),
            target_pin=ref("TargetPin"),
            references=self._refs(told.get("Attachments"), f"{place}/Properties/Attachments"),
            preview=ref("ImageAsset")
            or self._ref(preview.get("Asset"), f"{place}/Properties/PreviewImage"),
            points=_points(told),
            file=text_of(told.get("Filename")),
            source=text_of(told.get("OriginalSource")),
        )

    def _pins(self, told: Json, owner: int, place: str) -> list[Pin]:
        found: list[Pin] = []
        for side, is_input in (("InputPins", True), ("OutputPins", False)):
            for index, pin in enumerate(map(_mapping, _listing(told.get(side)))):
                here = f"{place}/Properties/{side}/{index}"
                number = number_of(pin.get("Id"), self._file, f"{here}/Id")
                found.append(Pin(number, is_input, index, text_of(pin.get("Text"))))
                for wire in map(_mapping, _listing(pin.get("Connections"))):
                    target = self._ref(wire.get("Target"), f"{here}/Connections")
                    to = self._ref(wire.get("TargetPin"), f"{here}/Connections")
                    label = self._words(wire.get("Label"))
                    self._project.store.add_wire(Wire(owner, number, target, to, label))
        return found

    def _properties(self, template: object, place: str) -> list[Property]:
        found: list[Property] = []
        for feature, inner in _mapping(template).items():
            for name, value in _mapping(inner).items():
                kind = self.types.get(f"{feature}.{name}", "")
                here = f"{place}/Template/{feature}/{name}"
                found.append(self._property(feature, name, kind, value, here))
        return found

    def _property(self, feature: str, name: str, kind: str, value: Any, place: str) -> Property:
        match value:
            case bool():
                return Property(feature, name, "Boolean", value)
            case int() | float():
                tag = "Enum" if kind in self.enums else "Number"
                return Property(feature, name, tag, int(value) if tag == "Enum" else _real(value))
            case list() if all(isinstance(x, str) and x.startswith("0x") for x in value):
                return Property(feature, name, "References", self._refs(value, place))
            case str() if kind in _IDS or (not kind and value.startswith("0x")):
                return Property(feature, name, "NamedReference", self._ref(value, place))
            case str() if kind in self.enums:
                names = {x: key for key, (x, _) in self.enums[kind].values.items()}
                return Property(feature, name, "Enum", names.get(value))
            case str() if kind.startswith("Script_"):
                return Property(feature, name, "Script", value)
            case str():
                return Property(feature, name, "LocalizableText", self._words(value))
        other = "" if value is None else msgspec.json.encode(value).decode()
        return Property(feature, name, "String", other)

    def _words(self, value: object) -> Text:
        """A text in its languages: a key of the texts, or the text itself."""
        text = text_of(value)
        if not text:
            return {}
        found = self._texts.get(text)
        if found is None:
            if self.is_localised:
                self._project.keys_without_texts += 1
            found = {"": text}
        return self._project.heard(found)

    def _ref(self, value: object, place: str) -> int:
        return NOTHING if value in (None, "") else number_of(value, self._file, place)

    def _refs(self, value: object, place: str) -> list[int]:
        return [self._ref(x, place) for x in _listing(value) if isinstance(x, str)]


def text_of(value: object) -> str:
    """A text, empty for anything else."""
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _listing(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _points(told: Json) -> list[tuple[float, float]]:
    """Corners, which X writes as seen from the object itself, where they are on the page."""
    placed = _mapping(told.get("Transform"))
    matrix = [_real(x) for x in _listing(placed.get("Matrix"))]
    if len(matrix) != 9:
        moved = _mapping(placed.get("Translation"))
        matrix = [1, 0, 0, 0, 1, 0, _real(moved.get("x")), _real(moved.get("y")), 1]
    corners = [
        (_real(x.get("x")), _real(x.get("y")))
        for x in map(_mapping, _listing(told.get("Vertices")))
    ]
    return [
        (
            round(matrix[0] * x + matrix[3] * y + matrix[6], 3),
            round(matrix[1] * x + matrix[4] * y + matrix[7], 3),
        )
        for x, y in corners
    ]


def _real(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or abs(value) > 1e15:  # type: ignore[arg-type]  # a number
        return 0.0
    found = float(value)  # type: ignore[arg-type]  # a number
    return found if math.isfinite(found) else 0.0


def _color(value: object) -> str:
    """Shares of one as ``#RRGGBB``."""
    parts = _mapping(value)
    if not parts:
        return ""
    shares = (max(0.0, min(1.0, _real(parts.get(x)))) for x in ("r", "g", "b"))
    return "#" + "".join(f"{round(x * 255):02X}" for x in shares)
