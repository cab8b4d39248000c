"""Scenes of our own export, drafted as they were, with what an author has changed in articy."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Item, hexadecimal
from storyarn_pipelines.importers.articy.kept import KeptScene, Marks, listed, stamped
from storyarn_pipelines.importers.articy.kept_texts import changed_texts

Frame = tuple[float, float, float, float]
"""Left, top, width and height, in pixels."""

_WIDE = 1000.0
_NEAR = 0.01
_FARTHEST = 1e9
_LABEL, _TOOLTIP, _DESCRIPTION = 200, 500, 2000


def frame_of(kept: KeptScene) -> Frame:
    """What a hundred per cent of a scene are, as our export measures."""
    width, height = (kept.scene.get(x) for x in ("width", "height"))
    if not isinstance(width, int) or width < 1:
        return 0.0, 0.0, _WIDE, _WIDE
    is_high = isinstance(height, int) and height > 0
    return 0.0, 0.0, float(width), float(height or 0) if is_high else _WIDE


def restore_scene(book: Book, item: Item, parts: list[Item], kept: KeptScene) -> list[Item]:
    """Put what was changed into a scene; returns the objects that are new on it."""
    frame, made = frame_of(kept), []
    for field, locale, text in changed_texts(book, item, kept.marks[hexadecimal(item.id)]):
        plain = texts.plain(text)
        if locale:
            continue
        if field == "name":
            kept.scene["name"] = names.shown_name(plain, str(kept.scene.get("name")))
        elif field == "text":
            kept.scene["description"] = plain[:_DESCRIPTION] or None
        made.append(f"{book.where(item)}: {field}")
    rows: dict[tuple[object, object], Json] = {
        (kind, x["id"]): x for kind in ("pins", "zones") for x in listed(kept.scene, kind)
    }
    there, added = set(), []
    for part in parts:
        marks = kept.marks.get(hexadecimal(part.id), {})
        row = rows.get(_row_of(marks))
        if row is None:
            added.append(part)
            continue
        there.add(hexadecimal(part.id))
        made += _changes(book, part, row, marks, frame)
    gone = {x for x in kept.marks if x not in there and x != hexadecimal(item.id)}
    _remove(kept, gone)
    made += [f"object {x}: it is gone" for x in sorted(gone)]
    book.notes.add("changes made in articy are taken over", made)
    return added


def draft_kept(book: Book, kept: KeptScene) -> None:
    """Draft a scene that is whole."""
    book.draft.scene(stamped(book.draft, kept.scene, t.SCENES))


def _changes(book: Book, part: Item, row: Json, marks: Marks, frame: Frame) -> list[str]:
    """A pin or a zone that is not what it was."""
    made = []
    is_zone = part.kind == "Zone"
    for field, locale, text in changed_texts(book, part, marks):
        plain = texts.plain(text)
        if field == "name" and not locale:
            row["name" if is_zone else "label"] = plain[:_LABEL] or None
        elif field == "text" and not locale:
            row["tooltip"] = plain[:_TOOLTIP] or None
        made.append(f"{book.where(part)}: {field}")
    if is_zone and _moved([y for x in part.points for y in x], marks.get("points")):
        row["vertices"] = [{"x": _share(x, frame[2]), "y": _share(y, frame[3])}
                           for x, y in part.points]  # fmt: skip
        made.append(f"{book.where(part)}: shape")
    elif not is_zone and _moved([part.x, part.y], marks.get("at")):
        row["position_x"], row["position_y"] = _share(part.x, frame[2]), _share(part.y, frame[3])
        made.append(f"{book.where(part)}: place")
    return made


def _moved(now: list[float], before: object) -> bool:
    """Whether coordinates are others; XML writes six digits of each."""
    if not isinstance(before, list):
        return False
    old = [y for x in before for y in (x if isinstance(x, list) else [x])]
    if not all(isinstance(x, int | float) and abs(x) < _FARTHEST for x in old):
        return False
    if len(old) != len(now):
        return True
    return any(abs(x - y) > max(_NEAR, abs(x) * 1e-5) for x, y in zip(now, old, strict=True))


def _remove(kept: KeptScene, gone: set[str]) -> None:
    rows = {_row_of(kept.marks[x]) for x in gone}
    for kind in ("pins", "zones"):
        kept.scene[kind] = [x for x in listed(kept.scene, kind) if (kind, x["id"]) not in rows]
    left = {x.get("id") for x in listed(kept.scene, "pins")}
    kept.scene["connections"] = [
        x
        for x in listed(kept.scene, "connections")
        if {x.get("from_pin_id"), x.get("to_pin_id")} <= left | {None}
    ]


def _row_of(marks: Marks) -> tuple[object, object]:
    """The list and the id of the row that an object was."""
    found = marks.get("row")
    return (str(found[0]), str(found[1])) if isinstance(found, list) and len(found) == 2 else (0, 0)


def _share(value: float, whole: float) -> float:
    return round(min(100.0, max(0.0, value / whole * 100)), 4)
