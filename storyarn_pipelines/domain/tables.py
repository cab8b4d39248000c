"""The tables of a Storyarn project: what travels, under which name, nested where, in which order.

This catalogue is the one place that knows the database's layout. ``store`` builds its SQL from
it, ``snapshot`` merges children with parents by it, the native serializer takes key order and
names from it, and a test holds it against the DDL.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Section = Literal["project", "sheets", "flows", "scenes", "localization", "media"]
SECTIONS: tuple[Section, ...] = ("sheets", "flows", "scenes", "localization", "media")

_STAMPS = ("inserted_at", "updated_at")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table.

    ``columns`` are those that travel, in the DDL's order, without the key to the parent.
    ``ignored`` are read by nobody: Storyarn rebuilds them, or they point at what stays behind.
    ``order`` are SQL terms that sort rows under one parent; ``id`` comes last by itself.
    ``renames`` are the keys of the native format for columns that have another name there.
    """

    name: str
    section: Section
    columns: tuple[str, ...]
    parent: str = "projects"
    parent_key: str = "project_id"
    list_key: str = ""
    key: str = "id"
    order: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    trash_column: str | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that the database must have."""
        return (*self.columns, *((self.parent_key,) if self.parent_key else ()))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROJECTS = Table(
    "projects",
    "project",
    _words("""id name slug description settings workspace_id owner_id inserted_at updated_at
        auto_version_flows auto_version_scenes auto_version_sheets deleted_at deleted_by_id
        last_activity_at project_type project_subtype project_type_other"""),
    parent="",
    parent_key="",
    ignored=("created_from_template_version_id",),
    trash_column="deleted_at",
)

SHEETS = Table(
    "sheets",
    "sheets",
    _words("""id name position description shortcut color deleted_at hidden_inherited_block_ids
        parent_id banner_asset_id inserted_at updated_at"""),
    list_key="pages",
    ignored=("current_version_id",),
    trash_column="deleted_at",
)
SHEET_AVATARS = Table(
    "sheet_avatars",
    "sheets",
    ("id", "name", "notes", "position", "is_default", "asset_id", *_STAMPS),
    parent="sheets",
    parent_key="sheet_id",
    list_key="avatars",
    order=("position",),
)
BLOCKS = Table(
    "blocks",
    "sheets",
    _words("""id type position config value is_constant variable_name deleted_at scope detached
        required column_group_id column_index inherited_from_block_id inserted_at updated_at
        word_count"""),
    parent="sheets",
    parent_key="sheet_id",
    list_key="blocks",
    order=("position",),
    trash_column="deleted_at",
)
TABLE_COLUMNS = Table(
    "table_columns",
    "sheets",
    ("id", "name", "slug", "type", "is_constant", "required", "position", "config", *_STAMPS),
    parent="blocks",
    parent_key="block_id",
    list_key="columns",
    order=("position",),
)
TABLE_ROWS = Table(
    "table_rows",
    "sheets",
    ("id", "name", "slug", "position", "cells", *_STAMPS),
    parent="blocks",
    parent_key="block_id",
    list_key="rows",
    order=("position",),
)
BLOCK_GALLERY_IMAGES = Table(
    "block_gallery_images",
    "sheets",
    ("id", "label", "description", "position", "asset_id", *_STAMPS),
    parent="blocks",
    parent_key="block_id",
    list_key="images",
    order=("position",),
)

FLOWS = Table(
    "flows",
    "flows",
    _words("""id name description shortcut is_main settings position deleted_at parent_id
        inserted_at updated_at scene_id"""),
    list_key="flows",
    ignored=("current_version_id",),
    trash_column="deleted_at",
)
FLOW_NODES = Table(
    "flow_nodes",
    "flows",
    _words("""id type position_x position_y data deleted_at inserted_at updated_at word_count
        parent_id"""),
    parent="flows",
    parent_key="flow_id",
    list_key="nodes",
    ignored=("derivatives_fingerprint",),
    trash_column="deleted_at",
)
FLOW_CONNECTIONS = Table(
    "flow_connections",
    "flows",
    ("id", "source_pin", "target_pin", "label", "source_node_id", "target_node_id", *_STAMPS),
    parent="flows",
    parent_key="flow_id",
    list_key="connections",
    order=("inserted_at",),
    renames={"source_pin": "source_handle", "target_pin": "target_handle"},
)
SEQUENCE_CONFIGS = Table(
    "flow_node_sequence_configs",
    "flows",
    ("name", "width", "height", *_STAMPS),
    parent="flow_nodes",
    parent_key="flow_node_id",
    key="flow_node_id",
)
SEQUENCE_TRACKS = Table(
    "flow_node_sequence_tracks",
    "flows",
    ("id", "kind", "position", "asset_id", "start_time", "end_time", "volume", *_STAMPS),
    parent="flow_nodes",
    parent_key="flow_node_id",
    list_key="tracks",
    order=('kind COLLATE "C"', "position"),
)
SEQUENCE_VISUAL_LAYERS = Table(
    "flow_node_sequence_visual_layers",
    "flows",
    _words("""id asset_id kind label z_index slot x y width height anchor_x anchor_y fit opacity
        visible inserted_at updated_at"""),
    parent="flow_nodes",
    parent_key="flow_node_id",
    list_key="visual_layers",
    order=("z_index",),
)

SCENES = Table(
    "scenes",
    "scenes",
    _words("""id name description shortcut width height default_zoom default_center_x
        default_center_y scale_unit scale_value position deleted_at parent_id background_asset_id
        inserted_at updated_at exploration_display_mode fog_color fog_opacity"""),
    list_key="maps",
    ignored=("current_version_id",),
    renames={"parent_id": "parent_scene_id"},
    trash_column="deleted_at",
)
SCENE_LAYERS = Table(
    "scene_layers",
    "scenes",
    ("id", "name", "is_default", "position", "visible", "fog_enabled", *_STAMPS),
    parent="scenes",
    parent_key="scene_id",
    list_key="layers",
    order=("position",),
)
SCENE_PINS = Table(
    "scene_pins",
    "scenes",
    _words("""id position_x position_y pin_type icon color label tooltip size position opacity
        locked condition condition_effect layer_id sheet_id icon_asset_id inserted_at updated_at
        is_playable is_leader patrol_mode patrol_speed patrol_pause_ms shortcut hidden flow_id"""),
    parent="scenes",
    parent_key="scene_id",
    list_key="pins",
    order=("position",),
)
SCENE_ZONES = Table(
    "scene_zones",
    "scenes",
    _words("""id name vertices fill_color border_color border_width border_style opacity
        target_type target_id tooltip position locked action_type action_data condition
        condition_effect layer_id inserted_at updated_at is_walkable shortcut hidden label_mode
        label_font_size label_font_family label_font_weight label_font_style
        label_icon_asset_id"""),
    parent="scenes",
    parent_key="scene_id",
    list_key="zones",
    order=("position",),
)
SCENE_CONNECTIONS = Table(
    "scene_connections",
    "scenes",
    _words("""id line_style color label bidirectional waypoints show_label line_width from_pin_id
        to_pin_id inserted_at updated_at from_stop to_stop from_pause_ms to_pause_ms"""),
    parent="scenes",
    parent_key="scene_id",
    list_key="connections",
    order=("inserted_at",),
)
SCENE_ANNOTATIONS = Table(
    "scene_annotations",
    "scenes",
    _words("""id layer_id text position_x position_y font_size color position locked inserted_at
        updated_at"""),
    parent="scenes",
    parent_key="scene_id",
    list_key="annotations",
    order=("position",),
)
SCENE_AMBIENT_FLOWS = Table(
    "scene_ambient_flows",
    "scenes",
    _words("""id flow_id trigger_type enabled position inserted_at updated_at trigger_config
        priority"""),
    parent="scenes",
    parent_key="scene_id",
    list_key="ambient_flows",
    order=("position", "priority DESC"),
)

PROJECT_LANGUAGES = Table(
    "project_languages",
    "localization",
    ("id", "locale_code", "name", "is_source", "position", *_STAMPS, "archived_at"),
    list_key="languages",
    order=("position",),
    trash_column="archived_at",
)
LOCALIZED_TEXTS = Table(
    "localized_texts",
    "localization",
    _words("""id source_type source_id source_field source_text source_text_hash locale_code
        translated_text status vo_status vo_asset_id translator_notes reviewer_notes
        speaker_sheet_id word_count machine_translated last_translated_at last_reviewed_at
        translated_by_id reviewed_by_id inserted_at updated_at translated_source_hash lock_version
        content_role vo_eligible archived_at archive_reason"""),
    list_key="strings",
    renames={"translated_text": "text"},
    trash_column="archived_at",
)
GLOSSARY_ENTRIES = Table(
    "localization_glossary_entries",
    "localization",
    _words("""id source_term source_locale target_term target_locale context do_not_translate
        inserted_at updated_at"""),
    list_key="glossary",
    order=('source_term COLLATE "C"', 'source_locale COLLATE "C"', 'target_locale COLLATE "C"'),
    renames={"source_term": "term", "target_term": "text"},
)

ASSETS = Table(
    "assets",
    "media",
    _words("""id filename content_type size key url metadata uploaded_by_id inserted_at updated_at
        blob_hash deleted_at deleted_by_id deletion_reason deletion_generation"""),
    list_key="items",
    order=("inserted_at",),
    trash_column="deleted_at",
)

TABLES: tuple[Table, ...] = (
    PROJECTS,
    SHEETS, SHEET_AVATARS, BLOCKS, TABLE_COLUMNS, TABLE_ROWS, BLOCK_GALLERY_IMAGES,
    FLOWS, FLOW_NODES, FLOW_CONNECTIONS,
    SEQUENCE_CONFIGS, SEQUENCE_TRACKS, SEQUENCE_VISUAL_LAYERS,
    SCENES, SCENE_LAYERS, SCENE_PINS, SCENE_ZONES, SCENE_CONNECTIONS, SCENE_ANNOTATIONS,
    SCENE_AMBIENT_FLOWS,
    PROJECT_LANGUAGES, LOCALIZED_TEXTS, GLOSSARY_ENTRIES,
    ASSETS,
)  # fmt: skip

# Who owns what; a reader looks up e-mail addresses and slugs there and nothing else.
OWNER_TABLES: Mapping[str, tuple[str, ...]] = {
    "users": ("id", "email"),
    "workspaces": ("id", "slug"),
    "schema_migrations": ("version",),
}


def tables_of(section: Section) -> tuple[Table, ...]:
    """The tables of one section, parents before their children."""
    return tuple(table for table in TABLES if table.section == section)


def children_of(table: Table) -> tuple[Table, ...]:
    """The tables whose rows are nested in ``table``'s rows."""
    return tuple(child for child in TABLES if child.parent == table.name)
