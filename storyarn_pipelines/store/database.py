"""Storyarn's database through SQLAlchemy, for all that is not a bulk stream."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files

import sqlalchemy as sa

from storyarn_pipelines.domain.tables import TABLES
from storyarn_pipelines.errors import DatabaseError
from storyarn_pipelines.store.errors import translate
from storyarn_pipelines.store.sql import identifier


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


def create_database(server: str, name: str) -> str:
    """A new database beside the one that ``server`` names; returns its URL."""
    _maintain(server, f"CREATE DATABASE {identifier(name)} TEMPLATE template0")
    made = sa.make_url(server).set(database=name)
    return made.render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Remove a database, whoever is connected to it."""
    _maintain(server, f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")


def add_people(url: str, emails: Iterable[str], workspace: str, owner: str) -> None:
    """Users with these addresses, and a workspace of ``owner``'s, for a scratch database."""
    now = "date_trunc('second', timezone('UTC', now()))"
    with connect(url) as connection:
        for email in dict.fromkeys([owner, *emails]):
            connection.execute(
                sa.text(
                    f"INSERT INTO users (email, inserted_at, updated_at) VALUES (:email, {now}, "
                    f"{now}) ON CONFLICT DO NOTHING"
                ),
                {"email": email},
            )
        connection.execute(
            sa.text(
                "INSERT INTO workspaces (name, slug, owner_id, inserted_at, updated_at) "
                f"SELECT :slug, :slug, id, {now}, {now} FROM users WHERE email = :owner"
            ),
            {"slug": workspace, "owner": owner},
        )


def add_unknown_columns(source: str, target: str) -> None:
    """Give a new database the columns of built-in types that a newer Storyarn has."""
    query = sa.text(
        "SELECT c.relname AS name, a.attname AS column, format_type(a.atttypid, a.atttypmod) "
        "AS type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
        "AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE c.relname = ANY (:names) AND pg_table_is_visible(c.oid) "
        "AND t.typnamespace = 'pg_catalog'::regnamespace ORDER BY 1, a.attnum"
    )
    names = {"names": [table.name for table in TABLES]}
    with connect(source) as old:
        found = old.execute(query, names).all()
    with connect(target) as connection:
        known = {(name, column) for name, column, _ in connection.execute(query, names)}
        for name, column, kind in found:
            if (name, column) not in known:
                connection.exec_driver_sql(
                    f"ALTER TABLE {identifier(name)} ADD COLUMN {identifier(column)} {kind}"
                )


def _maintain(server: str, command: str) -> None:
    engine = sa.create_engine(
        sa.make_url(server).set(drivername="postgresql+psycopg"),
        poolclass=sa.NullPool,
        isolation_level="AUTOCOMMIT",
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(command)
    except sa.exc.DBAPIError as error:
        raise translate(str(error.orig), getattr(error.orig, "sqlstate", None)) from error
