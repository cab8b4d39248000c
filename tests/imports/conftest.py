"""Databases to import into, and exports to import."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.tables import TABLES
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings

DATA = Path(__file__).parents[1] / "data"
MINI, MINI_TRASH = DATA / "mini.json", DATA / "mini-trash.json"

Import = Callable[..., ImportReport]
Export = Callable[..., Path]


def copy_people(source: str, target: str) -> None:
    """The users and workspaces of one database in another, ids and all."""
    with psycopg.connect(source) as old, psycopg.connect(target) as new:
        for table in ("users", "workspaces"):
            with (
                old.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows,
                new.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy,
            ):
                for block in rows:
                    copy.write(block)
            new.execute(f"SELECT setval('{table}_id_seq', 1000)".encode())


def rows_of(url: str, project: int) -> dict[str, list[dict[str, Any]]]:
    """Every row of a project by table, but for what an import never brings.

    Values are as JSON says them, fractions as text; so JSON's null is not told from NULL.
    """
    found = {}
    with psycopg.connect(url) as connection:
        connection.execute("SET extra_float_digits = 1")
        for table in TABLES:
            ignored = ", ".join(f"'{name}'" for name in table.ignored)
            query = (
                f"SELECT (to_jsonb(t) - ARRAY[{ignored}]::text[])::text "
                f"FROM {_owned(table.name, project)} t ORDER BY t.{table.key}"
            )
            rows = connection.execute(query.encode()).fetchall()
            found[table.name] = [json.loads(row, parse_float=str) for (row,) in rows]
    return found


def _owned(name: str, project: int) -> str:
    by_name = {table.name: table for table in TABLES}
    table = by_name[name]
    if not table.parent_key:
        return f"(SELECT * FROM projects WHERE id = {project})"
    if table.parent_key == "project_id":
        return f"(SELECT * FROM {name} WHERE project_id = {project})"
    parents = _owned(table.parent, project)
    return f"(SELECT * FROM {name} WHERE {table.parent_key} IN (SELECT id FROM {parents} p))"


def whole_database(url: str) -> dict[str, int]:
    """A number for each table that changes with any of its rows."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        return {
            name: connection.execute(
                f"SELECT COALESCE(sum(hashtextextended(t::text, 0)), 0) FROM {name} t".encode()
            ).fetchone()[0]  # type: ignore[index]
            for (name,) in tables
        }


@pytest.fixture
def studio(storyarn_url: str, mini_url: str) -> str:
    """A database with mini.sql's people and no project."""
    copy_people(mini_url, storyarn_url)
    return storyarn_url


@pytest.fixture
def bring(make_settings: Callable[[str], Settings], studio: str) -> Import:
    """Imports a file into the studio's database."""

    def run(path: Path, url: str = studio, **options: Any) -> ImportReport:
        if "into" not in options:
            options.setdefault("new", "studio")
        return import_file(make_settings(url), path, ImportOptions(**options))

    return run


@pytest.fixture
def export(make_settings: Callable[[str], Settings], studio: str, tmp_path: Path) -> Export:
    """Exports a project natively."""

    def run(project: object, url: str = studio, name: str = "again.json", **options: Any) -> Path:
        chosen = {"validate_before_export": False, "include_trash": True, **options}
        out = tmp_path / name
        export_project(make_settings(url), str(project), "storyarn", parse_options(chosen), out=out)
        return out

    return run


@pytest.fixture
def document() -> Any:
    """mini-trash.json, decoded, to be changed."""
    return json.loads(MINI_TRASH.read_text("utf-8"))


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes a document to a file."""

    def write(value: Any, name: str = "changed.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    return write


def body(path: Path) -> str:
    """A document without its time of export."""
    return "\n".join(x for x in path.read_text("utf-8").split("\n") if '"exported_at"' not in x)
