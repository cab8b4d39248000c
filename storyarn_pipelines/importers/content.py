"""What rows say inside of their JSON and texts: ids exchanged, references noted."""

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from storyarn_pipelines.content import ids as content_ids
from storyarn_pipelines.content import json_text
from storyarn_pipelines.content.ids import Kind, Missing
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.identity import UNKNOWN, Identities
from storyarn_pipelines.importers.rows import Row, refusal

_TABLES: dict[Kind, Table] = {
    "sheet": t.SHEETS,
    "flow": t.FLOWS,
    "scene": t.SCENES,
    "asset": t.ASSETS,
    "avatar": t.SHEET_AVATARS,
    "node": t.FLOW_NODES,
    "block": t.BLOCKS,
}
_HASHES = ("source_text_hash", "translated_source_hash")


class Names(Protocol):
    """What a whole file says about names."""

    def is_nameless(self, ref: str) -> bool:
        """Whether a text is the id of a sheet without shortcut, and no sheet's shortcut."""


class Content:
    """Rewrites the content of one row after the other."""

    def __init__(
        self,
        ids: Identities,
        projects: tuple[str, str],
        names: Names,
        notes: Notes,
        moves: Callable[[Row], bool],
        latest: json_text.Latest,
    ) -> None:
        """``projects`` are the project's id in the file and its new one; ``moves`` says of an
        asset whether its bytes come along; ``latest`` decodes JSON."""
        self._changed: dict[str, bytes] = {}
        self._ids, self._projects, self._names, self._notes = ids, projects, names, notes
        self._moves, self._latest = moves, latest
        self._missing: list[Missing] = []
        self._subflows: frozenset[str] = frozenset()
        self._reference_columns: tuple[str, ...] = ()
        self._rewriters: dict[Table, Callable[[Row], None]] = {
            t.FLOWS: self._flow,
            t.FLOW_NODES: self._node,
            t.FLOW_CONNECTIONS: self._connection,
            t.BLOCKS: self._block,
            t.TABLE_ROWS: self._table_row,
            t.SCENE_PINS: self._logic("condition"),
            t.SCENE_ZONES: self._zone,
            t.SCENE_AMBIENT_FLOWS: self._logic("trigger_config"),
            t.LOCALIZED_TEXTS: self._text,
            t.ASSETS: self._asset,
        }

    def prepare(self, row: Row) -> dict[str, bytes]:
        """A row's columns that are no longer what the file says; parents come before children."""
        rewrite = None if self._ids.keeps_all else self._rewriters.get(row.table)
        if rewrite is None:
            return {}
        self._changed = {}
        rewrite(row)
        for path, kind, _ in self._missing:
            self._notes.add(
                f"ids inside of content that name no {kind} of the file", [row.pointer + path]
            )
        self._missing.clear()
        return self._changed

    def media_key(self, row: Row) -> str:
        """The object key of an asset in the new place: bytes that stay behind keep theirs."""
        key = row.text("key") or ""
        moves = self._moves(row) and not self._ids.keeps_all
        return content_ids.remap_storage_path(key, *self._projects) if moves else key

    def _map(self, kind: Kind, old: str) -> str | None:
        if kind == "nameless_sheet":
            if not self._names.is_nameless(old):
                return None
            kind = "sheet"
        number = self._ids.of(_TABLES[kind], old)
        return None if number == UNKNOWN else str(number)

    def _flow(self, row: Row) -> None:
        self._subflows = frozenset(
            child.ref
            for child in row.children
            if child.table is t.FLOW_NODES and child.get("type") == "subflow"
        )

    def _node(self, row: Row) -> None:
        kind = row.text("type") or ""
        self._json(row, "data", lambda x: content_ids.remap_node(kind, x, self._map, self._missing))

    def _connection(self, row: Row) -> None:
        if row.text("source_node_id") in self._subflows:
            pin = row.text("source_pin") or ""
            new = content_ids.remap_pin("subflow", pin, self._map, self._missing)
            self._put("source_pin", pin, new)

    def _block(self, row: Row) -> None:
        kind = row.text("type") or ""
        self._reference_columns = tuple(
            child.text("slug") or ""
            for child in row.children
            if child.table is t.TABLE_COLUMNS and child.get("type") == "reference"
        )
        if kind in ("reference", "rich_text"):
            self._json(
                row, "value", lambda x: content_ids.remap_block(kind, x, self._map, self._missing)
            )

    def _table_row(self, row: Row) -> None:
        self._json(
            row,
            "cells",
            lambda x: content_ids.remap_cells(x, self._map, self._reference_columns),
        )

    def _logic(self, column: str) -> Callable[[Row], None]:
        def rewrite(row: Row) -> None:
            self._json(row, column, lambda x: content_ids.remap_logic(x, self._map))

        return rewrite

    def _zone(self, row: Row) -> None:
        self._json(
            row, "action_data", lambda x: content_ids.remap_zone(x, self._map, self._missing)
        )
        self._json(row, "condition", lambda x: content_ids.remap_logic(x, self._map))

    def _text(self, row: Row) -> None:
        """Translations speak of the same rows as their source, whose hash follows its text."""
        dialogue = row.get("source_field") == "text"
        for column in ("source_text", "translated_text"):
            old = row.text(column)
            if old:
                new = content_ids.remap_text(old, self._map, dialogue=dialogue)
                self._put(column, old, new)
                if column == "source_text" and new != old:
                    self._rehash(row, old, new)

    def _rehash(self, row: Row, old: str, new: str) -> None:
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (old, new)]
        for column in _HASHES:
            if row.get(column) == hashes[0]:
                self._put(column, *hashes)

    def _asset(self, row: Row) -> None:
        paths = self._projects if self._moves(row) else None
        self._json(
            row,
            "metadata",
            lambda x: content_ids.remap_asset(x, self._map, self._missing, paths),
        )
        if paths:
            for column in ("key", "url"):
                old = row.text(column)
                if old:
                    self._put(column, old, content_ids.remap_storage_path(old, *paths))

    def _json(self, row: Row, column: str, rewrite: Callable[[Any], Any]) -> None:
        raw = row.values.get(column)
        if raw is None:
            return
        try:
            old = self._latest.decode(bytes(raw))
            new = rewrite(old)
            if new is not old:
                self._changed[column] = self._latest.encode(new)
        except json_text.JsonTextError as error:
            raise refusal(f"{row.pointer}/{column}", str(error)) from error

    def _put(self, column: str, old: str, new: str) -> None:
        if new != old:
            self._changed[column] = msgspec.json.encode(new)
