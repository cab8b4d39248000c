"""Text in an Ink file: nothing that an author typed is read as markup."""

import re
from collections.abc import Callable, Sequence

from storyarn_pipelines.serializers.engines.speech import Break, Piece, Put, Said

# `//` and `/*` begin comments before escapes are read, so no two such marks stand side by side.
_MARKUP = re.compile(r"[\\{}|#\[\]~]|/(?=[/*])|(?<=/)[/*]|-(?=>)|<(?=[>-])|(?<=<)>")
_START = re.compile(r"[-*+=(]|(?:VAR|CONST|LIST|EXTERNAL|INCLUDE|TODO)\b")
_ANY = re.compile("[\\\\{}|#\\[\\]~/<>\r\n\0\ud800-\udfff]")
_LINE_ENDS = re.compile("[\r\n\0\ud800-\udfff]")
EMPTY = '{""}'
"""Prints nothing, and is content all the same: a line of it is an empty line."""


def escaped(text: str) -> str:
    """A text within a line, a choice or a tag."""
    if not _ANY.search(text):
        return text
    return _MARKUP.sub(r"\\\g<0>", _LINE_ENDS.sub(" ", text))


def folded(text: str) -> str:
    """A text on one line, for comments."""
    return " ".join(text.split())


def tag(name: str, text: str) -> str:
    """`` #name:text``; empty for a text that says nothing."""
    said = escaped(folded(text))
    return f" #{name}:{said}" if said else ""


def content(pieces: Sequence[Piece], put: Callable[[str], str]) -> str:
    """Pieces without line breaks as the content of a line or a choice; never empty.

    ``put`` gives the variable whose value is printed.
    """
    made: list[str] = []
    said: list[str] = []
    for piece in pieces:
        match piece:
            case Said(text):
                said.append(text)
            case Put(name):
                made += [escaped("".join(said)), f"{{{put(name)}}}"]
                said = []
    made.append(escaped("".join(said)))
    text = "".join(made)
    return text if text.strip(" \t") else EMPTY


def line(pieces: Sequence[Piece], put: Callable[[str], str]) -> str:
    """The content of a line, which may begin with anything."""
    text = content(pieces, put).lstrip(" \t")
    if text.startswith("return"):  # would warn that a ~ may be missing
        return EMPTY + text
    return f"\\{text}" if _START.match(text) else text


def lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces cut at their line breaks: one line at least."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Break):
            found.append([])
        else:
            found[-1].append(piece)
    return found
