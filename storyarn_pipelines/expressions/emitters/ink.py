"""Ink, as inklecate and inkjs compile it.

Ink's functions on texts are ``==``, ``+`` and ``?`` (has). The rest is made of these: the start
of a text is found by putting a mark before both, items of lists by the commas around them, and
dates are ordered by reading their digits, which a function of the prelude does. Numbers are
32-bit integers and single floats (doubles in inkjs). Nil is kept as the text ``nil``, in
variables that hold texts or lists.
"""

import re
from typing import ClassVar

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.formulas import All, CannotSayError, Compare, Put
from storyarn_pipelines.expressions.emitters.identifiers import NameRules, ascii_word
from storyarn_pipelines.expressions.emitters.notes import SingleEmitter

_START, _END = "\u2402", "\u2403"
"""Marks for the ends of a text. No text may have them."""

_RESERVED = frozenset({
    "true", "false", "not", "and", "or", "mod", "has", "hasnt", "else", "return", "temp", "ref",
    "function", "VAR", "CONST", "LIST", "EXTERNAL", "INCLUDE", "TODO", "DONE", "END", "if",
    "to", "MIN", "MAX", "POW", "FLOOR", "CEILING", "INT", "FLOAT", "RANDOM", "SEED_RANDOM",
    "TURNS", "TURNS_SINCE", "READ_COUNT", "CHOICE_COUNT", "LIST_COUNT", "LIST_VALUE",
    "LIST_MIN", "LIST_MAX", "LIST_ALL", "LIST_RANDOM", "LIST_INVERT", "LIST_RANGE",
    "storyarn_date", "storyarn_digit",
})  # fmt: skip
_LARGEST = 1e21
# `//` and `/*` begin comments before escapes are read, so no two such marks stand side by side.
_ESCAPED = re.compile(r'[\\"{}|#\[\]~]|(?<=/)[/*]|-(?=>)|<(?=[>-])|(?<=<)>')


def _identifier(name: str) -> str:
    word = ascii_word(name)
    return f"_{word}" if word[:1].isdigit() else word


def _prelude() -> str:
    """Functions that give a date as a number, 20240131; -1 for what is not written as a date."""
    digit = "~ storyarn_digit(marked, seen, number)"
    dash = '~ seen = seen + "-"'
    lines = [
        "=== function storyarn_date(text)",
        f'~ temp marked = "{_START}" + text',
        f'~ temp seen = "{_START}"',
        "~ temp number = 0",
        *[digit] * 4, dash, *[digit] * 2, dash, *[digit] * 2,
        "{ marked == seen:",
        "    ~ return number",
        "}",
        "~ return -1",
        "",
        "=== function storyarn_digit(marked, ref seen, ref number)",
        "~ number = number * 10",
        "{",
    ]  # fmt: skip
    for value in range(10):
        lines.append(f'- marked ? (seen + "{value}"):')
        lines.append(f'    ~ seen = seen + "{value}"')
        lines.append(f"    ~ number = number + {value}")
    lines += ["- else:", f'    ~ seen = seen + "{_END}"', "}", ""]
    return "\n".join(lines)


class InkEmitter(SingleEmitter):
    """Conditions, and instructions as lines that begin with ``~``."""

    language = "ink"
    prelude = _prelude()
    names = NameRules(_identifier, _RESERVED)
    has_integers = True

    refused = re.compile(f"[\0\n\r{_START}{_END}\ud800-\udfff]")
    all_joint = " and "
    any_joint = " or "
    denial = "not ({})"
    finds: ClassVar = {
        "contains": "{left} ? {right}",
        "starts_with": f'("{_START}" + {{left}}) ? {{right}}',
        "ends_with": f'({{left}} + "{_END}") ? {{right}}',
        "member": '(", " + {left} + ", ") ? {right}',
    }

    assignment = "~ {variable} = {value}"
    increment = "~ {variable} {sign}= {value}"
    conditional = "{{ {condition}:\n    {change}\n}}"
    at_least = "MAX({value}, {limit})"
    at_most = "MIN({value}, {limit})"
    number_as_text = '"{{{}}}"'

    def number(self, number: float) -> str:
        """A number; inkjs reads no longer ones with a point, inklecate none without."""
        if abs(number) >= _LARGEST:
            raise CannotSayError(f"the number {number!r} is too large")
        return super().number(number)

    def escaped(self, text: str) -> str:
        """A text with backslashes before what would be markup."""
        return _ESCAPED.sub(r"\\\g<0>", text)

    def compared(self, atom: Compare) -> str:
        """Only numbers have an order; dates are made numbers."""
        if not atom.is_date:
            return super().compared(atom)
        return self.comparison.format(
            left=f"storyarn_date({self.reference(atom.variable)})",
            sign=self.signs[atom.operator],
            right=int(str(atom.value).replace("-", "")),
        )

    def put(self, put: Put) -> list[str]:
        """What is no date has no order, so it cannot be brought inside limits."""
        parts = put.when.parts if isinstance(put.when, All) else (put.when,)
        is_date = any(isinstance(x, Compare) and x.is_date for x in parts)
        if is_date and any(isinstance(x, Compare) and x.value == "" for x in parts):
            name = put.variable.full_name
            self.note("EX0405", f"{name} keeps a text that is no date, whatever its limits are")
        return super().put(put)

    def found(self, variable: Variable, how: str, text: str) -> str:
        """The ends of a text stand beside marks."""
        self.text(text)
        marked = {"starts_with": _START + text, "ends_with": text + _END}.get(how, text)
        return self.finds[how].format(
            left=self.reference(variable), right=self.quote.format(self.escaped(marked))
        )
