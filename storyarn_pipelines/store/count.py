"""How much there is, before it is read."""

from collections.abc import Sequence

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.projects import find_project
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.stream import ReadTransaction, read_transaction
from storyarn_pipelines.store.text_query import text_filters

ENTITIES: dict[str, Table] = {
    "sheets": t.SHEETS,
    "blocks": t.BLOCKS,
    "flows": t.FLOWS,
    "nodes": t.FLOW_NODES,
    "connections": t.FLOW_CONNECTIONS,
    "scenes": t.SCENES,
    "pins": t.SCENE_PINS,
    "zones": t.SCENE_ZONES,
    "languages": t.PROJECT_LANGUAGES,
    "texts": t.LOCALIZED_TEXTS,
    "glossary": t.GLOSSARY_ENTRIES,
    "media": t.ASSETS,
}
"""What people count, by the name they know it under."""


# Found from the few nodes in the trash, not from the many connections.
_TRASHED_ENDS = " UNION ALL ".join(
    "SELECT c.id FROM flow_nodes n JOIN flow_connections c "
    f"ON c.{end}_node_id = n.id WHERE n.deleted_at IS NOT NULL"
    for end in ("source", "target")
)


def count_entities(database_url: str, project: str, options: ExportOptions) -> dict[str, int]:
    """The numbers of entities that an export would hold, by kind; media of a selection roughly."""
    with read_transaction(database_url) as transaction:
        scope = Scope(find_project(transaction, project, trash=options.include_trash).id, options)
        return count_in(transaction, scope)


def count_in(transaction: ReadTransaction, scope: Scope) -> dict[str, int]:
    """The same inside a transaction."""
    columns = ", ".join(f"({_count(table, scope)}) AS {name}" for name, table in ENTITIES.items())
    row = transaction.rows(f"SELECT {columns}")[0]
    return {name: int(row[name]) for name in ENTITIES}


def count_query(scope: Scope, tables: Sequence[Table]) -> str:
    """A query for ``total``, the rows of all the tables, from indexes wherever possible."""
    return "SELECT (" + " + ".join(f"({_count(table, scope)})" for table in tables) + ") AS total"


def _count(table: Table, scope: Scope) -> str:
    if table is t.PROJECTS:
        return "SELECT 1"
    joins, condition, root = _chain(table, scope)
    if table.parent == "projects":
        condition = f"t.project_id = {scope.project} AND {scope.alive(table, 't')}"
        if table is t.LOCALIZED_TEXTS:
            condition += text_filters(scope)
    if table is t.FLOW_CONNECTIONS and not scope.options.include_trash:
        condition += f" AND t.id NOT IN ({_TRASHED_ENDS})"
    if root in (t.SHEETS, t.FLOWS, t.SCENES):
        condition += (
            f" AND {'t' if table is root else 'p'}.id IN (SELECT m.id FROM ("
            f"{scope.members(root)}) m)"
        )
    return f"SELECT count(*) FROM {table.name} t {joins} WHERE {condition}"


def _chain(table: Table, scope: Scope) -> tuple[str, str, Table]:
    """Joins from ``t`` up to the tree's own table ``p``."""
    joins, conditions, alias, step = "", [scope.alive(table, "t")], "t", table
    while step.parent not in ("projects", ""):
        parent = next(x for x in t.TABLES if x.name == step.parent)
        parent_alias = "p" if parent.parent == "projects" else "m"
        joins += (
            f" JOIN {parent.name} {parent_alias} ON {parent_alias}.id = {alias}.{step.parent_key}"
        )
        conditions.append(scope.alive(parent, parent_alias))
        alias, step = parent_alias, parent
    return joins, " AND ".join(conditions), step
