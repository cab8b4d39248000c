"""Storyarn's reference indexes, rebuilt for the rows that came in."""

from storyarn_pipelines.store.sql import integer
from storyarn_pipelines.store.staging import Staging

_NOW = "date_trunc('second', timezone('UTC', now()))"
_SOURCES = {
    "block": "blocks",
    "flow_node": "flow_nodes",
    "scene_pin": "scene_pins",
    "scene_zone": "scene_zones",
    "scene_ambient_flow": "scene_ambient_flows",
}
_TARGETS = {"sheet": "sheets", "flow": "flows", "scene": "scenes"}

_VARIABLES = """
WITH named AS MATERIALIZED (
    SELECT COALESCE(NULLIF(s.shortcut, ''), s.id::text) AS sheet, b.variable_name AS name, b.id,
           b.type, b.is_constant
      FROM sheets s JOIN blocks b ON b.sheet_id = s.id AND b.deleted_at IS NULL
     WHERE s.project_id = {project} AND s.deleted_at IS NULL AND b.variable_name <> ''),
variables AS MATERIALIZED (
    SELECT sheet, name, id FROM named
     WHERE NOT is_constant AND type NOT IN ('table', 'reference', 'gallery')
    UNION
    SELECT n.sheet, concat_ws('.', n.name, r.slug, c.slug), n.id
      FROM named n JOIN table_rows r ON r.block_id = n.id JOIN table_columns c ON c.block_id = n.id
     WHERE n.type = 'table' AND (NOT c.is_constant OR c.type = 'formula'))
INSERT INTO variable_references
    (flow_node_id, block_id, kind, source_sheet, source_variable, source_type, source_id,
     inserted_at, updated_at)
SELECT r.flow_node_id, v.id, r.kind, r.source_sheet, r.source_variable, r.source_type,
       r.source_id, {now}, {now}
  FROM pg_temp.stage_variable_references r
  JOIN variables v ON v.sheet = r.source_sheet AND v.name = r.source_variable
ON CONFLICT DO NOTHING
"""


def insert_references(staging: Staging, project_id: int) -> None:
    """Replace the index rows of staged sources by what their content says.

    Those of a new project may have some too: rows that were removed have left theirs behind.
    """
    project = integer(project_id)
    for source, table in _SOURCES.items():
        staged = f"(SELECT id FROM pg_temp.stage_{table})"
        for index in ("entity_references", "variable_references"):
            staging.execute(
                f"DELETE FROM {index} WHERE source_type = '{source}' AND source_id IN {staged}"
            )
    # Tables that were filled a moment ago have no statistics: the planner takes them for small
    # ones and would join row by row, which is quadratic.
    staging.execute("SET LOCAL enable_nestloop = off")
    for kind, table in _TARGETS.items():
        staging.execute(
            "INSERT INTO entity_references "
            "(source_type, source_id, target_type, target_id, context, inserted_at, updated_at) "
            "SELECT DISTINCT r.source_type, r.source_id, r.target_type, r.target_id, r.context, "
            f"{_NOW}, {_NOW} FROM pg_temp.stage_entity_references r "
            f"JOIN {table} x ON x.id = r.target_id AND x.project_id = {project} "
            "AND x.deleted_at IS NULL "
            f"WHERE r.target_type = '{kind}'"
        )
    staging.execute(_VARIABLES.format(now=_NOW, project=project))
    staging.execute("SET LOCAL enable_nestloop = on")
