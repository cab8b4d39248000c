"""Texts as articy has them: plain, and as a small HTML document where they have styles.

Importers of articy put values in at ``[Set.variable]``, and Unity's Dialogue System runs what
stands in other brackets. So brackets that an author typed become full-width ones, and so does the
bar, at which texts are split.
"""

import re
from collections.abc import Callable, Collection, Mapping
from xml.sax.saxutils import escape

from storyarn_pipelines.expressions.emitters.identifiers import Identifiers
from storyarn_pipelines.serializers.articy.objects import NO_TEXT, Text
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.speech import (
    Break,
    Piece,
    Put,
    Said,
    Style,
    line_pieces,
    response_pieces,
    written,
)
from storyarn_pipelines.serializers.engines.translations import Voiced

_SPECIAL = re.compile("[<&{}$\\[\\]|\u00a0\n\r\ufdd0-\ufdd3]")
_LIVE = re.compile(r"[\[\]|]")
_LOOKALIKES = str.maketrans({"[": "\uff3b", "]": "\uff3d", "|": "\uff5c"})
_COMMANDS = str.maketrans({"(": "\uff08", "{": "\uff5b"})
UNWRITABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""

_MARKUP = re.compile(r"\s*<html\b", re.IGNORECASE)
_CSS: Mapping[Style, str] = {
    "bold": "font-weight:bold;", "italic": "font-style:italic;",
    "underline": "text-decoration:underline;", "strike": "text-decoration:line-through;",
    "code": "font-family:monospace;",
}  # fmt: skip
_NO_STYLE: frozenset[Style] = frozenset()


class Wording:
    """Writes the texts of one story; ``names`` are the variables' names in articy."""

    def __init__(self, variables: Collection[str], names: Identifiers, told: Told) -> None:
        self._variables, self._names, self._told = variables, names, told

    def line(self, html: str, where: str, translations: Mapping[str, Voiced]) -> Text:
        """A dialogue's text, which is HTML."""
        plain, marked = self._line(html, where)
        return self._with(plain, marked, translations, self._line, where)

    def response(self, text: str, where: str, translations: Mapping[str, Voiced]) -> Text:
        """A response, which is plain text with ``$names``."""
        plain, marked = self._response(text, where)
        return self._with(plain, marked, translations, self._response, where)

    def plain(self, text: str, where: str, translations: Mapping[str, Voiced]) -> Text:
        """A text without markup or variables: a name, a label."""
        if not text and not translations:
            return NO_TEXT
        plain, marked = self._plain(text, where)
        return self._with(plain, marked, translations, self._plain, where)

    def stage(self, text: str, where: str, translations: Mapping[str, Voiced]) -> Text:
        """Stage directions; parentheses would make them commands of the Dialogue System."""
        if not text and not translations:
            return NO_TEXT
        plain, marked = self._stage(text, where)
        return self._with(plain, marked, translations, self._stage, where)

    def clean(self, text: str, where: str) -> str:
        """A text without characters that XML cannot hold."""
        if text.isprintable():
            return text
        if UNWRITABLE.search(text):
            self._told.add("XP0202", "control characters become replacement signs", where)
            return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
        return text

    def _with(
        self,
        plain: str,
        marked: str | None,
        translations: Mapping[str, Voiced],
        write: Callable[[str, str], tuple[str, str | None]],
        where: str,
    ) -> Text:
        if not translations:
            return Text(plain, marked)
        more = [
            (locale, *write(found.text, f"{where}, {locale}"))
            for locale, found in translations.items()
            if found.text is not None
        ]
        return Text(plain, marked, tuple(more))

    def _line(self, html: str, where: str) -> tuple[str, str | None]:
        inner = html[3:-4] if html.startswith("<p>") and html.endswith("</p>") else html
        if inner.isprintable() and not _SPECIAL.search(inner):
            return inner.strip(), None
        return self._pieces(line_pieces(html, self._variables), where)

    def _response(self, text: str, where: str) -> tuple[str, str | None]:
        if text.isprintable() and not _SPECIAL.search(text):
            return text, None
        return self._pieces(response_pieces(text, self._variables), where)

    def _plain(self, text: str, where: str) -> tuple[str, str | None]:
        written_text = self._said(text, where)
        return written_text, _document([Said(written_text)]) if _MARKUP.match(text) else None

    def _stage(self, text: str, where: str) -> tuple[str, str | None]:
        if "(" in text or "{{" in text:
            message = "parentheses in stage directions become wide ones: they would be commands"
            self._told.add("XP0202", message, where)
            text = text.translate(_COMMANDS)
        return self._plain(text, where)

    def _pieces(self, pieces: list[Piece], where: str) -> tuple[str, str | None]:
        if any(isinstance(piece, Put) for piece in pieces):
            message = "values are put in by articy's own importers only, at [Set.variable]"
            self._told.add("XP0202", message, where)
        whole: list[Piece] = []
        for piece in pieces:
            match piece:
                case Said(text, styles):
                    whole.append(Said(self._said(text, where), styles))
                case Put(name, styles):
                    whole.append(Said(f"[{self._names.of(name)}]", styles))
                case Break():
                    whole.append(piece)
        plain = written(whole, str, str, "\n")
        styled = any(isinstance(piece, Said) and piece.styles for piece in whole)
        if styled:
            self._told.add("XP0203", "styles are in the XML, the JSON has plain text", where)
        return plain, _document(whole) if styled or _MARKUP.match(plain) else None

    def _said(self, text: str, where: str) -> str:
        text = self.clean(text, where)
        if not _LIVE.search(text):
            return text
        self._told.add("XP0202", "brackets and bars become wide ones: they would be code", where)
        return text.translate(_LOOKALIKES)


def _document(pieces: list[Piece]) -> str:
    """A text as the HTML document that articy writes: a paragraph for each line."""
    styles: dict[frozenset[Style], str] = {_NO_STYLE: "s0"}
    lines: list[list[str]] = [[]]
    for piece in pieces:
        if isinstance(piece, Said):
            name = styles.setdefault(piece.styles, f"s{len(styles)}")
            for index, line in enumerate(piece.text.split("\n")):
                if index:
                    lines.append([])
                lines[-1].append(f'<span id="{name}">{escape(line)}</span>')
        else:
            lines.append([])
    rules = [
        f"#{name} {{{''.join(_CSS[x] for x in sorted(parts)) or 'text-align:left;'}}}"
        for parts, name in styles.items()
    ]
    paragraphs = "".join(f'<p id="s0">{"".join(line)}</p>' for line in lines)
    head = f"<head><style>{' '.join(rules)}</style></head>"
    return f"<html>{head}<body>{paragraphs}</body></html>"
