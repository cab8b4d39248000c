"""Storyarn's database through SQLAlchemy, for all that is not a bulk stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import sqlalchemy as sa

from storyarn_pipelines.errors import DatabaseError
from storyarn_pipelines.store.errors import translate


@contextmanager
def connect(url: str) -> Iterator[sa.Connection]:
    """One connection in one transaction: committed at the end, rolled back on an error."""
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise translate(str(error.orig), getattr(error.orig, "sqlstate", None)) from error


def has_storyarn_tables(url: str) -> bool:
    """Whether the database already holds Storyarn's tables."""
    with connect(url) as connection:
        found = connection.scalar(sa.text("SELECT to_regclass('projects') IS NOT NULL"))
        return bool(found)


def has_project(url: str, workspace: str, slug: str) -> bool:
    """Whether a project is there, in the trash or not: its slug is taken either way."""
    with connect(url) as connection:
        found = connection.execute(
            sa.text(
                "SELECT 1 FROM projects p JOIN workspaces w ON w.id = p.workspace_id "
                "WHERE w.slug = :workspace AND p.slug = :slug"
            ),
            {"workspace": workspace, "slug": slug},
        )
        return found.first() is not None


def initialise(url: str) -> None:
    """Create Storyarn's tables; raises DatabaseError unless the database is empty."""
    ddl = (files("storyarn_pipelines.store") / "schema.sql").read_text(encoding="utf-8")
    with connect(url) as connection:
        taken = connection.scalar(
            sa.text(
                "SELECT min(tablename) FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        )
        if taken is not None:
            raise DatabaseError(
                f"database: it already has tables ({taken}); `db init` needs an empty database"
            )
        connection.exec_driver_sql(ddl.replace("%", "%%"))
