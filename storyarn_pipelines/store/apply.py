"""Staged rows into Storyarn's tables: one transaction, as short as its indexes allow."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import DatabaseError, DatabaseUnavailableError
from storyarn_pipelines.store.derived import insert_references
from storyarn_pipelines.store.sql import identifier, integer, integers, literal
from storyarn_pipelines.store.staging import Staging
from storyarn_pipelines.store.target import TargetTable

ORDER: tuple[Table, ...] = (
    t.PROJECTS,
    t.ASSETS,
    t.SHEETS, t.BLOCKS, t.TABLE_COLUMNS, t.TABLE_ROWS, t.BLOCK_GALLERY_IMAGES, t.SHEET_AVATARS,
    t.SCENES, t.SCENE_LAYERS,
    t.FLOWS, t.FLOW_NODES,
    t.SEQUENCE_CONFIGS, t.SEQUENCE_TRACKS, t.SEQUENCE_VISUAL_LAYERS,
    t.FLOW_CONNECTIONS,
    t.SCENE_PINS, t.SCENE_ZONES, t.SCENE_CONNECTIONS, t.SCENE_ANNOTATIONS, t.SCENE_AMBIENT_FLOWS,
    t.PROJECT_LANGUAGES, t.LOCALIZED_TEXTS, t.GLOSSARY_ENTRIES,
)  # fmt: skip
"""An order in which every foreign key finds its row."""

_MAY_SKIP_TRIGGERS = """
SELECT rolsuper OR (
    current_setting('server_version_num')::int >= 150000
    AND has_parameter_privilege(rolname, 'session_replication_role', 'SET'))
  FROM pg_roles WHERE rolname = current_user
"""
_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did: rows by table, and how long it held its locks, in seconds."""

    rows: Mapping[str, int]
    locked_seconds: float
    skipped_triggers: bool


class TakenMeanwhileError(DatabaseError):
    """Another session has taken an id or a name between the checks and the transaction."""


def may_skip_triggers(staging: Staging) -> bool:
    """Whether this role may load without the triggers that make bulk loads quadratic."""
    return bool(staging.scalar(_MAY_SKIP_TRIGGERS))


def was_committed(staging: Staging, transaction: str) -> bool:
    """Whether a transaction of this server was committed; raises DatabaseUnavailableError while
    it is still at work."""
    found = staging.scalar(f"SELECT pg_xact_status({literal(transaction)}::xid8)")
    if found == "in progress":
        raise DatabaseUnavailableError("database: an earlier try of this import still runs; wait")
    return bool(found == "committed")


def reserve_ids(staging: Staging, table: Table, count: int) -> int:
    """The first of ``count`` consecutive new ids of a table."""
    sequence = literal(_sequence(staging, table))
    while True:
        found = staging.rows(
            "SELECT min(v) AS first, max(v) AS last FROM "
            f"(SELECT nextval({sequence}) AS v FROM generate_series(1, {integer(count)})) x"
        )[0]
        first, last = int(found["first"]), int(found["last"])
        in_the_way = staging.scalar(
            f"SELECT max(id) FROM {identifier(table.name)} "
            f"WHERE id BETWEEN {integer(first)} AND {integer(last + count)}"
        )
        if in_the_way is not None:
            # Rows were loaded past the sequence, by a dump without its numbers perhaps.
            staging.execute(f"SELECT setval({sequence}, {integer(in_the_way)})")
        # Others may take ids from the sequence in between; then these are left to nobody.
        elif last - first + 1 == count:
            return first


def apply(
    staging: Staging,
    project_id: int,
    *,
    owner_id: int | None,
    retired: Mapping[Table, Sequence[int]] | None = None,
    before_commit: Callable[[str], None] | None = None,
) -> Applied:
    """Insert staged rows, and update those whose id the database has already.

    ``before_commit`` is told the transaction's id, by which ``was_committed`` can say later
    what became of it.

    ``owner_id`` makes a new project with that owner; without it the project must be there.
    ``retired`` rows are removed, into the trash where their table has one.
    """
    skip = may_skip_triggers(staging)
    started = time.perf_counter()
    with _taken_meanwhile(), staging.transaction():
        _lock(staging, project_id, owner_id)
        for table, ids in (retired or {}).items():
            _retire(staging, table, ids)  # before the switch, which silences foreign keys too
        if skip:
            staging.execute("SET LOCAL session_replication_role = 'replica'")
        rows = {
            table.name: _load(staging, staging.columns(table), update=owner_id is None, fast=skip)
            for table in ORDER
        }
        if owner_id is not None:
            _add_owner(staging, project_id, owner_id)
        insert_references(staging, project_id)
        _move_sequences(staging)
        _settle_activity(staging, project_id, is_new=owner_id is not None)
        if before_commit is not None:
            before_commit(str(staging.scalar("SELECT pg_current_xact_id()::text")))
    return Applied(rows, round(time.perf_counter() - started, 3), skip)


@contextmanager
def _taken_meanwhile() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if getattr(_origin(error), "sqlstate", None) != _UNIQUE_VIOLATION:
            raise
        raise TakenMeanwhileError(f"{error}; another session was faster, import again") from error


def _origin(error: BaseException) -> BaseException | None:
    """What the driver has raised."""
    return getattr(error.__cause__, "orig", error.__cause__)


def _lock(staging: Staging, project_id: int, owner_id: int | None) -> None:
    """Hold what the rows hang from, and, where rows meet older ones, the project's writers off."""
    if owner_id is None:
        _hold(staging, "projects", f"SELECT {integer(project_id)}", "FOR UPDATE")
    else:
        _hold(staging, "users", f"SELECT {integer(owner_id)}", "FOR KEY SHARE")
        workspaces = "SELECT workspace_id FROM pg_temp.stage_projects"
        _hold(staging, "workspaces", workspaces, "FOR KEY SHARE")
    for table in staging.target.tables.values():
        for column in table.columns:
            if column.refers_to == "users":
                name = identifier(column.name)
                people = f"SELECT {name} FROM {table.stage} WHERE {name} IS NOT NULL"
                _hold(staging, "users", people, "FOR KEY SHARE")


def _hold(staging: Staging, table: str, ids: str, lock: str) -> None:
    """Lock rows that must not go away before the commit; raises DatabaseError if one has."""
    wanted = staging.scalar(f"SELECT count(DISTINCT x) FROM ({ids}) AS ids (x)")
    found = staging.execute(f"SELECT 1 FROM {table} WHERE id IN ({ids}) {lock}") if wanted else 0
    if found != wanted:
        raise DatabaseError(f"database: a row of {table} was removed meanwhile; import again")


def _load(staging: Staging, table: TargetTable, *, update: bool, fast: bool) -> int:
    if not staging.scalar(f"SELECT EXISTS (SELECT 1 FROM {table.stage})"):
        return 0
    columns = table.column_list
    chosen = columns
    late = not fast and table.table is t.FLOW_NODES
    if late:  # the trigger looks for the parent, which may come later
        chosen = columns.replace('"parent_id"', "NULL")
    statement = (
        f"INSERT INTO {identifier(table.name)} ({columns}) SELECT {chosen} FROM {table.stage}"
    )
    key = identifier(table.table.key)
    if update:
        changes = ", ".join(
            f"{identifier(x.name)} = EXCLUDED.{identifier(x.name)}"
            for x in table.columns
            if x.name != table.table.key
        )
        statement += f" ON CONFLICT ({key}) DO UPDATE SET {changes}"
    if late:
        # The trigger that guards dialogue ids joins flows and nodes for every row, by a plan that
        # is made while the tables are empty: row by row, 3,000 dialogues took 90 s, hashed 4 s.
        staging.execute("SET LOCAL enable_nestloop = off")
    done = staging.execute(statement)
    if late:
        staging.execute("SET LOCAL enable_nestloop = on")
        staging.execute(
            f"UPDATE flow_nodes n SET parent_id = s.parent_id FROM {table.stage} s "
            "WHERE n.id = s.id AND n.parent_id IS DISTINCT FROM s.parent_id"
        )
    return done


def _retire(staging: Staging, table: Table, ids: Sequence[int]) -> None:
    if not ids:
        return
    name, found = identifier(table.name), f"{identifier(table.key)} = ANY ({integers(ids)})"
    if table.trash_column == "deleted_at" and table is not t.ASSETS:
        now = "date_trunc('second', timezone('UTC', now()))"
        staging.execute(f"UPDATE {name} SET deleted_at = {now}, updated_at = {now} WHERE {found}")
    else:
        staging.execute(f"DELETE FROM {name} WHERE {found}")


def _add_owner(staging: Staging, project_id: int, owner_id: int) -> None:
    now = "date_trunc('second', timezone('UTC', now()))"
    staging.execute(
        "INSERT INTO project_memberships (role, project_id, user_id, inserted_at, updated_at) "
        f"VALUES ('owner', {integer(project_id)}, {integer(owner_id)}, {now}, {now})"
    )


def _move_sequences(staging: Staging) -> None:
    """Sequences go past the ids that were kept, and past those that texts still speak of."""
    for table in ORDER:
        if table.key != "id":
            continue
        newest = f"(SELECT max(id) FROM pg_temp.stage_{table.name})"
        source = {t.FLOW_NODES: "flow_node", t.BLOCKS: "block", t.SHEETS: "sheet"}.get(table)
        if source:
            spoken = (
                "SELECT max(source_id) FROM pg_temp.stage_localized_texts "
                f"WHERE source_type = '{source}'"
            )
            newest = f"GREATEST({newest}, ({spoken}))"
        sequence = _sequence(staging, table)
        staging.execute(
            f"SELECT setval({literal(sequence)}, n.newest) FROM (SELECT {newest} AS newest) n "
            f"WHERE n.newest > (SELECT CASE WHEN is_called THEN last_value ELSE 0 END "
            f"FROM {sequence})"
        )


def _settle_activity(staging: Staging, project_id: int, *, is_new: bool) -> None:
    """A new project keeps its own date of activity, an old one gets today's."""
    number = integer(project_id)
    value = (
        "(SELECT last_activity_at FROM pg_temp.stage_projects)"
        if is_new
        else "GREATEST(last_activity_at, date_trunc('second', timezone('UTC', now())))"
    )
    staging.execute(f"UPDATE projects SET last_activity_at = {value} WHERE id = {number}")


def _sequence(staging: Staging, table: Table) -> str:
    found = staging.scalar(f"SELECT pg_get_serial_sequence({literal(table.name)}, 'id')")
    return str(found)
