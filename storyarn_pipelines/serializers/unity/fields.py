"""Pieces of the database as JSON text. Objects of its many fields would cost more than the text.

Every member that Unity's ``JsonUtility`` reads is written, in the plugin's own order.
"""

from collections.abc import Iterable
from functools import lru_cache

import orjson

TEXT, NUMBER, BOOLEAN, FILES, LOCALIZATION, ACTOR, ITEM, LOCATION = range(8)
"""Types of fields."""

_TYPE_NAMES = ("Text", "Number", "Boolean", "Files", "Localization", "Actor", "Item", "Location")

NO_OBJECT = b'{"instanceID":0}'
"""A reference to an asset of Unity that is not there."""


def quoted(text: str) -> bytes:
    """A text as JSON; halves of surrogate pairs, which no file can hold, become ``?``."""
    try:
        return orjson.dumps(text)
    except orjson.JSONEncodeError:
        return orjson.dumps(text.encode("utf-8", "replace").decode())


def field(title: str, value: str, kind: int = TEXT) -> bytes:
    """One field; its value is always a text."""
    head, tail = _frame(title, kind)
    return head + quoted(value) + tail


@lru_cache(maxsize=1024)
def _frame(title: str, kind: int) -> tuple[bytes, bytes]:
    tail = f',"type":{kind},"typeString":"CustomFieldType_{_TYPE_NAMES[kind]}"}}'
    return b'{"title":' + quoted(title) + b',"value":', tail.encode()


def asset(number: int, fields: Iterable[bytes], more: bytes = b"") -> bytes:
    """An actor, item, location or variable; ``more`` are members after the fields."""
    return b'{"id":%d,"fields":[%b]%b}' % (number, b",".join(fields), more)


def link(origin: tuple[int, int], destination: tuple[int, int], priority: int) -> bytes:
    """A link between entries, each told by its conversation and id."""
    return (
        b'{"originConversationID":%d,"originDialogueID":%d,"destinationConversationID":%d,'
        b'"destinationDialogueID":%d,"isConnector":false,"priority":%d}'
        % (*origin, *destination, priority)
    )


def rect(x: float, y: float, width: float, height: float) -> bytes:
    """A rectangle of the editor's canvas."""
    return b'{"serializedVersion":"2","x":%.1f,"y":%.1f,"width":%.1f,"height":%.1f}' % (
        x,
        y,
        width,
        height,
    )
