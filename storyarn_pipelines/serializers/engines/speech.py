"""Lines and responses as pieces that an engine can write in its own markup.

The plain text of the pieces, with values put in, is what the player shows: both come from
``story.text``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

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
_LINE_START = re.compile("(^|\n)((?:[\ufdd2\ufdd3][^\ufdd1]*\ufdd1)*)[^\\S\n]+")
_LINE_END = re.compile("[^\\S\n]+((?:[\ufdd2\ufdd3][^\ufdd1]*\ufdd1)*)(\n|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """Plain text without a line break, in the styles that were open there."""

    text: str
    styles: frozenset[Style] = frozenset()


@dataclass(frozen=True, slots=True)
class Put:
    """The value of a variable, by its full name."""

    name: str
    styles: frozenset[Style] = frozenset()


@dataclass(frozen=True, slots=True)
class Break:
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
    text = line_text(_FOREIGN.sub("", html), _Marked(variables), str, _mark)
    text = _LINE_START.sub(r"\1\2", text)
    return _pieces(_LINE_END.sub(r"\1\2", text))


def response_pieces(text: str, variables: Collection[str]) -> list[Piece]:
    """A response, which is plain text."""
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
