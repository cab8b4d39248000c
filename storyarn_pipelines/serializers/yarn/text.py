"""Text in a Yarn file and in its string tables: nothing that an author typed is read as markup."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from storyarn_pipelines.serializers.engines.speech import Break, Piece, Put, Said, Style

# Escapes that Yarn knows. Of `<<` and `//` each sign is escaped, a single one needs nothing. As
# one set of signs that is narrowed afterwards: a search for it is five times as fast as for a
# choice of forms.
_DOUBLED = r"(?:(?<![</])|(?<=<<)|(?<=//)|(?<=<)(?=<)|(?<=/)(?=/))"
_SCRIPT = re.compile(rf"[\\{{}}#\[\]</]{_DOUBLED}")
_SCRIPT_COLON = re.compile(rf"[\\{{}}#\[\]</:]{_DOUBLED}")
# A table has the text as the engine reads it after those: only markup is still escaped.
_TABLE = re.compile(r"[\[\]]")
_TABLE_COLON = re.compile(r"[\[\]:]")
_LINE_ENDS = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029\0\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"\{(?=[0-9]+\})")
_UNSEEN = "\u2060"  # a word joiner, which is invisible
_START = re.compile("->|=>|===")
_TAG = re.compile(r"[\s\0\x7f#$<>\\{}/\[\]\ud800-\udfff]+")
_STYLES: Mapping[Style, str] = {
    "bold": "b", "italic": "i", "underline": "u", "strike": "s", "code": "code",
}  # fmt: skip
NAME_COLON = "\u2236"
"""What stands for the colon in a speaker's name: the ratio sign, which looks alike."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line: in the script, in a table, and the placeholders of variables there.

    ``changed``: a placeholder that an author typed got an invisible sign.
    """

    script: str
    table: str
    places: Mapping[str, int]
    changed: bool = False


def folded(text: str) -> str:
    """A text on one line, for comments."""
    return " ".join(_LINE_ENDS.sub(" ", text).split())


def tag(name: str, text: str) -> str:
    """`` #name:text``, which has no blanks; empty for a text that says nothing."""
    said = _TAG.sub("_", text)
    return f" #{name}:{said}" if said else ""


def cut(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces cut at their line breaks: one line at least."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Break):
            found.append([])
        else:
            found[-1].append(piece)
    return found


def script_line(pieces: Sequence[Piece], put: Callable[[str], str], speaker: str = "") -> Written:
    """A line or response of the script. ``put`` gives the variable whose value is printed."""
    pieces = _merged(pieces)
    script, table = _Side(_SCRIPT, _SCRIPT_COLON), _Side(_TABLE, _TABLE_COLON)
    places: dict[str, int] = {}
    count = 0
    found = _START.match(speaker or _first(pieces))
    if found:  # cannot be escaped there, but be the value of an expression
        script.add(f'{{"{found[0]}"}}')
        table.add("{0}")
        count = 1
        speaker, pieces = _without(speaker, pieces, found.end())
    if speaker:
        script.said(speaker, colon=False)
        table.said(speaker, colon=False)
        script.add(": ")
        table.add(": ")
    has_speaker = bool(speaker)
    for piece in pieces:
        match piece:
            case Said(text, styles):
                script.styled(text, styles, colon=not has_speaker)
                table.styled(text, styles, colon=not has_speaker)
            case Put(name, styles):
                script.add(_wrapped(f"{{{put(name)}}}", styles))
                table.add(_wrapped(f"{{{count}}}", styles))
                places.setdefault(name, count)
                count += 1
    if not any(_says(piece) for piece in pieces) and not found:
        script.add('{""}')
        table.add(f"{{{count}}}")
    return Written(script.text(), table.text(), places, script.changed)


def table_line(pieces: Sequence[Piece], places: Mapping[str, int], speaker: str = "") -> str:
    """A translation; values that the script's line does not have stay as names."""
    table = _Side(_TABLE, _TABLE_COLON)
    if speaker:
        table.said(speaker, colon=False)
        table.add(": ")
    for piece in _merged(pieces):
        match piece:
            case Said(text, styles):
                table.styled(text, styles, colon=not speaker)
            case Put(name, styles) if name in places:
                table.add(_wrapped(f"{{{places[name]}}}", styles))
            case Put(name, styles):
                table.styled(f"[{name}]", styles, colon=not speaker)
    return table.text()


class _Side:
    """A text under construction, with its escapes."""

    def __init__(self, plain: re.Pattern[str], with_colon: re.Pattern[str]) -> None:
        self._plain, self._with_colon = plain, with_colon
        self._made: list[str] = []
        self.changed = False

    def add(self, text: str) -> None:
        self._made.append(text)

    def said(self, text: str, *, colon: bool) -> None:
        if not text.isprintable():
            text = _LINE_ENDS.sub(" ", text)
        if "{" in text:
            safe = _PLACEHOLDER.sub(f"{{{_UNSEEN}", text)
            self.changed = self.changed or safe != text
            text = safe
        self._made.append((self._with_colon if colon else self._plain).sub(_escaped, text))

    def styled(self, text: str, styles: frozenset[Style], *, colon: bool) -> None:
        if not styles:
            self.said(text, colon=colon)
            return
        before, after = _marks(styles)
        self.add(before)
        self.said(text, colon=colon)
        self.add(after)

    def text(self) -> str:
        return "".join(self._made).strip()


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces where no two texts of one style stand side by side: signs of markup may be halved."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Said) and isinstance(last, Said) and piece.styles == last.styles:
            found[-1] = Said(last.text + piece.text, piece.styles)
        else:
            found.append(piece)
    return found


def _first(pieces: Sequence[Piece]) -> str:
    first = pieces[0] if pieces else None
    return first.text.lstrip() if isinstance(first, Said) and not first.styles else ""


def _without(speaker: str, pieces: Sequence[Piece], length: int) -> tuple[str, Sequence[Piece]]:
    """A line without its first signs, which are the speaker's if there is one."""
    if speaker:
        return speaker[length:] or " ", pieces
    return "", [Said(_first(pieces)[length:]), *pieces[1:]]


def _says(piece: Piece) -> bool:
    return isinstance(piece, Put) or (isinstance(piece, Said) and bool(piece.text.strip()))


def _marks(styles: frozenset[Style]) -> tuple[str, str]:
    names = sorted(_STYLES[style] for style in styles)
    return "".join([f"[{x}]" for x in names]), "".join([f"[/{x}]" for x in reversed(names)])


def _wrapped(text: str, styles: frozenset[Style]) -> str:
    if not styles:
        return text
    before, after = _marks(styles)
    return f"{before}{text}{after}"
