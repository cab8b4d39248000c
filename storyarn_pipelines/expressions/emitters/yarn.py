"""Yarn Spinner 3.

Types are fixed: number, string, bool. There is no nil, so variables that hold texts or lists keep
it as the text ``nil``. Yarn has no functions on texts; those of ``FUNCTIONS`` must be registered
by the game. Numbers are single floats. ``and`` and ``or`` have one precedence, so every operand
stands in parentheses.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.emitters.formulas import Compare, Copied, Fixed, Put, every
from storyarn_pipelines.expressions.emitters.identifiers import NameRules, ascii_identifier
from storyarn_pipelines.expressions.emitters.notes import SingleEmitter


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the game registers: the types of arguments and result are Yarn's."""

    name: str
    arguments: tuple[str, ...]
    result: str
    meaning: str


FUNCTIONS = (
    Function("string_contains", ("string", "string"), "bool",
             "the first text holds the second, upper and lower case told apart"),
    Function("string_starts_with", ("string", "string"), "bool",
             "the first text begins with the second, upper and lower case told apart"),
    Function("string_ends_with", ("string", "string"), "bool",
             "the first text ends with the second, upper and lower case told apart"),
    Function("string_compare", ("string", "string"), "number",
             "-1, 0 or 1: the first text is before, equal to or after the second, by the numbers"
             " of their characters"),
)  # fmt: skip
"""What the expressions may call and Yarn Spinner's library lacks."""


class YarnEmitter(SingleEmitter):
    """Conditions for ``<<if>>``, instructions as ``<<set>>``, one command a line."""

    language = "yarn"
    names = NameRules(ascii_identifier)
    functions: ClassVar[tuple[Function, ...]] = FUNCTIONS

    variable = "${}"
    escapes: ClassVar = {"\\": "\\\\", '"': '\\"'}
    refused = re.compile("[\0\n\r\ud800-\udfff]")
    all_joint = " and "
    any_joint = " or "
    denial = "not ({})"
    finds: ClassVar = {
        "contains": "string_contains({left}, {right})",
        "starts_with": "string_starts_with({left}, {right})",
        "ends_with": "string_ends_with({left}, {right})",
        "member": 'string_contains(", " + {left} + ", ", {right})',
    }

    assignment = "<<set {variable} to {value}>>"
    increment = "<<set {variable} {sign}= {value}>>"
    conditional = "<<if {condition}>>\n{change}\n<<endif>>"
    at_least = "max({value}, {limit})"
    at_most = "min({value}, {limit})"
    number_as_text = "format_invariant({})"

    def compared(self, atom: Compare) -> str:
        """Only numbers have an order; dates are compared by a function."""
        if not atom.is_date:
            return super().compared(atom)
        left, right = self.reference(atom.variable), self.value(atom.value)
        self._needs("string_compare")
        return f"string_compare({left}, {right}) {atom.operator} 0"

    def found(self, variable: Variable, how: str, text: str) -> str:
        """Texts are searched by functions of the game."""
        self._needs(f"string_{how}")
        return super().found(variable, how, text)

    def member(self, variable: Variable, item: str) -> str:
        """So are lists."""
        self._needs("string_contains")
        return super().member(variable, item)

    def put(self, put: Put) -> list[str]:
        """A boolean becomes a text by asking for it."""
        worth = put.worth
        if not (isinstance(worth, Copied) and worth.as_text and worth.source.type == "boolean"):
            return super().put(put)
        is_true = Compare(worth.source, "==", True)
        first = super().put(Put(put.variable, Fixed("false"), put.when))
        return [*first, *super().put(Put(put.variable, Fixed("true"), every(put.when, is_true)))]

    def _needs(self, name: str) -> None:
        function = next(x for x in FUNCTIONS if x.name == name)
        message = f"{name}({', '.join(function.arguments)}) must be registered by the game"
        self.note("EX0413", f"{message}: {function.meaning}")
