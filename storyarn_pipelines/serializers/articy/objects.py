"""What an articy project is made of, before it is written as XML and as JSON.

There are some ten of these for each line of a story: msgspec makes them fastest.
"""

import msgspec

from storyarn_pipelines.serializers.articy.ids import NULL_ID

COLOR = "#C8E2E7"
"""The colour that means nothing: others are priorities for some importers."""


class Text(msgspec.Struct, frozen=True):
    """A text in the source language: ``plain`` and, if it has styles, as ``html``.

    ``more`` has it in other languages: locale, plain, html.
    """

    plain: str = ""
    html: str | None = None
    more: tuple[tuple[str, str, str | None], ...] = ()


NO_TEXT = Text()


class Wire(msgspec.Struct):
    """A connection. While a flow is built, ``node`` is the id of the node that it leads to."""

    id: str
    target: str = NULL_ID
    pin: str = NULL_ID
    node: int | None = None


class Pin(msgspec.Struct):
    """A pin with its script, a condition on inputs and an instruction on outputs."""

    id: str
    script: str = ""
    wires: list[Wire] = []


class Kept(msgspec.Struct, frozen=True):
    """A JSON text that XML takes as it is."""

    text: str


class Property(msgspec.Struct, frozen=True):
    """A property of a feature: ``kind`` is String, Number, Boolean or NamedReference."""

    name: str
    kind: str
    value: str | float | bool | Text | Kept


class Thing(msgspec.Struct):
    """One object. Sizes and places are pixels; ``template`` and ``features`` go by names.

    ``node`` is the node that it stands for, or whose response or case ``part`` it is; ``leads``
    are the pins of the node that its outputs stand for.
    """

    kind: str
    id: str
    technical_name: str
    parent: str
    name: Text = NO_TEXT
    text: Text = NO_TEXT
    color: str = COLOR
    external_id: str = ""
    template: str = ""
    features: tuple[tuple[str, tuple[Property, ...]], ...] = ()
    inputs: list[Pin] = []
    outputs: list[Pin] = []
    x: float = 0
    y: float = 0
    expression: str = ""
    speaker: str = NULL_ID
    stage: Text = NO_TEXT
    menu: Text = NO_TEXT
    target: Wire | None = None
    references: tuple[str, ...] = ()
    preview: str = NULL_ID
    points: tuple[tuple[float, float], ...] = ()
    file: str = ""
    source: str = ""
    node: int | None = None
    part: int | None = None
    leads: dict[int, tuple[str, ...]] = {}


FLOW_KINDS = frozenset({
    "Dialogue", "DialogueFragment", "Hub", "Jump", "Condition", "Instruction",
})  # fmt: skip
"""Objects with pins."""

PLAIN_NAMES = frozenset({"DialogueFragment", "Condition", "Instruction", "Jump", "Link"})
"""Objects whose display name is a bare text; it is made here and never translated."""

SIZES = {
    "Dialogue": (291, 200), "DialogueFragment": (225, 200), "Hub": (175, 50), "Jump": (175, 150),
    "Condition": (225, 150), "Instruction": (225, 100),
}  # fmt: skip
