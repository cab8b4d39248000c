"""Scenes as locations, with their pins and zones; media as assets."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.scenes import Pin, Scene, Zone
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import SCENE_KEPT, Book, colour
from storyarn_pipelines.serializers.articy.kept import original, scene_row
from storyarn_pipelines.serializers.articy.marks import shown_marks
from storyarn_pipelines.serializers.articy.objects import Thing

_PERCENT = 10.0
"""Pixels for one per cent of a scene whose size is not known."""


def location(book: Book, scene: Scene) -> list[Thing]:
    """The location of a scene, and then its spots, links and zones."""
    where = f"scene {scene.shortcut or scene.id} ({scene.name})"
    number = book.ids.of(i.SCENE, scene.id)
    top = Thing("Location", number, f"Loc_{_digits(scene.id)}", i.FOLDERS["Locations"])
    top.name = book.wording.plain(scene.name, where, {})
    top.text = book.wording.plain(scene.description or "", where, {})
    top.external_id = book.wording.clean(scene.shortcut or "", where)
    top.preview = book.asset(scene.background_asset_id)
    wide = (scene.width or 1000) / 100 if scene.width else _PERCENT
    high = (scene.height or 1000) / 100 if scene.height else _PERCENT
    spots = [_spot(book, top, pin, (wide, high), where) for pin in scene.pins]
    zones = [_zone(book, top, zone, (wide, high), where) for zone in scene.zones]
    _tell(book, scene, where)
    _keep(top, scene, [*spots, *zones])
    return [top, *spots, *zones]


def _keep(top: Thing, scene: Scene, things: Sequence[Thing]) -> None:
    """The scene as it is, with the marks of all that lies on it."""
    rows = [*(("pins", x.id) for x in scene.pins), *(("zones", x.id) for x in scene.zones)]
    marks = {
        x.id: {**shown_marks(x), "at": [x.x, x.y], "points": x.points, "row": [kind, str(number)]}
        for x, (kind, number) in zip(things, rows, strict=True)
    }
    kept = {"scene": scene_row(scene), "marks": {top.id: shown_marks(top), **marks}}
    top.template, top.features = SCENE_KEPT, ((SCENE_KEPT, (original(kept),)),)


def assets(book: Book, places: Mapping[int, str]) -> Iterator[Thing]:
    """An asset for each medium; ``places`` are their files in the artifact, or none."""
    for number, media in sorted(book.story.media.items()):
        where = f"media {media.filename}"
        thing = Thing("Asset", book.asset(number), f"Ast_{_digits(number)}", i.FOLDERS["Assets"])
        thing.name = book.wording.plain(PurePosixPath(media.filename).stem, where, {})
        thing.source = book.wording.clean(media.key, where)
        thing.file = places.get(number) or thing.source
        yield thing


def media_of(book: Book, asset: Thing) -> Media:
    """The medium of an asset."""
    number = asset.technical_name.removeprefix("Ast_").replace("n", "-")
    return book.story.media[int(number)]


def category(media: Media) -> str:
    """What articy calls a file of this type."""
    kind = media.content_type.partition("/")[0]
    return {"image": "Image", "audio": "Audio"}.get(kind, "Misc")


def _spot(book: Book, top: Thing, pin: Pin, size: tuple[float, float], where: str) -> Thing:
    """A pin: a link if it leads to a flow or a sheet, else a spot."""
    linked = book.ids.of(i.FLOW, pin.flow_id) if pin.flow_id in book.story.flows and (
        pin.flow_id is not None) else book.entity(pin.sheet_id)  # fmt: skip
    kind = "Spot" if linked == i.NULL_ID else "Link"
    prefix = "Spt" if kind == "Spot" else "Lnk"
    thing = Thing(kind, book.ids.of(i.PIN, pin.id), f"{prefix}_{_digits(pin.id)}", top.id)
    thing.name = book.wording.plain(pin.label or pin.shortcut or "", where, {})
    thing.text = book.wording.plain(pin.tooltip or "", where, {})
    thing.color = colour(pin.color)
    thing.external_id = book.wording.clean(pin.shortcut or "", where)
    thing.x, thing.y = round(pin.position_x * size[0], 2), round(pin.position_y * size[1], 2)
    thing.references = () if kind == "Spot" else (linked,)
    return thing


def _zone(book: Book, top: Thing, zone: Zone, size: tuple[float, float], where: str) -> Thing:
    thing = Thing("Zone", book.ids.of(i.ZONE, zone.id), f"Zon_{_digits(zone.id)}", top.id)
    thing.name = book.wording.plain(zone.name, where, {})
    thing.text = book.wording.plain(zone.tooltip or "", where, {})
    thing.external_id = book.wording.clean(zone.shortcut or "", where)
    corners = zone.vertices if isinstance(zone.vertices, list) else []
    thing.points = tuple(
        (round(float(x) * size[0], 2), round(float(y) * size[1], 2))
        for corner in corners
        if isinstance(corner, Mapping)
        and isinstance(x := corner.get("x"), int | float)
        and isinstance(y := corner.get("y"), int | float)
        and abs(x) < 1e6
        and abs(y) < 1e6
    )
    return thing


def _tell(book: Book, scene: Scene, where: str) -> None:
    """What scenes have and locations do not."""
    counts = {
        "conditions": sum(bool(x.condition) for x in scene.pins)
        + sum(bool(x.condition) for x in scene.zones),
        "actions": sum(bool(x.action_data) for x in scene.zones),
        "connections": len(scene.connections),
        "annotations": len(scene.annotations),
        "ambient flows": len(scene.ambient_flows),
        "layers": sum(not x.is_default for x in scene.layers),
    }
    found = [f"{number} {name}" for name, number in counts.items() if number]
    if found:
        message = f"not in the file: {', '.join(found)}"
        book.story.told.add("XP0203", message, where)


def _digits(number: int) -> str:
    return str(number).replace("-", "n")
