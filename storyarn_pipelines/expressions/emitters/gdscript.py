"""Expressions of Dialogic 2 for Godot, and its ``set`` and ``if`` events.

Dialogic puts the values of ``{folder.name}`` into the text and lets Godot's Expression run it.
Values of different types must not meet there, so nil is kept as a text, where the variable has
texts, and nowhere else. Conditional changes are lines of their own, with a tab below ``if``.
"""

import re
from typing import ClassVar

from storyarn_pipelines.expressions.emitters.formulas import Copied, Fixed, Sum, Truth
from storyarn_pipelines.expressions.emitters.identifiers import NameRules, ascii_path
from storyarn_pipelines.expressions.emitters.notes import NotingEmitter

# Braces would be replaced, brackets, bars and slashes end what is around the expression, and
# `len(` is rewritten even inside texts: letters, digits and harmless marks stay.
_ESCAPED = re.compile(r"[\x00-\x7f](?<![A-Za-z0-9 _.,;!?*+=@&^~-])")
_BRACED = re.compile(r"\{[^{}]*\}")
_INTEGER_DIGITS = 16
_VALUES = frozenset({"true", "false", "null"})


def _path(name: str) -> str:
    """Folders and a name; none looks like a value, which Dialogic would take for the folder."""
    parts = ascii_path(name).split(".")
    return ".".join([f"_{x}" if x[0].isdigit() or x in _VALUES else x for x in parts])


class GdscriptEmitter(NotingEmitter):
    """Dialogic's expressions and events."""

    language = "gdscript"
    names = NameRules(_path, tree=True)

    variable = "{{{}}}"
    dates_have_order = True
    all_joint = " and "
    any_joint = " or "
    denial = "not ({})"
    finds: ClassVar = {
        "contains": "{right} in {left}",
        "starts_with": "{left}.begins_with({right})",
        "ends_with": "{left}.ends_with({right})",
        "member": '{right} in (", " + {left} + ", ")',
    }
    error_is_false = True

    assignment = "set {variable} = {value}"
    conditional = "if {condition}:\n\t{change}"
    at_least = "max({value}, {limit})"
    at_most = "min({value}, {limit})"
    number_as_text = "str({})"

    def escaped(self, text: str) -> str:
        """Marks that Dialogic would read are written by their numbers."""
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

    def number(self, number: float) -> str:
        """What is too large for an integer gets a point, and so becomes a float."""
        text = super().number(number)
        is_large = len(text.strip("()-")) > _INTEGER_DIGITS and text.strip("()-").isdigit()
        return text.replace(")", ".0)") if is_large and ")" in text else text + ".0" * is_large

    def worth(self, worth: Fixed | Copied | Sum | Truth) -> str:
        """What begins and ends with a brace would be taken for one name."""
        text = super().worth(worth)
        is_sum = isinstance(worth, Sum) and text.startswith("{") and text.endswith("}")
        if is_sum:
            return f"({text})"
        if isinstance(worth, Fixed) and isinstance(worth.value, str) and "\\" in text:
            if _BRACED.search(worth.value):
                message = "a variable that holds a name in braces loses it beside that variable"
                self.note("EX0414", f"{text}: {message}")
            return f'"" + {text}'  # escapes are read in expressions only
        return text
