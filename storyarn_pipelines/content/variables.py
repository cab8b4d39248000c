"""The rows of ``variable_references``: which variables the content reads and writes.

Storyarn derives these rows from the content. The rules are those by which it writes them (seen in
its behaviour, not in a specification):

- Conditions read: those of condition nodes, responses, pins, zones and items of a collection, in
  the form with ``blocks``; the older flat form and a dialogue's own condition leave no row. A rule
  counts once it names sheet and variable, finished or not. JSON text must have a logic of all or
  any, and groups inside of groups are left out there.
- Assignments write their target and, with ``variable_ref``, read their source: those of
  instruction nodes, responses (the older JSON text only where the list is empty), zones, and
  ``instruction`` of a collection's items.
- The ``variable_ref`` of a zone's display and of an ambient flow that waits for an event is read.

Texts, formulas and tables leave no row. A row is written only if its variable is there, which is
the caller's to find out: a block of that name, or a cell of a table as ``table.row.column``.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.json_values import filled, listing, mapping

_MAX_LENGTH = 255  # of the columns; no sheet or variable has a longer name


class VariableReference(NamedTuple):
    """One row, without its source and block.

    A ``variable_ref`` does not say where its sheet ends and its variable begins, so that it gives
    one row for every way to split it; at most those that name a block are right.
    """

    kind: Literal["read", "write"]
    sheet: str
    variable: str


def variables_of_node(node_type: str, data: Any) -> Iterator[VariableReference]:
    """The rows of a node."""
    content = mapping(data)
    found: list[VariableReference] = []
    match node_type:
        case "condition":
            found += _condition(content.get("condition"))
        case "instruction":
            found += _assignments(content.get("assignments"))
        case "dialogue":
            for response in listing(content.get("responses")):
                found += _response(mapping(response))
    yield from dict.fromkeys(found)


def variables_of_pin(condition: Any) -> Iterator[VariableReference]:
    """The rows of a pin."""
    yield from dict.fromkeys(_condition(condition))


def variables_of_zone(
    action_type: Any, action_data: Any, condition: Any
) -> Iterator[VariableReference]:
    """The rows of a zone."""
    data = mapping(action_data)
    found: list[VariableReference] = []
    match action_type:
        case "action":
            found += _assignments(data.get("assignments"))
        case "display":
            found += _joined(data.get("variable_ref"))
        case "collection":
            for item in map(mapping, listing(data.get("items"))):
                found += _condition(item.get("condition"))
                found += _assignments(mapping(item.get("instruction")).get("assignments"))
    found += _condition(condition)
    yield from dict.fromkeys(found)


def variables_of_ambient_flow(
    trigger_type: Any, trigger_config: Any
) -> Iterator[VariableReference]:
    """The rows of an ambient flow."""
    if trigger_type == "on_event":
        yield from dict.fromkeys(_joined(mapping(trigger_config).get("variable_ref")))


def _response(response: dict[str, Any]) -> Iterator[VariableReference]:
    condition = response.get("condition")
    if isinstance(condition, str):
        decoded = _decoded(condition)
        if isinstance(decoded, dict) and decoded.get("logic") in ("all", "any"):
            yield from _condition(decoded, may_nest=False)
    else:
        yield from _condition(condition)
    assignments = response.get("instruction_assignments")
    if assignments is None or assignments == []:
        instruction = response.get("instruction")
        assignments = _decoded(instruction) if isinstance(instruction, str) else None
    yield from _assignments(assignments)


def _condition(condition: Any, *, may_nest: bool = True) -> Iterator[VariableReference]:
    """What the rules read, in their order; a stack, since groups may nest without end."""
    waiting = [(block, 0) for block in reversed(listing(mapping(condition).get("blocks")))]
    while waiting:
        block, depth = waiting.pop()
        content = mapping(block)
        if content.get("type") == "group" and (may_nest or not depth):
            inner = reversed(listing(content.get("blocks")))
            waiting.extend((member, depth + 1) for member in inner)
        elif content.get("type") == "block":
            for rule in map(mapping, listing(content.get("rules"))):
                yield from _reference("read", rule.get("sheet"), rule.get("variable"))


def _assignments(assignments: Any) -> Iterator[VariableReference]:
    for assignment in map(mapping, listing(assignments)):
        yield from _reference("write", assignment.get("sheet"), assignment.get("variable"))
        if assignment.get("value_type") == "variable_ref":
            yield from _reference("read", assignment.get("value_sheet"), assignment.get("value"))


def _joined(variable_ref: Any) -> Iterator[VariableReference]:
    name = filled(variable_ref) or ""
    if len(name) > 2 * _MAX_LENGTH + 1:
        return
    for place, character in enumerate(name):
        if character == ".":
            yield from _reference("read", name[:place], name[place + 1 :])


def _reference(
    kind: Literal["read", "write"], sheet: Any, variable: Any
) -> Iterator[VariableReference]:
    sheet, variable = filled(sheet), filled(variable)
    if sheet and variable and max(len(sheet), len(variable)) <= _MAX_LENGTH:
        yield VariableReference(kind, sheet, variable)


def _decoded(text: str) -> Any:
    try:
        return json_text.parse(text) if text else None
    except json_text.JsonTextError:
        return None
