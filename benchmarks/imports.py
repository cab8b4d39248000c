"""Imports of the native file beside a COPY of the same rows into the same tables and indexes."""

import time
from pathlib import Path
from statistics import median

import psycopg
from psycopg import sql

from benchmarks.exports import settings_for, timed_export
from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.store.database import create_database, initialise

_PEOPLE = ("users", "workspaces")
_BLOCK = 1 << 20


def compare_import(server: str, url: str, directory: Path, rounds: int) -> tuple[float, float]:
    """Median seconds of import and anchor, taken in turn, each into a new database.

    Both run as a superuser with ``session_replication_role = replica``.
    """
    document = directory / "import.json"
    timed_export(url, directory, document)
    tables = _tables(url)
    copies = {name: directory / f"{name}.copy" for name in tables}
    for name, path in copies.items():
        _copy_out(url, name, path)
    imports, anchors = [], []
    for number in range(rounds):
        target = _database(server, f"copied_{number}")
        started = time.perf_counter()
        _copy_in(target, copies)
        anchors.append(time.perf_counter() - started)
        target = _database(server, f"imported_{number}")
        _copy_in(target, {name: copies[name] for name in _PEOPLE})
        slug = _scalar(target, "SELECT min(slug) FROM workspaces")
        started = time.perf_counter()
        import_file(settings_for(target, directory), document, ImportOptions(new=slug))
        imports.append(time.perf_counter() - started)
    for path in (document, *copies.values()):
        path.unlink()
    return median(imports), median(anchors)


def _database(server: str, name: str) -> str:
    url = create_database(server, name)
    initialise(url)
    return url


def _tables(url: str) -> list[str]:
    """All tables that an import may fill, and people; keys are not checked on the way in."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'"
        )
        return [row[0] for row in found]


def _scalar(url: str, query: str) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute(query.encode()).fetchone()
        return str(found[0]) if found else ""


def _copy_out(url: str, table: str, path: Path) -> None:
    query = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with (
        psycopg.connect(url) as connection,
        path.open("wb") as file,
        connection.cursor().copy(query) as copy,
    ):
        for block in copy:
            file.write(block)


def _copy_in(url: str, copies: dict[str, Path]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = 'replica'")
        for name, path in copies.items():
            query = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
            with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(query) as copy:
                while block := file.read(_BLOCK):
                    copy.write(block)
