"""The database that the settings name, for statements that are not bulk streams."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import sqlalchemy as sa

from storyarn_pipelines.errors import DatabaseError
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.embedded import embedded_url
from storyarn_pipelines.store.errors import database_errors


def database_url(settings: Settings) -> str:
    """The URL of Storyarn's database; without a setting, the embedded server is started."""
    return settings.database_url or embedded_url(settings.home)


@contextmanager
def connect(url: str) -> Iterator[sa.Connection]:
    """One connection in one transaction: committed at the end, rolled back on an error."""
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    with database_errors(), engine.begin() as connection:
        yield connection


def has_storyarn_tables(url: str) -> bool:
    """Whether the database already holds Storyarn's tables."""
    with connect(url) as connection:
        found = connection.scalar(sa.text("SELECT to_regclass('projects') IS NOT NULL"))
        return bool(found)


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
