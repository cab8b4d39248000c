"""How the refusal of a file reads: names from outside stay on one line and within bounds."""

from storyarn_pipelines.errors import ImportFileError

_LONGEST = 200


def shown(text: str) -> str:
    """A text from outside, fit for one line of a message."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return text if text.isprintable() else ascii(text)[1:-1]


def refused(file: str, place: str, reason: str) -> ImportFileError:
    """The error for a place in a file; an empty place stands for all of it."""
    parts = ("import", shown(file), shown(place), reason)
    return ImportFileError(": ".join(part for part in parts if part))
