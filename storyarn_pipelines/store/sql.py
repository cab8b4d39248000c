"""Small helpers for SQL text. Identifiers are quoted, integers checked; nothing else goes in."""

from collections.abc import Iterable

from storyarn_pipelines.domain.options import MAX_ID


def identifier(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def integer(value: int) -> str:
    """An integer literal; the Arrow driver has no fast path for bound parameters."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not an integer")
    return str(value)


def integers(values: Iterable[int]) -> str:
    """A list of integer literals for ``= ANY``, never empty-handed."""
    return "'{" + ",".join(integer(value) for value in values) + "}'::bigint[]"


def literal(text: str) -> str:
    """A text literal, right under any ``standard_conforming_strings``."""
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    return f" E'{quoted}'"


def row_id(expression: str) -> str:
    """The id in a jsonb value that may be a number or a text of digits, else NULL."""
    fits = f"(length({expression}) < 19 OR {expression} <= '{MAX_ID}' COLLATE \"C\")"
    return f"CASE WHEN {expression} ~ '^[0-9]{{1,19}}$' AND {fits} THEN ({expression})::bigint END"
