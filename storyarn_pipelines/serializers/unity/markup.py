"""Lines and responses in the plugin's markup.

The plugin has no escapes: what an author typed and the plugin would obey gets a look-alike as
its first character. ``[var=name]`` puts values in, ``[em1]`` to ``[em4]`` are styles.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from storyarn_pipelines.expressions.emitters import Emitter
from storyarn_pipelines.serializers.engines.speech import (
    Break,
    Piece,
    Put,
    Said,
    Style,
    line_pieces,
    response_pieces,
)

EMPHASES: dict[Style, str] = {"bold": "em1", "italic": "em2", "underline": "em3", "code": "em4"}
"""The plugin's four styles; ``strike`` has none."""

MOST_VALUES = 100
"""How many values the plugin puts into one text."""

# Stand-ins while a text is put together: a value that may be any text, and other marks of ours.
_VALUE, _MARK = "\ufdd0", "\ufdd1"
_LIVE = re.compile(
    r"\[(?=/?em[\d\ufdd0\ufdd1]|(?:a|f|auto|nosubtitle)\]|(?:var|autocase|pic[ac]?|panel)=|lua\("
    r"|position[\s=]|[^\[\]]*\ufdd0)",
    re.IGNORECASE,
)
_RICH = re.compile(r"<(?=[/A-Za-z#!\ufdd0][^<]*>)")
_STAND_INS = re.compile("[\ufdd0\ufdd1]")
_LOOK_ALIKES = str.maketrans({"|": "\uff5c"})
_TEXT_TYPES = frozenset({"text", "rich_text", "select", "multi_select"})


@dataclass(frozen=True, slots=True)
class Written:
    """A text for the plugin. ``lost`` says what it does not show as the author wrote it."""

    text: str
    lost: tuple[str, ...] = ()


class Texts:
    """Writes the texts of one story."""

    def __init__(self, emitter: Emitter, unsure: Collection[str]) -> None:
        """``unsure`` are variables whose value the plugin may show in another way."""
        self._emitter, self._unsure = emitter, unsure
        self._names = emitter.variables

    def line(self, html: str) -> Written:
        """A dialogue's HTML."""
        return self._written(line_pieces(html, self._names))

    def response(self, text: str) -> Written:
        """A response, which is plain."""
        if "$" not in text and not _may_act(text):
            return Written(text)
        return self._written(response_pieces(text, self._names))

    def _written(self, pieces: list[Piece]) -> Written:
        if len(pieces) == 1:
            only = pieces[0]
            if isinstance(only, Said) and not only.styles and not _may_act(only.text):
                return Written(only.text)
        made: list[str] = []
        marks: list[str] = []
        lost: dict[str, None] = {}
        for piece in pieces:
            if isinstance(piece, Break):
                made.append("\n")
                continue
            names = [name for style, name in EMPHASES.items() if style in piece.styles]
            if "strike" in piece.styles:
                lost["a style that it does not have (struck out)"] = None
            made += [_MARK] * len(names)
            marks += [f"[{name}]" for name in names]
            if isinstance(piece, Said):
                made.append(piece.text)
            else:
                made.append(self._stand_in(piece, lost))
                marks.append(self._value(piece))
            made += [_MARK] * len(names)
            marks += [f"[/{name}]" for name in reversed(names)]
        if sum(isinstance(piece, Put) for piece in pieces) > MOST_VALUES:
            lost[f"values beyond the first {MOST_VALUES}"] = None
        text = "".join(made)
        harmless = _harmless(text)
        if harmless != text:
            lost["characters that would act as markup; look-alikes stand for them"] = None
        marked = iter(marks)
        return Written(_STAND_INS.sub(lambda _: next(marked), harmless), tuple(lost))

    def _stand_in(self, put: Put, lost: dict[str, None]) -> str:
        if put.name in self._unsure:
            lost[f"the number {put.name}, which it shows with 14 digits"] = None
        return _VALUE if self._names[put.name].type in _TEXT_TYPES else _MARK

    def _value(self, put: Put) -> str:
        name = self._emitter.identifiers.of(put.name)
        # A question mark right after the sign would ask the player for a value.
        return f"[var= {name}]" if name.startswith("?") else f"[var={name}]"


def name_shown(text: str) -> str:
    """A name as the plugin may show it: only Unity's own tags act there."""
    return _RICH.sub("\uff1c", text) if "<" in text else text


def acts(text: str) -> bool:
    """Whether the plugin would obey a part of this text, as a value that it puts in."""
    return _may_act(text) and _harmless(text) != text


def _may_act(text: str) -> bool:
    return "[" in text or "|" in text or "<" in text


def _harmless(text: str) -> str:
    if "|" in text:
        text = text.translate(_LOOK_ALIKES)
    if "[" in text:
        text = _LIVE.sub("\uff3b", text)
    if "<" in text:
        text = _RICH.sub("\uff1c", text)
    return text


def culture(locale: str) -> str:
    """A locale as .NET writes it: ``pt-BR``, ``zh-Hant-TW``."""
    return "-".join(_subtags(locale))


def _subtags(locale: str) -> Iterator[str]:
    first, *rest = locale.split("-")
    yield first
    for part in rest:
        yield part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part
