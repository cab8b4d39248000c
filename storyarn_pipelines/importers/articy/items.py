"""Objects of an articy project, as both of its forms tell them."""

from typing import Any

import msgspec

from storyarn_pipelines.importers.refusal import refused

Text = dict[str, str]
"""A text by language, as written: plain, or a small HTML document. ``""`` is no language."""

NOTHING = 0
"""The id that stands for no object."""

CONTAINERS = frozenset({"Dialogue", "FlowFragment"})
FLOW_KINDS = CONTAINERS | {"DialogueFragment", "Hub", "Jump", "Condition", "Instruction"}
"""Objects with pins."""

PLACE_KINDS = frozenset({"Zone", "Spot", "Path", "Link", "LocationImage", "LocationText"})
"""What lies on a location."""

SYSTEM_FOLDERS = frozenset({
    "Assets", "Documents", "Entities", "Features", "Flow", "GlobalVariables", "Journeys",
    "Locations", "ObjectTemplates", "PropertyTemplates", "TypedObjectTemplates",
    "TypedPropertyTemplates", "ObjectCustomization", "Project", "ProjectSettings",
})  # fmt: skip
"""What every project has; nothing of it is content."""

_LARGEST = 0xFFFF_FFFF_FFFF_FFFF


class Pin(msgspec.Struct, frozen=True, array_like=True):
    """A pin: a condition on inputs, an instruction on outputs. ``index`` counts per side."""

    id: int
    is_input: bool
    index: int
    script: str = ""


class Property(msgspec.Struct, frozen=True, array_like=True):
    """A property of a feature. ``kind`` is articy's: String, LocalizableText, Number, Boolean,
    Enum, NamedReference, References, or the type that the JSON calls it."""

    feature: str
    name: str
    kind: str
    value: Any


class Item(msgspec.Struct, array_like=True):
    """One object. Ids are numbers of 64 bits; ``more`` holds members that nobody asks for.

    ``assets`` in ``file`` are as the export names them; ``enum`` values stay numbers.
    """

    id: int
    kind: str
    parent: int = NOTHING
    template: str = ""
    technical: str = ""
    external: str = ""
    name: Text = msgspec.field(default_factory=dict)
    text: Text = msgspec.field(default_factory=dict)
    stage: Text = msgspec.field(default_factory=dict)
    menu: Text = msgspec.field(default_factory=dict)
    color: str = ""
    properties: list[Property] = msgspec.field(default_factory=list)
    pins: list[Pin] = msgspec.field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    expression: str = ""
    speaker: int = NOTHING
    target: int = NOTHING
    target_pin: int = NOTHING
    references: list[int] = msgspec.field(default_factory=list)
    preview: int = NOTHING
    points: list[tuple[float, float]] = msgspec.field(default_factory=list)
    file: str = ""
    source: str = ""

    def inputs(self) -> list[Pin]:
        """The pins that are led to, in their order."""
        return sorted((x for x in self.pins if x.is_input), key=lambda x: x.index)

    def outputs(self) -> list[Pin]:
        """The pins that lead on, in their order."""
        return sorted((x for x in self.pins if not x.is_input), key=lambda x: x.index)


class Wire(msgspec.Struct, frozen=True, array_like=True):
    """A connection between pins."""

    source: int
    source_pin: int
    target: int
    target_pin: int
    label: Text = msgspec.field(default_factory=dict)


class Variable(msgspec.Struct, frozen=True):
    """A global variable: ``type`` is Boolean, Integer or String, ``value`` as written."""

    name: str
    type: str
    value: str
    description: str = ""


class VariableSet(msgspec.Struct, frozen=True):
    """The variables of a namespace."""

    name: str
    variables: tuple[Variable, ...]
    description: str = ""


class Language(msgspec.Struct, frozen=True):
    """A language that the project names."""

    code: str
    name: str
    is_primary: bool


def number_of(text: object, file: str, place: str) -> int:
    """An id as a number. Raises ImportFileError for what is none, or has more than 64 bits."""
    if isinstance(text, int) and not isinstance(text, bool):
        found = text
    elif not isinstance(text, str) or not text.strip():
        raise refused(file, place, "an id is missing: export again from articy:draft")
    else:
        try:
            found = int(text, 16 if text.strip()[:2].lower() == "0x" else 10)
        except ValueError:
            reason = f"{text[:60]!r} is no id of articy, which are 0x and 16 hexadecimal digits"
            raise refused(file, place, reason) from None
    if not 0 <= found <= _LARGEST:
        shown = str(text)[:60]
        raise refused(file, place, f"the id {shown} has more than 64 bits, which articy's never do")
    return found


def hexadecimal(number: int) -> str:
    """An id as articy writes it."""
    return f"0x{number:016X}"
