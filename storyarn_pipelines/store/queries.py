"""One query per table: its columns, what is worked out beside them, and the order of its rows.

Rows come in their parents' order, so that a reader merges tables and never loads one.
"""

from dataclasses import dataclass

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import DERIVED, Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.columns import Field, Schema
from storyarn_pipelines.store.media_query import media_query
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.sql import identifier, row_id
from storyarn_pipelines.store.text_query import language_filter, text_query

VARIABLE_TYPES = ("text", "rich_text", "number", "select", "multi_select", "date", "boolean")


@dataclass(frozen=True, slots=True)
class Query:
    """The SQL of one table's rows and the snapshot's columns that it yields."""

    table: Table
    fields: tuple[Field, ...]
    sql: str


def table_query(table: Table, schema: Schema, scope: Scope) -> Query:
    """The query for one table of the catalogue."""
    fields = tuple(schema.fields(table, "t") + _derived(table, scope))
    return Query(table, fields, _assemble(table, fields, scope))


def select_list(fields: tuple[Field, ...]) -> str:
    """The list of output columns."""
    return ", ".join(f"{field.sql} AS {identifier(field.name)}" for field in fields)


def derived(name: str, sql: str, kind: Kind) -> Field:
    """A column that is worked out here and stands in no table."""
    return Field(DERIVED + name, sql, kind)


def _assemble(table: Table, fields: tuple[Field, ...], scope: Scope) -> str:
    columns = select_list(fields)
    alive = scope.alive(table, "t")
    if table is t.PROJECTS:
        return f"SELECT {columns} FROM projects t WHERE t.id = {scope.project}"
    if table is t.LOCALIZED_TEXTS:
        return text_query(columns, scope)
    if table is t.ASSETS:
        return media_query(columns, scope)
    if table.parent_key == "project_id" and table.order:
        languages = language_filter(scope, "t.target_locale") if table is t.GLOSSARY_ENTRIES else ""
        return (
            f"SELECT {columns} FROM {table.name} t WHERE t.project_id = {scope.project} "
            f"AND {alive}{languages} ORDER BY {_order(table, 't')}"
        )
    return _tree_query(table, columns, scope)


def _tree_query(table: Table, columns: str, scope: Scope) -> str:
    """A query for a row of a tree (sheets, flows, scenes) or for anything nested in one."""
    chain = _ancestors(table)
    root = chain[0]
    ctes = [scope.places(root, "places")]
    if table is root:
        ctes.append(scope.paths(root, "paths"))
    elif table is t.FLOW_CONNECTIONS:
        ctes.append(_nodes_in_file(scope))
    joins, order = "FROM places p", ["p.ordinal"]
    aliases = ["p", *(f"a{depth}" for depth in range(1, len(chain) - 1)), "t"]
    for depth, step in enumerate(chain[1:], start=1):
        alias, parent = aliases[depth], aliases[depth - 1]
        condition = f"{alias}.{step.parent_key} = {parent}.id AND {scope.alive(step, alias)}"
        joins += f" JOIN {step.name} {alias} ON {condition}"
        order.append(_order(step, alias))
    if table is root:
        joins += f" JOIN {root.name} t ON t.id = p.id"
    return (
        f"WITH RECURSIVE {', '.join(ctes)} SELECT {columns} {joins} {_extra_joins(table, scope)} "
        f"ORDER BY {', '.join(order)}"
    )


def _ancestors(table: Table) -> list[Table]:
    """From the tree's own table down to ``table``."""
    chain = [table]
    while chain[0].parent != "projects":
        chain.insert(0, next(x for x in t.TABLES if x.name == chain[0].parent))
    return chain


def _order(table: Table, alias: str) -> str:
    key = table.key if table.key != "flow_node_id" else "flow_node_id"
    return ", ".join(f"{alias}.{term}" for term in (*table.order, key))


def _nodes_in_file(scope: Scope) -> str:
    return (
        "ends AS MATERIALIZED (SELECT n.id FROM flow_nodes n JOIN places p ON p.id = n.flow_id "
        f"WHERE {scope.alive(t.FLOW_NODES, 'n')})"
    )


def _extra_joins(table: Table, scope: Scope) -> str:
    if table is t.FLOW_CONNECTIONS:
        return (
            "JOIN ends source ON source.id = t.source_node_id "
            "JOIN ends target ON target.id = t.target_node_id"
        )
    if table is t.FLOWS:
        return (
            "LEFT JOIN LATERAL (SELECT min(n.id) FILTER (WHERE n.type = 'entry') AS entry, "
            "coalesce(array_agg(n.id ORDER BY n.id) FILTER (WHERE n.type = 'exit'), '{}') AS exits "
            "FROM flow_nodes n WHERE n.flow_id = t.id AND n.type IN ('entry', 'exit') "
            "AND n.deleted_at IS NULL) ends ON TRUE"
        )
    return ""


def _derived(table: Table, scope: Scope) -> list[Field]:
    """The columns beside a table's own, in the order of the native format."""
    path = derived("path", "(SELECT whole.path FROM paths whole WHERE whole.id = t.id)", Kind.TEXT)
    if table is t.SHEETS:
        return [path, derived("avatar_asset_id", _DEFAULT_AVATAR, Kind.ID)]
    if table is t.BLOCKS:
        return [
            derived("is_variable", _IS_VARIABLE, Kind.BOOLEAN),
            derived("has_children", _BLOCK_HAS_CHILDREN, Kind.BOOLEAN),
        ]
    if table is t.FLOWS:
        return [
            path,
            derived("is_folder", _is_folder(scope), Kind.BOOLEAN),
            derived("entry_node_id", "ends.entry", Kind.ID),
            derived("exit_node_ids", "ends.exits", Kind.IDS),
            derived("scene_shortcut", _shortcut(t.SCENES, "t.scene_id", scope), Kind.TEXT),
        ]
    if table is t.FLOW_NODES:
        return _derived_of_nodes(scope)
    if table is t.SCENES:
        return [path]
    if table is t.SCENE_PINS:
        return _derived_of_pins(scope)
    if table is t.LOCALIZED_TEXTS:
        speaker = _shortcut(t.SHEETS, "t.speaker_sheet_id", scope)
        return [
            derived("key", "keyed.key", Kind.TEXT),
            derived("character_shortcut", speaker, Kind.TEXT),
        ]
    return []


_DEFAULT_AVATAR = (
    "(SELECT a.asset_id FROM sheet_avatars a WHERE a.sheet_id = t.id AND a.is_default "
    "ORDER BY a.position, a.id LIMIT 1)"
)
_IS_VARIABLE = (
    "(NOT t.is_constant AND coalesce(t.variable_name, '') <> '' AND t.type IN ("
    + ", ".join(f"'{name}'" for name in VARIABLE_TYPES)
    + "))"
)
_BLOCK_HAS_CHILDREN = (
    "(EXISTS (SELECT 1 FROM table_columns c WHERE c.block_id = t.id) "
    "OR EXISTS (SELECT 1 FROM table_rows r WHERE r.block_id = t.id) "
    "OR EXISTS (SELECT 1 FROM block_gallery_images i WHERE i.block_id = t.id))"
)


def _is_folder(scope: Scope) -> str:
    child, node = scope.alive(t.FLOWS, "c"), scope.alive(t.FLOW_NODES, "n")
    return (
        f"(EXISTS (SELECT 1 FROM flows c WHERE c.parent_id = t.id AND {child} "
        f"AND c.project_id = {scope.project}) "
        f"AND NOT EXISTS (SELECT 1 FROM flow_nodes n WHERE n.flow_id = t.id AND {node}))"
    )


def _shortcut(table: Table, key: str, scope: Scope) -> str:
    """The shortcut of a referenced row of this project, NULL when it is left out as trash."""
    return (
        f"(SELECT ref.shortcut::text FROM {table.name} ref WHERE ref.id = {key} "
        f"AND ref.project_id = {scope.project} AND {scope.alive(table, 'ref')})"
    )


def _derived_of_nodes(scope: Scope) -> list[Field]:
    speaker = _shortcut(t.SHEETS, row_id("t.data ->> 'speaker_sheet_id'"), scope)
    flow = _shortcut(t.FLOWS, row_id("t.data ->> 'referenced_flow_id'"), scope)
    has_children = " OR ".join(
        f"EXISTS (SELECT 1 FROM {side.name} s WHERE s.flow_node_id = t.id)"
        for side in (t.SEQUENCE_CONFIGS, t.SEQUENCE_TRACKS, t.SEQUENCE_VISUAL_LAYERS)
    )
    return [
        derived("speaker_shortcut", f"CASE WHEN t.type = 'dialogue' THEN {speaker} END", Kind.TEXT),
        derived(
            "referenced_flow_shortcut",
            f"CASE WHEN t.type IN ('subflow', 'exit') THEN {flow} END",
            Kind.TEXT,
        ),
        derived("has_children", f"({has_children})", Kind.BOOLEAN),
    ]


def _derived_of_pins(scope: Scope) -> list[Field]:
    sheet = _shortcut(t.SHEETS, "t.sheet_id", scope)
    flow = _shortcut(t.FLOWS, "t.flow_id", scope)
    kind = (
        "CASE WHEN t.sheet_id IS NOT NULL THEN 'page' WHEN t.flow_id IS NOT NULL THEN 'flow' END"
    )
    return [
        derived("target_type", kind, Kind.TEXT),
        derived("target_id", "coalesce(t.sheet_id, t.flow_id)", Kind.ID),
        derived(
            "target_shortcut",
            f"CASE WHEN t.sheet_id IS NOT NULL THEN {sheet} ELSE {flow} END",
            Kind.TEXT,
        ),
    ]
