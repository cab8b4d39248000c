"""Our own schema: which version it has, and bringing it up to date."""

from dataclasses import dataclass
from importlib.resources import as_file, files

import sqlalchemy as sa

from storyarn_pipelines.errors import SchemaError
from storyarn_pipelines.store.jobs.connections import Connections
from storyarn_pipelines.store.jobs.names import (
    HEAD,
    SCHEMA,
    SERVICE_ROLE,
    USER_ROLE,
    VERSION_TABLE,
)

_LOCK = 0x53746F7279  # any number that nobody else locks
_STATE = f"""
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{SCHEMA}') AS has_schema,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = '{SCHEMA}' AND c.relname = '{VERSION_TABLE}') AS has_version,
       COALESCE((SELECT bool_and(has_table_privilege(r.oid, c.oid, 'SELECT')) AND count(*) = 2
                   FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE r.rolname IN ('{SERVICE_ROLE}', '{USER_ROLE}')
                    AND n.nspname = '{SCHEMA}' AND c.relname = 'jobs'), false) AS has_roles
"""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The version found (None: no tables yet), and whether both roles have their rights."""

    version: str | None
    has_roles: bool

    @property
    def is_current(self) -> bool:
        """Whether this version of the package can work with it."""
        return self.version == HEAD


def schema_state(connections: Connections) -> SchemaState:
    """What is there; needs no rights but to connect, and USAGE where the schema exists."""
    with connections.transaction() as connection:
        return _state(connection)


def upgrade(connections: Connections) -> SchemaState:
    """Bring our own schema up to date, once, however many processes ask at a time.

    Nothing outside of the schema is touched, except that two roles are made where that is
    allowed; ``has_roles`` tells. Raises SchemaError if the tables are newer than this package,
    DatabaseError if they are old and the role may not change them.
    """
    state = schema_state(connections)
    if state.is_current and state.has_roles:
        return state
    with connections.transaction() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        state = _state(connection)  # another process may have been faster
        if not state.is_current:
            _migrate(connection)
        if not (state.is_current and state.has_roles):
            _grant(connection)
        return _state(connection)


def grants_sql() -> str:
    """The script that makes the roles and grants them their rights."""
    return (files("storyarn_pipelines.store.jobs") / "grants.sql").read_text(encoding="utf-8")


def _state(connection: sa.Connection) -> SchemaState:
    found = connection.execute(sa.text(_STATE)).one()
    version: str | None = None
    if found.has_version:
        version = connection.scalar(sa.text(f"SELECT version_num FROM {SCHEMA}.{VERSION_TABLE}"))
    return SchemaState(version, bool(found.has_roles))


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - takes 0.2 s and is rarely needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    found = connection.execute(sa.text(_STATE)).one()
    if not found.has_schema:  # IF NOT EXISTS wants the right to create even where it exists
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    with as_file(files("storyarn_pipelines.store.jobs") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SchemaError(
                f"jobs database: {str(error).splitlines()[0]}; the tables are newer than this "
                "storyarn_pipelines, install the newer one"
            ) from error


def _grant(connection: sa.Connection) -> None:
    """Make the roles if that is allowed; without them the service works as the tables' owner."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(grants_sql().replace("%", "%%"))
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
