"""The rows of the sample, and the ids that its names stand for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

FIRST_ID = {
    "users": 1,
    "workspaces": 1,
    "workspace_memberships": 1,
    "projects": 1,
    "project_memberships": 1,
    "assets": 101,
    "sheets": 201,
    "sheet_avatars": 301,
    "blocks": 1001,
    "table_columns": 1501,
    "table_rows": 1601,
    "block_gallery_images": 1701,
    "scenes": 401,
    "scene_layers": 411,
    "flows": 501,
    "flow_nodes": 2001,
    "flow_node_sequence_configs": 0,
    "flow_node_sequence_tracks": 2701,
    "flow_node_sequence_visual_layers": 2801,
    "flow_connections": 3001,
    "scene_pins": 431,
    "scene_zones": 451,
    "scene_connections": 471,
    "scene_annotations": 481,
    "scene_ambient_flows": 491,
    "project_languages": 601,
    "localized_texts": 4001,
    "localization_glossary_entries": 651,
}
"""The tables in an order that satisfies foreign keys and triggers, and where their ids begin.

The ranges do not overlap where ids are easily mixed up, so an id that strays into the wrong
column names nothing there and shows up at once.
"""

PROJECT_ID = FIRST_ID["projects"]
WORKSPACE_ID = FIRST_ID["workspaces"]
OWNER_ID, WRITER_ID = 1, 2

CREATED_AT = datetime(2026, 3, 2, 9, 0)
EDITED_AT = datetime(2026, 4, 18, 17, 30)
TRASHED_AT = datetime(2026, 4, 11, 12, 0)


class Ledger:
    """Collects rows per table and remembers which id a name was given.

    Names are reserved before rows are written, because flows, sheets and scenes point at each
    other in circles.
    """

    def __init__(self) -> None:
        """Begin with empty tables."""
        self._rows: dict[str, list[dict[str, Any]]] = {table: [] for table in FIRST_ID}
        self._next = dict(FIRST_ID)
        self._ids: dict[tuple[str, str], int] = {}

    @property
    def rows(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Everything written so far, table by table."""
        return self._rows

    def reserve(self, table: str, key: str) -> int:
        """Give a name its id; a name can be given only once."""
        if (table, key) in self._ids:
            raise ValueError(f"{table}: {key} is declared twice")
        self._ids[table, key] = self._take(table)
        return self._ids[table, key]

    def id(self, table: str, key: str) -> int:
        """Look up the id of a reserved name."""
        return self._ids[table, key]

    def add(self, table: str, key: str | None = None, /, **columns: Any) -> int:
        """Write a row, under the id of its name or under the next free one."""
        row_id = self._take(table) if key is None else self.id(table, key)
        self._rows[table].append({"id": row_id, **columns, **_times()})
        return row_id

    def add_detail(self, table: str, /, **columns: Any) -> None:
        """Write a row of a table whose key is another row's id."""
        self._rows[table].append({**columns, **_times()})

    def _take(self, table: str) -> int:
        taken = self._next[table]
        self._next[table] += 1
        return taken


def _times() -> dict[str, datetime]:
    return {"inserted_at": CREATED_AT, "updated_at": EDITED_AT}
