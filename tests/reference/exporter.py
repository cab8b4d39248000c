"""The native format, written from its contract alone: slow, in memory, one rule a function.

It shares no code with the product but the export options. Every cell is text as PostgreSQL
prints it, so no number passes through Python's own.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from storyarn_pipelines.domain.options import ExportOptions

Row = dict[str, str | None]


@dataclass(frozen=True)
class Raw:
    """A JSON text that is written as it stands."""

    text: str


Tree = None | str | Raw | list["Tree"] | dict[str, "Tree"]

DDL = {
    name: columns.split()
    for name, columns in {
        "projects": """
            id name slug description settings workspace_id owner_id inserted_at updated_at
            auto_version_flows auto_version_scenes auto_version_sheets deleted_at
            deleted_by_id last_activity_at project_type project_subtype project_type_other
            created_from_template_version_id""",
        "assets": """
            id filename content_type size key url metadata project_id uploaded_by_id
            inserted_at updated_at blob_hash deleted_at deleted_by_id deletion_reason
            deletion_generation""",
        "sheets": """
            id name position description shortcut color deleted_at
            hidden_inherited_block_ids project_id parent_id banner_asset_id inserted_at
            updated_at current_version_id""",
        "sheet_avatars": """
            id name notes position is_default sheet_id asset_id inserted_at updated_at""",
        "blocks": """
            id type position config value is_constant variable_name deleted_at scope
            detached required column_group_id column_index sheet_id inherited_from_block_id
            inserted_at updated_at word_count""",
        "block_gallery_images": """
            id label description position block_id asset_id inserted_at updated_at""",
        "table_columns": """
            id block_id name slug type is_constant required position config inserted_at
            updated_at""",
        "table_rows": """
            id block_id name slug position cells inserted_at updated_at""",
        "scenes": """
            id name description shortcut width height default_zoom default_center_x
            default_center_y scale_unit scale_value position deleted_at project_id parent_id
            background_asset_id inserted_at updated_at current_version_id
            exploration_display_mode fog_color fog_opacity""",
        "flows": """
            id name description shortcut is_main settings position deleted_at project_id
            parent_id inserted_at updated_at scene_id current_version_id""",
        "flow_nodes": """
            id type position_x position_y data deleted_at flow_id inserted_at updated_at
            word_count parent_id derivatives_fingerprint""",
        "flow_connections": """
            id source_pin target_pin label flow_id source_node_id target_node_id inserted_at
            updated_at""",
        "flow_node_sequence_configs": """
            flow_node_id name width height inserted_at updated_at""",
        "flow_node_sequence_tracks": """
            id flow_node_id kind position asset_id start_time end_time volume inserted_at
            updated_at""",
        "flow_node_sequence_visual_layers": """
            id flow_node_id asset_id kind label z_index slot x y width height anchor_x
            anchor_y fit opacity visible inserted_at updated_at""",
        "scene_layers": """
            id name is_default position visible fog_enabled scene_id inserted_at updated_at""",
        "scene_zones": """
            id name vertices fill_color border_color border_width border_style opacity
            target_type target_id tooltip position locked action_type action_data condition
            condition_effect scene_id layer_id inserted_at updated_at is_walkable shortcut
            hidden label_mode label_font_size label_font_family label_font_weight
            label_font_style label_icon_asset_id""",
        "scene_pins": """
            id position_x position_y pin_type icon color label tooltip size position opacity
            locked condition condition_effect scene_id layer_id sheet_id icon_asset_id
            inserted_at updated_at is_playable is_leader patrol_mode patrol_speed
            patrol_pause_ms shortcut hidden flow_id""",
        "scene_connections": """
            id line_style color label bidirectional waypoints show_label line_width scene_id
            from_pin_id to_pin_id inserted_at updated_at from_stop to_stop from_pause_ms
            to_pause_ms""",
        "scene_annotations": """
            id scene_id layer_id text position_x position_y font_size color position locked
            inserted_at updated_at""",
        "scene_ambient_flows": """
            id scene_id flow_id trigger_type enabled position inserted_at updated_at
            trigger_config priority""",
        "project_languages": """
            id project_id locale_code name is_source position inserted_at updated_at
            archived_at""",
        "localized_texts": """
            id project_id source_type source_id source_field source_text source_text_hash
            locale_code translated_text status vo_status vo_asset_id translator_notes
            reviewer_notes speaker_sheet_id word_count machine_translated last_translated_at
            last_reviewed_at translated_by_id reviewed_by_id inserted_at updated_at
            translated_source_hash lock_version content_role vo_eligible archived_at
            archive_reason""",
        "localization_glossary_entries": """
            id project_id source_term source_locale target_term target_locale context
            do_not_translate inserted_at updated_at""",
    }.items()
}

# Columns that are not written in their place: the key of the parent, keys of an object, and
# what is left out always.
LEFT_OUT = {
    "projects": "created_from_template_version_id",
    "assets": "project_id",
    "sheets": "project_id current_version_id",
    "sheet_avatars": "sheet_id",
    "blocks": "sheet_id",
    "block_gallery_images": "block_id",
    "table_columns": "block_id",
    "table_rows": "block_id",
    "scenes": "project_id current_version_id",
    "flows": "project_id current_version_id",
    "flow_nodes": "flow_id derivatives_fingerprint",
    "flow_connections": "flow_id",
    "flow_node_sequence_configs": "flow_node_id",
    "flow_node_sequence_tracks": "flow_node_id",
    "flow_node_sequence_visual_layers": "flow_node_id",
    "scene_layers": "scene_id",
    "scene_zones": "scene_id",
    "scene_pins": "scene_id",
    "scene_connections": "scene_id",
    "scene_annotations": "scene_id",
    "scene_ambient_flows": "scene_id",
    "project_languages": "project_id",
    "localized_texts": (
        "project_id source_type source_id source_field content_role vo_eligible locale_code"
    ),
    "localization_glossary_entries": "project_id source_term source_locale target_locale",
}

RENAMED = {
    "flow_connections": {"source_pin": "source_handle", "target_pin": "target_handle"},
    "scenes": {"parent_id": "parent_scene_id"},
    "localized_texts": {"translated_text": "text"},
    "localization_glossary_entries": {"target_term": "text"},
}

KNOWN_ASSET_COLUMNS = {
    "sheets": "banner_asset_id",
    "sheet_avatars": "asset_id",
    "block_gallery_images": "asset_id",
    "scenes": "background_asset_id",
    "flow_node_sequence_tracks": "asset_id",
    "flow_node_sequence_visual_layers": "asset_id",
    "scene_zones": "label_icon_asset_id",
    "scene_pins": "icon_asset_id",
    "localized_texts": "vo_asset_id",
}

VARIABLE_TYPES = ("text", "rich_text", "number", "select", "multi_select", "date", "boolean")


@dataclass(frozen=True)
class Column:
    """A column as the database describes it; ``refers_to`` is the table of its foreign key."""

    name: str
    type: str
    refers_to: str | None


class Database:
    """All rows of all tables."""

    def __init__(self, connection: psycopg.Connection) -> None:
        for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'", "extra_float_digits = 1"):
            connection.execute(f"SET {setting}".encode())
        for setting in ("bytea_output = 'hex'", "IntervalStyle = 'postgres'"):
            connection.execute(f"SET {setting}".encode())
        self.columns = {table: _columns(connection, table) for table in DDL}
        self.rows = {table: _rows(connection, table, self.columns[table]) for table in DDL}
        self.emails: dict[str, str] = dict(
            connection.execute("SELECT id::text, email::text FROM users").fetchall()
        )
        self.slugs: dict[str, str] = dict(
            connection.execute("SELECT id::text, slug::text FROM workspaces").fetchall()
        )
        version = connection.execute("SELECT max(version)::text FROM schema_migrations").fetchone()
        self.version = version[0] if version else None


def _columns(connection: psycopg.Connection, table: str) -> list[Column]:
    """The columns: the known ones in the DDL's order, then the others in the table's own."""
    found = [
        Column(*row)
        for row in connection.execute(
            """SELECT a.attname, format_type(a.atttypid, NULL), (
                   SELECT c.confrelid::regclass::text FROM pg_constraint c
                   WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum])
               FROM pg_attribute a
               WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
               ORDER BY a.attnum""",
            [table],
        )
    ]
    by_name = {column.name: column for column in found}
    known = [by_name[name] for name in DDL[table]]
    return known + [column for column in found if column.name not in DDL[table]]


def _rows(connection: psycopg.Connection, table: str, columns: list[Column]) -> list[Row]:
    quoted_names = ['"' + column.name.replace('"', '""') + '"' for column in columns]
    names = ", ".join(f"{name}::text" for name in quoted_names)
    answer = connection.execute(f"SELECT {names} FROM {table}".encode())
    return [dict(zip([c.name for c in columns], row, strict=True)) for row in answer]


# Cells -----------------------------------------------------------------------------------------


def cell(column: Column, text: str | None, *, known: bool) -> Tree:
    """One value by the type of its column."""
    if text is None:
        return None
    if known and column.name == "hidden_inherited_block_ids":
        return [None if item == "NULL" else item for item in text.strip("{}").split(",") if item]
    if (known and (column.name == "id" or column.name.endswith("_id"))) or column.refers_to:
        return text
    if column.type in ("boolean", "json", "jsonb"):
        return Raw(text)
    if column.type in ("smallint", "integer", "bigint", "real", "double precision", "numeric"):
        return text if re.search("NaN|Infinity", text) else Raw(text)
    if column.type.startswith("timestamp"):
        return timestamp(text)
    return text


def timestamp(text: str) -> str:
    """2025-01-02 08:00:00+00 is 2025-01-02T08:00:00Z; only unknown columns have a fraction."""
    if "infinity" in text:
        return text
    found = re.fullmatch(r"(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?", text)
    assert found, text
    return f"{found[1]}T{found[2]}Z"


def time_order(text: str | None) -> tuple[int, int, str]:
    """A key that sorts timestamps by time."""
    assert text is not None
    if text.endswith("infinity"):
        return (-1 if text.startswith("-") else 1, 0, "")
    year, rest = text.split("-", 1)
    return (0, int(year), rest)


def position(row: Row, column: str = "position") -> tuple[bool, int]:
    """A key that sorts NULL last."""
    value = row[column]
    return (value is None, int(value or 0))


def number(row: Row, column: str = "id") -> int:
    """An integer of a row, 0 for NULL."""
    return int(row[column] or 0)


def octets(row: Row, column: str) -> bytes:
    """A text of a row in byte order."""
    return (row[column] or "").encode()


# JSON inside cells -----------------------------------------------------------------------------


class Number(str):
    """The text of a number in a JSON value."""

    __slots__ = ()


def parsed(text: str | None) -> object:
    """The value of a JSON text; its numbers are texts."""
    if text is None:
        return None
    value: object = json.loads(text, parse_int=Number, parse_float=Number)
    return value


def member(value: object, key: str) -> object:
    """A member of an object, None of anything else."""
    return value.get(key) if isinstance(value, dict) else None


def as_id(value: object) -> str | None:
    """An id inside JSON: an integer or a text of digits."""
    if isinstance(value, str) and re.fullmatch("[0-9]+", value):
        return value.lstrip("0") or "0"
    return None


def as_text(value: object) -> str:
    """A string, a number or a boolean as the text that ``->>`` gives; empty for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


# Trees -----------------------------------------------------------------------------------------


class Forest:
    """Rows with ``parent_id``; one whose parent is missing or the smallest of a ring is a root."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = {row["id"]: row for row in rows}
        self.parents = {key: self._parent(row) for key, row in self.rows.items()}

    def _parent(self, row: Row) -> str | None:
        if row["parent_id"] not in self.rows:
            return None
        ring = [row]
        while True:
            above = self.rows.get(ring[-1]["parent_id"])
            if above is None or (above in ring and above is not row):
                return row["parent_id"]
            if above is row:
                return None if min(ring, key=number) is row else row["parent_id"]
            ring.append(above)

    def children(self, key: str | None) -> list[Row]:
        """The rows under a row, or the roots."""
        found = [row for row in self.rows.values() if self.parents[row["id"]] == key]
        return sorted(found, key=lambda row: (position(row), octets(row, "name"), number(row)))

    def depth_first(self, key: str | None = None) -> list[Row]:
        """A parent before its children."""
        return [row for top in self.children(key) for row in (top, *self.depth_first(top["id"]))]

    def path(self, row: Row) -> str:
        """The names from the root."""
        name = (row["name"] or "").replace("/", "\\/")
        parent = self.parents[row["id"]]
        return name if parent is None else f"{self.path(self.rows[parent])}/{name}"


# The document ----------------------------------------------------------------------------------


class Story:
    """One project and the rows of it that the options let through."""

    def __init__(self, database: Database, project_id: int, options: ExportOptions) -> None:
        self.database = database
        self.options = options
        self.project_id = str(project_id)
        self.exported: dict[str, list[Row]] = {table: [] for table in DDL}
        own = self._own
        self.sheets, self.flows, self.scenes = own("sheets"), own("flows"), own("scenes")
        self.blocks = self._under("blocks", "sheet_id", self.sheets)
        self.nodes = self._under("flow_nodes", "flow_id", self.flows)

    def _own(self, table: str) -> list[Row]:
        return [r for r in self.database.rows[table] if r["project_id"] == self.project_id]

    def _under(self, table: str, key: str, parents: list[Row]) -> list[Row]:
        ids = {row["id"] for row in parents}
        return [row for row in self.database.rows[table] if row[key] in ids]

    def present(self, rows: Iterable[Row]) -> list[Row]:
        """Rows that are neither in the trash nor in the archive, or all of them."""
        return [row for row in rows if self.options.include_trash or _alive(row)]

    def chosen(self, rows: Iterable[Row], ids: tuple[int, ...] | None) -> list[Row]:
        """Rows of a selection."""
        return [row for row in self.present(rows) if ids is None or number(row) in ids]

    def children(self, table: str, key: str, parent: Row, order: Callable[[Row], Any]) -> list[Row]:
        """The rows of a table that belong to a row, in order."""
        rows = [row for row in self.database.rows[table] if row[key] == parent["id"]]
        return sorted(self.present(rows), key=order)

    def columns(self, table: str, row: Row) -> dict[str, Tree]:
        """The columns of a row that is written, by their names in the file."""
        self.exported[table].append(row)
        written: dict[str, Tree] = {}
        for column in self.database.columns[table]:
            name, text = column.name, row[column.name]
            if name in LEFT_OUT[table].split():
                continue
            if table == "projects" and name == "workspace_id":
                written["workspace_slug"] = self.database.slugs[text or ""]
            elif _is_user(column):
                stem = name.removesuffix("_id")
                written[f"{stem}_email"] = None if text is None else self.database.emails[text]
            else:
                name = RENAMED.get(table, {}).get(name, name)
                written[name] = cell(column, text, known=column.name in DDL[table])
        return written

    def plain(self, table: str, key: str, parent: Row, order: Callable[[Row], Any]) -> list[Tree]:
        """Rows without anything added."""
        return [self.columns(table, row) for row in self.children(table, key, parent, order)]

    def shortcut(self, rows: list[Row], key: str | None) -> str | None:
        """The shortcut of a row that is named somewhere, unless it is left out as trash."""
        named = [row for row in self.present(rows) if key is not None and row["id"] == key]
        return named[0]["shortcut"] if named else None

    # Sheets

    def pages(self) -> list[Tree]:
        """Sheets with their avatars and blocks."""
        whole = Forest(self.present(self.sheets))
        file = Forest(self.chosen(self.sheets, self.options.sheet_ids))
        return [self.page(row, whole) for row in file.depth_first()]

    def page(self, sheet: Row, whole: Forest) -> Tree:
        written = self.columns("sheets", sheet)
        avatars = self.children("sheet_avatars", "sheet_id", sheet, _by_position)
        defaults = [row["asset_id"] for row in avatars if row["is_default"] == "true"]
        written["path"] = whole.path(sheet)
        written["avatar_asset_id"] = defaults[0] if defaults else None
        written["avatars"] = [self.columns("sheet_avatars", row) for row in avatars]
        written["blocks"] = [
            self.block(row) for row in self.children("blocks", "sheet_id", sheet, _by_position)
        ]
        return written

    def block(self, block: Row) -> Tree:
        written = self.columns("blocks", block)
        is_variable = (
            block["is_constant"] == "false"
            and bool(block["variable_name"])
            and block["type"] in VARIABLE_TYPES
        )
        written["is_variable"] = Raw("true" if is_variable else "false")
        for name, table, kind in (
            ("columns", "table_columns", "table"),
            ("rows", "table_rows", "table"),
            ("images", "block_gallery_images", "gallery"),
        ):
            rows = self.plain(table, "block_id", block, _by_position)
            if rows or block["type"] == kind:
                written[name] = rows
        return written

    # Flows

    def written_flows(self) -> list[Tree]:
        """Flows with their nodes and connections."""
        whole = Forest(self.present(self.flows))
        file = Forest(self.chosen(self.flows, self.options.flow_ids))
        return [self.flow(row, whole) for row in file.depth_first()]

    def flow(self, flow: Row, whole: Forest) -> Tree:
        written = self.columns("flows", flow)
        nodes = self.children("flow_nodes", "flow_id", flow, number)
        has_children = any(row["parent_id"] == flow["id"] for row in whole.rows.values())
        is_folder = has_children and not nodes
        entries = [n["id"] for n in nodes if n["type"] == "entry" and n["deleted_at"] is None]
        exits: list[Tree] = [
            n["id"] for n in nodes if n["type"] == "exit" and n["deleted_at"] is None
        ]
        written["path"] = whole.path(flow)
        written["is_folder"] = Raw("true" if is_folder else "false")
        written["entry_node_id"] = entries[0] if entries else None
        written["exit_node_ids"] = exits
        written["scene_shortcut"] = self.shortcut(self.scenes, flow["scene_id"])
        written["nodes"] = [self.node(row) for row in nodes]
        ends = {row["id"] for row in self.present(self.nodes) if self.flow_written(row)}
        written["connections"] = [
            self.columns("flow_connections", row)
            for row in self.children("flow_connections", "flow_id", flow, _by_time)
            if row["source_node_id"] in ends and row["target_node_id"] in ends
        ]
        return written

    def flow_written(self, node: Row) -> bool:
        """Whether the flow of a node is in the file."""
        flows = self.chosen(self.flows, self.options.flow_ids)
        return node["flow_id"] in {row["id"] for row in flows}

    def node(self, node: Row) -> Tree:
        written = self.columns("flow_nodes", node)
        data = parsed(node["data"])
        if node["type"] == "dialogue":
            speaker = as_id(member(data, "speaker_sheet_id"))
            written["speaker_shortcut"] = self.shortcut(self.sheets, speaker)
        if node["type"] in ("subflow", "exit"):
            target = as_id(member(data, "referenced_flow_id"))
            written["referenced_flow_shortcut"] = self.shortcut(self.flows, target)
        configs = self.children("flow_node_sequence_configs", "flow_node_id", node, str)
        sequence: dict[str, Tree] = {}
        for config in configs:
            sequence = self.columns("flow_node_sequence_configs", config)
        tracks = self.plain(
            "flow_node_sequence_tracks",
            "flow_node_id",
            node,
            lambda row: (octets(row, "kind"), position(row), number(row)),
        )
        layers = self.plain(
            "flow_node_sequence_visual_layers",
            "flow_node_id",
            node,
            lambda row: (number(row, "z_index"), number(row)),
        )
        if node["type"] == "sequence" or configs or tracks or layers:
            written["sequence"] = {**sequence, "tracks": tracks, "visual_layers": layers}
        return written

    # Scenes

    def maps(self) -> list[Tree]:
        """Scenes with all that is placed in them."""
        whole = Forest(self.present(self.scenes))
        file = Forest(self.chosen(self.scenes, self.options.scene_ids))
        return [self.map(row, whole) for row in file.depth_first()]

    def map(self, scene: Row, whole: Forest) -> Tree:
        written = self.columns("scenes", scene)
        written["path"] = whole.path(scene)
        written["layers"] = self.plain("scene_layers", "scene_id", scene, _by_position)
        written["pins"] = [
            self.pin(row) for row in self.children("scene_pins", "scene_id", scene, _by_position)
        ]
        written["zones"] = self.plain("scene_zones", "scene_id", scene, _by_position)
        written["connections"] = self.plain("scene_connections", "scene_id", scene, _by_time)
        written["annotations"] = self.plain("scene_annotations", "scene_id", scene, _by_position)
        written["ambient_flows"] = self.plain(
            "scene_ambient_flows",
            "scene_id",
            scene,
            lambda row: (position(row), -number(row, "priority"), number(row)),
        )
        return written

    def pin(self, pin: Row) -> Tree:
        written = self.columns("scene_pins", pin)
        kind, target, rows = None, None, self.flows
        if pin["sheet_id"] is not None:
            kind, target, rows = "page", pin["sheet_id"], self.sheets
        elif pin["flow_id"] is not None:
            kind, target = "flow", pin["flow_id"]
        written["target_type"] = kind
        written["target_id"] = target
        written["target_shortcut"] = self.shortcut(rows, target)
        return written

    # Localization

    def source(self, text: Row) -> tuple[Row, Row] | None:
        """The row that a text translates and the sheet or flow that holds it."""
        rows, key, parents = {
            "flow_node": (self.nodes, "flow_id", self.flows),
            "block": (self.blocks, "sheet_id", self.sheets),
            "sheet": (self.sheets, "id", self.sheets),
        }[text["source_type"] or ""]
        for row in rows:
            if row["id"] == text["source_id"]:
                return row, next(parent for parent in parents if parent["id"] == row[key])
        return None

    def runtime_key(self, text: Row) -> str | None:
        """The key by which a game asks for a text, if it has one."""
        source = self.source(text)
        if not _alive(text) or source is None or not all(map(_alive, source)):
            return None
        row, holder = source
        if text["source_type"] == "flow_node":
            name = as_text(member(parsed(row["data"]), "localization_id"))
            usable = (
                re.fullmatch("[A-Za-z0-9_-]{1,100}", name)
                and not re.fullmatch("[0-9]+", name)
                and text["source_field"] != "label"
            )
            return f"flow_node.{name}.{text['source_field']}" if usable else None
        shortcut = holder["shortcut"]
        if not shortcut:
            return None
        if text["source_type"] == "sheet":
            return None if re.fullmatch("[0-9]+", shortcut) else f"sheet.{shortcut}.name"
        if not row["variable_name"]:
            return None
        return f"block.{shortcut.replace('.', '%2E')}.{row['variable_name']}.value.content"

    def keys(self) -> dict[str | None, str]:
        """The key of every text by its id: the smallest source id gets a runtime key."""
        texts = self._own("localized_texts")
        wanted = {row["id"]: self.runtime_key(row) for row in texts}
        first: dict[str, int] = {}
        for row in texts:
            key = wanted[row["id"]]
            if key is not None:
                source_id = number(row, "source_id")
                first[key] = min(first.get(key, source_id), source_id)
        found = {}
        for row in texts:
            key = wanted[row["id"]]
            if key is None or first[key] != number(row, "source_id"):
                key = f"{row['source_type']}.{row['source_id']}.{row['source_field']}"
            found[row["id"]] = key
        return found

    def text_wanted(self, text: Row) -> bool:
        """Whether the options let a text through."""
        options = self.options
        if options.languages is not None and text["locale_code"] not in options.languages:
            return False
        if text["source_type"] == "flow_node":
            included, ids = options.include_flows, options.flow_ids
        else:
            included, ids = options.include_sheets, options.sheet_ids
        if not included or ids is None:
            return included
        source = self.source(text)
        return source is not None and number(source[1]) in ids

    def strings(self) -> dict[str, Tree]:
        """The texts by their keys, their translations by locale."""
        keys = self.keys()
        rows = [row for row in self.present(self._own("localized_texts")) if self.text_wanted(row)]
        strings: dict[str, Tree] = {}
        for key in sorted({keys[row["id"]] for row in rows}, key=str.encode):
            group = sorted(
                (row for row in rows if keys[row["id"]] == key),
                key=lambda row: octets(row, "locale_code"),
            )
            first = group[0]
            strings[key] = {
                "source_type": first["source_type"],
                "source_id": first["source_id"],
                "source_field": first["source_field"],
                "content_role": first["content_role"],
                "vo_eligible": Raw(first["vo_eligible"] or "null"),
                "character_shortcut": self.shortcut(self.sheets, first["speaker_sheet_id"]),
                "translations": {
                    row["locale_code"] or "": self.columns("localized_texts", row) for row in group
                },
            }
        return strings

    def glossary(self) -> list[Tree]:
        """The terms, their translations by locale."""
        table = "localization_glossary_entries"
        rows = [
            row
            for row in self._own(table)
            if self.options.languages is None or row["target_locale"] in self.options.languages
        ]
        terms = sorted({(octets(r, "source_term"), octets(r, "source_locale")) for r in rows})
        entries: list[Tree] = []
        for term, locale in terms:
            group = [
                row
                for row in rows
                if (octets(row, "source_term"), octets(row, "source_locale")) == (term, locale)
            ]
            group.sort(key=lambda row: octets(row, "target_locale"))
            translations: dict[str, Tree] = {
                row["target_locale"] or "": self.columns(table, row) for row in group
            }
            entries.append(
                {
                    "term": term.decode(),
                    "source_locale": locale.decode(),
                    "translations": translations,
                }
            )
        return entries

    def languages(self) -> list[Row]:
        """The project's languages."""
        return sorted(self.present(self._own("project_languages")), key=_by_position)

    def source_language(self) -> str | None:
        """The locale of the live source language."""
        found = [
            r for r in self._own("project_languages") if _alive(r) and r["is_source"] == "true"
        ]
        return found[0]["locale_code"] if found else None

    def localization(self) -> Tree:
        return {
            "source_language": self.source_language(),
            "languages": [self.columns("project_languages", row) for row in self.languages()],
            "strings": self.strings(),
            "glossary": self.glossary(),
        }

    # Media

    def named_assets(self, table: str) -> set[str]:
        """The assets that the written rows of a table name."""
        columns = [
            column.name
            for column in self.database.columns[table]
            if column.refers_to == "assets" or column.name == KNOWN_ASSET_COLUMNS.get(table)
        ]
        named: set[str | None] = {row[column] for row in self.exported[table] for column in columns}
        for row in self.exported[table]:
            if table == "flow_nodes" and row["type"] == "dialogue":
                named.add(as_id(member(parsed(row["data"]), "audio_asset_id")))
            if table == "assets":
                metadata = parsed(row["metadata"])
                variants = member(metadata, "variant_asset_ids")
                named.add(as_id(member(metadata, "original_asset_id")))
                named.add(as_id(member(metadata, "web_asset_id")))
                named.update(map(as_id, variants.values() if isinstance(variants, dict) else ()))
        return {key for key in named if key is not None}

    def media(self) -> Tree:
        """The assets: all, or those that the rows written so far name."""
        assets = sorted(self.present(self._own("assets")), key=_by_time)
        written: dict[str | None, dict[str, Tree]] = {}
        grown = True
        while grown:
            named = set().union(*(self.named_assets(table) for table in DDL))
            new = [
                row
                for row in assets
                if row["id"] not in written and (not self.options.selects or row["id"] in named)
            ]
            for row in new:
                written[row["id"]] = self.columns("assets", row)
                checksum = row["blob_hash"]
                written[row["id"]]["checksum"] = None if checksum is None else f"sha256:{checksum}"
            grown = bool(new)
        items: list[Tree] = [written[row["id"]] for row in assets if row["id"] in written]
        return {"mode": "references", "base_url": None, "items": items}

    # Metadata

    def statistics(self) -> Tree:
        """Counts of the rows that were written."""
        rows = self.exported
        total = sum(number(r, "word_count") for r in rows["flow_nodes"] + rows["blocks"])
        source = self.source_language()
        words: dict[str, Tree] = {}
        progress: dict[str, Tree] = {}
        for language in rows["project_languages"]:
            locale = language["locale_code"] or ""
            texts = [row for row in rows["localized_texts"] if row["locale_code"] == locale]
            if locale == source:
                words[locale] = _integer(total)
                continue
            translated = [row for row in texts if row["translated_text"]]
            words[locale] = _integer(sum(number(row, "word_count") for row in translated))
            final = sum(row["status"] == "final" for row in texts)
            progress[locale] = _integer(final * 100 // len(texts) if texts else 0)
        counts: dict[str, Tree] = {
            name: _integer(len(rows[table]))
            for name, table in (
                ("page_count", "sheets"),
                ("block_count", "blocks"),
                ("flow_count", "flows"),
                ("node_count", "flow_nodes"),
                ("connection_count", "flow_connections"),
                ("map_count", "scenes"),
                ("pin_count", "scene_pins"),
                ("asset_count", "assets"),
            )
        }
        word_count: Tree = {"total": _integer(total), "by_language": words}
        return {**counts, "word_count": word_count, "localization_progress": progress}

    def document(self, exported_at: str) -> Tree:
        """The whole file."""
        (project,) = (r for r in self.database.rows["projects"] if r["id"] == self.project_id)
        document: dict[str, Tree] = {
            "storyarn_version": "1.0.0",
            "export_version": "1.0.0",
            "exported_at": exported_at,
            "schema_version": Raw(self.database.version or "null"),
            "project": self.columns("projects", project),
        }
        if self.options.include_sheets:
            document["pages"] = self.pages()
        if self.options.include_flows:
            document["flows"] = self.written_flows()
        if self.options.include_scenes:
            document["maps"] = self.maps()
        if self.options.include_localization:
            document["localization"] = self.localization()
        document["assets"] = self.media()
        document["metadata"] = {"statistics": self.statistics(), "validation": None}
        return document


def _alive(row: Row) -> bool:
    return row.get("deleted_at") is None and row.get("archived_at") is None


def _is_user(column: Column) -> bool:
    if column.refers_to is not None:
        return column.refers_to == "users"
    return column.name == "owner_id" or column.name.endswith("_by_id")


def _by_position(row: Row) -> tuple[tuple[bool, int], int]:
    return (position(row), number(row))


def _by_time(row: Row) -> tuple[tuple[int, int, str], int]:
    return (time_order(row["inserted_at"]), number(row))


def _integer(value: int) -> Raw:
    return Raw(str(value))


# Writing ---------------------------------------------------------------------------------------

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def quoted(text: str) -> str:
    """A JSON string that escapes only what it has to."""
    escaped = (_SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text)
    return '"' + "".join(escaped) + '"'


def compact(tree: Tree) -> str:
    """JSON without blanks but for those that PostgreSQL prints."""
    if tree is None:
        return "null"
    if isinstance(tree, Raw):
        return tree.text
    if isinstance(tree, str):
        return quoted(tree)
    if isinstance(tree, list):
        return "[" + ",".join(map(compact, tree)) + "]"
    return "{" + ",".join(f"{quoted(k)}:{compact(v)}" for k, v in tree.items()) + "}"


def indented(text: str) -> str:
    """The same tokens, two blanks a level."""
    tokens = _TOKEN.findall(text)
    out, depth = [], 0
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if token in "}]":
            depth -= 1
            if before not in ("{", "["):
                out.append("\n" + "  " * depth)
        out.append(token)
        if token == ":":
            out.append(" ")
        elif token in "{[":
            depth += 1
            if after not in ("}", "]"):
                out.append("\n" + "  " * depth)
        elif token == ",":
            out.append("\n" + "  " * depth)
    return "".join(out)


def export(
    connection: psycopg.Connection, project_id: int, options: ExportOptions, exported_at: str
) -> bytes:
    """The artifact of an export, without validation."""
    document = compact(Story(Database(connection), project_id, options).document(exported_at))
    return ((indented(document) if options.pretty_print else document) + "\n").encode()
