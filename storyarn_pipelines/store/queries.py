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
from storyarn_pipelines.store.sql import identifier
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
    return Query(table, fields, _assemble(table, fields, schema, scope))


def select_list(fields: tuple[Field, ...]) -> str:
    """The list of output columns."""
    return ", ".join(f"{field.sql} AS {identifier(field.name)}" for field in fields)


def derived(name: str, sql: str, kind: Kind) -> Field:
    """A column that is worked out here and stands in no table."""
    return Field(DERIVED + name, sql, kind)


def _assemble(table: Table, fields: tuple[Field, ...], schema: Schema, scope: Scope) -> str:
    columns = select_list(fields)
    alive = scope.alive(table, "t")
    if table is t.PROJECTS:
        return f"SELECT {columns} FROM projects t WHERE t.id = {scope.project}"
    if table is t.LOCALIZED_TEXTS:
        return text_query(columns, scope)
    if table is t.ASSETS:
        return media_query(columns, schema, scope)
    if table.parent_key == "project_id" and table.order:
        languages = language_filter(scope, "t.target_locale") if table is t.GLOSSARY_ENTRIES else ""
        return (
            f"SELECT {columns} FROM {table.name} t WHERE t.project_id = {scope.project} "
            f"AND {alive}{languages} ORDER BY {_order(table, 't')}"
        )
    return _tree_query(table, columns, scope)


def _tree_query(table: Table, columns: str, scope: Scope) -> str:
    """A query for the rows of a tree (sheets, flows, scenes) or for anything nested in one."""
    chain = _ancestors(table)
    root = chain[0]
    ctes, order = scope.places(root, "places"), "p.ordinal"
    if table is root:
        ctes += f", {scope.paths(root, 'paths')}"
        source = f"places p JOIN {root.name} t ON t.id = p.id"
    elif len(chain) == 2:
        source = _rows_parent_by_parent(table, scope)
        order += f", {_order(table, 't')}"
    else:
        source = "places p"
        for depth, step in enumerate(chain[1:], start=1):
            alias = "t" if step is table else f"a{depth}"
            parent = "p" if depth == 1 else f"a{depth - 1}"
            condition = f"{alias}.{step.parent_key} = {parent}.id AND {scope.alive(step, alias)}"
            source += f" JOIN {step.name} {alias} ON {condition}"
            order += f", {_order(step, alias)}"
    joins = _EXITS if table is t.FLOWS else ""
    return f"WITH RECURSIVE {ctes} SELECT {columns} FROM {source} {joins} ORDER BY {order}"


def _rows_parent_by_parent(table: Table, scope: Scope) -> str:
    """Children looked up in their parents' order: PostgreSQL then sorts within one parent only.

    A plain join would sort the whole table; on 500,000 nodes that takes three times as long.
    """
    conditions = f"c.{table.parent_key} = p.id AND {scope.alive(table, 'c')}"
    columns, joins = "c.*", ""
    if table is t.FLOW_NODES:
        columns, joins = f"c.*, {_REFERENCED}", _references_of_nodes(scope)
    if table is t.FLOW_CONNECTIONS:
        joins = _ends_in_flow(scope)
        conditions += f" AND {_end_in_file('source', scope)} AND {_end_in_file('target', scope)}"
    return (
        "(SELECT * FROM places ORDER BY ordinal OFFSET 0) p CROSS JOIN LATERAL ("
        f"SELECT {columns} FROM {table.name} c {joins} WHERE {conditions} "
        f"ORDER BY {_order(table, 'c')}) t"
    )


def _ends_in_flow(scope: Scope) -> str:
    """A connection's ends among its own flow's nodes, where they nearly always are."""
    nodes = (
        "(SELECT n.id FROM flow_nodes n WHERE n.flow_id = p.id "
        f"AND {scope.alive(t.FLOW_NODES, 'n')} OFFSET 0)"
    )
    return " ".join(
        f"LEFT JOIN {nodes} {end} ON {end}.id = c.{end}_node_id" for end in ("source", "target")
    )


def _end_in_file(end: str, scope: Scope) -> str:
    return (
        f"({end}.id IS NOT NULL OR EXISTS (SELECT 1 FROM flow_nodes n "
        f"JOIN places q ON q.id = n.flow_id "
        f"WHERE n.id = c.{end}_node_id AND {scope.alive(t.FLOW_NODES, 'n')}))"
    )


def _ancestors(table: Table) -> list[Table]:
    """From the tree's own table down to ``table``."""
    chain = [table]
    while chain[0].parent != "projects":
        chain.insert(0, next(x for x in t.TABLES if x.name == chain[0].parent))
    return chain


def _order(table: Table, alias: str) -> str:
    return ", ".join(f"{alias}.{term}" for term in (*table.order, table.key))


# Trashed nodes are nobody's entry or exit, even where the trash travels along.
_EXITS = (
    "LEFT JOIN LATERAL (SELECT min(n.id) FILTER (WHERE n.type = 'entry') AS entry, "
    "coalesce(array_agg(n.id ORDER BY n.id) FILTER (WHERE n.type = 'exit'), '{}') AS exits "
    "FROM flow_nodes n WHERE n.flow_id = t.id AND n.type IN ('entry', 'exit') "
    "AND n.deleted_at IS NULL) ends ON TRUE"
)


def _derived(table: Table, scope: Scope) -> list[Field]:
    """The columns beside a table's own, in the order of the native format."""
    path = derived("path", "(SELECT whole.path FROM paths whole WHERE whole.id = t.id)", Kind.TEXT)
    if table is t.SHEETS:
        return [path, derived("avatar_asset_id", _DEFAULT_AVATAR, Kind.ID)]
    if table is t.BLOCKS:
        return [
            derived("is_variable", _IS_VARIABLE, Kind.BOOLEAN),
            _has_children(t.BLOCKS, _CHILDREN_OF_BLOCKS, scope),
        ]
    if table is t.FLOWS:
        return [
            path,
            derived("is_folder", _is_folder(scope), Kind.BOOLEAN),
            derived("entry_node_id", "ends.entry", Kind.ID),
            derived("exit_node_ids", "ends.exits", Kind.IDS),
            derived("scene_shortcut", _shortcut(t.SCENES, "t.scene_id", scope), Kind.TEXT),
            derived("lost_connections", _lost_connections(scope), Kind.JSON),
        ]
    if table is t.FLOW_NODES:
        return [
            derived("speaker_shortcut", "t.speaker_shortcut", Kind.TEXT),
            derived("referenced_flow_shortcut", "t.flow_shortcut", Kind.TEXT),
            _has_children(t.FLOW_NODES, _CHILDREN_OF_NODES, scope),
        ]
    if table is t.SCENES:
        return [path]
    if table is t.SCENE_PINS:
        return _derived_of_pins(scope)
    if table is t.LOCALIZED_TEXTS:
        return [
            derived("key", "keyed.key", Kind.TEXT),
            derived("character_shortcut", "speaker.shortcut::text", Kind.TEXT),
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
_CHILDREN_OF_BLOCKS = (t.TABLE_COLUMNS, t.TABLE_ROWS, t.BLOCK_GALLERY_IMAGES)
_CHILDREN_OF_NODES = (t.SEQUENCE_CONFIGS, t.SEQUENCE_TRACKS, t.SEQUENCE_VISUAL_LAYERS)


def _has_children(parent: Table, children: tuple[Table, ...], scope: Scope) -> Field:
    """Which rows have children, as one hashed set and not as a look-up for each row."""
    root = _ancestors(parent)[0]
    found = " UNION ALL ".join(
        f"SELECT c.{child.parent_key} FROM {child.name} c "
        f"JOIN {parent.name} x ON x.id = c.{child.parent_key} "
        f"JOIN {root.name} r ON r.id = x.{parent.parent_key} AND r.project_id = {scope.project}"
        for child in children
    )
    return derived("has_children", f"(t.id IN ({found}))", Kind.BOOLEAN)


def _is_folder(scope: Scope) -> str:
    child, node = scope.alive(t.FLOWS, "c"), scope.alive(t.FLOW_NODES, "n")
    return (
        f"(EXISTS (SELECT 1 FROM flows c WHERE c.parent_id = t.id AND {child} "
        f"AND c.project_id = {scope.project}) "
        f"AND NOT EXISTS (SELECT 1 FROM flow_nodes n WHERE n.flow_id = t.id AND {node}))"
    )


def _lost_connections(scope: Scope) -> str:
    """Connections that are left out for an end in the trash, found from the few such nodes."""
    if scope.options.include_trash:
        return "NULL::text"
    ends = " UNION ALL ".join(
        "SELECT w.* FROM flow_nodes n JOIN flow_connections w "
        f"ON w.{end}_node_id = n.id AND w.flow_id = n.flow_id "
        "WHERE n.flow_id = t.id AND n.deleted_at IS NOT NULL"
        for end in ("source", "target")
    )
    wire = "'id', w.id, 'pin', w.source_pin, 'source', w.source_node_id, 'target', w.target_node_id"
    objects = f"SELECT DISTINCT ON (w.id) w.id, jsonb_build_object({wire}) AS wire FROM ({ends}) w"
    return f"(SELECT jsonb_agg(o.wire ORDER BY o.id)::text FROM ({objects}) o)"


def _shortcut(table: Table, key: str, scope: Scope) -> str:
    """The shortcut of a referenced row of this project, NULL when it is left out as trash."""
    return (
        f"(SELECT ref.shortcut::text FROM {table.name} ref WHERE ref.id = {key} "
        f"AND ref.project_id = {scope.project} AND {scope.alive(table, 'ref')})"
    )


_REFERENCED = "speaker.shortcut::text AS speaker_shortcut, target.shortcut::text AS flow_shortcut"


def _references_of_nodes(scope: Scope) -> str:
    """The sheets and flows that nodes name inside their data, live ones of this project only.

    Ids are compared as texts, so that each value is taken out of its jsonb once: ``row_id`` on
    500,000 nodes took a third of the query.
    """
    references = (
        ("speaker", t.SHEETS, "c.type = 'dialogue'", "c.data ->> 'speaker_sheet_id'"),
        ("target", t.FLOWS, "c.type IN ('subflow', 'exit')", "c.data ->> 'referenced_flow_id'"),
    )
    return " ".join(
        f"LEFT JOIN {table.name} {alias} "
        f"ON {condition} AND {alias}.id::text = ltrim({value}, '0') "
        f"AND {alias}.project_id = {scope.project} AND {scope.alive(table, alias)}"
        for alias, table, condition, value in references
    )


def _derived_of_pins(scope: Scope) -> list[Field]:
    sheet = _shortcut(t.SHEETS, "t.sheet_id", scope)
    flow = _shortcut(t.FLOWS, "t.flow_id", scope)
    kind = "CASE WHEN t.sheet_id IS NOT NULL THEN 'page' WHEN t.flow_id IS NOT NULL THEN 'flow' END"
    return [
        derived("target_type", kind, Kind.TEXT),
        derived("target_id", "coalesce(t.sheet_id, t.flow_id)", Kind.ID),
        derived(
            "target_shortcut",
            f"CASE WHEN t.sheet_id IS NOT NULL THEN {sheet} ELSE {flow} END",
            Kind.TEXT,
        ),
    ]
