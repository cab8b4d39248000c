"""One flow as a graph: nodes by id, wires by pin, and the ways that a play can take.

Of several wires on one pin only the oldest counts. Nodes of other flows are not part of it: a
wire may lead to one, and then nowhere.
"""

from collections.abc import Iterable
from functools import cached_property

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.expressions.stored import read_switch
from storyarn_pipelines.story import nodes as n

EXIT_PIN = "exit_"
"""How the pins of a subflow begin that are named after exits of the called flow."""


class FlowGraph:
    """A flow that can be walked. Wires come oldest first, as the snapshot has them."""

    def __init__(
        self, flow_id: int, nodes: Iterable[Node], connections: Iterable[Connection]
    ) -> None:
        self.id = flow_id
        self.nodes: dict[int, Node] = {node.id: node for node in nodes}
        self.wires: dict[tuple[int, str], list[Connection]] = {}
        for wire in connections:
            self.wires.setdefault((wire.source_node_id, wire.source_pin), []).append(wire)

    @classmethod
    def of(cls, flow: Flow) -> "FlowGraph":
        """The graph of a flow as the snapshot's reader yields it."""
        return cls(flow.id, flow.nodes, flow.connections)

    @cached_property
    def entry(self) -> int | None:
        """The node where the flow begins; of several, the one with the lowest id."""
        return min((x.id for x in self.nodes.values() if x.type == "entry"), default=None)

    @cached_property
    def exits(self) -> tuple[Node, ...]:
        """The exits by id."""
        found = (node for node in self.nodes.values() if node.type == "exit")
        return tuple(sorted(found, key=lambda node: node.id))

    @cached_property
    def hubs(self) -> dict[str, int]:
        """Hubs by their own names; of two with one name, the lower id."""
        found: dict[str, int] = {}
        for node in sorted(self.nodes.values(), key=lambda node: node.id, reverse=True):
            name = n.data_of(node).get("hub_id")
            if node.type == "hub" and isinstance(name, str):
                found[name] = node.id
        return found

    @cached_property
    def pins(self) -> dict[int, list[str]]:
        """The pins of each node that have a wire, the one with the oldest wire in front."""
        found: dict[int, list[str]] = {}
        for node_id, pin in self.wires:
            found.setdefault(node_id, []).append(pin)
        return found

    def hub(self, name: object) -> int | None:
        """The node of a hub."""
        return self.hubs.get(name) if isinstance(name, str) else None

    def target(self, node_id: int, *pins: str) -> int | None:
        """Where the first of some pins leads that has a wire; None if none has."""
        for pin in pins:
            wires = self.wires.get((node_id, pin))
            if wires:
                return wires[0].target_node_id
        return None

    def ways(self, node: Node) -> list[tuple[str, int]]:
        """Pins that a play can follow, each with the node it leads to; a jump's pin is ``""``.

        Whether their conditions can ever hold is not asked. Pins without a wire are left out.
        """
        if node.type == "jump":
            hub = self.hub(n.target_hub(node))
            return [] if hub is None else [("", hub)]
        found = []
        for pins in self._pins(node):
            for pin in pins:
                wires = self.wires.get((node.id, pin))
                if wires:
                    found.append((pin, wires[0].target_node_id))
                    break
        return found

    def reachable(self, start: int | None = None) -> list[int]:
        """Ids of nodes that a play can come to from ``start`` (the entry), nearest first.

        Only within this flow: a subflow is taken to come back by any of its wired pins.
        """
        first = self.entry if start is None else start
        reached = [first] if first in self.nodes and first is not None else []
        known = set(reached)
        for node_id in reached:  # grows while it is walked
            for _, target in self.ways(self.nodes[node_id]):
                if target in self.nodes and target not in known:
                    known.add(target)
                    reached.append(target)
        return reached

    def calls(self) -> list[tuple[int, object]]:
        """Nodes that enter other flows, with the id of the flow as it is stored."""
        return [(x.id, n.called_flow(x)) for x in self.nodes.values() if n.is_call(x)]

    def _pins(self, node: Node) -> Iterable[tuple[str, ...]]:
        """The pins of a node in order, each as the names under which its wire may be kept."""
        match node.type:
            case "exit" if not n.is_call(node):
                return []
            case "condition" if n.is_switch(node):
                cases = read_switch(n.data_of(node).get("condition"))
                pins = [n.DEFAULT if case.pin is None else case.pin for case in cases]
                return [(pin,) for pin in dict.fromkeys([*pins, n.DEFAULT])]
            case "condition":
                return [(n.YES,), (n.NO,)]
            case "subflow" | "exit":
                pins = [x for x in self.pins.get(node.id, ()) if x.startswith(EXIT_PIN)]
                return [(pin,) for pin in (*pins, n.OUTPUT)]
            case "dialogue" if responses := n.responses_of(node):
                return [n.response_pins(response) for response in responses]
        return [(n.OUTPUT,)]
