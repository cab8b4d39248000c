"""How the rows of each table are known: natural keys, and what stands for them where there is
none."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import digest
from storyarn_pipelines.importers.matching import Item
from storyarn_pipelines.importers.portable import Portable, Translator
from storyarn_pipelines.importers.rows import Row

Key = Callable[[Row, Portable], Hashable]


def _columns(*names: str) -> Key:
    """A key of portable values; none if all of them are null."""

    def key(_: Row, portable: Portable) -> Hashable:
        found = tuple(portable.values.get(name) for name in names)
        return found if any(found) else None

    return key


def _filled(name: str) -> Key:
    """A text that is not empty."""

    def key(_: Row, portable: Portable) -> Hashable:
        found = portable.values.get(name)
        return None if found in (None, b'""') else found

    return key


def _all(*names: str) -> Key:
    """A key of portable values; none if one of them is null."""

    def key(_: Row, portable: Portable) -> Hashable:
        found = tuple(portable.values.get(name) for name in names)
        return found if all(found) else None

    return key


def _node_name(row: Row, _: Portable) -> Hashable:
    """What names a dialogue in its project and a hub in its flow."""
    name = {"dialogue": "localization_id", "hub": "hub_id"}.get(row.text("type") or "")
    data = row.get("data") if name else None
    found = data.get(name) if isinstance(data, dict) else None
    return (name, found) if isinstance(found, str) and found else None


def _block_label(row: Row, portable: Portable) -> Hashable:
    config = row.get("config")
    label = config.get("label") if isinstance(config, dict) else None
    return (portable.values.get("type"), label) if isinstance(label, str) else None


def _only(_: Row, __: Portable) -> Hashable:
    return "only"


def _none(_: Row, __: Portable) -> Hashable:
    return None


@dataclass(frozen=True, slots=True)
class _Rule:
    natural: Key = _none
    kind: Key = _none
    place: Key = _none
    near: Key = _none


_RULES: dict[Table, _Rule] = {
    t.SHEET_AVATARS: _Rule(_filled("asset_id"), place=_columns("position")),
    t.BLOCKS: _Rule(
        _filled("variable_name"),
        kind=_columns("type"),
        place=_block_label,
        near=_columns("type", "position"),
    ),
    t.TABLE_COLUMNS: _Rule(_filled("slug"), place=_columns("name")),
    t.TABLE_ROWS: _Rule(_filled("slug"), place=_columns("name")),
    t.BLOCK_GALLERY_IMAGES: _Rule(_filled("asset_id"), place=_columns("position")),
    t.FLOW_NODES: _Rule(
        _node_name, kind=_columns("type"), place=_columns("type", "position_x", "position_y")
    ),
    t.FLOW_CONNECTIONS: _Rule(
        place=_all("source_node_id", "source_pin", "target_node_id", "target_pin"),
        near=_all("source_node_id", "source_pin"),
    ),
    t.SEQUENCE_CONFIGS: _Rule(_only),
    t.SEQUENCE_TRACKS: _Rule(_filled("kind")),
    t.SEQUENCE_VISUAL_LAYERS: _Rule(
        kind=_columns("kind"), place=_columns("z_index", "slot", "x", "y"), near=_columns("label")
    ),
    t.SCENE_LAYERS: _Rule(place=_filled("name"), near=_columns("position")),
    t.SCENE_PINS: _Rule(
        _filled("shortcut"), kind=_columns("pin_type"), place=_columns("position_x", "position_y")
    ),
    t.SCENE_ZONES: _Rule(
        _filled("shortcut"),
        kind=_columns("action_type"),
        place=_columns("vertices"),
        near=_filled("name"),
    ),
    t.SCENE_CONNECTIONS: _Rule(
        place=_columns("from_pin_id", "to_pin_id"), near=_columns("waypoints")
    ),
    t.SCENE_ANNOTATIONS: _Rule(place=_columns("position_x", "position_y"), near=_filled("text")),
    t.SCENE_AMBIENT_FLOWS: _Rule(_filled("flow_id"), place=_columns("position")),
}
_TOP = _Rule()


def items_of(row: Row, translator: Translator) -> Item:
    """A row and everything nested in it as items."""
    translator.enter(row)
    portable = translator.portable(row)
    rule = _RULES.get(row.table, _TOP)
    trash = row.table.trash_column
    item = Item(
        row,
        portable,
        [items_of(child, translator) for child in row.children],
        natural=rule.natural(row, portable),
        kind=rule.kind(row, portable),
        place=rule.place(row, portable),
        near=rule.near(row, portable),
        in_trash=trash is not None and trash in portable.values,
        whole=portable.digest,
        lost=len(portable.lost),
    )
    if item.children:
        item.whole = digest(portable.digest, *(child.whole for child in item.children))
        item.lost += sum(child.lost for child in item.children)
    return item


def by_table(items: list[Item]) -> dict[Table, list[Item]]:
    """Items of each table, in their order."""
    found: dict[Table, list[Item]] = {}
    for item in items:
        found.setdefault(item.row.table, []).append(item)
    return found


def walk(item: Item) -> Iterator[Item]:
    """An item, then everything nested in it."""
    yield item
    for child in item.children:
        yield from walk(child)
