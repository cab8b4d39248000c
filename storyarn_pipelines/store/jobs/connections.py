"""A small pool of connections to our own tables: short transactions, as service or as a user."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import sqlalchemy as sa

from storyarn_pipelines.errors import DatabaseError, DatabaseUnavailableError, SchemaError
from storyarn_pipelines.store.errors import translate
from storyarn_pipelines.store.jobs.names import USER_ROLE, USER_SETTING

POOL_SIZE = 2
MORE_CONNECTIONS = 8
WAIT_SECONDS = 10

# Tables, functions and schemas that are not there; rights; a standby or a read-only session.
_MISSING = ("42P01", "42703", "42883", "3F000")
_DENIED = ("42501", "25006")
_CONFINEMENT = f"""
SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = '{USER_ROLE}' AND pg_has_role(
           current_user, r.oid,
           CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER'
                ELSE 'SET' END)) AS by_role,
       rolsuper OR rolbypassrls AS unbound
  FROM pg_roles WHERE rolname = current_user
"""
_AS_USER = f"SELECT set_config('{USER_SETTING}', :user, true)"
_IN_ROLE = f"{_AS_USER}, set_config('role', '{USER_ROLE}', true)"


Explain = Callable[[str, str | None], DatabaseError]


class Connections:
    """Connections to the database that holds our own tables; made when they are needed.

    ``close`` them at the end. Safe for threads; not to be carried over a fork.
    """

    def __init__(self, url: str, explain: Explain | None = None) -> None:
        """``explain`` makes the error to raise of a driver's message and SQLSTATE."""
        self.url = url
        self._explain = explain or translate_for_jobs
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        arguments: dict[str, object] = {"prepare_threshold": None}  # poolers cannot prepare
        if "connect_timeout" not in address.query:
            arguments["connect_timeout"] = WAIT_SECONDS
        self._engine = sa.create_engine(
            address,
            connect_args=arguments,
            pool_size=POOL_SIZE,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=WAIT_SECONDS,
            pool_pre_ping=True,
        )
        self._as_user: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open; a later use connects again."""
        self._engine.dispose()

    @contextmanager
    def transaction(self, user_id: int | None = None) -> Iterator[sa.Connection]:
        """One transaction: committed at the end, rolled back on an error.

        With ``user_id`` it sees and changes that user's rows only. Raises DatabaseError and its
        kin; also where nothing would hold the session back from other users' rows.
        """
        try:
            with self._engine.begin() as connection:
                if user_id is not None:
                    command = self._as_user or self._confinement(connection)
                    connection.execute(sa.text(command), {"user": str(user_id)})
                yield connection
        except sa.exc.TimeoutError as error:
            raise DatabaseUnavailableError(
                f"database: no connection was free for {WAIT_SECONDS} s; try again"
            ) from error
        except sa.exc.DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            raise self._explain(str(error.orig), state) from error

    def _confinement(self, connection: sa.Connection) -> str:
        """How to become a user: by the user role, or by the setting if policies bind our role."""
        found = connection.execute(sa.text(_CONFINEMENT)).one()
        if not found.by_role and found.unbound:
            raise DatabaseError(
                f"jobs database: row-level security does not bind this role and {USER_ROLE} does "
                "not exist or may not be assumed; run grants.sql, see docs/jobs.md"
            )
        self._as_user = _IN_ROLE if found.by_role else _AS_USER
        return self._as_user


def translate_for_jobs(message: str, sqlstate: str | None) -> DatabaseError:
    """As ``store.errors.translate``, in words about our own tables."""
    found = translate(message, sqlstate)
    line = re.sub(r"^database: ", "", str(found)).split(";", 1)[0]
    if sqlstate in _MISSING:
        return SchemaError(
            f"jobs database: {line}; our own tables are missing or old, see docs/jobs.md"
        )
    if sqlstate in _DENIED:
        return DatabaseError(
            f"jobs database: {line}; the role needs the rights of storyarn_pipelines_service, "
            "see docs/jobs.md"
        )
    if found.transient:
        return DatabaseUnavailableError(
            f"jobs database: {line}; check that it runs and that STORYARN_JOBS_DATABASE_URL "
            "(or else STORYARN_DATABASE_URL) is right"
        )
    return type(found)(f"jobs database: {line}")
