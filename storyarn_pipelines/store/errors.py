"""What a driver says in many lines, as one of our errors in one line."""

import re

from storyarn_pipelines.errors import DatabaseError, DatabaseUnavailableError, SchemaError

# SQLSTATE classes: connection, resources, operator intervention, rollback by the server.
_TRANSIENT_CLASSES = ("08", "53", "57", "40")
_MISSING = ("42P01", "42703")
_PREFIX = re.compile(r"^(\w+: )?\[libpq\] (Failed to connect: )?")
_DENIED = "42501"
_CONNECTION_WORDS = re.compile(
    r"could not connect|connection (to server|refused|closed|reset)|server closed the connection"
    r"|could not translate host|no connection to the server|failed to connect",
    re.IGNORECASE,
)


def translate(message: str, sqlstate: str | None) -> DatabaseError:
    """The error to raise for a driver's message and SQLSTATE."""
    line = _first_line(message)
    state = sqlstate or ""
    if state in _MISSING:
        return SchemaError(
            f"database: {line}; is this a Storyarn database? see STORYARN_DATABASE_URL"
        )
    if state == _DENIED:
        return DatabaseError(
            f"database: {line}; grant the role SELECT on Storyarn's tables, and for imports "
            "INSERT, UPDATE and DELETE and the use of their sequences"
        )
    if state.startswith(_TRANSIENT_CLASSES) or (
        not state.strip("0") and is_connection_error(message)
    ):
        return DatabaseUnavailableError(
            f"database: {line}; check that it runs and that STORYARN_DATABASE_URL is right"
        )
    return DatabaseError(f"database: {line}")


def is_connection_error(message: str) -> bool:
    """Whether a message without an SQLSTATE speaks of a connection that cannot be had or broke."""
    return bool(_CONNECTION_WORDS.search(message))


def _first_line(message: str) -> str:
    """What the server said, without the driver's prefix, the query and its caret."""
    text = message.split("Query was:", 1)[0]
    found = re.search(r"(?:ERROR|FATAL):\s*(.+)", text)
    line = found.group(1) if found else next((x for x in text.splitlines() if x.strip()), "failed")
    return _PREFIX.sub("", line.strip()).rstrip(".")
