"""Staged rows against the database's rules, before anything is touched.

Foreign keys that lead nowhere are mended as the native format says: they become NULL, or the row
that cannot be without one is left out, and both are told. Everything else that the database
would refuse refuses the import, with its place in the file.
"""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.store.sql import identifier
from storyarn_pipelines.store.staging import Staging
from storyarn_pipelines.store.target import TargetTable, UniqueIndex

_SHOWN = 5
_TREES = (t.SHEETS, t.FLOWS, t.SCENES)
_LIVE_DIALOGUES = """
SELECT n._place, n.id, n.data ->> 'localization_id' AS dialogue_id
  FROM pg_temp.stage_flow_nodes n
 WHERE n.type = 'dialogue' AND n.deleted_at IS NULL
   AND COALESCE(n.data ->> 'localization_id', '') <> ''
   AND {flow_is_live}
"""


def taken_ids(staging: Staging) -> str | None:
    """A table in which an id of the file belongs to a row of the database already, else None."""
    for table in staging.target.tables.values():
        key = identifier(table.table.key)
        if staging.scalar(
            f"SELECT EXISTS (SELECT 1 FROM {table.stage} s "
            f"JOIN {identifier(table.name)} r ON r.{key} = s.{key})"
        ):
            return table.name
    return None


def mend_references(
    staging: Staging,
    references: Mapping[Table, Mapping[str, Table]],
    project_id: int | None,
    notes: Notes,
) -> None:
    """Drop foreign keys that lead neither to a staged row nor to one of the project's own.

    ``project_id`` is None for a new project, which has no rows yet.
    """
    for table, columns in references.items():
        found = staging.columns(table)
        required = {column.name for column in found.columns if column.not_null}
        for column, target in columns.items():
            if column not in (x.name for x in found.columns):
                continue
            lost = _lost(staging, found, column, target, project_id, drop=column in required)
            what = "rows left out, since" if column in required else "set to null, since"
            notes.add(f"{table.name}: {what} {column} names no {target.name} row", lost)
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


def _lost(
    staging: Staging,
    table: TargetTable,
    column: str,
    target: Table,
    project_id: int | None,
    *,
    drop: bool,
) -> list[str]:
    name = identifier(column)
    own = f"NOT EXISTS (SELECT 1 FROM {owned_rows(target, project_id)} o WHERE o.id = s.{name})"
    lost = (
        f"s.{name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_{target.name} x "
        f"WHERE x.{identifier(target.key)} = s.{name}) AND {own if project_id else 'true'}"
    )
    change = f"DELETE FROM {table.stage} s" if drop else f"UPDATE {table.stage} s SET {name} = NULL"
    return places(staging.rows(f"{change} WHERE {lost} RETURNING s._place"))


def owned_rows(table: Table, project_id: int | None) -> str:
    """A subquery of a project's rows in a table."""
    joins = [f"SELECT r.* FROM {identifier(table.name)} r"]
    alias, step = "r", table
    by_name = {x.name: x for x in t.TABLES}
    while step.parent_key != "project_id":
        parent = by_name[step.parent]
        nested = f"p{len(joins)}"
        joins.append(
            f"JOIN {identifier(parent.name)} {nested} "
            f"ON {nested}.id = {alias}.{identifier(step.parent_key)}"
        )
        alias, step = nested, parent
    number = int(project_id or 0)
    return "(" + " ".join(joins) + f" WHERE {alias}.project_id = {number})"


def check_staged(staging: Staging, project_id: int | None) -> None:
    """Raise ImportFileError for the first rule of the database that staged rows break."""
    for table in staging.target.tables.values():
        for name, sql in table.checks.items():
            _refuse(
                staging,
                f"SELECT _place FROM {table.stage} WHERE NOT ({sql})",
                f"{table.name} does not allow it ({name}: {sql})",
            )
        for index in table.uniques:
            _check_unique(staging, table, index)
    _check_dialogues(staging, project_id)


def _check_unique(staging: Staging, table: TargetTable, index: UniqueIndex) -> None:
    terms = ", ".join(f"({term})" for term in index.terms)
    conditions = [f"({term}) IS NOT NULL" for term in index.terms]
    if index.predicate:
        conditions.append(f"({index.predicate})")
    found = staging.rows(
        f"SELECT min(_place) AS first, max(_place) AS last FROM {table.stage} "
        f"WHERE {' AND '.join(conditions)} GROUP BY {terms} HAVING count(*) > 1 "
        "ORDER BY 2 LIMIT 1"
    )
    if found:
        what = ", ".join(index.terms)
        raise ImportFileError(
            f"import: {found[0]['last']}: same {what} as {found[0]['first']}, which must be "
            f"unique ({index.name})"
        )


def note_circles(staging: Staging, notes: Notes) -> None:
    """Parents that go round in a circle: the database takes them, so they come in as they are."""
    for tree in _TREES:
        notes.add(f"{tree.name} whose parents go round in a circle", _circles(staging, tree))


def _circles(staging: Staging, tree: Table) -> list[str]:
    stage = f"pg_temp.stage_{tree.name}"
    found = staging.rows(
        f"WITH RECURSIVE reached AS (SELECT s.id FROM {stage} s WHERE s.parent_id IS NULL "
        f"OR NOT EXISTS (SELECT 1 FROM {stage} p WHERE p.id = s.parent_id) "
        f"UNION ALL SELECT s.id FROM {stage} s JOIN reached r ON s.parent_id = r.id) "
        f"SELECT _place FROM {stage} s WHERE NOT EXISTS "
        "(SELECT 1 FROM reached r WHERE r.id = s.id) ORDER BY 1"
    )
    return places(found)


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


def places(rows: list[dict[str, Any]]) -> list[str]:
    """Where the rows of a result stand in the file."""
    return [row["_place"] for row in rows]


def _check_dialogues(staging: Staging, project_id: int | None) -> None:
    """Dialogue ids are unique among the live dialogues of a project."""
    live = "EXISTS (SELECT 1 FROM pg_temp.stage_flows f WHERE f.id = n.flow_id {})"
    flow_is_live = live.format("AND f.deleted_at IS NULL")
    taken = ""
    if project_id:
        number = int(project_id)
        flow_is_live = (
            f"({flow_is_live} OR EXISTS (SELECT 1 FROM flows f WHERE f.id = n.flow_id "
            f"AND f.project_id = {number} AND f.deleted_at IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_flows x WHERE x.id = f.id)))"
        )
        taken = (
            " UNION ALL SELECT NULL, n.id, n.data ->> 'localization_id' FROM flow_nodes n "
            f"JOIN flows f ON f.id = n.flow_id AND f.project_id = {number} "
            "AND f.deleted_at IS NULL WHERE n.type = 'dialogue' AND n.deleted_at IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_flow_nodes x WHERE x.id = n.id)"
        )
    rows = _LIVE_DIALOGUES.format(flow_is_live=flow_is_live) + taken
    found = staging.rows(
        "SELECT dialogue_id, max(_place) AS place, min(_place) AS other "
        f"FROM ({rows}) x GROUP BY 1 HAVING count(*) > 1 AND max(_place) IS NOT NULL LIMIT 1"
    )
    if found:
        row = found[0]
        where = f"as {row['other']}" if row["other"] != row["place"] else "as a dialogue there"
        raise ImportFileError(
            f"import: {row['place']}: same localization_id {row['dialogue_id']!r} {where}; "
            "it must be unique in a project"
        )


def _refuse(staging: Staging, query: str, reason: str) -> None:
    found = staging.rows(f"{query} ORDER BY 1 LIMIT {_SHOWN}")
    if found:
        others = ", ".join(row["_place"] for row in found[1:])
        also = f"; also {others}" if others else ""
        raise ImportFileError(f"import: {found[0]['_place']}: {reason}{also}")
