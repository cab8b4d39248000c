"""Nodes (of flows) and pins (of scenes) of equal content, told apart by what they are tied to.

Two hubs or empty conditions may look the same in every column. Connections and sequences say
which is which: colours are refined by those of the neighbours, and pairs that are certain lead
along equal wires to the next.
"""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Hashable, Sequence

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.canonical import MARK_START
from storyarn_pipelines.importers.matching import (
    Item,
    Matcher,
    Pairing,
    Policy,
    later_rounds,
    natural_rounds,
)

WIRED = {t.FLOW_NODES: t.FLOW_CONNECTIONS, t.SCENE_PINS: t.SCENE_CONNECTIONS}
"""The tables of nodes and of what ties them."""

_MOST_ROUNDS = 16
_FAR_PIN = f'"exit_{MARK_START}'.encode()
_ENDS = {
    t.FLOW_CONNECTIONS: ("source_node_id", "target_node_id"),
    t.SCENE_CONNECTIONS: ("from_pin_id", "to_pin_id"),
}

Wire = tuple[Hashable, Item]
Waiting = defaultdict[Hashable, OrderedDict[int, Item]]


class Wires:
    """The nodes of one flow, or the pins of one scene, and what ties them."""

    def __init__(self, nodes: Sequence[Item], connections: Sequence[Item]) -> None:
        self.nodes = nodes
        self._wires: dict[int, list[Wire]] | None = None
        self._connections = connections

    def of(self, node: Item) -> list[Wire]:
        """A node's wires: what kind each is, and the node at its other end."""
        if self._wires is None:
            self._wires = self._tie()
        return self._wires.get(id(node), [])

    def _tie(self) -> dict[int, list[Wire]]:
        known = {node.row.text("id"): node for node in self.nodes}
        wires: dict[int, list[Wire]] = defaultdict(list)

        def tie(source: str | None, target: str | None, kind: Hashable) -> None:
            left, right = known.get(source), known.get(target)
            if left is not None:  # a wire that ends nowhere leads back to its node
                wires[id(left)].append((("to", kind, right is None), right or left))
            if right is not None:
                wires[id(right)].append((("from", kind, left is None), left or right))

        for connection in self._connections:
            source, target = (connection.row.text(x) for x in _ENDS[connection.row.table])
            tie(source, target, connection.portable.body)
        for node in self.nodes:
            parent = node.row.text("parent_id") if node.row.table is t.FLOW_NODES else None
            if parent is not None:
                tie(node.row.text("id"), parent, "parent")
        return wires

    @property
    def far_pins_matter(self) -> bool:
        """Whether nodes are alike and pins name exits of other flows, which may tell them apart."""
        return max(self._alike().values(), default=1) > 1 and any(
            x.portable.values.get("source_pin", b"").startswith(_FAR_PIN) for x in self._connections
        )

    def _alike(self) -> Counter[Hashable]:
        return Counter(_look(node) for node in self.nodes if node.natural is None)

    def colour(self) -> None:
        """Give nodes of equal content the colours that their wires tell."""
        alike = self._alike()
        if max(alike.values(), default=1) == 1:
            return
        colours = {id(x): hash_of(x.natural or _look(x)) for x in self.nodes}
        for _ in range(_MOST_ROUNDS):
            refined = {
                id(node): hash_of(
                    (
                        colours[id(node)],
                        tuple(sorted(hash_of((k, colours[id(x)])) for k, x in self.of(node))),
                    )
                )
                for node in self.nodes
            }
            settled = len(set(refined.values())) == len(set(colours.values()))
            colours = refined
            if settled:
                break
        for node in self.nodes:
            if alike[_look(node)] > 1:
                node.wired = colours[id(node)]


def match_nodes(before: Wires, after: Wires, policy: Policy) -> Pairing:
    """Match the nodes of a flow or the pins of a scene."""
    for side in (before, after):
        side.colour()
    matcher = Matcher(before.nodes, after.nodes)
    natural_rounds(matcher)
    _exact_rounds(matcher, before, after)
    matcher.keyless_round(_look)
    later_rounds(matcher, policy)
    return matcher.result()


def _exact_rounds(matcher: Matcher, before: Wires, after: Wires) -> None:
    """Pair nodes that look the same: those that nothing else looks like, then along wires."""
    counts = Counter(_exactly(node) for side in matcher.rest() for node in side)
    matcher.keyless_round(lambda x: _exactly(x) if counts[_exactly(x)] <= 2 else None)
    left, right = (_waiting(side) for side in matcher.rest())
    queue, found = list(matcher.pairs), []
    tied = deque(left)
    while queue or tied:
        if queue:
            pairs = _along(*queue.pop(), before, after, left, right)
            found += pairs
            queue += pairs
        elif left[tied[0]] and right[tied[0]]:
            queue.append((_first(left[tied[0]]), _first(right[tied[0]])))
            found.append(queue[-1])
        else:
            tied.popleft()
    matcher.add(found)


def _waiting(nodes: Sequence[Item]) -> Waiting:
    groups: Waiting = defaultdict(OrderedDict)
    for node in nodes:
        if node.natural is None:
            groups[_exactly(node)][id(node)] = node
    return groups


def _first(nodes: OrderedDict[int, Item]) -> Item:
    return nodes.popitem(last=False)[1]


def _along(
    first: Item, second: Item, before: Wires, after: Wires, left: Waiting, right: Waiting
) -> list[tuple[Item, Item]]:
    """Neighbours of a pair that must be a pair themselves."""
    ends: dict[Hashable, deque[Item]] = defaultdict(deque)
    for kind, node in after.of(second):
        ends[kind, _exactly(node)].append(node)
    pairs = []
    for kind, node in before.of(first):
        look = _exactly(node)
        candidates = ends.get((kind, look))
        while candidates and id(candidates[0]) not in right[look]:
            candidates.popleft()
        if candidates and id(node) in left[look]:
            other = candidates.popleft()
            del left[look][id(node)], right[look][id(other)]
            pairs.append((node, other))
    return pairs


def _look(node: Item) -> Hashable:
    return (node.in_trash, node.kind, node.whole)


def _exactly(node: Item) -> Hashable:
    return (node.in_trash, node.kind, node.whole, node.wired)


def hash_of(value: Hashable) -> int:
    """Equal values give equal numbers within one process; they never leave it."""
    return hash(value)
