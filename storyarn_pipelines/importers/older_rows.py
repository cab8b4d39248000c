"""Rows of older documents: what is missing in them, and keys that have no column today."""

import mimetypes
import re
from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import filled, mapping
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.older_facts import Facts
from storyarn_pipelines.importers.older_nodes import annotation
from storyarn_pipelines.importers.older_scenes import scene_note
from storyarn_pipelines.importers.older_values import (
    Conversions,
    Data,
    decoded,
    excerpt,
    is_missing,
    new_row,
    number_of_words,
)
from storyarn_pipelines.importers.refusal import shown
from storyarn_pipelines.importers.rows import DERIVED_KEYS, Row, refusal
from storyarn_pipelines.story.variables import BLOCK_TYPES

_BAGS = {
    t.PROJECTS: "settings",
    t.BLOCKS: "config",
    t.TABLE_COLUMNS: "config",
    t.FLOWS: "settings",
    t.FLOW_NODES: "data",
    t.ASSETS: "metadata",
}
"""JSON columns that keep what has no column of its own."""

_CHECKSUM = re.compile(r"sha256:([0-9a-f]{64})")
_NAMED = (t.SHEETS, t.FLOWS, t.SCENES, t.SCENE_LAYERS, t.SCENE_ZONES, t.TABLE_COLUMNS, t.TABLE_ROWS)
_SLUGS = (t.TABLE_COLUMNS, t.TABLE_ROWS)
_NO_SLUG = re.compile(r"[^a-z0-9_.]+")
_UNKNOWN_MEDIA = "application/octet-stream"
_types = mimetypes.MimeTypes()


def complete(row: Row, conversions: Conversions) -> None:
    """Give a row of any table what the database cannot do without."""
    conversions.note("rows without times, which take that of the export", row.pointer)
    for axis in ("position_x", "position_y"):
        if axis in row.values and is_missing(row, axis):
            del row.values[axis]
    if row.table.key == "id" and is_missing(row, "id"):
        row.values["id"] = _json(row.pointer)
        conversions.note("rows without an id", row.pointer)
    if row.table in _SLUGS and is_missing(row, "slug") and not is_missing(row, "name"):
        slug = _NO_SLUG.sub("_", (row.text("name") or "").lower()).strip("_")
        row.values["slug"] = _json(slug or row.table.name)
        conversions.note("rows and columns of tables without slug", row.pointer)
    if row.table in _NAMED and is_missing(row, "name"):
        path = (row.text("path") or "").rpartition("/")[2]
        name = path or row.text("shortcut") or row.text("slug") or "Untitled"
        row.values["name"] = _json(name)
        conversions.note("rows without a name", row.pointer)


def sheet(row: Row, conversions: Conversions) -> None:
    """The portrait of a page is its first avatar."""
    portrait = row.text("avatar_asset_id")
    if portrait and not any(child.table is t.SHEET_AVATARS for child in row.children):
        place = f"{row.pointer}/avatar_asset_id"
        avatar = new_row(
            t.SHEET_AVATARS, place, id=place, asset_id=portrait, is_default=True, position=0
        )
        row.children.insert(0, avatar)
        conversions.note("avatar_asset_id made an avatar", place)


def block(row: Row, conversions: Conversions) -> None:
    """What is no variable is constant, if its type could be one."""
    kind = row.text("type")
    if kind is None:
        raise refusal(f"{row.pointer}/type", "it is missing")
    is_variable = row.get("is_variable")
    if not isinstance(is_variable, bool | None):
        raise refusal(f"{row.pointer}/is_variable", "it must be true or false")
    if is_missing(row, "is_constant") and is_variable is not None:
        is_constant = kind in BLOCK_TYPES and not is_variable
        row.values["is_constant"] = _json(is_constant)
        conversions.note("is_variable read as the opposite of is_constant", row.pointer)
    if "inserted_at" in row.values:
        return
    if kind == "reference":
        _reference(row, conversions)
    if is_missing(row, "word_count") and kind in ("text", "rich_text"):
        content = mapping(row.get("value")).get("content")
        row.values["word_count"] = _json(number_of_words(content))


def _reference(row: Row, conversions: Conversions) -> None:
    data = Data(row, "value")
    value = data.value
    if value.get("target_type") == "page":
        value["target_type"] = "sheet"
        conversions.note("target_type page read as sheet", data.pointer)
    shortcut = filled(value.get("target_shortcut"))
    if shortcut and value.get("target_id") is None:
        value["target_id"] = _by_shortcut(conversions.facts, value.get("target_type"), shortcut)
    if value.get("target_id") is not None:
        value.pop("target_shortcut", None)
    if value:
        data.save()


def _by_shortcut(facts: Facts, kind: object, shortcut: str) -> str | None:
    table = {"sheet": t.SHEETS, "flow": t.FLOWS}.get(str(kind))
    return facts.shortcuts.get((table, shortcut)) if table else None


def asset(row: Row, conversions: Conversions) -> None:
    """The checksum is the hash of the bytes; what else is missing follows from the key."""
    checksum = _CHECKSUM.fullmatch(row.text("checksum") or "")
    if checksum and "blob_hash" not in row.values:
        row.values["blob_hash"] = _json(checksum[1])
        conversions.note("checksum read as blob_hash", row.pointer)
    key, url, name = (row.text(x) for x in ("key", "url", "filename"))
    name = name or (key or url or "").rpartition("/")[2] or "unnamed"
    guessed = {
        "filename": name,
        "key": key or f"assets/{name}",
        "content_type": _types.guess_type(name)[0] or _UNKNOWN_MEDIA,
        "size": 0,
    }
    for column, value in guessed.items():
        if is_missing(row, column):
            row.values[column] = _json(value)
            conversions.note(f"media without {column}", row.pointer)


def leftovers(row: Row, conversions: Conversions) -> list[tuple[Row, str, str]]:
    """Keys that no column has: they go into the row's JSON, else they are returned.

    Each as the row, its key and a text that says both.
    """
    known = _known(row.table)
    found = []
    for key in [x for x in row.values if x not in known]:
        place = f"{row.pointer}/{shown(key)}"
        value = decoded(row.values[key], place)
        if value is None or value in ("", [], {}):
            continue
        bag = _BAGS.get(row.table)
        if bag is None:
            found.append((row, key, f"{row.table.name}, {key}: {excerpt(value)}"))
            continue
        data = Data(row, bag)
        data.value.setdefault(key, value)
        data.save()
        conversions.note(f"{row.table.name}: keys without a column, kept in {bag}", place)
    return found


def keep_in_flow(flow: Row, conversions: Conversions, found: list[tuple[Row, str, str]]) -> None:
    """Annotation nodes for what a flow's connections say beside their columns."""
    for row, key, text in found:
        place = f"{row.pointer}/{shown(key)}"
        flow.children.append(annotation(place, f"{flow.ref}/note/{row.ref}/{key}", text))
        what = f"{row.table.name}: keys without a column, kept as annotations"
        conversions.note(what, place)


def keep_in_scene(scene: Row, conversions: Conversions, found: list[tuple[Row, str, str]]) -> None:
    """Annotations for what stands on a scene and has no column."""
    for number, (row, key, text) in enumerate(found):
        scene.children.append(scene_note(row, key, text, number))
        what = f"{row.table.name}: keys without a column, kept as annotations"
        conversions.note(what, f"{row.pointer}/{shown(key)}")


def tell_lost(conversions: Conversions, found: list[tuple[Row, str, str]]) -> None:
    """Where there is nothing that could keep it, the report does."""
    for row, key, text in found:
        what = f"{row.table.name}: keys without a column, left out"
        conversions.note(what, f"{row.pointer}/{shown(key)} {shown(text)}")


_cache: dict[Table, frozenset[str]] = {}


def _known(table: Table) -> frozenset[str]:
    if table not in _cache:
        people = {f"{x.removesuffix('_id')}_email" for x in table.columns if x.endswith("_id")}
        others = {"workspace_slug", *table.needed, *table.ignored, *table.renames.values()}
        _cache[table] = DERIVED_KEYS[table] | people | others | _OF_OTHERS.get(table, frozenset())
    return _cache[table]


_OF_OTHERS: dict[Table, frozenset[str]] = {
    t.FLOW_CONNECTIONS: frozenset({"condition"}),
    t.SCENE_LAYERS: frozenset({"trigger_event_id"}),
}


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
