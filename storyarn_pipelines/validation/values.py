"""Small questions about values from jsonb columns, which may hold anything."""

import html
import re
from collections.abc import Iterator

import msgspec

_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r"(?:\s|<[^<>]*>|&nbsp;|&#160;)*")
_ID = re.compile(r"[0-9]{1,18}")
_EXCERPT = 40


def as_id(value: object) -> int | None:
    """An id in JSON is an integer or a text of digits; anything else is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 < value < 2**63 else None
    return int(value) if isinstance(value, str) and _ID.fullmatch(value) else None


def plain(text: str) -> str:
    """Editor HTML as plain text on one line."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def is_blank(value: object) -> bool:
    """Whether a reader would see nothing of a text."""
    return not isinstance(value, str) or _BLANK.fullmatch(value) is not None


def excerpt(value: object) -> str | None:
    """The beginning of a text, to recognise it by."""
    if not isinstance(value, str):
        return None
    text = plain(value[: 10 * _EXCERPT])
    return f"{text[: _EXCERPT - 1]}…" if len(text) > _EXCERPT else text or None


def texts_with(word: str, value: object) -> Iterator[str]:
    """All texts anywhere inside a value that hold a word of ASCII letters; keys are none."""
    try:
        if word.encode() not in msgspec.json.encode(value):
            return
    except (OverflowError, RecursionError):
        pass  # an integer without end, or a very deep value: look through it all the same
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if word in part:
                yield part
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
