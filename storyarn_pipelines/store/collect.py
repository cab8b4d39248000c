"""From the database into a snapshot, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.domain.tables import PROJECTS, SECTIONS, Section, Table, tables_of
from storyarn_pipelines.errors import OptionError
from storyarn_pipelines.snapshot.manifest import (
    Manifest,
    TableEntry,
    content_hash,
    write_manifest,
)
from storyarn_pipelines.snapshot.writer import write_table
from storyarn_pipelines.store.columns import Schema, read_schema
from storyarn_pipelines.store.count import count_query
from storyarn_pipelines.store.projects import find_project
from storyarn_pipelines.store.queries import table_query
from storyarn_pipelines.store.scope import SELECTABLE, Scope, sections_of
from storyarn_pipelines.store.sql import integers, literal
from storyarn_pipelines.store.stream import ReadTransaction, read_transaction


def collect(
    database_url: str,
    project: str,
    options: ExportOptions,
    directory: Path,
    *,
    collected_at: datetime,
    sections: Sequence[Section] = SECTIONS,
    progress: Progress = silent,
) -> Manifest:
    """Write one consistent copy of a project's rows into ``directory``, an empty directory.

    Everything is read in one REPEATABLE READ transaction. Of ``sections``, those that the
    options leave out are not collected. Raises UnknownProjectError, OptionError for ids and
    languages that the project does not have, SchemaError and DatabaseUnavailableError.
    """
    wanted = tuple(section for section in sections_of(options) if section in sections)
    with read_transaction(database_url) as transaction:
        schema = read_schema(transaction)
        ref = find_project(transaction, project, trash=options.include_trash)
        scope = Scope(ref.id, options)
        _check_selection(transaction, scope, ref)
        tables = [PROJECTS, *(table for section in wanted for table in tables_of(section))]
        entries = _write_tables(transaction, schema, scope, tables, directory, progress)
    manifest = Manifest(
        project_id=ref.id,
        project_slug=ref.slug,
        schema_version=schema.version,
        options=options.as_dict(),
        options_digest=options.digest(),
        sections=list(wanted),
        tables=entries,
        content_hash=content_hash(entries, options.digest()),
        collected_at=collected_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    write_manifest(directory, manifest)
    return manifest


def _write_tables(
    transaction: ReadTransaction,
    schema: Schema,
    scope: Scope,
    tables: Sequence[Table],
    directory: Path,
    progress: Progress,
) -> dict[str, TableEntry]:
    total = transaction.rows(count_query(scope, tables))[0]["total"]
    counter = Counter(progress, "collect", total)
    entries: dict[str, TableEntry] = {}
    for table in tables:
        query = table_query(table, schema, scope)
        kinds = {field.name: field.kind for field in query.fields}
        path = directory / f"{table.name}.parquet"
        with transaction.stream(query.sql) as result:
            entries[table.name] = write_table(path, result.schema, result.batches, kinds, counter)
    counter.finish()
    return entries


def _check_selection(transaction: ReadTransaction, scope: Scope, ref: ProjectRef) -> None:
    """Ids and languages that are not there would give an export that silently lacks them."""
    for option, table in SELECTABLE.items():
        chosen = getattr(scope.options, option)
        if not chosen:
            continue
        missing = transaction.rows(
            f"SELECT c.id FROM unnest({integers(chosen)}) c(id) "
            f"WHERE c.id NOT IN (SELECT e.id FROM ({scope.everything(table)}) e) ORDER BY 1 LIMIT 1"
        )
        if missing:
            hint = "" if scope.options.include_trash else " outside the trash"
            raise OptionError(
                option, missing[0]["id"], f"ids of {table.name} of project {ref.slug}{hint}"
            )
    _check_languages(transaction, scope)


def _check_languages(transaction: ReadTransaction, scope: Scope) -> None:
    if not scope.options.languages:
        return
    known = {
        row["code"]
        for row in transaction.rows(
            "SELECT l.locale_code::text AS code FROM project_languages l "
            f"WHERE l.project_id = {scope.project} UNION "
            "SELECT t.locale_code::text FROM localized_texts t "
            f"WHERE t.project_id = {scope.project} AND t.locale_code IN "
            f"({', '.join(literal(code) for code in scope.options.languages)})"
        )
    }
    for code in scope.options.languages:
        if code not in known:
            raise OptionError("languages", code, ", ".join(sorted(known)) or "none in this project")
