"""Staged rows without what they refer to, mended as the native format says.

Foreign keys that lead nowhere become NULL, or the row that cannot be without one is left out;
both are told.
"""

from collections.abc import Mapping

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.store.sql import identifier
from storyarn_pipelines.store.staged_checks import owned_rows, places
from storyarn_pipelines.store.staging import Staging
from storyarn_pipelines.store.target import TargetColumn, TargetTable

References = Mapping[Table, Mapping[str, Table]]
"""Keys to a project's own rows, by table and column."""

_OWN = {table.name: table for table in t.TABLES if table is not t.PROJECTS}
_SETTLED = (None, "users", "workspaces", "projects")
"""What the other keys name is found by e-mail address or slug, or is the project itself."""


def mend_references(
    staging: Staging, references: References, project_id: int | None, notes: Notes
) -> None:
    """Drop foreign keys that lead neither to a staged row nor to one of the project's own.

    Foreign keys that ``references`` does not know, of columns that a newer Storyarn has, are found
    in the database. ``project_id`` is None for a new project, which has no rows yet.
    """
    parents = False  # rows hang from staged ones, until one of these is left out
    while _mend_all(staging, references, project_id, notes, parents=parents):
        parents = True
    downgraded = staging.rows(
        "UPDATE pg_temp.stage_localized_texts SET vo_status = "
        "CASE WHEN vo_eligible THEN 'needed' ELSE 'none' END "
        "WHERE vo_status IN ('recorded', 'approved') AND vo_asset_id IS NULL RETURNING _place"
    )
    notes.add(
        "localized_texts: voice-over is needed again, since its recording is not there",
        places(downgraded),
    )
    orphans = staging.rows(
        "DELETE FROM pg_temp.stage_localized_texts WHERE source_id < 0 RETURNING _place"
    )
    notes.add("localized_texts: left out, since their source is not in the file", places(orphans))
    mend_sequences(staging, project_id, notes)


def _mend_all(
    staging: Staging, references: References, project_id: int | None, notes: Notes, *, parents: bool
) -> bool:
    """One round through all keys; says whether rows were left out, on which others may depend."""
    dropped = False
    for table in staging.target.tables.values():
        known = references.get(table.table, {})
        for column in table.columns:
            target = known.get(column.name) or _OWN.get(column.refers_to or "")
            is_parent = column.name == table.table.parent_key
            if (target is None and column.refers_to in _SETTLED) or (is_parent and not parents):
                continue
            lost = _mend(staging, table, column, _missing(column, target, project_id))
            name = target.name if target else column.refers_to
            what = "rows left out, since" if column.not_null else "set to null, since"
            notes.add(f"{table.name}: {what} {column.name} names no {name} row", lost)
            dropped |= bool(lost) and column.not_null
    return dropped


def _missing(column: TargetColumn, target: Table | None, project_id: int | None) -> str:
    """SQL that is true where a key leads nowhere."""
    name = f"s.{identifier(column.name)}"
    if target is None:
        return (
            f"NOT EXISTS (SELECT 1 FROM {identifier(column.refers_to or '')} o WHERE o.id = {name})"
        )
    staged = (
        f"NOT EXISTS (SELECT 1 FROM pg_temp.stage_{target.name} x "
        f"WHERE x.{identifier(target.key)} = {name})"
    )
    if project_id is None:
        return staged
    own = owned_rows(target, project_id)
    return f"{staged} AND NOT EXISTS (SELECT 1 FROM {own} o WHERE o.id = {name})"


def _mend(staging: Staging, table: TargetTable, column: TargetColumn, missing: str) -> list[str]:
    name, stage = identifier(column.name), table.stage
    change = f"UPDATE {stage} s SET {name} = NULL"
    if column.not_null:
        change = f"DELETE FROM {stage} s"
    return places(
        staging.rows(f"{change} WHERE s.{name} IS NOT NULL AND {missing} RETURNING s._place")
    )


def mend_sequences(staging: Staging, project_id: int | None, notes: Notes) -> None:
    """What Storyarn's triggers say of sequence nodes: rows that they would refuse are left out.

    Old rows may break these rules, since a sequence node can become another node.
    """
    sequences = "(SELECT id, type FROM pg_temp.stage_flow_nodes"
    if project_id:
        sequences += f" UNION ALL SELECT id, type FROM {owned_rows(t.FLOW_NODES, project_id)} o"
    sequences += ")"
    is_one = f"EXISTS (SELECT 1 FROM {sequences} n WHERE n.type = 'sequence' AND n.id {{}})"
    lost = staging.rows(
        "UPDATE pg_temp.stage_flow_nodes s SET parent_id = NULL WHERE s.parent_id IS NOT NULL "
        f"AND NOT {is_one.format('= s.parent_id')} RETURNING _place"
    )
    notes.add("flow_nodes: set to null, since parent_id names no sequence node", places(lost))
    for table in t.children_of(t.FLOW_NODES):
        lost = staging.rows(
            f"DELETE FROM pg_temp.stage_{table.name} s "
            f"WHERE NOT {is_one.format('= s.flow_node_id')} RETURNING _place"
        )
        notes.add(f"{table.name}: left out, since only sequence nodes have them", places(lost))
    lost = staging.rows(
        "DELETE FROM pg_temp.stage_flow_connections s "
        f"WHERE {is_one.format('IN (s.source_node_id, s.target_node_id)')} RETURNING _place"
    )
    notes.add("flow_connections: left out, since sequence nodes cannot be wired", places(lost))
