"""Where staged rows meet a project's own: places that only one row can take."""

from collections.abc import Iterator, Mapping, Sequence

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.store.sql import identifier, integers
from storyarn_pipelines.store.staged_checks import owned_rows, places
from storyarn_pipelines.store.staging import Staging
from storyarn_pipelines.store.target import UniqueIndex

_CHUNK = 10_000
# What can be true of one row only: column, what else must be equal, and which rows count.
_ONLY_ONE = (
    (t.FLOWS, "is_main", "true", "{0}.deleted_at IS NULL"),
    (t.PROJECT_LANGUAGES, "is_source", "true", "{0}.archived_at IS NULL"),
    (t.SCENE_PINS, "is_leader", "r.scene_id = s.scene_id", "true"),
)


def taken_numbers(staging: Staging, table: Table, numbers: Sequence[int]) -> list[int]:
    """Those of some ids that belong to a row already; a few of them, if any."""
    for start in range(0, len(numbers), _CHUNK):
        chunk = integers(numbers[start : start + _CHUNK])
        found = staging.rows(
            f"SELECT id FROM {identifier(table.name)} WHERE id = ANY ({chunk}) ORDER BY 1 LIMIT 3"
        )
        if found:
            return [row["id"] for row in found]
    return []


def settle_slots(staging: Staging, project_id: int, notes: Notes) -> None:
    """Give way where the project has what only one row can be, and take over archived texts."""
    for table, column, same, counts in _ONLY_ONE:
        lost = staging.rows(
            f"UPDATE pg_temp.stage_{table.name} s SET {column} = false WHERE s.{column} "
            f"AND {counts.format('s')} AND EXISTS (SELECT 1 FROM {owned_rows(table, project_id)} r "
            f"WHERE r.{column} AND {same} AND {counts.format('r')} AND r.id <> s.id "
            f"AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_{table.name} x WHERE x.id = r.id)) "
            "RETURNING s._place"
        )
        notes.add(f"{table.name}: no longer {column}, since the project has one", places(lost))
    # Archived rows occupy their place, so that a text which comes back becomes that row.
    staging.execute(
        "UPDATE pg_temp.stage_localized_texts s SET id = r.id FROM localized_texts r "
        "WHERE r.source_type = s.source_type AND r.source_id = s.source_id "
        "AND r.source_field = s.source_field AND r.locale_code = s.locale_code AND r.id <> s.id "
        "AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_localized_texts x WHERE x.id = r.id)"
    )


def check_against(
    staging: Staging, project_id: int, retired: Mapping[Table, Sequence[int]]
) -> None:
    """Raise ImportFileError where a staged row wants what another row of the project has."""
    for table in staging.target.tables.values():
        if table.table is t.PROJECTS or table.table.key != "id":
            continue
        for index in table.uniques:
            if index.is_primary:
                continue
            gone = integers(retired.get(table.table, ()))
            for place, other in _clashes(staging, table.table, index, project_id, gone):
                raise ImportFileError(
                    f"import: {place}: the project's {table.name} row {other} has the same "
                    f"{', '.join(index.terms)}, which must be unique ({index.name})"
                )


def _clashes(
    staging: Staging, table: Table, index: UniqueIndex, project_id: int, gone: str
) -> Iterator[tuple[str, int]]:
    terms = ", ".join(f"({term}) AS t{number}" for number, term in enumerate(index.terms))
    names = ", ".join(f"t{number}" for number in range(len(index.terms)))
    where = " AND ".join(
        [f"({term}) IS NOT NULL" for term in index.terms]
        + ([f"({index.predicate})"] if index.predicate else [])
    )
    stage = f"pg_temp.stage_{table.name}"
    found = staging.rows(
        f"SELECT s._place, r.id FROM (SELECT {terms}, _place FROM {stage} WHERE {where}) s "
        f"JOIN (SELECT {terms}, id FROM {owned_rows(table, project_id)} o WHERE {where}) r "
        f"USING ({names}) WHERE NOT EXISTS (SELECT 1 FROM {stage} x WHERE x.id = r.id) "
        f"AND r.id <> ALL ({gone}) ORDER BY 1 LIMIT 1"
    )
    yield from ((row["_place"], row["id"]) for row in found)
