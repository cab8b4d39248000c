"""Staged rows against the database's rules, before anything is touched.

What the database would refuse refuses the import, with its place in the file; foreign keys that
lead nowhere are mended before.
"""

from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.store.sql import identifier
from storyarn_pipelines.store.staging import Staging
from storyarn_pipelines.store.target import TargetTable, UniqueIndex

_SHOWN = 5
_LONGEST_RULE = 200
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
        if _breaks_checks(staging, table):
            for name, check in table.checks.items():
                _refuse(
                    staging,
                    f"SELECT _place FROM {table.stage} WHERE NOT ({check.sql})",
                    f"{table.name} does not allow it ({name}: {_cut(check.sql)})",
                )
        for index in table.uniques:
            _check_unique(staging, table, index)
    _check_dialogues(staging, project_id)


def _breaks_checks(staging: Staging, table: TargetTable) -> bool:
    """Whether a staged row breaks a rule of its table, in as few looks at the rows as can be."""
    plain = [f"NOT ({check.sql})" for check in table.checks.values() if not check.columns]
    queries = [f"SELECT EXISTS (SELECT 1 FROM {table.stage} WHERE {' OR '.join(plain)})"]
    for check in table.checks.values():
        # Matching patterns takes nearly all the time, and the columns with them hold few values.
        if check.columns:
            columns = ", ".join(map(identifier, check.columns))
            queries.append(
                f"WITH x AS MATERIALIZED (SELECT DISTINCT {columns} FROM {table.stage}) "
                f"SELECT EXISTS (SELECT 1 FROM x WHERE NOT ({check.sql}))"
            )
    return any(staging.scalar(query) for query in queries[0 if plain else 1 :])


def _check_unique(staging: Staging, table: TargetTable, index: UniqueIndex) -> None:
    terms = ", ".join(f"({term})" for term in index.terms)
    conditions = [f"({term}) IS NOT NULL" for term in index.terms]
    if index.predicate:
        conditions.append(f"({index.predicate})")
    alike = (
        f"FROM {table.stage} WHERE {' AND '.join(conditions)} GROUP BY {terms} HAVING count(*) > 1"
    )
    if staging.scalar(f"SELECT EXISTS (SELECT 1 {alike})"):
        found = staging.rows(
            f"SELECT min(_place) AS first, max(_place) AS last {alike} ORDER BY 2 LIMIT 1"
        )
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


def _cut(sql: str) -> str:
    """A rule for a message, which stays on one line."""
    line = " ".join(sql.split())
    return line if len(line) <= _LONGEST_RULE else f"{line[: _LONGEST_RULE - 1]}…"
