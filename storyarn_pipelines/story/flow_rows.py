"""Single flows out of a snapshot, which is written to be read from its beginning to its end."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain import flows as f
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.snapshot.batches import TableBatches
from storyarn_pipelines.snapshot.objects import rows


class _RowsOfFlow(TableBatches):
    """The rows of one flow, looked for in Arrow: other flows' JSON is never decoded."""

    def __init__(self, story: TableBatches, flow_id: int) -> None:
        super().__init__(story.directory)
        self._flow_id = flow_id

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Rows of a flow stand together: after them the rest of the file is not read."""
        found = False
        for batch in super().batches(table):
            chosen = batch.filter(pc.equal(batch.column(table.parent_key), self._flow_id))
            if chosen.num_rows:
                found = True
                yield chosen
            elif found:
                return


def nodes_of(story: TableBatches, flow_id: int) -> tuple[f.Node, ...]:
    """The nodes of a flow, without what sequences show."""
    nested: dict[str, object] = {"configs": (), "tracks": (), "visual_layers": ()}
    found = rows(_RowsOfFlow(story, flow_id), t.FLOW_NODES, f.Node, lambda _: nested)
    return tuple(node for _, node in found)


def connections_of(story: TableBatches, flow_id: int) -> tuple[f.Connection, ...]:
    """The wires of a flow, the oldest first."""
    found = rows(_RowsOfFlow(story, flow_id), t.FLOW_CONNECTIONS, f.Connection)
    return tuple(wire for _, wire in found)
