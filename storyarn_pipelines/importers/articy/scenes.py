"""Locations as scenes; what lies on them as zones, pins and annotations.

articy measures in pixels of its own sheet, Storyarn in per cent of the scene. The scene is as
large as what lies on it, so that nothing falls outside.
"""

from collections.abc import Iterator

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.asides import keep, lose, named, properties_shown
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import PLACE_KINDS, Item
from storyarn_pipelines.importers.articy.kept import KeptScene, kept_scene, listed
from storyarn_pipelines.importers.articy.kept_scenes import draft_kept, frame_of, restore_scene

_LAYERS = ("LayerFolder", "UserFolder")
_LABEL, _TOOLTIP, _NOTE = 200, 500, 500
_FEWEST = 3
Frame = tuple[float, float, float, float]
"""Left, top, width and height, in pixels."""


def draft_scenes(book: Book) -> None:
    """A scene for each location, parents before what is in them."""
    store = book.store
    locations = store.of_kinds(["Location"])
    scenes: dict[int, int] = {}
    for number in _ordered(book, locations):
        item = store.item(number)
        kept = kept_scene(item) if book.kept is not None and item is not None else None
        own = int(kept.scene["id"]) if kept else None
        is_free = own is not None and own not in scenes.values()
        scenes[number] = own if own and is_free else int(book.draft.row(t.SCENES)["id"])
    for position, (number, scene) in enumerate(scenes.items()):
        item = store.item(number)
        assert item is not None
        kept = kept_scene(item) if book.kept is not None else None
        if kept is not None and kept.scene["id"] == str(scene):
            _restore(book, item, kept)
            continue
        _draft(book, item, scene, scenes.get(store.parent(number)), position)


def _restore(book: Book, item: Item, kept: KeptScene) -> None:
    """A scene of our own export, and what is new on it."""
    added = restore_scene(book, item, _parts(book, item), kept)
    layers = listed(kept.scene, "layers")
    layer = next((x["id"] for x in layers if x.get("is_default")), None)
    maker = _Scene(book, frame_of(kept), layer or (layers[0]["id"] if layers else None), {})
    for part in added:
        maker.add(part)
    for key, rows in (("pins", maker.pins), ("zones", maker.zones)):
        kept.scene[key] = [*listed(kept.scene, key), *rows]
    notes = [*listed(kept.scene, "annotations"), *maker.annotations]
    kept.scene["annotations"] = notes
    if kept.scene.get("shortcut"):
        book.scene_shortcuts.give(str(kept.scene["shortcut"]))
    draft_kept(book, kept)


def _ordered(book: Book, locations: list[int]) -> Iterator[int]:
    """Locations with those in them behind them."""
    known = set(locations)
    waiting = [x for x in reversed(locations) if book.store.parent(x) not in known]
    while waiting:
        number = waiting.pop()
        yield number
        inner = book.store.children(number)
        waiting.extend(x for x in reversed(inner) if x in known)


def _draft(book: Book, item: Item, scene: int, parent: int | None, position: int) -> None:
    parts = _parts(book, item)
    frame = _frame(parts)
    draft, shown = book.draft, book.name(item)
    picture = _background(book, item, parts)
    layer = draft.row(t.SCENE_LAYERS, name="Default", is_default=True, position=0, visible=True)
    layers = [layer]
    of_layer: dict[int, str] = {}
    for part in parts:
        if part.kind in _LAYERS:
            name = book.name(part)
            row = draft.row(t.SCENE_LAYERS, name=name, position=len(layers), visible=True)
            layers.append(row)
            of_layer[part.id] = row["id"]
    maker = _Scene(book, frame, layer["id"], of_layer)
    for part in parts:
        maker.add(part)
    if not book.is_ours:
        _keep_rest(book, [item, *parts], picture)
    text = texts.plain(book.said(item.text))
    draft.scene(
        draft.row(
            t.SCENES,
            id=str(scene),
            name=shown,
            shortcut=book.scene_shortcuts.give(names.shortcut(item.external or shown)),
            description=text[:2000] or None,
            width=max(1, round(frame[2])),
            height=max(1, round(frame[3])),
            position=position,
            parent_scene_id=None if parent is None else str(parent),
            background_asset_id=picture,
            layers=layers,
            pins=maker.pins,
            zones=maker.zones,
            connections=[],
            annotations=maker.annotations,
            ambient_flows=[],
        )
    )


def _parts(book: Book, item: Item) -> list[Item]:
    """Everything on a location, in layers or not."""
    found: list[Item] = []
    waiting = list(reversed(book.store.children(item.id)))
    while waiting:
        part = book.store.item(waiting.pop())
        if part is None or part.kind == "Location":
            continue
        found.append(part)
        waiting.extend(reversed(book.store.children(part.id)))
    return found


def _frame(parts: list[Item]) -> Frame:
    spots = [(x.x, x.y) for x in parts if x.kind in PLACE_KINDS]
    images = [x for x in parts if x.kind == "LocationImage" and not x.points]
    spots += [(x.x + x.width, x.y + x.height) for x in images]
    spots += [corner for x in parts for corner in x.points]
    if not spots:
        return 0.0, 0.0, 1000.0, 1000.0
    left, top = (min(0.0, *(spot[n] for spot in spots)) for n in (0, 1))
    right, low = (max(spot[n] for spot in spots) for n in (0, 1))
    return left, top, max(right - left, 1.0), max(low - top, 1.0)


def _background(book: Book, item: Item, parts: list[Item]) -> str | None:
    """The largest picture on a location, or its preview."""
    images = [x for x in parts if x.kind == "LocationImage"]
    images.sort(key=lambda x: -_area(x))
    for number in (*(x.preview or x.target for x in images), item.preview):
        asset = book.assets.get(number) if number else None
        if asset is not None and asset in book.pictures:
            return str(asset)
    return None


def _keep_rest(book: Book, parts: list[Item], picture: str | None) -> None:
    """Properties, attachments, and all pictures but the background, as notes."""
    for part in parts:
        if part.kind == "LocationImage" and _asset(book, part) != picture:
            lose(book, part, "pictures on locations but the background are kept as notes")
        elif part.kind in (*PLACE_KINDS, *_LAYERS, "Location"):
            lines = list(properties_shown(book, part, with_picture=_asset(book, part) != picture))
            known = book.flows.get(part.target) or book.sheets.get(part.target)
            if part.target and known is None and part.kind != "LocationImage":
                lines.append(f"Leads to {named(book, part.target)}")
            if lines:
                keep(book, part, lines, "properties of locations are kept as notes")


def _asset(book: Book, part: Item) -> str | None:
    asset = book.assets.get(part.preview or part.target)
    return None if asset is None else str(asset)


def _area(image: Item) -> float:
    if len(image.points) < _FEWEST:
        return image.width * image.height
    across, down = zip(*image.points, strict=True)
    return float((max(across) - min(across)) * (max(down) - min(down)))


class _Scene:
    """What lies on one scene."""

    def __init__(
        self, book: Book, frame: Frame, default: str | None, layers: dict[int, str]
    ) -> None:
        self._book, self._frame, self._default, self._layers = book, frame, default, layers
        self._taken = {"pin": names.shortcuts(), "zone": names.shortcuts()}
        self.pins: list[Json] = []
        self.zones: list[Json] = []
        self.annotations: list[Json] = []

    def add(self, part: Item) -> None:
        """Take an object of the location."""
        match part.kind:
            case "Zone" if len(part.points) >= _FEWEST:
                self._zone(part)
            case "Spot" | "Link" | "Zone" | "Path":
                self._pin(part)
            case "LocationText":
                text = texts.plain(self._book.said(part.text)) or self._book.name(part)
                self._note(part, text)
            case "LayerFolder" | "UserFolder" | "LocationImage":
                pass
            case _:
                lose(self._book, part, "objects that Storyarn has no place for are kept as notes")

    def _at(self, x: float, y: float) -> tuple[float, float]:
        left, top, wide, high = self._frame
        return _share(x - left, wide), _share(y - top, high)

    def _layer(self, part: Item) -> str | None:
        return self._layers.get(self._book.store.parent(part.id), self._default)

    def _shortcut(self, part: Item, kind: str) -> str:
        return self._taken[kind].give(names.shortcut(part.external or self._book.name(part)))

    def _zone(self, part: Item) -> None:
        corners = [self._at(x, y) for x, y in part.points]
        self.zones.append(
            self._book.draft.row(
                t.SCENE_ZONES,
                name=self._book.name(part),
                vertices=[{"x": x, "y": y} for x, y in corners],
                fill_color=names.color(part.color),
                tooltip=texts.plain(self._book.said(part.text))[:_TOOLTIP] or None,
                position=len(self.zones),
                action_type="action",
                action_data={"assignments": []},
                layer_id=self._layer(part),
                shortcut=self._shortcut(part, "zone"),
            )
        )

    def _pin(self, part: Item) -> None:
        book = self._book
        if part.kind in ("Zone", "Path"):
            book.notes.add("zones and paths without an area become pins",
                           [book.where(part)])  # fmt: skip
        x, y = self._at(*(part.points[0] if part.points else (part.x, part.y)))
        flow, sheet = book.flows.get(part.target), book.sheets.get(part.target)
        self.pins.append(
            book.draft.row(
                t.SCENE_PINS,
                position_x=x,
                position_y=y,
                pin_type="event" if flow is not None else "location",
                color=names.color(part.color),
                label=book.name(part)[:_LABEL],
                tooltip=texts.plain(book.said(part.text))[:_TOOLTIP] or None,
                size="md",
                position=len(self.pins),
                layer_id=self._layer(part),
                shortcut=self._shortcut(part, "pin"),
                flow_id=None if flow is None else str(flow),
                sheet_id=None if sheet is None else str(sheet),
            )
        )

    def _note(self, part: Item, text: str) -> None:
        x, y = self._at(part.x, part.y)
        self.annotations.append(
            self._book.draft.row(
                t.SCENE_ANNOTATIONS,
                layer_id=self._layer(part),
                text=text[:_NOTE] or "…",
                position_x=x,
                position_y=y,
                font_size="md",
                color=names.color(part.color),
                position=len(self.annotations),
            )
        )


def _share(value: float, whole: float) -> float:
    return round(min(100.0, max(0.0, value / whole * 100)), 4)
