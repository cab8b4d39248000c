"""What an export keeps of its originals: whole rows in the native format's shape, as JSON texts.

articy has no place for much of what Storyarn knows. So each dialogue, entity, location and asset
carries the row that it was made of in a property named ``Original``, and beside it the *marks* of
what articy shows of it. An import takes the original as it is; where a mark no longer fits, an
author has changed that in articy, and articy's word counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite, isnan
from typing import Any
from zlib import crc32

import msgspec

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.serializers.articy.objects import Kept, Property
from storyarn_pipelines.serializers.engines.translations import Voiced

Json = dict[str, Any]

ORIGINAL = "Original"
"""The property."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
# Escaped, the text needs no further escape in XML and holds nothing that XML cannot.
_UNSAFE = re.compile("[&<>\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_HUGE = re.compile(r"[0-9]{16}|[0-9]e[+0-9]")
_WHOLE = 2.0**53
JSON_COLUMNS = frozenset({
    "data", "value", "config", "cells", "settings", "condition", "action_data", "vertices",
    "waypoints", "trigger_config", "metadata",
})  # fmt: skip
"""Columns that hold JSON of any shape."""

_DERIVED = frozenset({
    "path", "is_folder", "entry_node_id", "exit_node_ids", "scene_shortcut", "lost_connections",
    "word_count", "speaker_shortcut", "referenced_flow_shortcut", "avatar_asset_id", "is_variable",
    "target_shortcut",
})  # fmt: skip
_DERIVED_OF_PINS = _DERIVED | {"target_type", "target_id"}
_LISTS = frozenset({
    "nodes", "connections", "configs", "tracks", "visual_layers", "blocks", "avatars", "columns",
    "rows", "images", "layers", "pins", "zones", "annotations", "ambient_flows",
})  # fmt: skip
_RENAMED = {"source_pin": "source_handle", "target_pin": "target_handle"}


def original(value: Json) -> Property:
    """The property that keeps a value."""
    text = _ENCODER.encode(value).decode()
    if _HUGE.search(text):
        text = _ENCODER.encode(_exact(value)).decode()
    return Property(ORIGINAL, "String", Kept(_UNSAFE.sub(_escaped, text)))


def mark(text: str) -> int:
    """What tells one text from another."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def flow_row(flow: Flow) -> Json:
    """A flow with its graph."""
    row = _row(flow)
    row["nodes"] = [_node(x) for x in flow.nodes]
    row["connections"] = [_connection(x) for x in flow.connections]
    return row


def sheet_row(sheet: Sheet) -> Json:
    """A sheet with its blocks."""
    row = _row(sheet)
    if sheet.hidden_inherited_block_ids:
        row["hidden_inherited_block_ids"] = [str(x) for x in sheet.hidden_inherited_block_ids]
    row["avatars"] = [_row(x) for x in sheet.avatars]
    row["blocks"] = [_block(x) for x in sheet.blocks]
    return row


def scene_row(scene: Scene) -> Json:
    """A scene with all that is on it."""
    row = _row(scene)
    if "parent_id" in row:
        row["parent_scene_id"] = row.pop("parent_id")
    for name in ("layers", "zones", "connections", "annotations", "ambient_flows"):
        row[name] = [_row(x) for x in getattr(scene, name)]
    row["pins"] = [_row(x, _DERIVED_OF_PINS) for x in scene.pins]
    return row


def media_row(media: Media) -> Json:
    """A medium, without its address."""
    return {
        "id": str(media.id), "filename": media.filename, "content_type": media.content_type,
        "metadata": media.metadata,
    }  # fmt: skip


def texts_of(fields: Mapping[str, Mapping[str, Voiced]], locales: Iterable[str]) -> Json:
    """Translations as ``{field: {locale: [text, voice-over's asset]}}``."""
    wanted = tuple(locales)
    found: Json = {}
    for name, voiced in fields.items():
        told = {x: [y.text, y.voice_asset_id] for x in wanted if (y := voiced.get(x)) is not None}
        if told:
            found[name] = told
    return found


def _node(node: Node) -> Json:
    row = _row(node)
    for config in node.configs:
        row["sequence"] = _row(config)
    for name in ("tracks", "visual_layers"):
        inner = [_row(x) for x in getattr(node, name)]
        if inner:
            row.setdefault("sequence", {})[name] = inner
    return row


def _connection(wire: Connection) -> Json:
    return {_RENAMED.get(key, key): value for key, value in _row(wire).items()}


def _block(block: Block) -> Json:
    row = _row(block)
    for name in ("columns", "rows", "images"):
        inner = [_row(x) for x in getattr(block, name)]
        if inner:
            row[name] = inner
    return row


def _row(value: msgspec.Struct, without: frozenset[str] = _DERIVED) -> Json:
    """The columns of a row that have a value; ids are texts, as the native format has them."""
    return dict(_columns(value, without))


def _columns(value: msgspec.Struct, without: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name in value.__struct_fields__:
        if name in without or name in _LISTS or name == "hidden_inherited_block_ids":
            continue
        found = getattr(value, name)
        if isinstance(found, Decimal) and not found.is_finite():
            found = str(found)
        if isinstance(found, float) and not isfinite(found):
            found = "NaN" if isnan(found) else "Infinity" if found > 0 else "-Infinity"
        if found is not None or name in JSON_COLUMNS:
            is_id = (name == "id" or name.endswith("_id")) and isinstance(found, int)
            yield name, str(found) if is_id else found


def _exact(value: Any, *, inside: bool = False) -> Any:
    """A value whose huge floats stay floats: PostgreSQL's JSON would make integers of them.

    ``inside`` says that it stands in a column of JSON.
    """
    match value:
        case dict():
            return {
                key: _exact(x, inside=inside or key in JSON_COLUMNS) for key, x in value.items()
            }
        case list() | tuple():
            return [_exact(x, inside=inside) for x in value]
        case float() if inside and abs(value) >= _WHOLE:
            return msgspec.Raw(f"{value:.1f}".encode())
    return value


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
