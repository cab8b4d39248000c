"""The few parts of editor HTML that name other rows, with their exact places in the text.

Tags are read as browsers read them: attributes in any order, quoted or not, upper or lower case,
character references decoded, comments passed over, a tag without end ignored. Every character is
looked at a fixed number of times, whatever the text.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_BLANK = " \t\n\f\r"
_OPEN = re.compile(r"<(?:!--|[a-zA-Z][^ \t\n\f\r/>]*+)")
_GAP = re.compile(r"[ \t\n\f\r/]*+")
_NAME = re.compile(r"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+")
_EQUALS = re.compile(r"[ \t\n\f\r]*+=[ \t\n\f\r]*+")
_BARE = re.compile(r"[^ \t\n\f\r>]++")
_SAFE_BARE = re.compile(r"[A-Za-z0-9_.:-]+")

MENTIONED = ("sheet", "flow")
"""What a mention may point at: the values of its ``data-type``."""


class Attribute(NamedTuple):
    """An attribute; ``value`` is decoded, ``start`` and ``end`` enclose it as it is written."""

    name: str
    value: str
    start: int
    end: int
    quote: str

    def written(self, value: str) -> str:
        """Another value as it must be written in this one's place."""
        safe = html.escape(value, quote=True)
        return safe if self.quote or _SAFE_BARE.fullmatch(value) else f'"{safe}"'


class Mention(NamedTuple):
    """A mention of a sheet or flow; ``id`` is its ``data-id``."""

    kind: str
    id: Attribute


def may_name_rows(text: str) -> bool:
    """Whether a text can hold a mention or an inline variable at all."""
    return "<" in text and "data-" in text.lower()


def tags(text: str) -> Iterator[list[Attribute]]:
    """The attributes of every start tag."""
    place = 0
    while found := _OPEN.search(text, place):
        if found[0] == "<!--":
            place = text.find("-->", found.end())
            if place < 0:
                return
            continue
        read = _attributes(text, found.end())
        if read is None:
            return
        attributes, place = read
        yield attributes


def mention(attributes: list[Attribute]) -> Mention | bool:
    """The mention that a tag is; False if it is none, True for one that Storyarn cannot read.

    It can read those with exactly one ``data-type`` (sheet or flow) and one ``data-id``.
    """
    classes = next((x.value for x in attributes if x.name == "class"), "")
    if "mention" not in classes or "mention" not in classes.split():
        return False
    kinds = [x.value for x in attributes if x.name == "data-type"]
    ids = [x for x in attributes if x.name == "data-id"]
    if len(kinds) != 1 or kinds[0] not in MENTIONED or len(ids) != 1 or not ids[0].value.strip():
        return True
    return Mention(kinds[0], ids[0])


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    """A text with some spans replaced, given in their order."""
    parts: list[str] = []
    place = 0
    for start, end, new in edits:
        parts += (text[place:start], new)
        place = end
    return "".join((*parts, text[place:]))


def _attributes(text: str, place: int) -> tuple[list[Attribute], int] | None:
    """The attributes from a place inside of a tag, and where it ends; None if it never does."""
    found: list[Attribute] = []
    while True:
        place = _end(_GAP, text, place)
        if place == len(text):
            return None
        if text[place] == ">":
            return found, place + 1
        start, place = place, _end(_NAME, text, place)
        name = text[start:place].lower()
        after = _end(_EQUALS, text, place)
        if after == place:
            found.append(Attribute(name, "", place, place, ""))
            continue
        quote = text[after : after + 1]
        if quote in ('"', "'"):
            start, end = after + 1, text.find(quote, after + 1)
            if end < 0:
                return None
            place = end + 1
        else:
            quote, start = "", after
            end = place = _end(_BARE, text, after)
        found.append(Attribute(name, html.unescape(text[start:end]), start, end, quote))


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place
