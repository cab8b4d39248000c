"""Tables of stories that were never in a database, for what reads a snapshot column by column."""

import json
from collections.abc import Iterable, Iterator

import pyarrow as pa

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import DERIVED, Kind
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.snapshot.writer import KIND

_KINDS = {
    Kind.ID: pa.int64(), Kind.TEXT: pa.string(), Kind.BOOLEAN: pa.bool_(), Kind.JSON: pa.string(),
}  # fmt: skip
_COLUMNS: dict[str, dict[str, Kind]] = {
    t.FLOWS.name: {
        "id": Kind.ID, "name": Kind.TEXT, "shortcut": Kind.TEXT, f"{DERIVED}path": Kind.TEXT,
        "is_main": Kind.BOOLEAN,
    },
    t.FLOW_NODES.name: {
        "flow_id": Kind.ID, "id": Kind.ID, "type": Kind.TEXT, "data": Kind.JSON,
    },
    t.FLOW_CONNECTIONS.name: {"flow_id": Kind.ID, "id": Kind.ID, "source_node_id": Kind.ID},
    t.LOCALIZED_TEXTS.name: {
        "id": Kind.ID, "source_type": Kind.TEXT, "source_id": Kind.ID, "source_field": Kind.TEXT,
        "locale_code": Kind.TEXT, "source_text_hash": Kind.TEXT, "translated_text": Kind.TEXT,
        "translated_source_hash": Kind.TEXT, "status": Kind.TEXT, "vo_status": Kind.TEXT,
        "vo_asset_id": Kind.ID,
    },
}  # fmt: skip


class ToldTables(StoryReader):
    """Gives what a subclass tells as objects (``flows``, ``strings``) as rows too."""

    def schema(self, table: Table) -> pa.Schema:
        return pa.schema([
            pa.field(name, _KINDS[kind], metadata={KIND: kind.value})
            for name, kind in _COLUMNS[table.name].items()
        ])  # fmt: skip

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        rows = list(self._rows(table))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS[table.name])
        fields = self.schema(table)
        arrays = [
            pa.array(values, field.type) for values, field in zip(columns, fields, strict=True)
        ]
        yield pa.record_batch(arrays, schema=fields)

    def _rows(self, table: Table) -> Iterable[tuple[object, ...]]:
        match table:
            case t.FLOWS:
                return ((x.id, x.name, x.shortcut, x.path, x.is_main) for x in self.flows())
            case t.FLOW_NODES:
                return (
                    (flow.id, x.id, x.type, _json(x.data))
                    for flow in self.flows()
                    for x in flow.nodes
                )
            case t.FLOW_CONNECTIONS:
                return (
                    (flow.id, x.id, x.source_node_id)
                    for flow in self.flows()
                    for x in flow.connections
                )
        return (
            (
                x.id, string.source_type, string.source_id, string.source_field, x.locale_code,
                x.source_text_hash, x.translated_text, x.translated_source_hash, x.status,
                x.vo_status, x.vo_asset_id,
            )
            for string in self.strings()
            for x in string.translations
        )  # fmt: skip


def _json(value: object) -> str:
    """As PostgreSQL keeps it, which has no halves of surrogate pairs."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
