"""The kinds of values that a snapshot's columns hold."""

from enum import StrEnum


class Kind(StrEnum):
    """How a column's values are to be read; kept in the Parquet file beside each column."""

    ID = "id"  # a key: an integer or uuid that readers treat as opaque text
    IDS = "ids"  # a list of such keys
    INTEGER = "integer"
    FLOAT = "float"  # a double as the text that PostgreSQL prints
    NUMBER = "number"  # an exact number as such a text, its scale kept
    BOOLEAN = "boolean"
    JSON = "json"  # JSON text, never parsed on its way
    TIME = "time"  # UTC, microseconds
    TEXT = "text"


# PostgreSQL's infinities, as the Arrow driver hands them over: it adds the distance between the
# epochs to the largest and smallest integer and wraps around.
TIME_INFINITY = -9222425352054775809
TIME_MINUS_INFINITY = -9222425352054775808

DERIVED = "derived."
"""Prefix of snapshot columns that are worked out by the collector and exist in no table."""
