"""Editor HTML as a list of tags and texts, in one pass whatever the input.

Only tags that Storyarn's sanitizer keeps are told; of others, of comments and of declarations
nothing is left but their text, so that a text goes on across them.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEPT = frozenset({
    "p", "br", "em", "strong", "b", "i", "u", "s", "span", "a", "img", "ul", "ol", "li",
    "blockquote", "code", "pre", "sub", "sup", "del", "h1", "h2", "h3", "h4", "h5", "h6", "div",
    "figure", "figcaption", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
    "svg", "path", "line", "circle", "polygon", "polyline", "rect", "ellipse", "g",
})  # fmt: skip
# An unclosed comment goes on to the last ">". A tag may hold ">" within quotes; where those are not
# closed it ends at the first ">".
_TOKEN = re.compile(
    r"<!--(?:.*?-->|.*)"
    r"|<[!?][^>]*+>"
    r"|<(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<rest>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
    r"|<(?P<slash2>/?)(?P<name2>[a-zA-Z][^\s/>]*+)(?P<rest2>[^>]*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?")


@dataclass(frozen=True, slots=True)
class Text:
    """Text between two tags, its entities decoded."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag; ``rest`` is what follows its name, as written."""

    name: str
    closing: bool = False
    rest: str = ""

    def attribute(self, name: str) -> str | None:
        """The value of an attribute, the first if it is there twice; None if it is missing."""
        for found in _ATTRIBUTE.finditer(self.rest):
            if found[1].lower() == name:
                return html.unescape(found[2] or found[3] or found[4] or "")
        return None


Token = Text | Tag


def tokens(source: str) -> list[Token]:
    """The tags and texts of some HTML. Two texts never stand side by side."""
    found: list[Token] = []
    pieces: list[str] = []
    for item in _pieces(source):
        if isinstance(item, str):
            pieces.append(item)
            continue
        _flush(pieces, found)
        found.append(item)
    _flush(pieces, found)
    return found


def _flush(pieces: list[str], found: list[Token]) -> None:
    text = html.unescape("".join(pieces))
    pieces.clear()
    if text:
        found.append(Text(text))


def _pieces(source: str) -> Iterator[str | Tag]:
    end = source.rfind(">") + 1
    position = 0
    for token in _TOKEN.finditer(source, 0, end):
        yield source[position : token.start()]
        position = token.end()
        name = (token["name"] or token["name2"] or "").lower()
        if name in _KEPT:
            closing = bool(token["slash"] or token["slash2"])
            yield Tag(name, closing, token["rest"] or token["rest2"] or "")
    yield source[position:]
