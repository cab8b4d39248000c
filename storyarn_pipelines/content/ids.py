"""Where ids of other rows stand inside of Storyarn's JSON columns, and how they are exchanged.

Every function takes a decoded value and a ``Mapper``, and returns a value in which the ids are
those of the new place; the very same object if nothing changes, so that a caller can skip writing
it again. The value that was given is never changed. Values of any shape are taken: what is not as
Storyarn writes it is left as it is.

An id whose row is not there becomes null; mentions and pins keep their text. Both are added to
``missing``. Also rewritten are names that are ids in truth: the decimal names of sheets without
shortcut (kind ``nameless_sheet``). Everything else that names a row does so by shortcut or
variable name, which an import keeps.
"""

import re
from collections.abc import Collection
from typing import Any

from storyarn_pipelines.content.remap import (
    LOGIC_KEYS,
    Kind,
    Mapper,
    Missing,
    Remap,
    target_kind,
)
from storyarn_pipelines.content.values import ROOT, keys, texts
from storyarn_pipelines.domain.json_values import listing, mapping

__all__ = [
    "Kind",
    "Mapper",
    "Missing",
    "remap_asset",
    "remap_block",
    "remap_cells",
    "remap_id",
    "remap_logic",
    "remap_node",
    "remap_pin",
    "remap_storage_path",
    "remap_text",
    "remap_zone",
    "target_kind",
]

_NODE_IDS: dict[str, Kind] = {
    "speaker_sheet_id": "sheet",
    "location_sheet_id": "sheet",
    "avatar_id": "avatar",
    "audio_asset_id": "asset",
    "referenced_flow_id": "flow",
}
_EXIT_PIN = "exit_"
_STORAGE_KEYS = ("thumbnail_key", "web_url")


def remap_node(
    node_type: str, data: Any, mapper: Mapper, missing: list[Missing] | None = None
) -> Any:
    """``flow_nodes.data``.

    Ids at the top level are rewritten in nodes of every type: one that this type does not use
    must not name a stranger either. A ``target_id`` counts only beside a ``target_type`` of
    sheet, flow or scene. Mentions and inline variables may stand in every text, rules and
    assignments anywhere, ``{sheet.variable}`` only in what a dialogue says. (``$sheet.variable``
    of a response cannot begin with a digit, and ``target_flow_shortcut`` is a name.)
    """
    remap = Remap(data, mapper, missing)
    if isinstance(data, dict):
        for key, kind in _NODE_IDS.items():
            remap.member(ROOT, data, key, kind)
        remap.member(ROOT, data, "target_id", target_kind(data.get("target_type")))
    for path, holder, text in texts(data, LOGIC_KEYS):
        if not remap.logic(path, holder, text):
            remap.replace(path, text, remap.markup(path, text))
    said = mapping(remap.result).get("text")
    if node_type == "dialogue" and isinstance(said, str):
        remap.replace((ROOT, "text"), said, remap.interpolation(said))
    return remap.result


def remap_block(
    block_type: str, value: Any, mapper: Mapper, missing: list[Missing] | None = None
) -> Any:
    """``blocks.value``: the target of a reference, the mentions of a rich text.

    ``blocks.config`` holds no id for any type of block.
    """
    remap = Remap(value, mapper, missing)
    if block_type == "reference":
        remap.member(ROOT, value, "target_id", target_kind(mapping(value).get("target_type")))
    elif block_type == "rich_text":
        for path, _, text in texts(value, frozenset()):
            remap.replace(path, text, remap.markup(path, text))
    return remap.result


def remap_cells(cells: Any, mapper: Mapper, reference_columns: Collection[str] = ()) -> Any:
    """``table_rows.cells``: the variables that formulas are bound to, and the sheets in cells of
    ``reference_columns`` (slugs). Cells name by name, so only nameless sheets change."""
    remap = Remap(cells, mapper, None)
    for path, holder, text in texts(cells):
        match keys(path):
            case [column] | [column, int()] if column in reference_columns:
                remap.replace(path, text, remap.name(text))
            case [_, "bindings", _, "ref"] if holder.get("type") == "variable":
                remap.replace(path, text, remap.joined(text))
    return remap.result


def remap_zone(action_data: Any, mapper: Mapper, missing: list[Missing] | None = None) -> Any:
    """``scene_zones.action_data`` of every action: sheets of a collection's items, names in
    assignments, conditions and displays, and a target if one stands there."""
    remap = Remap(action_data, mapper, missing)
    data = mapping(action_data)
    remap.member(ROOT, data, "target_id", target_kind(data.get("target_type")))
    items = (ROOT, "items")
    for number, item in enumerate(listing(data.get("items"))):
        remap.member((items, number), item, "sheet_id", "sheet")
    _logic(remap, action_data)
    return remap.result


def remap_logic(value: Any, mapper: Mapper) -> Any:
    """``condition`` of pins and zones, ``trigger_config`` of ambient flows, and lists of
    assignments: they name variables by name, so only nameless sheets change."""
    remap = Remap(value, mapper, None)
    _logic(remap, value)
    return remap.result


def remap_asset(
    metadata: Any,
    mapper: Mapper,
    missing: list[Missing] | None = None,
    projects: tuple[str, str] | None = None,
) -> Any:
    """``assets.metadata``: the original, its variants and, given the ``projects`` (old id, new
    id), the storage paths."""
    remap = Remap(metadata, mapper, missing)
    data = mapping(metadata)
    for key in ("original_asset_id", "web_asset_id"):
        remap.member(ROOT, data, key, "asset")
    variants = mapping(data.get("variant_asset_ids"))
    for profile in variants:
        remap.member((ROOT, "variant_asset_ids"), variants, profile, "asset")
    for key in _STORAGE_KEYS if projects else ():
        path = data.get(key)
        if projects and isinstance(path, str):
            remap.replace((ROOT, key), path, remap_storage_path(path, *projects))
    return remap.result


def remap_storage_path(path: str, old_project: str, new_project: str) -> str:
    """A key or URL of the store (``key``, ``url``, ``thumbnail_key``, ``web_url``): the id in
    its first ``projects/<old id>/`` is replaced, nothing else."""
    pattern = rf"(?:(?<=/)|^)projects/{re.escape(old_project)}/"
    return re.sub(pattern, lambda _: f"projects/{new_project}/", path, count=1)


def remap_pin(
    node_type: str, pin: str, mapper: Mapper, missing: list[Missing] | None = None
) -> str:
    """``flow_connections.source_pin`` of a node of a type: a subflow's ``exit_<id>`` names a node
    of the flow that it calls. Other nodes may have a pin that only looks alike."""
    if node_type != "subflow" or not pin.startswith(_EXIT_PIN):
        return pin
    new = remap_id("node", pin.removeprefix(_EXIT_PIN), mapper, missing)
    return f"{_EXIT_PIN}{new}" if new else pin


def remap_id(kind: Kind, old: Any, mapper: Mapper, missing: list[Missing] | None = None) -> Any:
    """A single id; None if its row is not there."""
    remap = Remap(old, mapper, missing)
    remap.id(ROOT, kind, old)
    return remap.result


def remap_text(
    text: str, mapper: Mapper, missing: list[Missing] | None = None, *, dialogue: bool = False
) -> str:
    """A text outside of JSON, such as a translation: its mentions and inline variables, and the
    ``{sheet.variable}`` of a ``dialogue``. The hash of a source text changes with it."""
    remap = Remap(text, mapper, missing)
    new = remap.markup(ROOT, text)
    return remap.interpolation(new) if dialogue else new


def _logic(remap: Remap, value: Any) -> None:
    for path, holder, text in texts(value, LOGIC_KEYS):
        remap.logic(path, holder, text)
