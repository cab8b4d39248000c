"""Rows as a file holds them: every value still JSON text, every id still the file's own.

Nothing is decoded that is merely carried from the file to the database, so that no number ever
passes through a float.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError

JSON_COLUMNS = frozenset(
    ("settings", "config", "value", "cells", "data", "vertices", "action_data", "condition",
     "waypoints", "trigger_config", "metadata")
)  # fmt: skip
"""Columns that hold JSON; ids inside them are Storyarn's own and not keys of the file."""

_SHORTCUT_OF = {
    t.FLOWS: ("scene_shortcut",),
    t.FLOW_NODES: ("speaker_shortcut", "referenced_flow_shortcut"),
    t.SCENE_PINS: ("target_shortcut",),
    t.LOCALIZED_TEXTS: ("character_shortcut",),
}
_DERIVED: dict[Table, tuple[str, ...]] = {
    t.SHEETS: ("path", "avatar_asset_id"),
    t.BLOCKS: ("is_variable",),
    t.FLOWS: ("path", "is_folder", "entry_node_id", "exit_node_ids"),
    t.SCENES: ("path",),
    t.SCENE_PINS: ("target_type", "target_id"),
    t.ASSETS: ("checksum", "file", "data"),
}
DERIVED_KEYS: dict[Table, frozenset[str]] = {
    table: frozenset((*_DERIVED.get(table, ()), *_SHORTCUT_OF.get(table, ()))) for table in t.TABLES
}
"""Keys that help people and other tools. The database has no such columns."""

REFERENCES: dict[str, Table] = {
    "parent_id": t.SHEETS,  # of its own table, see ``target_of``
    "banner_asset_id": t.ASSETS,
    "asset_id": t.ASSETS,
    "inherited_from_block_id": t.BLOCKS,
    "scene_id": t.SCENES,
    "source_node_id": t.FLOW_NODES,
    "target_node_id": t.FLOW_NODES,
    "background_asset_id": t.ASSETS,
    "layer_id": t.SCENE_LAYERS,
    "sheet_id": t.SHEETS,
    "flow_id": t.FLOWS,
    "icon_asset_id": t.ASSETS,
    "label_icon_asset_id": t.ASSETS,
    "from_pin_id": t.SCENE_PINS,
    "to_pin_id": t.SCENE_PINS,
    "vo_asset_id": t.ASSETS,
    "speaker_sheet_id": t.SHEETS,
}
"""Foreign keys among a project's rows, by column."""

SOURCES = {"flow_node": t.FLOW_NODES, "block": t.BLOCKS, "sheet": t.SHEETS}
"""What ``localized_texts.source_id`` names, by ``source_type``."""


_NULL = b"null"
_text: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)


def target_of(table: Table, column: str) -> Table | None:
    """The table whose rows a foreign key of ``table`` names, None if it is no such key."""
    if column in ("parent_id", "inherited_from_block_id"):
        return table
    return REFERENCES.get(column) if column in table.columns else None


class Row(msgspec.Struct, gc=False):
    """One row of a file. ``values`` are JSON texts by column; ``pointer`` is its place there.

    E-mail addresses stand under ``*_email``, a project's workspace under ``workspace_slug``.
    ``key`` is the portable key under which the file has it, for strings only.
    """

    table: Table
    pointer: str
    values: dict[str, Any]
    children: list["Row"] = []
    key: str = ""

    def get(self, column: str) -> Any:
        """The decoded value, None where it is missing."""
        raw = self.values.get(column)
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise refusal(f"{self.pointer}/{column}", str(error)) from error

    def text(self, column: str) -> str | None:
        """A text or key; raises ImportFileError for other types."""
        raw = self.values.get(column)
        if raw is None:
            return None
        try:
            return _text.decode(raw)
        except msgspec.ValidationError as error:
            reason = "it must be a text or null"
            raise refusal(f"{self.pointer}/{column}", reason) from error
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise refusal(f"{self.pointer}/{column}", str(error)) from error

    def is_null(self, column: str) -> bool:
        """Whether a value is null or missing."""
        return bytes(self.values.get(column, _NULL)) == _NULL

    @property
    def ref(self) -> str:
        """The row's id as the file writes it."""
        found = self.text("id")
        if not found:
            raise refusal(f"{self.pointer}/id", "it must be a text that is not empty")
        return found

    def walk(self) -> Iterator["Row"]:
        """This row, then everything nested under it."""
        yield self
        for child in self.children:
            yield from child.walk()


def refusal(pointer: str, reason: str) -> ImportFileError:
    """The error for one place of a file."""
    return ImportFileError(f"import: {pointer or '/'}: {reason}")
