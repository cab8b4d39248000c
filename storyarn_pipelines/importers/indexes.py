"""Rows of Storyarn's reference indexes, staged beside the rows whose content they index."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from storyarn_pipelines.content import json_text
from storyarn_pipelines.content.references import (
    EntityReference,
    entity_references_of_block,
    entity_references_of_node,
    entity_references_of_pin,
    entity_references_of_zone,
)
from storyarn_pipelines.content.variables import (
    VariableReference,
    variables_of_ambient_flow,
    variables_of_node,
    variables_of_pin,
    variables_of_zone,
)
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.cells import NULL, escaped
from storyarn_pipelines.importers.identity import UNKNOWN, Identities
from storyarn_pipelines.importers.rows import Row, refusal

_ENTITIES = (t.SHEETS, t.FLOWS, t.SCENES)
_ZONE_TARGETS = {"flow": t.FLOWS, "scene": t.SCENES}


class ReferenceStage(Protocol):
    """Where index rows go."""

    def add_reference(self, table: str, fields: Sequence[bytes]) -> None:
        """Take one row of a reference index."""


class Indexes:
    """Notes what live rows refer to. Sheets must come before the scenes whose zones name them."""

    def __init__(
        self,
        stage: ReferenceStage,
        ids: Identities,
        sheets: Mapping[str, int],
        latest: json_text.Latest,
    ) -> None:
        """``sheets`` are the ids of sheets that the database has already, by name; ``latest``
        decodes JSON."""
        self._stage, self._ids, self._latest = stage, ids, latest
        self._sheets = dict(sheets)
        self._own = b""
        self._in_trash = False
        self._values: Mapping[str, Any] = {}
        self._notes: dict[Table, Callable[[Row], None]] = {
            t.SHEETS: self._sheet,
            t.BLOCKS: self._block,
            t.FLOW_NODES: self._node,
            t.SCENE_PINS: self._pin,
            t.SCENE_ZONES: self._zone,
            t.SCENE_AMBIENT_FLOWS: self._ambient_flow,
        }

    def note(self, row: Row, own: bytes, values: Mapping[str, Any]) -> None:
        """Stage the index rows of a row: its new id, and its values with the new ids in them."""
        if row.table in _ENTITIES:
            self._in_trash = not row.is_null("deleted_at")
        note = self._notes.get(row.table)
        if note is not None and not self._in_trash and row.is_null("deleted_at"):
            self._own, self._values = own, values
            note(row)

    def _sheet(self, row: Row) -> None:
        name = row.text("shortcut") or self._own.decode()
        self._sheets.setdefault(name, int(self._own))

    def _block(self, row: Row) -> None:
        kind = row.text("type") or ""
        if kind in ("reference", "rich_text"):
            self._entities("block", entity_references_of_block(kind, self._json(row, "value")))

    def _node(self, row: Row) -> None:
        raw = bytes(self._values.get("data") or b"")
        may_hide = b"\\u" in raw  # an escape, and with it any of these words
        may_mention = may_hide or b"class" in raw.lower()
        if not (may_mention or b"sheet" in raw):
            return
        kind, data = row.text("type") or "", self._json(row, "data")
        found = entity_references_of_node(kind, data, may_mention=may_mention)
        self._entities("flow_node", found)
        if may_hide or b"variable" in raw:
            self._variables("flow_node", variables_of_node(kind, data), self._own)

    def _pin(self, row: Row) -> None:
        sheet, flow = (self._id(t.SHEETS, row, "sheet_id"), self._id(t.FLOWS, row, "flow_id"))
        self._entities("scene_pin", entity_references_of_pin(sheet, flow))
        self._variables("scene_pin", variables_of_pin(self._json(row, "condition")))

    def _zone(self, row: Row) -> None:
        kind, action = row.get("action_type"), self._json(row, "action_data")
        target_type = row.get("target_type")
        table = _ZONE_TARGETS.get(target_type)
        target = self._id(table, row, "target_id") if table else None
        found = entity_references_of_zone(target_type, target, kind, action, self._sheets.get)
        self._entities("scene_zone", found)
        condition = self._json(row, "condition")
        self._variables("scene_zone", variables_of_zone(kind, action, condition))

    def _ambient_flow(self, row: Row) -> None:
        config = self._json(row, "trigger_config")
        found = variables_of_ambient_flow(row.get("trigger_type"), config)
        self._variables("scene_ambient_flow", found)

    def _id(self, table: Table, row: Row, column: str) -> int | None:
        ref = row.text(column)
        number = UNKNOWN if ref is None else self._ids.of(table, ref)
        return None if number == UNKNOWN else number

    def _json(self, row: Row, column: str) -> Any:
        raw = self._values.get(column)
        if raw is None:
            return None
        try:
            return self._latest.decode(bytes(raw))
        except json_text.JsonTextError as error:
            raise refusal(f"{row.pointer}/{column}", str(error)) from error

    def _entities(self, source: str, found: Iterable[EntityReference]) -> None:
        for reference in found:
            self._stage.add_reference(
                "entity_references",
                (
                    source.encode(),
                    self._own,
                    reference.target_type.encode(),
                    b"%d" % reference.target_id,
                    reference.context.encode(),
                ),
            )

    def _variables(
        self, source: str, found: Iterable[VariableReference], node: bytes = NULL
    ) -> None:
        for reference in found:
            if "\x00" not in reference.sheet + reference.variable:
                self._stage.add_reference(
                    "variable_references",
                    (
                        source.encode(),
                        self._own,
                        node,
                        reference.kind.encode(),
                        escaped(reference.sheet),
                        escaped(reference.variable),
                    ),
                )
