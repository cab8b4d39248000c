"""Lines of Yarn, with their markup, as Storyarn's editor writes texts."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storyarn_pipelines.expressions.ast import Ref
from storyarn_pipelines.importers.yarn.sums import UnsayableError

Piece = str | Ref
"""A text, or a variable whose value stands there."""

Written = Sequence[str | Sequence[Piece]]
"""A line as its table has it: texts with markup, and what its expressions show."""

_SPEAKER = re.compile(r"((?:[^:\\\[\]]|\\[\[\]:]|\\)++):\s*")
_ESCAPE = re.compile(r"\\([\[\]:])")
_MARKUP = re.compile(r"\\[\[\]:]|\[([^\[\]]*)\]|\[")
_NAME = re.compile(r"\s*(/?)\s*([^\s=/]*)")
_CHARACTER = re.compile(r'character\s+name\s*=\s*"?([^"\]]*?)"?\s*')
_TAGS = {"b": "strong", "i": "em", "u": "u", "s": "s", "code": "code"}
_BY_VALUE = ("select", "plural", "ordinal")
_RAW = re.compile(r"\[\s*/\s*nomarkup\s*\]")
# Braces that Storyarn would read as a variable's name.
_BRACED = re.compile(r"\{(?=[A-Za-z0-9_.]+\})")
_DOLLAR = re.compile(r"\$(?=[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z0-9_])")
_CARRIES_ON = re.compile(r"[A-Za-z0-9_]|\.[A-Za-z0-9_]")
_UNSEEN = "\u2060"
_PLACE = re.compile(r"\{([0-9]{1,6})\}")


@dataclass(frozen=True, slots=True)
class Styled:
    """A piece, and the tags around it."""

    piece: Piece
    styles: tuple[str, ...]


def parts_of_table(text: str, shown: Sequence[Sequence[Piece]]) -> list[str | Sequence[Piece]]:
    """A table's text with what the placeholders ``{0}``, ``{1}`` show."""
    found: list[str | Sequence[Piece]] = []
    at = 0
    for match in _PLACE.finditer(text):
        place = int(match[1])
        if place < len(shown):
            found += [text[at : match.start()], shown[place]]
            at = match.end()
    return [*found, text[at:]]


def split_speaker(written: Written) -> tuple[str, list[str | Sequence[Piece]]]:
    """The speaker's name, empty if there is none, and the rest of the line."""
    first = written[0] if written and isinstance(written[0], str) else ""
    marked = re.match(r"\s*\[" + _CHARACTER.pattern + r"\](.*?)\[/\s*character\s*\]", str(first))
    if marked is not None:
        return marked[1].strip(), [str(first)[marked.end() :].lstrip(), *written[1:]]
    match = _SPEAKER.match(str(first))
    if match is None:
        return "", list(written)
    name = _ESCAPE.sub(r"\1", match[1]).strip()
    return name, [str(first)[match.end() :], *written[1:]]


def has_shown_speaker(written: Written) -> bool:
    """Whether a colon behind a value makes a speaker of it."""
    texts = [x if isinstance(x, str) else "\ufffc" for x in written]
    match = _SPEAKER.match("".join(texts))
    return match is not None and "\ufffc" in match[1]


class Markup:
    """Reads markup. ``lost`` is called with the name of what has no place in Storyarn."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self._lost = lost
        self._open: list[str] = []
        self._found: list[Styled] = []
        self._swallow = False

    def read(self, written: Written) -> list[Styled]:
        """All pieces. Raises UnsayableError for markup whose text depends on a value."""
        for part in written:
            if isinstance(part, str):
                self._text(part)
            else:
                for piece in part:
                    self._add(piece)
        return _trimmed(self._found)

    def _text(self, text: str) -> None:
        at = 0
        while match := _MARKUP.search(text, at):
            self._add(text[at : match.start()])
            at = match.end()
            if match[0].startswith("\\"):
                self._add(match[0][1:])
            elif match[1] is None:
                if _NAME.match(text, at):
                    raise UnsayableError("markup holds a value, or has no closing ]")
            else:
                at = self._tag(match[1], text, at)
        self._add(text[at:])

    def _tag(self, inner: str, text: str, at: int) -> int:
        """A tag; returns where the text goes on."""
        name = _NAME.match(inner)
        closes, word = (bool(name[1]), name[2]) if name else (False, "")
        if word in _BY_VALUE:
            raise UnsayableError(f"the markup [{word}] picks a text by a value")
        if word == "nomarkup" and not closes:
            end = _RAW.search(text, at)
            self._add(text[at : end.start() if end else len(text)])
            return end.end() if end else len(text)
        if closes:
            self._close(word)
            return at
        if word in _TAGS and not inner.rstrip().endswith("/"):
            self._open.append(word)
            return at
        if word != "character":
            self._lost(word)
        if inner.rstrip().endswith("/"):
            last = self._found[-1].piece if self._found else " "
            if isinstance(last, str) and last[-1:].isspace():
                return at + (text[at : at + 1] == " ")
        return at

    def _close(self, word: str) -> None:
        if not word:
            self._open.clear()
        elif word in self._open:
            place = len(self._open) - 1 - self._open[::-1].index(word)
            del self._open[place]

    def _add(self, piece: Piece) -> None:
        if piece != "":
            styles = tuple(dict.fromkeys(self._open))
            last = self._found[-1] if self._found else None
            texts = last and isinstance(last.piece, str) and isinstance(piece, str)
            if last and texts and last.styles == styles:
                self._found[-1] = Styled(f"{last.piece}{piece}", styles)
            else:
                self._found.append(Styled(piece, styles))


def _trimmed(found: list[Styled]) -> list[Styled]:
    """Without blanks at both ends."""
    for end, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while found and isinstance(found[end].piece, str):
            text = strip(str(found[end].piece))
            if text:
                found[end] = Styled(text, found[end].styles)
                break
            found.pop(end)
    return found


def as_html(lines: Sequence[Sequence[Styled]]) -> str:
    """A dialogue's text: a paragraph for each line."""
    if len(lines) == 1 and not lines[0]:
        return ""
    return "".join([f"<p>{_inner(pieces)}</p>" for pieces in lines])


def _inner(pieces: Sequence[Styled]) -> str:
    made = []
    for styled in pieces:
        piece = styled.piece
        if isinstance(piece, Ref):
            text = f"{{{piece.full_name}}}"
        else:
            text = _BRACED.sub("{<span></span>", html.escape(piece, quote=False))
        for style in reversed(styled.styles):
            text = f"<{_TAGS[style]}>{text}</{_TAGS[style]}>"
        made.append(text)
    return "".join(made)


def as_plain(pieces: Sequence[Styled]) -> str:
    """A response's text, which has no styles."""
    made: list[str] = []
    for styled in pieces:
        piece = styled.piece
        if isinstance(piece, Ref):
            made.append(f"${piece.full_name}")
            continue
        text = _DOLLAR.sub(f"${_UNSEEN}", piece)
        after_value = made and made[-1].startswith("$") and _CARRIES_ON.match(text)
        made.append(f"{_UNSEEN}{text}" if after_value else text)
    return "".join(made)


def said_plainly(pieces: Sequence[Styled]) -> str:
    """A text for ids and names: values by their names."""
    return "".join([x.piece if isinstance(x.piece, str) else x.piece.full_name for x in pieces])
