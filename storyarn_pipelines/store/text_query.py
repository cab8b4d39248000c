"""Localized texts in the order of their keys."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.scope import Scope
from storyarn_pipelines.store.sql import integers, literal

# The first part of the runtime keys by which engines and other databases find a source's texts.
# The source must be live; a part that is missing, or that could be taken for a database id,
# gives no key. Exit labels have none either.
_SOURCES = """
sources AS MATERIALIZED (
    SELECT 'flow_node' AS source_type, n.id AS source_id,
           'flow_node.' || (n.data ->> 'localization_id') || '.' AS prefix
      FROM flow_nodes n
      JOIN flows f ON f.id = n.flow_id AND f.deleted_at IS NULL AND f.project_id = {project}
     WHERE n.deleted_at IS NULL
       AND n.data ->> 'localization_id' ~ '^[A-Za-z0-9_-]{{1,100}}$'
       AND n.data ->> 'localization_id' !~ '^[0-9]+$'
    UNION ALL
    SELECT 'block', b.id,
           'block.' || replace(s.shortcut, '.', '%2E') || '.' || b.variable_name || '.'
      FROM blocks b
      JOIN sheets s ON s.id = b.sheet_id AND s.deleted_at IS NULL AND s.project_id = {project}
     WHERE b.deleted_at IS NULL AND b.variable_name <> '' AND s.shortcut <> ''
    UNION ALL
    SELECT 'sheet', s.id, 'sheet.' || s.shortcut || '.'
      FROM sheets s
     WHERE s.deleted_at IS NULL AND s.project_id = {project}
       AND s.shortcut <> '' AND s.shortcut !~ '^[0-9]+$')"""

# Who claims a key first is settled over every locale and section, so that a selection never
# changes a text's key. Only sources that share a prefix can contest one, and those are few.
_TEXTS = """
WITH {sources},
shared AS MATERIALIZED (SELECT prefix FROM sources GROUP BY prefix HAVING count(*) > 1),
contested AS MATERIALIZED (
    SELECT s.prefix || x.source_field AS key, min(x.source_id) AS owner
      FROM shared JOIN sources s ON s.prefix = shared.prefix
      JOIN localized_texts x ON x.source_type = s.source_type AND x.source_id = s.source_id
     WHERE x.project_id = {project} AND x.archived_at IS NULL AND {has_key}
     GROUP BY 1)
SELECT {columns}
  FROM localized_texts t
  LEFT JOIN sources s ON s.source_type = t.source_type AND s.source_id = t.source_id
       AND t.archived_at IS NULL AND {t_has_key}
  LEFT JOIN contested c ON c.key = s.prefix || t.source_field
  LEFT JOIN sheets speaker ON speaker.id = t.speaker_sheet_id
       AND speaker.project_id = {project} AND {speaker_alive}
 CROSS JOIN LATERAL (
    SELECT CASE WHEN s.prefix IS NULL OR c.owner <> t.source_id
                THEN t.source_type || '.' || t.source_id || '.' || t.source_field
                ELSE s.prefix || t.source_field END AS key) keyed
 WHERE t.project_id = {project} AND {alive}{filters}
 ORDER BY keyed.key COLLATE "C", t.locale_code COLLATE "C", t.id
"""


def text_query(columns: str, scope: Scope) -> str:
    """The query for ``localized_texts``.

    ``columns`` may speak of ``t``, of ``keyed.key`` and of ``speaker``, the speaker's sheet.
    """
    has_key = "NOT ({0}.source_type = 'flow_node' AND {0}.source_field = 'label')"
    return _TEXTS.format(
        columns=columns,
        project=scope.project,
        sources=_SOURCES.format(project=scope.project),
        has_key=has_key.format("x"),
        t_has_key=has_key.format("t"),
        speaker_alive=scope.alive(t.SHEETS, "speaker"),
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
