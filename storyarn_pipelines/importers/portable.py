"""Values of rows that mean the same in any database.

Every id becomes a mark, the number that stands for its row in both files (``tokens``) between
two private characters. A key to a row that the file does not hold becomes null, as it does when
the file is imported; such keys are counted apart.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.content import ids as content_ids
from storyarn_pipelines.content.ids import Kind, Missing
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.canonical import (
    MARK_START,
    decoded,
    digest,
    encoded,
    marked,
    plain,
    storage_path,
)
from storyarn_pipelines.importers.rows import (
    DERIVED_KEYS,
    SOURCES,
    Row,
    target_of,
)
from storyarn_pipelines.importers.tokens import Tokens

IGNORED: Mapping[Table, frozenset[str]] = {
    t.PROJECTS: frozenset(("slug", "workspace_slug", "owner_email", "last_activity_at"))
}
"""Columns that say where a project lives and not what it is."""

REQUIRED: Mapping[Table, tuple[str, ...]] = {
    t.SHEET_AVATARS: ("asset_id",),
    t.BLOCK_GALLERY_IMAGES: ("asset_id",),
    t.SEQUENCE_VISUAL_LAYERS: ("asset_id",),
    t.FLOW_CONNECTIONS: ("source_node_id", "target_node_id"),
    t.SCENE_AMBIENT_FLOWS: ("flow_id",),
}
"""Keys without which an import leaves a row out."""

_KINDS: dict[Kind, Table] = {
    "sheet": t.SHEETS,
    "flow": t.FLOWS,
    "scene": t.SCENES,
    "asset": t.ASSETS,
    "avatar": t.SHEET_AVATARS,
    "node": t.FLOW_NODES,
    "block": t.BLOCKS,
}
_HASHES = ("source_text_hash", "translated_source_hash")
_NULL = b"null"
_NOT_CONTENT = frozenset(
    ("inserted_at", "updated_at", "position", "position_x", "position_y", "parent_id",
     "deleted_at", "archived_at", "word_count")
)  # fmt: skip


@dataclass(slots=True)
class Portable:
    """A row's values, compact JSON texts by column, without those that are null.

    ``lost`` are the places of keys to rows that the file does not hold, ``missing_key`` says
    that a required one is among them. ``digest`` stands for all values, ``body`` for those that
    are neither the row's place nor its dates.
    """

    values: dict[str, bytes]
    lost: tuple[str, ...]
    missing_key: bool
    digest: bytes
    body: bytes


class Translator:
    """Makes rows of one file portable, one entity after the other."""

    def __init__(
        self,
        tokens: Tokens,
        nameless: Callable[[str], bool],
        unsaid: frozenset[str] = frozenset(),
    ) -> None:
        """``nameless`` says whether a text is the id of a sheet without shortcut and no sheet's
        shortcut, ``unsaid`` are columns to leave out."""
        self._tokens, self._nameless, self._unsaid = tokens, nameless, unsaid
        self._lost: list[str] = []
        self._missing: list[Missing] = []
        self._subflows: frozenset[str] = frozenset()
        self._reference_columns: tuple[str, ...] = ()
        self._plans: dict[tuple[Table, str], Callable[[Row, str], bytes]] = {}

    def enter(self, row: Row) -> None:
        """Look at the children of a flow or a block, which have a say in each other's values."""
        if row.table is t.FLOWS:
            self._subflows = frozenset(
                child.text("id") or ""
                for child in row.children
                if child.table is t.FLOW_NODES and child.get("type") == "subflow"
            )
        elif row.table is t.BLOCKS:
            self._reference_columns = tuple(
                child.text("slug") or ""
                for child in row.children
                if child.table is t.TABLE_COLUMNS and child.get("type") == "reference"
            )

    def portable(self, row: Row) -> Portable:
        """A row's own values; ``enter`` its parent first. Raises ImportFileError."""
        self._lost = []
        values = {}
        skipped = DERIVED_KEYS[row.table] | IGNORED.get(row.table, frozenset()) | self._unsaid
        for column in sorted(row.values):
            if column == "id" or column in skipped:
                continue
            found = self._value(row, column)
            if found != _NULL:
                values[column] = found
        self._adjust(row, values)
        lost = tuple(self._lost)
        required = REQUIRED.get(row.table, ())
        return Portable(
            values,
            lost,
            any(column in lost for column in required),
            digest(*(part for column, found in values.items() for part in (column, found))),
            digest(
                *(x for c in row.table.columns if c not in _NOT_CONTENT if (x := values.get(c)))
            ),
        )

    def reference(self, table: Table, ref: str | None) -> int | None:
        """The number of a row that a key names."""
        return None if ref is None else self._tokens.find(table, ref)

    def same_row_somewhere(self, value: bytes, other: "Translator", theirs: bytes) -> bool:
        """Whether two values of an unknown column may be keys to the same row."""
        mine, their = _digits(value), _digits(theirs)
        if mine is None or their is None:
            return False
        return not set(self._tokens.anywhere(mine)).isdisjoint(other._tokens.anywhere(their))

    def names_nothing(self, value: bytes) -> bool:
        """Whether the value of an unknown column may be a key to a row that is not there."""
        found = _digits(value)
        return found is not None and next(self._tokens.anywhere(found), None) is None

    def _value(self, row: Row, column: str) -> bytes:
        raw = bytes(row.values[column])
        if raw == _NULL:
            return raw
        key = (row.table, column)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._plan(row.table, column)
        return plan(row, column)

    def _plan(self, table: Table, column: str) -> Callable[[Row, str], bytes]:
        if table is t.LOCALIZED_TEXTS and column == "source_id":
            return self._source
        if table is t.SCENE_ZONES and column == "target_id":
            return self._zone_target
        if table is t.SHEETS and column == "hidden_inherited_block_ids":
            return self._hidden
        target = target_of(table, column)
        if target is not None:
            return lambda row, name: self._key(row, name, target)
        if column.endswith("_email"):
            return lambda row, name: plain(row, name).lower()
        special = {
            (t.FLOW_NODES, "data"): lambda row, x: content_ids.remap_node(
                row.text("type") or "", x, self._map, self._missing
            ),
            (t.BLOCKS, "value"): lambda row, x: content_ids.remap_block(
                row.text("type") or "", x, self._map, self._missing
            ),
            (t.TABLE_ROWS, "cells"): lambda _, x: content_ids.remap_cells(
                x, self._map, self._reference_columns
            ),
            (t.SCENE_PINS, "condition"): lambda _, x: content_ids.remap_logic(x, self._map),
            (t.SCENE_ZONES, "condition"): lambda _, x: content_ids.remap_logic(x, self._map),
            (t.SCENE_ZONES, "action_data"): lambda _, x: content_ids.remap_zone(
                x, self._map, self._missing
            ),
            (t.SCENE_AMBIENT_FLOWS, "trigger_config"): lambda _, x: content_ids.remap_logic(
                x, self._map
            ),
            (t.ASSETS, "metadata"): self._metadata,
            (t.ASSETS, "key"): lambda _, x: storage_path(x),
            (t.ASSETS, "url"): lambda _, x: storage_path(x),
            (t.FLOW_CONNECTIONS, "source_pin"): self._pin,
            (t.LOCALIZED_TEXTS, "source_text"): self._spoken,
            (t.LOCALIZED_TEXTS, "translated_text"): self._spoken,
        }.get((table, column))
        if special is None:
            return plain
        return lambda row, name: self._content(row, name, special)

    def _content(self, row: Row, column: str, rewrite: Callable[[Row, Any], Any]) -> bytes:
        found = rewrite(row, decoded(row, column))
        if self._missing:
            self._lost += [f"{column}{path}" for path, _, _ in self._missing]
            self._missing.clear()
        return encoded(found)

    def _key(self, row: Row, column: str, target: Table) -> bytes:
        return self._mark(column, self.reference(target, row.text(column)))

    def _mark(self, place: str, number: int | None) -> bytes:
        if number is None:
            self._lost.append(place)
            return _NULL
        return encoded(marked(number))

    def _source(self, row: Row, column: str) -> bytes:
        table = SOURCES.get(row.text("source_type") or "")
        return self._key(row, column, table) if table else plain(row, column)

    def _zone_target(self, row: Row, column: str) -> bytes:
        kind = content_ids.target_kind(row.get("target_type"))
        return self._key(row, column, _KINDS[kind]) if kind else plain(row, column)

    def _hidden(self, row: Row, column: str) -> bytes:
        refs = row.get(column)
        if not isinstance(refs, list):
            return plain(row, column)
        marks = []
        for ref in refs:
            number = self.reference(t.BLOCKS, str(ref))
            if number is None:
                self._lost.append(column)
            else:
                marks.append(marked(number))
        return encoded(marks)

    def _pin(self, row: Row, pin: Any) -> Any:
        if row.text("source_node_id") not in self._subflows or not isinstance(pin, str):
            return pin
        return content_ids.remap_pin("subflow", pin, self._map, self._missing)

    def _metadata(self, _: Row, value: Any) -> Any:
        value = content_ids.remap_asset(value, self._map, self._missing)
        if not isinstance(value, dict):
            return value
        paths = {name: value[name] for name in ("thumbnail_key", "web_url") if name in value}
        return {**value, **{name: storage_path(path) for name, path in paths.items()}}

    def _spoken(self, row: Row, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        dialogue = row.get("source_field") == "text"
        return content_ids.remap_text(text, self._map, self._missing, dialogue=dialogue)

    def _map(self, kind: Kind, old: str) -> str | None:
        if kind == "nameless_sheet":
            if not self._nameless(old):
                return None
            kind = "sheet"
        number = self._tokens.find(_KINDS[kind], old)
        return None if number is None else marked(number)

    def _adjust(self, row: Row, values: dict[str, bytes]) -> None:
        """What an import changes beside the keys themselves."""
        if row.table is not t.LOCALIZED_TEXTS:
            return
        if "vo_asset_id" in self._lost and values.get("vo_status") in (
            b'"recorded"',
            b'"approved"',
        ):
            needed = values.get("vo_eligible", b"true") == b"true"
            values["vo_status"] = b'"needed"' if needed else b'"none"'
        source = values.get("source_text", _NULL)
        if (
            MARK_START.encode() in source
        ):  # a mark: the text differs from file to file, so do hashes
            old = row.text("source_text") or ""
            named = b'"%s"' % hashlib.sha256(old.encode()).hexdigest().encode()
            for column in _HASHES:
                if values.get(column) == named:
                    values[column] = b'"%s"' % hashlib.sha256(source).hexdigest().encode()


def _digits(value: bytes) -> str | None:
    inside = value[1:-1]
    quoted = value[:1] == b'"' and inside.isdigit() and len(inside) <= 19
    return inside.decode() if quoted else None
