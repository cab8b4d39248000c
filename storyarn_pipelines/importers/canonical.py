"""One way to write a value: compact, keys in order, numbers as they were, ids as marks."""

import hashlib
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.rows import JSON_COLUMNS, Row, refusal

Shown = Mapping[int, str]
"""Names for people by the numbers that stand for rows."""

MARK_START = "\ue000"
_MARK = "\ue000{}\ue001"
_MARKS = re.compile("\ue000(-?[0-9]+)\ue001")
_STORAGE_PATH = re.compile(r"(?:(?<=/)|^)projects/[^/]+/")
_ANY_PROJECT = "projects/*/"

_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


def marked(number: int) -> str:
    """The mark of a row."""
    return _MARK.format(number)


def shown(text: str, names: Shown) -> str:
    """A JSON text with the marks in it replaced by names."""

    def name(found: re.Match[str]) -> str:
        known = names.get(int(found[1])) or "(unnamed)"
        return msgspec.json.encode(known).decode()[1:-1]

    return _MARKS.sub(name, text)


def digest(*parts: str | bytes) -> bytes:
    """Sixteen bytes that stand for some texts."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        made.update(b"%d:" % len(data))
        made.update(data)
    return made.digest()


def encoded(value: Any) -> bytes:
    """The one compact JSON text of a value; deep ones get a stack of their own."""
    try:
        return _encoder.encode(value)
    except RecursionError:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(_encoder.encode, value).result()


def storage_path(path: Any) -> Any:
    """A key or URL of media with the project's id taken out."""
    return _STORAGE_PATH.sub(_ANY_PROJECT, path, count=1) if isinstance(path, str) else path


def decoded(row: Row, column: str) -> Any:
    """A value with exact numbers; raises ImportFileError."""
    try:
        return json_text.parse(bytes(row.values[column]))
    except json_text.JsonTextError as error:
        raise refusal(f"{row.pointer}/{column}", str(error)) from error


def is_json(table: Table, column: str) -> bool:
    """Whether a column holds JSON, in which the text of a number counts."""
    return column in JSON_COLUMNS or column not in table.columns


def plain(row: Row, column: str) -> bytes:
    """A value without ids in it."""
    raw = bytes(row.values[column])
    if raw[:1] not in b'{["' or (raw[:1] == b'"' and b"\\" not in raw):
        return raw  # numbers as they are written, and texts that can be written in one way only
    return encoded(decoded(row, column))
