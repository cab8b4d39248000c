r"""Readable texts for Unreal, which runs no expressions of its own: the game interprets them.

The language, whole::

    condition = all { "OR" all }          all = one { "AND" one }
    one       = "NOT" one | sum [ sign sum ]
    sign      = "==" | "!=" | "<" | "<=" | ">" | ">="
    sum       = value { ("+" | "-") value }
    value     = name | number | text | "true" | "false" | "None" | call | "(" condition ")"
    call      = word "(" condition { "," condition } ")"
    statement = [ "IF" condition "THEN" ] name ("=" | "+=" | "-=") condition

    name      = letter or _, then letters, digits and _, in parts with dots between: mc.jaime.health
    number    = ["-"] digits ["." digits]
    text      = '"' characters '"', where \" \\ \n \r stand for a quote, a backslash, line ends

Tokens have single blanks between them. An instruction has one statement a line. As every operand
of AND, OR and NOT that is not one name stands in parentheses, a reader may do without precedence.

A variable holds a number (a double), a text, true, false, or None. Lists are texts of their items,
``a, b``.

- ``==`` holds for the same value of the same kind; ``!=`` is its opposite.
- ``< <= > >=`` compare two numbers, or two texts by the codes of their characters; with anything
  else they are false.
- AND, OR, NOT, IF: only true counts as true.
- ``+`` and ``-`` (also in ``+=``, ``-=``), ``Min(a, b)`` and ``Max(a, b)`` take what is no number
  as 0.
- ``Contains(a, b)``, ``StartsWith(a, b)``, ``EndsWith(a, b)``: text ``a`` has text ``b``, upper and
  lower case told apart; false for what is no text.
- ``Has(list, item)``: the list, parted at each comma and blank, has the item; false for no text.
- ``Text(a)``: a number or boolean as a text, ``50``, ``2.5``, ``true``.
"""

import re
from typing import ClassVar

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.domains import ORDINARY
from storyarn_pipelines.expressions.emitters.facts import kept_item
from storyarn_pipelines.expressions.emitters.formulas import Compare, Find, Formula, Member
from storyarn_pipelines.expressions.emitters.identifiers import NameRules, ascii_path
from storyarn_pipelines.expressions.emitters.notes import NotingEmitter


def _path(name: str) -> str:
    path = ascii_path(name)
    return f"_{path}" if path[:1].isdigit() else path


class UnrealEmitter(NotingEmitter):
    """The language of this module's docstring."""

    language = "unreal"
    names = NameRules(_path, ignore_case=True, max_length=1000)

    nil = "None"
    nil_types = frozenset(ORDINARY)
    any_kind = True
    exponents = False
    refused = re.compile("[\0\ud800-\udfff]")
    dates_have_order = True
    all_joint = " AND "
    any_joint = " OR "
    denial = "NOT ({})"
    finds: ClassVar = {
        "contains": "Contains({left}, {right})",
        "starts_with": "StartsWith({left}, {right})",
        "ends_with": "EndsWith({left}, {right})",
    }
    increment = "{variable} {sign}= {value}"
    conditional = "IF {condition} THEN {change}"
    at_least = "Max({value}, {limit})"
    at_most = "Min({value}, {limit})"
    number_as_text = "Text({})"

    def number(self, number: float) -> str:
        """A sign belongs to the number."""
        return super().number(number).strip("()")

    def member(self, variable: Variable, item: str) -> str:
        """An item of a list."""
        return f"Has({self.reference(variable)}, {self.text(kept_item(item))})"

    def fails_alone(self, part: Formula) -> Variable | None:
        """By the rules of the language, any search and any order."""
        match part:
            case Compare(variable, operator) if operator not in ("==", "!="):
                return variable
            case Find(variable) | Member(variable):
                return variable
        return None
