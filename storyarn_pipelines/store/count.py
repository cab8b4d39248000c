"""How much there is, before it is read."""

from collections.abc import Sequence

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.projects import find_project
from storyarn_pipelines.store.rows_in_file import rows_in_file
from storyarn_pipelines.store.scope import Scope, sections_of
from storyarn_pipelines.store.stream import ReadTransaction, read_transaction

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


def count_entities(database_url: str, project: str, options: ExportOptions) -> dict[str, int]:
    """The numbers of entities that an export would hold, by kind; media of a selection roughly."""
    with read_transaction(database_url) as transaction:
        scope = Scope(find_project(transaction, project, trash=options.include_trash).id, options)
        return count_in(transaction, scope)


def count_in(transaction: ReadTransaction, scope: Scope) -> dict[str, int]:
    """The same inside a transaction."""
    sections = sections_of(scope.options)
    counted = {name: table for name, table in ENTITIES.items() if table.section in sections}
    columns = ", ".join(
        f"(SELECT count(*) {rows_in_file(table, scope)}) AS {name}"
        for name, table in counted.items()
    )
    row = transaction.rows(f"SELECT {columns}")[0]
    return {name: int(row[name]) if name in counted else 0 for name in ENTITIES}


def count_query(scope: Scope, tables: Sequence[Table]) -> str:
    """A query for ``total``, roughly the rows of all the tables, quick rather than exact."""
    counts = (f"(SELECT count(*) {rows_in_file(x, scope, exact=False)})" for x in tables)
    return f"SELECT ({' + '.join(counts)}) AS total"
