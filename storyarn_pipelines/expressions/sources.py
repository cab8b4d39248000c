"""Expressions as they come from outside: texts, stored structures, and these as JSON text."""

from typing import Literal as OneOf

import msgspec

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_response_condition,
)

Kind = OneOf["condition", "instruction"]
_STRUCTURE = ("logic", "blocks", "rules")


def read_source(
    kind: Kind,
    source: object,
    names: Names | None = None,
    where: str = "",
    found: list[Diagnostic] | None = None,
) -> Condition | Instruction:
    """Read a condition or an instruction. Raises ExpressionError for a text that has none.

    A text that is the JSON of a stored form is read as that, which responses have.
    """
    if kind == "condition":
        if not isinstance(source, str):
            return read_condition(source, where, found)
        if _is_json(source, "{"):
            return read_response_condition(source, where, found)
        return parse_condition(source, names, where, found)
    if not isinstance(source, str):
        return read_assignments(source, where, found)
    if _is_json(source, "["):
        return read_response_assignments({"instruction": source}, where, found)
    return parse_instruction(source, names, where, found)


def try_source(
    kind: Kind, source: object, names: Names | None, where: str, found: list[Diagnostic]
) -> Condition | Instruction | None:
    """The same, but an error becomes a diagnostic and nothing is returned."""
    try:
        return read_source(kind, source, names, where, found)
    except ExpressionError as error:
        Findings(where, found).add("EX0001", str(error).splitlines()[0])
        return None


def bad_line(reason: str, where: str) -> Diagnostic:
    """The finding about a line that holds no expression at all."""
    found: list[Diagnostic] = []
    Findings(where, found).add("EX0002", reason)
    return found[0]


def _is_json(text: str, first: str) -> bool:
    """Whether a text is JSON that looks like a stored form; `{"a":"b"}` alone is a variable."""
    if not text.lstrip().startswith(first):
        return False
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return isinstance(value, list) or any(key in value for key in _STRUCTURE)
