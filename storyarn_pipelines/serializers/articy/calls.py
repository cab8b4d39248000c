"""Calls of flows that come back, although articy's jumps do not.

A call writes its own node's id into a variable of the called flow and jumps to its entry. A flow
that returns writes which exit it took and then asks, call by call, who it was that called; a jump
leads back there. So one variable a flow is enough, unless a flow calls itself again before it
returned.
"""

from collections.abc import Mapping

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.serializers.engines.story import FlowFacts

EXIT, ROUNDS = "exit_taken", "rounds"
"""Variables: by which exit a flow returned, and how often a loop without a line went round."""

MOST_ROUNDS = 1000
"""After so many rounds without a line the story ends, as Storyarn's own player does."""


class Calls:
    """Who calls whom. ``set_name`` is the variable set that the calls need."""

    def __init__(self, flows: Mapping[int, FlowFacts], taken: set[str]) -> None:
        self._flows = flows
        self.set_name = "StoryarnCalls"
        while self.set_name.casefold() in taken:
            self.set_name += "_"
        self.sites: dict[int, list[tuple[int, int]]] = {}
        for facts in flows.values():
            for node, target in facts.call_sites:
                if target in flows:
                    self.sites.setdefault(target, []).append((facts.id, node))
        ways = {x.id: (x.calls | x.continues) & flows.keys() for x in flows.values()}
        self._circle = _circles(ways)

    def caller(self, flow_id: int) -> str:
        """The variable that says who called a flow."""
        return f"{self.set_name}.flow_{flow_id}"

    @property
    def exit(self) -> str:
        """The variable that says by which exit the last flow returned."""
        return f"{self.set_name}.{EXIT}"

    @property
    def rounds(self) -> str:
        """The counter of loops without a line."""
        return f"{self.set_name}.{ROUNDS}"

    def returns(self, flow_id: int) -> bool:
        """Whether a flow can go back to a caller."""
        facts = self._flows.get(flow_id)
        if facts is None or facts.entry is None:
            return False
        return bool(facts.returns) and flow_id in self.sites

    def is_circular(self, caller: int, called: int) -> bool:
        """Whether a called flow may come to its caller again by calls alone."""
        return self._circle[caller] == self._circle[called]

    def variables(self) -> list[Variable]:
        """The variables of the set, those of flows by their ids."""
        flows = [x for x in sorted(self._flows) if self.returns(x)]
        return [
            Variable(self.set_name, EXIT, "text", ""),
            *(Variable(self.set_name, f"flow_{x}", "text", "") for x in flows),
            Variable(self.set_name, ROUNDS, "number", 0),
        ]


def _circles(ways: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """The circle that each flow stands in, by the flow that was found first in it.

    A flow that stands in no circle has one of its own.
    """
    back: dict[int, list[int]] = {x: [] for x in ways}
    for source, targets in ways.items():
        for target in targets:
            back[target].append(source)
    found: dict[int, int] = {}
    for root in reversed(_finished(ways)):
        if root in found:
            continue
        found[root] = root
        members = [root]
        for here in members:  # grows while it is walked
            fresh = [x for x in back[here] if x not in found]
            found.update(dict.fromkeys(fresh, root))
            members += fresh
    return found


def _finished(ways: Mapping[int, frozenset[int]]) -> list[int]:
    """Flows in the order in which a walk through all calls leaves them."""
    order: list[int] = []
    seen: set[int] = set()
    for start in ways:
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(sorted(ways[start])))]
        while path:
            here, rest = path[-1]
            target = next((x for x in rest if x not in seen), None)
            if target is None:
                order.append(here)
                path.pop()
            else:
                seen.add(target)
                path.append((target, iter(sorted(ways[target]))))
    return order
