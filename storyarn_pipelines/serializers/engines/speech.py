"""Lines and responses as pieces that an engine can write in its own markup.

The plain text of the pieces, with values put in, is what the player shows: both come from
``story.text``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal

import msgspec

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.story.markup import Tag
from storyarn_pipelines.story.text import line_text, response_text

Style = Literal["bold", "italic", "underline", "strike", "code"]

_STYLES: Mapping[str, Style] = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "s": "strike", "del": "strike", "code": "code",
}  # fmt: skip
# Noncharacters of Unicode, which no text holds: they mark places in one on its way through.
_PUT, _END, _ON, _OFF = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_FOREIGN = re.compile("[\ufdd0-\ufdd3]")
_PIECE = re.compile(
    "\ufdd0([^\ufdd1]*)\ufdd1|\ufdd2([^\ufdd1]*)\ufdd1|\ufdd3([^\ufdd1]*)\ufdd1|(\n)"
)
# Most lines are one paragraph without anything in it: they need no parser.
_PLAIN_LINE = re.compile("(?:<p>)?([^<{&\n\xa0\ufdd0-\ufdd3]*)(?:</p>)?")


class Said(msgspec.Struct, frozen=True):
    """Plain text without a line break, in the styles that were open there."""

    text: str
    styles: frozenset[Style] = frozenset()


class Put(msgspec.Struct, frozen=True):
    """The value of a variable, by its full name."""

    name: str
    styles: frozenset[Style] = frozenset()


class Break(msgspec.Struct, frozen=True):
    """A line break inside of a line."""


Piece = Said | Put | Break


class _Marked(Mapping[str, Value]):
    """Every known variable, with its own name between marks for a value."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        return f"{_PUT}{name}{_END}"

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def line_pieces(html: str, variables: Collection[str]) -> list[Piece]:
    """A dialogue's HTML; ``variables`` are the full names that are put in."""
    plain = _PLAIN_LINE.fullmatch(html)
    if plain is not None:
        said = plain[1].strip()
        return [Said(said)] if said else []
    text = line_text(_FOREIGN.sub("", html), _Marked(variables), str, _mark)
    return _trimmed(_pieces(text))


def response_pieces(text: str, variables: Collection[str]) -> list[Piece]:
    """A response, which is plain text."""
    if "$" not in text and "\n" not in text and not _FOREIGN.search(text):
        return [Said(text)] if text else []
    return _pieces(response_text(_FOREIGN.sub("", text), _Marked(variables), str))


def written(
    pieces: list[Piece],
    text: Callable[[str], str],
    put: Callable[[str], str],
    line_break: str,
    style: Callable[[str, frozenset[Style]], str] | None = None,
) -> str:
    """Pieces in an engine's markup: ``text`` escapes, ``put`` writes a variable's value,
    ``style`` wraps what has styles."""
    made = []
    for piece in pieces:
        if isinstance(piece, Break):
            made.append(line_break)
            continue
        plain = text(piece.text) if isinstance(piece, Said) else put(piece.name)
        made.append(style(plain, piece.styles) if style and piece.styles else plain)
    return "".join(made)


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Without blanks at the ends of lines, whatever styles begin or end there, and without empty
    lines at both ends."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Break):
            lines.append([])
        else:
            lines[-1].append(piece)
    for line in lines:
        _trim(line, 0, str.lstrip)
        _trim(line, -1, str.rstrip)
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    joined: list[Piece] = []
    for line in lines:
        joined += [Break(), *line] if joined else line
    return joined


def _trim(line: list[Piece], end: int, strip: Callable[[str], str]) -> None:
    """Strip one end of a line, over as many pieces as it takes."""
    while line and isinstance(piece := line[end], Said):
        text = strip(piece.text)
        if text:
            line[end] = Said(text, piece.styles)
            return
        line.pop(end)


def _mark(tag: Tag) -> str:
    style = _STYLES.get(tag.name)
    if style is None:
        return ""
    return f"{_OFF if tag.closing else _ON}{style}{_END}"


def _pieces(text: str) -> list[Piece]:
    found: list[Piece] = []
    open_styles: list[Style] = []
    position = 0
    for match in _PIECE.finditer(text):
        _say(found, text[position : match.start()], open_styles)
        position = match.end()
        name, on, off, line_break = match.groups()
        if name is not None:
            found.append(Put(name, frozenset(open_styles)))
        elif line_break:
            found.append(Break())
        elif on is not None:
            open_styles.append(_style(on))
        elif off in open_styles:
            open_styles.remove(_style(off))
    _say(found, text[position:], open_styles)
    return found


def _say(found: list[Piece], text: str, styles: list[Style]) -> None:
    if text:
        found.append(Said(text, frozenset(styles)))


def _style(name: str) -> Style:
    return next(style for style in _STYLES.values() if style == name)
