"""One flow, prepared for the rules that look at it."""

from dataclasses import dataclass
from functools import partial

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.domain.json_values import mapping
from storyarn_pipelines.validation.findings import Entity, Here
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import excerpt

NODE_TYPES = frozenset(
    {
        "entry", "exit", "dialogue", "condition", "instruction", "hub", "jump", "subflow",
        "annotation", "sequence",
    }
)  # fmt: skip
UNPLAYED = ("annotation", "sequence")
"""Nodes that a playthrough never visits."""

_PLAIN_WORDS = NODE_TYPES - {"condition", "instruction"}

_NAME_FIELDS = {
    "dialogue": ("text", "technical_id"),
    "exit": ("label", "technical_id"),
    "hub": ("label", "hub_id"),
    "jump": ("target_hub_id",),
    "instruction": ("description",),
    "annotation": ("text",),
}


@dataclass(frozen=True, slots=True)
class FlowView:
    """A flow without the nodes in the trash; connections that are judged elsewhere are kept."""

    flow: Flow
    entity: Entity
    nodes: dict[int, Node]
    connections: tuple[Connection, ...]
    trashed: frozenset[int]

    def here(self, node: Node) -> Here:
        """Describes a node."""
        return partial(node_entity, self.entity, node)

    def this(self) -> Entity:
        """Describes the flow."""
        return self.entity


def view(run: Run, flow: Flow) -> FlowView:
    """Leave out what is in the trash."""
    trash = run.index.trash.nodes
    return FlowView(
        flow,
        run.index.flows[flow.id],
        {node.id: node for node in flow.nodes if node.id not in trash},
        flow.connections,
        frozenset(node.id for node in flow.nodes if node.id in trash),
    )


def node_entity(flow: Entity, node: Node) -> Entity:
    """A node under the words by which its writer knows it."""
    data = mapping(node.data)
    fields = _NAME_FIELDS.get(node.type, ())
    name = next((found for key in fields if (found := excerpt(data.get(key)))), None)
    word = node.type if node.type in _PLAIN_WORDS else f"{node.type} node"
    return Entity("flow_node", node.id, None, name, flow, word)
