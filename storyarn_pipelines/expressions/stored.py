"""Stored conditions and assignments as trees, without a text between.

Whatever is stored, the tree plays as Storyarn's player plays the stored form; nothing raises.
What the player passes over is told in ``found``, a list of diagnostics, if one is given.

::

    condition   {"logic": "all"|"any", "blocks": [block or group]}
    block       {"type": "block", "logic", "rules": [{"sheet", "variable", "operator", "value"}]}
    group       {"type": "group", "logic", "blocks": [block or group]}
    assignment  {"sheet", "variable", "operator", "value", "value_type", "value_sheet"}
"""

import msgspec

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.json_values import kind_of
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    CHANGES,
    CHANGES_WITHOUT_VALUE,
    Assignment,
    Condition,
    Instruction,
    Literal,
)
from storyarn_pipelines.expressions.blocks import BlockReader, Case, excerpt, joined, named
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.values import NUMBER

__all__ = [
    "Case",
    "read_assignments",
    "read_condition",
    "read_flat_rules",
    "read_response_assignments",
    "read_response_condition",
    "read_switch",
]

_LOGICS = ("all", "any")
_JSON_ERRORS = (msgspec.DecodeError, RecursionError, UnicodeError)


def read_condition(
    stored: object, where: str = "", found: list[Diagnostic] | None = None
) -> Condition:
    """A condition of a node, pin, zone or collection item, which is stored as an object.

    The older flat form, ``{"logic", "rules"}``, is always true for the player; ``read_flat_rules``
    tells what it was meant to ask.
    """
    if stored is None:
        return ALWAYS
    findings = Findings(where, found)
    if not isinstance(stored, dict):
        findings.add("EX0101", f"a condition that is {kind_of(stored)} is always true")
        return ALWAYS
    blocks = stored.get("blocks")
    if not isinstance(blocks, list) or "logic" not in stored:
        if stored.get("rules"):
            findings.add("EX0102", "rules in the older flat form are ignored: it is always true")
        elif blocks or (blocks is None and "blocks" in stored):
            findings.add("EX0101", "a condition without logic or list of blocks is always true")
        return ALWAYS
    return joined(stored["logic"], BlockReader(findings, tidy=False).parts(blocks, 1), findings)


def read_response_condition(
    stored: object, where: str = "", found: list[Diagnostic] | None = None
) -> Condition:
    """The condition of a response, which is stored as JSON text and tidied when it is read.

    An object counts as no condition.
    """
    if stored is None or stored == "":
        return ALWAYS
    findings = Findings(where, found)
    if not isinstance(stored, str):
        findings.add("EX0103", f"a response's condition that is {kind_of(stored)} is ignored")
        return ALWAYS
    decoded = _decoded(stored)
    blocks = decoded.get("blocks") if isinstance(decoded, dict) else None
    if not isinstance(decoded, dict) or not isinstance(blocks, list):
        findings.add("EX0101", "a text that holds no condition with blocks is always true")
        return ALWAYS
    logic = decoded.get("logic")
    if not isinstance(logic, str) or logic not in _LOGICS:
        findings.add("EX0101", 'a logic that is neither "all" nor "any" makes it always true')
        return ALWAYS
    return joined(logic, BlockReader(findings, tidy=True).parts(blocks, 1), findings)


def read_flat_rules(
    stored: object, where: str = "", found: list[Diagnostic] | None = None
) -> Condition:
    """What the older flat form ``{"logic", "rules"}`` was meant to ask; the player ignores it."""
    rules = stored.get("rules") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(rules, list):
        return ALWAYS
    findings = Findings(where, found)
    read = BlockReader(findings, tidy=False).rules(rules)
    return joined(stored.get("logic"), read, findings)


def read_switch(
    stored: object, where: str = "", found: list[Diagnostic] | None = None
) -> list[Case]:
    """The cases of a switch, in their order: the first that holds wins, else ``default``."""
    if stored is None:
        return []
    findings = Findings(where, found)
    if not isinstance(stored, dict):
        findings.add("EX0101", f"a condition that is {kind_of(stored)} has no cases")
        return []
    blocks = stored.get("blocks")
    by_rules = blocks is None or blocks is False
    cases = stored.get("rules") if by_rules else blocks
    if not isinstance(cases, list):
        if cases is not None:
            findings.add("EX0101", f"cases that are {kind_of(cases)} are ignored")
        return []
    reader = BlockReader(findings, tidy=False)
    read = reader.case_of_rule if by_rules else reader.case_of_block
    return [case for stored_case in cases if (case := read(stored_case)) is not None]


def read_assignments(
    stored: object, where: str = "", found: list[Diagnostic] | None = None
) -> Instruction:
    """The assignments of an instruction node, response or zone; incomplete ones are left out."""
    if stored is None:
        return ()
    findings = Findings(where, found)
    if not isinstance(stored, list):
        findings.add("EX0111", f"assignments that are {kind_of(stored)} are ignored")
        return ()
    read = (_assignment(item, findings) for item in stored)
    return tuple(item for item in read if item is not None)


def read_response_assignments(
    response: object, where: str = "", found: list[Diagnostic] | None = None
) -> Instruction:
    """What a response does: its list of assignments, or the older JSON text if that is empty."""
    if not isinstance(response, dict):
        return ()
    listed = response.get("instruction_assignments")
    if isinstance(listed, list) and listed:
        return read_assignments(listed, where, found)
    text = response.get("instruction")
    if text is None or text == "":
        return ()
    findings = Findings(where, found)
    decoded = _decoded(text) if isinstance(text, str) else None
    if not isinstance(decoded, list):
        findings.add("EX0111", "an instruction that is no JSON text of a list is ignored")
        return ()
    defaults = {"operator": "set"}
    tidied = [defaults | item if isinstance(item, dict) else item for item in decoded]
    return read_assignments(tidied, where, found)


def _assignment(stored: object, findings: Findings) -> Assignment | None:
    if not isinstance(stored, dict):
        findings.add("EX0113", f"an assignment that is {kind_of(stored)} is skipped")
        return None
    sheet, name, operator = stored.get("sheet"), stored.get("variable"), stored.get("operator")
    if not (isinstance(sheet, str) and sheet and isinstance(name, str) and name):
        findings.add("EX0113", "an assignment without sheet or variable is skipped")
        return None
    if not isinstance(operator, str) or operator not in CHANGES:
        message = f"{sheet}.{name}: the operator {excerpt(operator)} does not exist: it is skipped"
        findings.add("EX0113", message)
        return None
    target, value = named(sheet, name), stored.get("value")
    if stored.get("value_type") == "variable_ref":
        source = stored.get("value_sheet")
        if isinstance(source, str) and source and isinstance(value, str) and value:
            return Assignment(target, operator, named(source, value))
        findings.add("EX0113", f"{sheet}.{name}: a {operator} without its source is skipped")
        return None
    if operator in CHANGES_WITHOUT_VALUE:
        return Assignment(target, operator, _left_over(value) if operator == "clear" else None)
    if not isinstance(value, str) or not value:
        kind = "an empty text" if value == "" else kind_of(value)
        findings.add("EX0113", f"{sheet}.{name}: a {operator} whose value is {kind} is skipped")
        return None
    return Assignment(target, operator, _text(value))


def _text(value: str) -> Literal:
    return Literal(value, "number" if NUMBER.fullmatch(value) else "text")


def _left_over(value: object) -> Literal | None:
    """The value of a ``clear``, which types other than text take."""
    if value is None:
        return None
    if isinstance(value, str):
        return _text(value)
    try:
        return Literal(msgspec.json.encode(value).decode(), "json")
    except (RecursionError, OverflowError, TypeError, ValueError):
        return None


def _decoded(text: str) -> object:
    """The value of a JSON text, or None."""
    try:
        return msgspec.json.decode(text)
    except _JSON_ERRORS:
        return None
