"""The rows of ``entity_references``: which sheets, flows and scenes the content points at.

Storyarn derives these rows from the content and never reads them back into it. The rules are
those by which it writes them (seen in its behaviour, not in a specification), odd ones included;
a row is written only if its target is a live row of the same project, which is the caller's to
check.

====================  ==================  =====================================================
source                context             from
====================  ==================  =====================================================
block                 value               target of a reference block
block                 content             mentions in a rich text
flow_node             speaker, location   ``speaker_sheet_id``, ``location_sheet_id``, any type
flow_node             dialogue            mentions in any text of the node
scene_pin             display, target     ``sheet_id``, ``flow_id``
scene_zone            target              ``target_type`` and ``target_id``
scene_zone            assignment,         sheets whose variables an action changes and reads
                      assignment_source
scene_zone            display             the sheet of ``variable_ref``
scene_zone            collection_item     ``sheet_id`` of items, integers only
====================  ==================  =====================================================

The flow of a subflow, the target of an exit and the sheets in conditions leave no row here.
The rows of ``variable_references`` are made by ``variables``, whose names can be had here too.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from storyarn_pipelines.content.markup import mention, tags
from storyarn_pipelines.content.remap import target_kind
from storyarn_pipelines.content.values import row_id, texts
from storyarn_pipelines.content.variables import (
    VariableReference,
    variables_of_ambient_flow,
    variables_of_node,
    variables_of_pin,
    variables_of_zone,
)
from storyarn_pipelines.domain.json_values import filled, listing, mapping

__all__ = [
    "EntityReference",
    "SheetOf",
    "VariableReference",
    "entity_references_of_block",
    "entity_references_of_node",
    "entity_references_of_pin",
    "entity_references_of_zone",
    "variables_of_ambient_flow",
    "variables_of_node",
    "variables_of_pin",
    "variables_of_zone",
]

SheetOf = Callable[[str], int | None]
"""The id of the live sheet that a name stands for: its shortcut, or its decimal id if it has
none."""


class EntityReference(NamedTuple):
    """One row, without the source that the caller knows."""

    target_type: str
    target_id: int
    context: str


def entity_references_of_block(block_type: str, value: Any) -> Iterator[EntityReference]:
    """The rows of a block. Storyarn keeps those that point at sheets and flows."""
    content = mapping(value)
    if block_type == "reference":
        yield from _targets(content.get("target_type"), content.get("target_id"), "value")
    elif block_type == "rich_text":
        text = content.get("content")
        yield from _unique(_mentions(text, "content") if isinstance(text, str) else [])


def entity_references_of_node(
    node_type: str, data: Any, *, may_mention: bool = True
) -> Iterator[EntityReference]:
    """The rows of a node, whatever its type: Storyarn looks at the data alone.

    ``may_mention`` is False where no text can hold a mention, and none is looked at.
    """
    del node_type
    if not isinstance(data, dict):
        return
    found = []
    for key, context in (("speaker_sheet_id", "speaker"), ("location_sheet_id", "location")):
        found += _targets("sheet", data.get(key), context)
    for _, _, text in texts(data, frozenset()) if may_mention else ():
        found += _mentions(text, "dialogue")
    yield from _unique(found)


def entity_references_of_pin(sheet_id: Any, flow_id: Any) -> Iterator[EntityReference]:
    """The rows of a pin."""
    yield from _targets("sheet", sheet_id, "display")
    yield from _targets("flow", flow_id, "target")


def entity_references_of_zone(
    target_type: Any, target_id: Any, action_type: Any, action_data: Any, sheet_of: SheetOf
) -> Iterator[EntityReference]:
    """The rows of a zone. A sheet that an action changes has no second row as a source."""
    data = mapping(action_data)
    found = _targets(target_type, target_id, "target")
    match action_type:
        case "action":
            found += _of_assignments(data.get("assignments"), sheet_of)
        case "display":
            found += _of_display(data.get("variable_ref"), sheet_of)
        case "collection":
            for item in listing(data.get("items")):
                key = mapping(item).get("sheet_id")
                if isinstance(key, int):
                    found += _targets("sheet", key, "collection_item")
    yield from _unique(found)


def _of_assignments(assignments: Any, sheet_of: SheetOf) -> list[EntityReference]:
    found: dict[int, EntityReference] = {}
    for assignment in map(mapping, listing(assignments)):
        names = [(assignment.get("sheet"), "assignment")]
        if assignment.get("value_type") == "variable_ref":
            names.append((assignment.get("value_sheet"), "assignment_source"))
        for name, context in names:
            key = sheet_of(name) if isinstance(name, str) and name else None
            if key is not None:
                found.setdefault(key, EntityReference("sheet", key, context))
    return list(found.values())


def _of_display(variable_ref: Any, sheet_of: SheetOf) -> list[EntityReference]:
    """The sheet before the first dot: those whose shortcut has a dot are never found so."""
    sheet, dot, _ = (filled(variable_ref) or "").partition(".")
    key = sheet_of(sheet) if sheet and dot else None
    return [] if key is None else [EntityReference("sheet", key, "display")]


def _targets(target_type: Any, target_id: Any, context: str) -> list[EntityReference]:
    kind, key = target_kind(target_type), row_id(target_id)
    return [] if kind is None or key is None else [EntityReference(kind, key, context)]


def _mentions(text: str, context: str) -> list[EntityReference]:
    """The mentions of one text; a text with a malformed one counts as having none."""
    if "<" not in text or "class" not in text.lower():
        return []
    found = [mention(attributes) for attributes in tags(text)]
    if True in found:
        return []
    targets = [x for x in found if not isinstance(x, bool)]
    return [ref for x in targets for ref in _targets(x.kind, x.id.value, context)]


def _unique(found: list[EntityReference]) -> Iterator[EntityReference]:
    yield from dict.fromkeys(found)
