"""Lines and responses as Unreal shows them: plain, as format patterns, and as rich text.

A text without variables is plain and means itself. One with variables is a pattern for
``FText::Format``: ``{mc.jaime.health}`` is a value, and ````` ` { } ````` and a bar after a value
have a backtick in front. A line with styles has a second form for rich text blocks, whose tags do
not nest: ``<b_i>both</>``.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from storyarn_pipelines.serializers.engines.speech import (
    Break,
    Piece,
    Put,
    Said,
    Style,
    line_pieces,
    response_pieces,
)

STYLES: Mapping[Style, str] = {
    "bold": "b", "italic": "i", "underline": "u", "strike": "s", "code": "code",
}  # fmt: skip
"""The names of styles in rich text; a run in several has them joined by ``_``, in this order."""

Texts = Mapping[str, str]
"""A text by locale; the source's is under the empty one."""

_WORDS = "[^<&{\n\u00a0\ufdd0-\ufdd3]*"
_SIMPLE = re.compile(f"{_WORDS}|(?:<p>{_WORDS}(?:<br>{_WORDS})*</p>)+")
"""What most lines are: paragraphs without styles, entities and variables."""

_PATTERN = str.maketrans({"`": "``", "{": "`{", "}": "`}"})
_RICH = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text in all languages; ``arguments`` are full names of variables in order of use."""

    texts: Texts
    rich: Texts = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


def spoken_line(sources: Texts, variables: Collection[str], name: Callable[[str], str]) -> Spoken:
    """A dialogue's HTML in all languages; ``name`` gives a variable's name in the target."""
    if all(_SIMPLE.fullmatch(html) for html in sources.values()):
        return Spoken({locale: _simple(html) for locale, html in sources.items()})
    return _spoken({key: line_pieces(x, variables) for key, x in sources.items()}, name)


def spoken_response(
    sources: Texts, variables: Collection[str], name: Callable[[str], str]
) -> Spoken:
    """A response, which is plain text, in all languages."""
    if not any("$" in text for text in sources.values()):
        return Spoken(sources)
    return _spoken({key: response_pieces(x, variables) for key, x in sources.items()}, name)


def _simple(html: str) -> str:
    if "<" not in html:
        return html.strip()
    text = html.replace("<p>", "").replace("</p>", "\n").replace("<br>", "\n").rstrip()
    return "\n".join([line.strip() for line in text.split("\n")]).strip()


def _spoken(said: Mapping[str, list[Piece]], name: Callable[[str], str]) -> Spoken:
    every = [piece for pieces in said.values() for piece in pieces]
    arguments = tuple(dict.fromkeys(x.name for x in every if isinstance(x, Put)))
    is_pattern = bool(arguments)
    has_styles = any(not isinstance(x, Break) and x.styles for x in every)
    plain = {key: _written(x, name, pattern=is_pattern) for key, x in said.items()}
    if not has_styles:
        return Spoken(plain, {}, arguments)
    rich = {key: _written(x, name, pattern=is_pattern, rich=True) for key, x in said.items()}
    return Spoken(plain, rich, arguments)


def _written(
    pieces: Sequence[Piece], name: Callable[[str], str], *, pattern: bool, rich: bool = False
) -> str:
    made: list[str] = []
    after_value = False
    for piece in pieces:
        match piece:
            case Break():
                made.append("\n")
            case Put():
                made.append(_styled(f"{{{name(piece.name)}}}", piece.styles, rich=rich))
            case Said(text):
                made.append(_styled(_escaped(text, pattern, rich, after_value),
                                    piece.styles, rich=rich))  # fmt: skip
        after_value = isinstance(piece, Put)
    return "".join(made)


def _escaped(text: str, pattern: bool, rich: bool, after_value: bool) -> str:
    if rich:
        text = text.translate(_RICH)
    if pattern:
        text = text.translate(_PATTERN)
        if after_value and text.startswith("|"):
            text = f"`{text}"
    return text


def _styled(text: str, styles: Collection[Style], *, rich: bool) -> str:
    if not rich or not styles:
        return text
    tag = "_".join([short for style, short in STYLES.items() if style in styles])
    return f"<{tag}>{text}</>"
