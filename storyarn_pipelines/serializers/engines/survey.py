"""What must be known of all flows before one is written, read from a few columns of a few nodes.

Most nodes of a story are lines, of which nothing is asked here: leaving them unread takes a tenth
of the time that whole flows take.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.expressions.ast import Assignment
from storyarn_pipelines.expressions.stored import read_assignments, read_response_assignments
from storyarn_pipelines.snapshot.batches import TableBatches
from storyarn_pipelines.snapshot.objects import rows
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story import nodes as n

_TYPES = pa.array(["entry", "exit", "subflow", "instruction"])
_RESPONSES_CHANGE = '"instruction'
"""How the members begin, in the data of dialogues, that hold what responses do."""


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What other flows know of a flow. ``exits`` are the ids of its exit nodes, ``returns`` of
    those that go back to a caller; it ``calls`` flows by subflows and ``continues`` in others by
    exits. ``call_sites`` are the nodes that do so, each with the flow. ``resumes``: those of
    ``continues`` that it may come back from, since the exit has wires of its own."""

    id: int
    name: str
    shortcut: str | None
    path: str
    is_main: bool
    entry: int | None = None
    exits: tuple[int, ...] = ()
    calls: frozenset[int] = frozenset()
    continues: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()
    call_sites: tuple[tuple[int, int], ...] = ()
    resumes: frozenset[int] = frozenset()


class _Flow(msgspec.Struct, frozen=True):
    id: int
    name: str
    shortcut: str | None
    path: str
    is_main: bool


class _Node(msgspec.Struct, frozen=True):
    id: int
    type: str
    data: Any


class _Wire(msgspec.Struct, frozen=True):
    source_node_id: int


class _AskedNodes(TableBatches):
    """The nodes that matter to other flows, or change variables, chosen in Arrow."""

    def __init__(self, story: TableBatches) -> None:
        self._story = story

    def schema(self, table: Table) -> pa.Schema:
        """The columns are the same."""
        return self._story.schema(table)

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """Rows of ``flow_nodes``; no other table is asked for."""
        for batch in self._story.batches(table):
            changes = pc.match_substring(batch.column("data"), _RESPONSES_CHANGE)
            yield batch.filter(pc.or_kleene(pc.is_in(batch.column("type"), _TYPES), changes))


def survey_flows(reader: StoryReader) -> tuple[dict[int, FlowFacts], tuple[Assignment, ...]]:
    """The flows by their ids, parents first, and every different assignment of the story."""
    flows = {x.id: FlowFacts(*msgspec.structs.astuple(x)) for _, x in rows(reader, t.FLOWS, _Flow)}
    changes: dict[Assignment, None] = {}
    found = rows(_AskedNodes(reader), t.FLOW_NODES, _Node)
    for flow_id, group in groupby(found, key=lambda row: row[0]):
        nodes = [node for _, node in group]
        flows[flow_id] = _with_nodes(flows[flow_id], nodes)
        changes.update(dict.fromkeys(x for node in nodes for x in _changes(node)))
    if any(x.continues for x in flows.values()):
        _find_resumed(reader, flows)
    return flows, tuple(changes)


def _with_nodes(flow: FlowFacts, nodes: list[_Node]) -> FlowFacts:
    calls: set[int] = set()
    continues: set[int] = set()
    sites: list[tuple[int, int]] = []
    for node in nodes:
        target = n.as_id(n.called_flow(node)) if n.is_call(node) else None
        if target is not None:
            (calls if node.type == "subflow" else continues).add(target)
            sites.append((node.id, target))
    exits = [x for x in nodes if x.type == "exit"]
    return replace(
        flow,
        entry=min((x.id for x in nodes if x.type == "entry"), default=None),
        exits=tuple(sorted(x.id for x in exits)),
        calls=frozenset(calls),
        continues=frozenset(continues),
        returns=frozenset(x.id for x in exits if n.exit_mode(x) == n.CALLER_RETURN),
        call_sites=tuple(sites),
    )


def _find_resumed(reader: StoryReader, flows: dict[int, FlowFacts]) -> None:
    wired: dict[int, set[int]] = {}
    for flow_id, wire in rows(reader, t.FLOW_CONNECTIONS, _Wire):
        if flows[flow_id].continues:
            wired.setdefault(flow_id, set()).add(wire.source_node_id)
    for flow_id, sources in wired.items():
        flow = flows[flow_id]
        targets = {target for node_id, target in flow.call_sites if node_id in sources}
        flows[flow_id] = replace(flow, resumes=flow.continues & targets)


def _changes(node: _Node) -> Iterator[Assignment]:
    """Every assignment of a node and its responses."""
    if node.type == "instruction":
        yield from read_assignments(n.data_of(node).get("assignments"))
    elif node.type == "dialogue":
        for response in n.responses_of(node):
            if n.has_instruction(response):
                yield from read_response_assignments(response)
