"""Lua for the Dialogue System for Unity.

The same text must hold in Lua 5.1 and in the plugin's own small interpreter, which has no
patterns, reads ``and`` beside ``or`` in its own way, and fails at texts shorter than what is cut
from them. The table ``Variable`` holds any kind of value, and nil is the lack of one.
"""

from typing import ClassVar

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.base import Emitter
from storyarn_pipelines.expressions.emitters.domains import ORDINARY
from storyarn_pipelines.expressions.emitters.identifiers import NameRules

# What the plugin replaces in the index of a variable, and what would break its markup.
_REPLACED = frozenset('" -()/[]\\|')


def _index(name: str) -> str:
    """A name that is its own index in ``Variable``."""
    return "".join(["_" if x in _REPLACED or not x.isprintable() else x for x in name])


class LuaEmitter(Emitter):
    """Lua as both interpreters read it."""

    language = "lua"
    names = NameRules(_index)

    nil = "nil"
    nil_types = frozenset(ORDINARY)
    any_kind = True

    variable = 'Variable["{}"]'
    signs: ClassVar = {**Emitter.signs, "!=": "~="}
    dates_have_order = True
    all_joint = " and "
    any_joint = " or "
    denial = "not ({})"
    # The plugin's find takes every text as plain; Lua's does if the fourth argument says so.
    finds: ClassVar = {
        "contains": "string.find({left}, {right}, 1, true) ~= nil",
        "member": 'string.find((", " .. {left}) .. ", ", {right}, 1, true) ~= nil',
    }
    error_is_false = True
    max_levels = 60

    conditional = "if {condition} then {change} end"
    nil_as_zero = "({} or 0)"
    at_least = "math.max({value}, {limit})"
    at_most = "math.min({value}, {limit})"
    number_as_text = "tostring({})"

    def found(self, variable: Variable, how: str, text: str) -> str:
        """The ends of a text are cut off, if it is long enough, and compared."""
        if how == "contains":
            return super().found(variable, how, text)
        left, right = self.reference(variable), self.text(text)
        # One counts bytes, the other characters.
        length = str(len(text)) if text.isascii() else f"string.len({right})"
        if how == "starts_with":
            part = f"string.sub({left}, 1, {length})"
        else:
            part = f"string.sub({left}, 0 - {length})"
        return f"(string.len({left}) >= {length}) and ({part} == {right})"
