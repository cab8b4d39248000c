"""How each table's rows look in the native format, where that is more than column by column."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain.columns import DERIVED, Kind
from storyarn_pipelines.serializers.storyarn.cells import escaped, json_texts
from storyarn_pipelines.serializers.storyarn.rows import Fragment, Layout

_BLOCKS_WITH_LISTS = pa.array(["table", "gallery"])


def _has_children(batch: pa.RecordBatch) -> pa.Array:
    return batch.column(f"{DERIVED}has_children")


def _open_blocks(batch: pa.RecordBatch) -> pa.Array:
    """Tables and galleries have lists even when empty, others only if they have such rows."""
    lists = pc.is_in(batch.column("type"), _BLOCKS_WITH_LISTS)
    return pc.or_(lists, _has_children(batch))


def _open_nodes(batch: pa.RecordBatch) -> pa.Array:
    return pc.or_(pc.equal(batch.column("type"), "sequence"), _has_children(batch))


def _only_for(key: str, *types: str) -> Fragment:
    """A derived text that only some node types have."""
    wanted = pa.array(types)

    def fragment(batch: pa.RecordBatch) -> Sequence[pa.Array]:
        texts = json_texts(batch.column(f"{DERIVED}{key}"), Kind.TEXT)
        member = pc.binary_join_element_wise(f',"{key}":', texts, "")
        return (pc.if_else(pc.is_in(batch.column("type"), wanted), member, ""),)

    return fragment


def _checksum(batch: pa.RecordBatch) -> Sequence[pa.Array | str]:
    hashes = escaped(batch.column("blob_hash"))
    texts = pc.binary_join_element_wise('"sha256:', hashes, '"', "")
    return ',"checksum":', pc.fill_null(texts, "null")


SHEETS = Layout(open_rows=True)
BLOCKS = Layout(open_rows=_open_blocks)
FLOWS = Layout(hidden=frozenset({f"{DERIVED}lost_connections"}), open_rows=True)
NODES = Layout(
    special={
        f"{DERIVED}speaker_shortcut": _only_for("speaker_shortcut", "dialogue"),
        f"{DERIVED}referenced_flow_shortcut": _only_for(
            "referenced_flow_shortcut", "subflow", "exit"
        ),
    },
    open_rows=_open_nodes,
)
SEQUENCE_CONFIGS = Layout(open_rows=True)
SCENES = Layout(open_rows=True)
MEDIA = Layout(special={"checksum": _checksum}, open_rows=True)
