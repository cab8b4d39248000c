"""Localized texts in the order of their keys."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.sql import integers, literal

# A text's runtime key, by which engines and other databases find it. It needs a live source in
# this project; a part that is missing, or that could be taken for a database id, gives no key.
_RUNTIME_KEYS = """
runtime AS (
    SELECT x.id, 'flow_node.' || (n.data ->> 'localization_id') || '.' || x.source_field AS key
      FROM scoped x
      JOIN flow_nodes n ON n.id = x.source_id AND n.deleted_at IS NULL
      JOIN flows f ON f.id = n.flow_id AND f.deleted_at IS NULL AND f.project_id = {project}
     WHERE x.source_type = 'flow_node' AND x.source_field <> 'label'
       AND n.data ->> 'localization_id' ~ '^[A-Za-z0-9_-]{{1,100}}$'
       AND n.data ->> 'localization_id' !~ '^[0-9]+$'
    UNION ALL
    SELECT x.id, 'block.' || replace(s.shortcut, '.', '%2E') || '.' || b.variable_name
                 || '.' || x.source_field
      FROM scoped x
      JOIN blocks b ON b.id = x.source_id AND b.deleted_at IS NULL AND b.variable_name <> ''
      JOIN sheets s ON s.id = b.sheet_id AND s.deleted_at IS NULL AND s.project_id = {project}
     WHERE x.source_type = 'block' AND s.shortcut <> ''
    UNION ALL
    SELECT x.id, 'sheet.' || s.shortcut || '.' || x.source_field
      FROM scoped x
      JOIN sheets s ON s.id = x.source_id AND s.deleted_at IS NULL AND s.project_id = {project}
     WHERE x.source_type = 'sheet' AND s.shortcut <> '' AND s.shortcut !~ '^[0-9]+$')"""

# `scoped` spans every locale and section, so that a selection never changes a text's key.
_TEXTS = """
WITH scoped AS MATERIALIZED (
    SELECT x.id, x.source_type, x.source_id, x.source_field FROM localized_texts x
     WHERE x.project_id = {project} AND x.archived_at IS NULL),
{runtime_keys},
contested AS (
    SELECT r.key, min(x.source_id) AS owner FROM runtime r JOIN scoped x ON x.id = r.id
     GROUP BY r.key HAVING min(x.source_id) <> max(x.source_id)),
keyed AS (
    SELECT x.id,
           CASE WHEN r.key IS NULL OR c.owner <> x.source_id
                THEN x.source_type || '.' || x.source_id || '.' || x.source_field
                ELSE r.key END AS key
      FROM localized_texts x
      LEFT JOIN runtime r ON r.id = x.id
      LEFT JOIN contested c ON c.key = r.key
     WHERE x.project_id = {project})
SELECT {columns}
  FROM localized_texts t JOIN keyed ON keyed.id = t.id
 WHERE t.project_id = {project} AND {alive}{filters}
 ORDER BY keyed.key COLLATE "C", t.locale_code COLLATE "C", t.id
"""


def text_query(columns: str, scope: Scope) -> str:
    """The query for ``localized_texts``; ``columns`` may speak of ``t`` and ``keyed.key``."""
    return _TEXTS.format(
        columns=columns,
        project=scope.project,
        runtime_keys=_RUNTIME_KEYS.format(project=scope.project),
        alive=scope.alive(t.LOCALIZED_TEXTS, "t"),
        filters=text_filters(scope),
    )


def language_filter(scope: Scope, column: str) -> str:
    """A further condition on a column of locale codes."""
    languages = scope.options.languages
    if languages is None:
        return ""
    codes = ", ".join(literal(code) for code in languages) or "NULL"
    return f" AND {column} IN ({codes})"


def text_filters(scope: Scope) -> str:
    """Further conditions on ``t``: languages, and sources that a selection leaves out."""
    filters = language_filter(scope, "t.locale_code")
    for table, source_types in ((t.FLOWS, ("flow_node",)), (t.SHEETS, ("block", "sheet"))):
        chosen = scope.chosen_ids(table)
        if chosen is None:
            continue
        for source_type in source_types:
            source = _sources(table, source_type, chosen)
            filters += f" AND (t.source_type <> '{source_type}' OR t.source_id IN ({source}))"
    return filters


def _sources(table: Table, source_type: str, chosen: tuple[int, ...]) -> str:
    if source_type == "flow_node":
        return f"SELECT n.id FROM flow_nodes n WHERE n.flow_id = ANY ({integers(chosen)})"
    if source_type == "block":
        return f"SELECT b.id FROM blocks b WHERE b.sheet_id = ANY ({integers(chosen)})"
    return f"SELECT s.id FROM {table.name} s WHERE s.id = ANY ({integers(chosen)})"
