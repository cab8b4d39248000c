"""Names for people: of entities, and of the rows in them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import mapping
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import shown
from storyarn_pipelines.importers.matching import Item, Pairing
from storyarn_pipelines.importers.outline import Entry
from storyarn_pipelines.importers.rows import Row
from storyarn_pipelines.importers.tokens import Tokens

TYPES: Mapping[Table, str] = {
    t.PROJECTS: "project",
    t.SHEETS: "sheet",
    t.SHEET_AVATARS: "avatar",
    t.BLOCKS: "block",
    t.TABLE_COLUMNS: "table_column",
    t.TABLE_ROWS: "table_row",
    t.BLOCK_GALLERY_IMAGES: "gallery_image",
    t.FLOWS: "flow",
    t.FLOW_NODES: "node",
    t.FLOW_CONNECTIONS: "connection",
    t.SEQUENCE_CONFIGS: "sequence",
    t.SEQUENCE_TRACKS: "track",
    t.SEQUENCE_VISUAL_LAYERS: "visual_layer",
    t.SCENES: "scene",
    t.SCENE_LAYERS: "layer",
    t.SCENE_PINS: "pin",
    t.SCENE_ZONES: "zone",
    t.SCENE_CONNECTIONS: "scene_connection",
    t.SCENE_ANNOTATIONS: "annotation",
    t.SCENE_AMBIENT_FLOWS: "ambient_flow",
    t.PROJECT_LANGUAGES: "language",
    t.LOCALIZED_TEXTS: "text",
    t.GLOSSARY_ENTRIES: "term",
    t.ASSETS: "media",
}
"""What a row of each table is called."""

_LONGEST = 60


def entity_labels(pairing: Pairing, before: Sequence[Entry], after: Sequence[Entry]) -> None:
    """Give every entity a label of its own; both of a pair have the label of the first."""
    taken: Counter[str] = Counter()
    paired = {id(second): first for first, second in pairing.pairs}
    for entry in (*before, *after):
        first = paired.get(id(entry))
        if first is not None:
            entry.label = first.label
            continue
        label = f"{entry.label} (trash)" if entry.in_trash else entry.label
        taken[label] += 1
        entry.label = label if taken[label] == 1 else f"{label} #{taken[label]}"


def part_name(
    row: Row, entity: str, names: Mapping[int, str], tokens: Tokens, *, wanted: bool
) -> str | None:
    """The name of a row that other entities refer to; none for the many to which none does.

    ``wanted`` says that texts are known by the id of this node.
    """
    if row.table is t.SHEET_AVATARS:
        ref = row.text("asset_id")
        number = tokens.find(t.ASSETS, ref) if ref else None
        name = row.text("name") or (names.get(number, "") if number else "")
        return f"{entity}/avatars/{name}"
    if row.table is t.BLOCKS:
        return f"{entity}/blocks/{block_name(row)}"
    if row.table is t.FLOW_NODES and (row.get("type") == "exit" or wanted):
        label = mapping(row.get("data")).get("label")
        shown_label = f" {_short(label)}" if isinstance(label, str) and label else ""
        return f"{entity}/nodes/{node_name(row)}{shown_label}"
    return None


def part_label(item: Item, names: Mapping[int, str]) -> str:
    """What a row is called among its siblings."""
    label = _label(item, names)
    return f"{label} (trash)" if item.in_trash else label


def _label(item: Item, names: Mapping[int, str]) -> str:
    row, table = item.row, item.row.table
    if table is t.BLOCKS:
        return block_name(row)
    if table is t.FLOW_NODES:
        return node_name(row)
    if table in (t.SHEET_AVATARS, t.BLOCK_GALLERY_IMAGES):
        return _value(item, "asset_id", names)
    if table is t.SCENE_AMBIENT_FLOWS:
        return _value(item, "flow_id", names)
    if table is t.FLOW_CONNECTIONS:
        ends = (_value(item, x, names) for x in ("source_node_id", "source_pin", "target_node_id"))
        return "{} {} -> {}".format(*ends)
    if table is t.SCENE_CONNECTIONS:
        return " -> ".join(_value(item, x, names) for x in ("from_pin_id", "to_pin_id"))
    for column in ("slug", "shortcut", "name", "label", "text", "kind"):
        text = row.get(column) if column in row.values else None
        if isinstance(text, str) and text:
            return _short(text)
    return _place(row) or TYPES[table]


def block_name(row: Row) -> str:
    """A block's variable, else its type and label."""
    label = mapping(row.get("config")).get("label")
    name = f" {_short(label)}" if isinstance(label, str) and label else ""
    return row.text("variable_name") or f"{row.get('type')}{name}"


def node_name(row: Row) -> str:
    """A node's type, and its id if it has one that travels, else its place."""
    kind = row.get("type")
    data = mapping(row.get("data"))
    name = data.get({"dialogue": "localization_id", "hub": "hub_id"}.get(str(kind), ""))
    return f"{kind} {name}" if isinstance(name, str) and name else f"{kind}{_place(row)}"


def _place(row: Row) -> str:
    found = [row.values.get(f"position_{axis}") for axis in ("x", "y")]
    return f"@{','.join(bytes(x).decode() for x in found if x is not None)}" if all(found) else ""


def _value(item: Item, column: str, names: Mapping[int, str]) -> str:
    raw = item.portable.values.get(column)
    text = shown(raw.decode(), names) if raw else '"?"'
    return str(msgspec.json.decode(text))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
