"""Marks of what articy shows of an object, by which an import finds what an author has changed."""

from collections.abc import Iterable
from typing import Any

from storyarn_pipelines.serializers.articy.ids import NULL_ID
from storyarn_pipelines.serializers.articy.kept import mark
from storyarn_pipelines.serializers.articy.objects import PLAIN_NAMES, Text, Thing

Json = dict[str, Any]

_LARGEST = 1e15
"""Larger numbers are none for the import's reader of JSON."""

COPIED = frozenset({"Condition", "Instruction"})
"""Objects whose text only repeats the original of their script."""


def marks_of(things: Iterable[Thing]) -> Json:
    """The marks of objects by their ids; what is empty has none."""
    return {thing.id: _marks(thing) for thing in things}


def shown_marks(thing: Thing) -> Json:
    """The marks of the texts of an object: name, text, stage directions and menu text.

    A text has the marks of its HTML and of its plain form; translations are ``text@es``.
    """
    found: Json = {}
    for key, text in (
        ("name", thing.name if thing.kind not in PLAIN_NAMES else Text()),
        ("text", thing.text if thing.kind not in COPIED else Text()),
        ("stage", thing.stage),
        ("menu", thing.menu),
    ):
        if not text.plain and not text.more:
            continue
        for name, plain, html in ((key, text.plain, text.html), *_translated(key, text)):
            if html is not None:
                found[name] = [mark(plain), mark(html)]
            elif plain:
                found[name] = [mark(plain)]
    return found


def wires_mark(ends: Iterable[tuple[str, str]]) -> int:
    """The mark of where a pin leads: objects and their pins."""
    return mark(" ".join(sorted(f"{target}:{pin}" for target, pin in ends)))


def _translated(key: str, text: Text) -> Iterable[tuple[str, str, str | None]]:
    return ((f"{key}@{locale}", plain, html) for locale, plain, html in text.more)


def _marks(thing: Thing) -> Json:
    found = shown_marks(thing)
    if thing.node is not None:
        found["node"] = str(thing.node)
        if thing.kind != "Comment":  # those have no place in XML
            found["at"] = [thing.x, thing.y]
    if thing.part is not None:
        found["part"] = thing.part
    if thing.leads:
        found["leads"] = {str(key): pins for key, pins in thing.leads.items()}
    if thing.speaker != NULL_ID:
        found["speaker"] = thing.speaker
    if thing.expression:
        found["expression"] = mark(thing.expression)
    if thing.target is not None:
        found["target"] = thing.target.target
    for side, pins in (("in", thing.inputs), ("out", thing.outputs)):
        for index, pin in enumerate(pins):
            if pin.script:
                found[f"{side}{index}"] = mark(pin.script)
            if pin.wires:
                ends = ((x.target, x.pin) for x in pin.wires)
                found[f"{side}{index}>"] = wires_mark(ends)
    return found


def property_marks(value: object) -> list[int]:
    """The marks of a property's value, in any of its forms."""
    if isinstance(value, Text):
        return [mark(x) for x in (value.plain, value.html) if x is not None]
    found = [mark(property_text(value))]
    is_huge = isinstance(value, int | float) and abs(value) > _LARGEST
    return [*found, mark("0")] if is_huge else found


def property_text(value: object) -> str:
    """A bare value as its mark is made of: XML and JSON write numbers differently."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)
