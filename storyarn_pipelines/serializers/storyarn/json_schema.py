"""The JSON Schema of the native format, made from the catalogue of tables.

The shipped ``storyarn.schema.json`` is written by ``make schema`` and a test keeps it true.
"""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import Table

Json = dict[str, Any]
Columns = Mapping[str, tuple[Kind, bool]]
"""The columns of a table in their order: kind, and whether NULL is allowed."""

_TEXT, _NULL = {"type": "string"}, {"type": "null"}
_ID = {"type": "string", "description": "opaque key"}
_MAYBE_TEXT, _MAYBE_ID = {"type": ["string", "null"]}, {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_KINDS: dict[Kind, Json] = {
    Kind.ID: _ID,
    Kind.IDS: {"type": "array", "items": {"type": ["string", "null"]}},
    Kind.INTEGER: {"type": "integer"},
    Kind.FLOAT: {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]},
    Kind.NUMBER: {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.JSON: {},
    Kind.TIME: {"type": "string", "pattern": r"^(-?infinity|-?\d{4,}-\d\d-\d\dT[\d:.]+Z)$"},
    Kind.TEXT: _TEXT,
}
_LISTS: dict[Table, tuple[Table, ...]] = {
    t.SHEETS: (t.SHEET_AVATARS, t.BLOCKS),
    t.FLOWS: (t.FLOW_NODES, t.FLOW_CONNECTIONS),
    t.SCENES: t.children_of(t.SCENES),
}
_OPTIONAL_LISTS: dict[Table, tuple[Table, ...]] = {t.BLOCKS: t.children_of(t.BLOCKS)}
_DERIVED: dict[Table, Json] = {
    t.SHEETS: {"path": _TEXT, "avatar_asset_id": _MAYBE_ID},
    t.BLOCKS: {"is_variable": {"type": "boolean"}},
    t.FLOWS: {
        "path": _TEXT,
        "is_folder": {"type": "boolean"},
        "entry_node_id": _MAYBE_ID,
        "exit_node_ids": {"type": "array", "items": _ID},
        "scene_shortcut": _MAYBE_TEXT,
    },
    t.SCENES: {"path": _TEXT},
    t.SCENE_PINS: {
        "target_type": {"enum": ["page", "flow", None]},
        "target_id": _MAYBE_ID,
        "target_shortcut": _MAYBE_TEXT,
    },
    t.ASSETS: {"checksum": {"type": ["string", "null"], "pattern": "^sha256:"}},
}
_STRING = ("source_type", "source_id", "source_field", "content_role", "vo_eligible")
_TERM = ("source_term", "source_locale")


def json_schema(columns: Mapping[str, Columns]) -> Json:
    """The schema, given every table's columns as the collector reads them."""
    definitions = {table.name: _row(table, columns[table.name]) for table in t.TABLES}
    definitions["flow_nodes"]["properties"] |= {
        "speaker_shortcut": _MAYBE_TEXT,
        "referenced_flow_shortcut": _MAYBE_TEXT,
        "sequence": _sequence(definitions.pop(t.SEQUENCE_CONFIGS.name)),
    }
    definitions["assets"]["properties"] |= {"data": _TEXT, "file": _TEXT}
    definitions["localized_texts"] = _grouped(
        t.LOCALIZED_TEXTS, columns, _STRING, "locale_code", {"character_shortcut": _MAYBE_TEXT}
    )
    definitions["localization_glossary_entries"] = _grouped(
        t.GLOSSARY_ENTRIES, columns, _TERM, "target_locale", {}
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Storyarn JSON",
        "description": "A Storyarn project. Unknown columns may follow the known ones anywhere.",
        **_object(
            {
                "storyarn_version": {"const": "1.0.0"},
                "export_version": {"const": "1.0.0"},
                "exported_at": _KINDS[Kind.TIME],
                "schema_version": {"type": ["integer", "null"]},
                "project": _ref(t.PROJECTS),
            },
            optional={
                "pages": _list(t.SHEETS),
                "flows": _list(t.FLOWS),
                "maps": _list(t.SCENES),
                "localization": _localization(),
            },
            more={"assets": _assets(), "metadata": _metadata()},
        ),
        "$defs": definitions,
    }


def _row(table: Table, columns: Columns) -> Json:
    members = {
        table.renames.get(name, name): _value(kind, nullable=nullable)
        for name, (kind, nullable) in columns.items()
        if name != table.parent_key
    }
    members |= _DERIVED.get(table, {})
    members |= {child.list_key: _list(child) for child in _LISTS.get(table, ())}
    optional = {child.list_key: _list(child) for child in _OPTIONAL_LISTS.get(table, ())}
    return _object(members, optional=optional)


def _grouped(
    table: Table, columns: Mapping[str, Columns], shared: tuple[str, ...], key: str, extra: Json
) -> Json:
    """Rows under their locales, inside an object with what they share."""
    facts = columns[table.name]
    own = {name: fact for name, fact in facts.items() if name not in (*shared, key)}
    members = {
        table.renames.get(name, name): _value(*facts[name][:1], nullable=facts[name][1])
        for name in shared
    }
    rows = {"type": "object", "additionalProperties": _row(table, own)}
    return _object({**members, **extra, "translations": rows})


def _value(kind: Kind, *, nullable: bool) -> Json:
    schema = _KINDS[kind]
    if not nullable or not schema:
        return schema
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], _NULL]}
    return {**schema, "type": [schema["type"], "null"]}


def _sequence(config: Json) -> Json:
    lists = {x.list_key: _list(x) for x in (t.SEQUENCE_TRACKS, t.SEQUENCE_VISUAL_LAYERS)}
    return _object(lists, optional=config["properties"])


def _localization() -> Json:
    return _object(
        {
            "source_language": _MAYBE_TEXT,
            "languages": _list(t.PROJECT_LANGUAGES),
            "strings": {"type": "object", "additionalProperties": _ref(t.LOCALIZED_TEXTS)},
            "glossary": _list(t.GLOSSARY_ENTRIES),
        }
    )


def _assets() -> Json:
    modes = {"enum": ["references", "embedded", "bundled"]}
    return _object({"mode": modes, "base_url": _MAYBE_TEXT, "items": _list(t.ASSETS)})


def _metadata() -> Json:
    kinds = ("page", "block", "flow", "node", "connection", "map", "pin", "asset")
    counts = {f"{name}_count": _COUNT for name in kinds}
    by_language = {"type": "object", "additionalProperties": _COUNT}
    percent = {"type": "integer", "minimum": 0, "maximum": 100}
    statistics = _object(
        {
            **counts,
            "word_count": _object({"total": _COUNT, "by_language": by_language}),
            "localization_progress": {"type": "object", "additionalProperties": percent},
        }
    )
    return _object({"statistics": statistics, "validation": {"anyOf": [_validation(), _NULL]}})


def _validation() -> Json:
    finding = _object({"code": _TEXT, "rule": _TEXT, "severity": _TEXT, "message": _TEXT})
    findings = {"type": "array", "items": finding}
    status = {"enum": ["passed", "warnings", "errors"]}
    return _object({"status": status, "errors": findings, "warnings": findings, "info": findings})


def _list(table: Table) -> Json:
    return {"type": "array", "items": _ref(table)}


def _ref(table: Table) -> Json:
    return {"$ref": f"#/$defs/{table.name}"}


def _object(members: Json, *, optional: Json | None = None, more: Json | None = None) -> Json:
    required = {**members, **(more or {})}
    return {
        "type": "object",
        "properties": {**members, **(optional or {}), **(more or {})},
        "required": list(required),
    }
