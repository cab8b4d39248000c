"""One flow as a conversation.

Lines are entries of their speaker, responses entries of the player. What only leads on is a
group, which the plugin follows while it looks for what comes next. What runs a script is an
entry that shows nothing, since the script of a group runs whenever the plugin looks.
"""

import math
from collections.abc import Sequence
from weakref import proxy

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_switch,
)
from storyarn_pipelines.serializers.engines.findings import flow_place
from storyarn_pipelines.serializers.unity.calls import Calls
from storyarn_pipelines.serializers.unity.entries import ABOVE_NORMAL, HIGH, Board, Entry
from storyarn_pipelines.serializers.unity.fields import field
from storyarn_pipelines.serializers.unity.ids import ENTER, PLAYER, START
from storyarn_pipelines.serializers.unity.lines import Lines
from storyarn_pipelines.serializers.unity.shared import Shared
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph

_BRANCHES = 5
"""As many priorities as a link can have."""

_NAMED = 5
_Arm = tuple[Emitted, int, str]
"""A branch: its condition, where it leads, and the pin that it is named after."""


class FlowEntries:
    """Makes the entries of a flow."""

    def __init__(self, shared: Shared, lines: Lines, flow: Flow) -> None:
        self.shared, self.lines, self.flow = shared, lines, flow
        self.graph = FlowGraph.of(flow)
        self._place = flow_place(flow)
        self.board = Board(shared.conversations[flow.id])
        self.main: dict[int, int] = {}
        """The entry of each node."""
        self._reached = set(self.graph.reachable())
        self._left, self._top = _corner(flow.nodes)
        # Without a circle between the two, a flow's entries go as soon as it is written.
        self._calls = Calls(shared, proxy(self))

    def made(self) -> Board:
        """All entries, START in front."""
        start = self.board.add(START, "START")
        start.actor, start.sequence = PLAYER, "None()"
        start.extra.append(field("Description", "Where the conversation begins."))
        nodes = [node for node in self.flow.nodes if self._is_shown(node)]
        for node in nodes:
            number = ENTER if node.id == self.graph.entry else 0
            own = self.board.numbers.own(node.id) if 0 < node.id < ENTER or not number else number
            self.main[node.id] = own
        entry = self.graph.entry
        if entry is None:
            told = "it has no entry: its conversation ends at once"
            self.shared.story.told.add("XP0101", told, self._place)
        else:
            self.board.link(start, self.main[entry])
        self._calls.begin(start)
        for node in nodes:
            self._node(node)
        self._calls.finish()
        self._tell_unreached(nodes)
        return self.board

    def where(self, node: Node) -> str:
        """A node as people find it."""
        return f"{self._place}, {node.type} {node.id}"

    def add(self, node: Node, *, is_group: bool = False) -> Entry:
        """The main entry of a node."""
        data = n.data_of(node)
        title = n.text_of(data.get("technical_id")) or f"{node.type} {node.id}"
        if title == "START":  # by which the plugin finds the first entry
            title = f"START {node.id}"
        entry = self.board.add(self.main[node.id], title, is_group=is_group)
        entry.node_id = node.id
        entry.x = _placed(node.position_x - self._left) + 220
        entry.y = _placed(node.position_y - self._top) + 60
        entry.extra.append(field("Storyarn Node ID", str(node.id)))
        entry.extra.append(field("Storyarn Node Type", node.type))
        for key, name in _FACTS:
            value = data.get(key)
            if value and isinstance(value, str):
                entry.extra.append(field(name, value))
        return entry

    def target(self, node: Node, *pins: str) -> int | None:
        """The entry where a way of a node leads; None, and told, if there is none."""
        found = self.graph.target(node.id, *pins)
        if found is not None and found in self.main:
            return self.main[found]
        if node.id in self._reached:
            way = "to a node that is not in this flow" if found is not None else "nowhere"
            pin = pins[0] if pins else "?"
            self.shared.story.told.add("XP0105", f"its pin {pin} leads {way}", self.where(node))
        return None

    def way(self, node: Node, *pins: str) -> int:
        """The same, with an entry that ends the conversation if there is none."""
        found = self.target(node, *pins)
        return self.board.end() if found is None else found

    def lost(self, node: Node, message: str) -> int:
        """An entry that ends the conversation, since a node names what is not there."""
        self.shared.story.told.add("XP0105", message, self.where(node))
        return self.board.end()

    def fork(self, entry: Entry, arms: Sequence[_Arm], otherwise: int, name: str) -> None:
        """Branches of which the first whose condition holds is taken, or else the last way.

        Links have five priorities: more branches stand in groups of groups.
        """
        if len(arms) < _BRANCHES:
            self._arms(entry, arms, name)
            self.board.link(entry, otherwise, HIGH - len(arms))
            return
        group = self.board.make(f"{name}.cases", "cases", is_group=True, beside=entry)
        group.sure = False
        self.board.link(entry, group.id, HIGH)
        self.board.link(entry, otherwise, ABOVE_NORMAL)
        self._arms(group, arms, name)

    def _arms(self, entry: Entry, arms: Sequence[_Arm], name: str, first: int = 0) -> None:
        if len(arms) <= _BRANCHES:
            for place, (condition, target, pin) in enumerate(arms):
                group = self.board.make(
                    f"{name}.case.{pin}", f"if {pin}", is_group=True, beside=entry
                )
                group.condition = condition.text
                if condition.source:
                    group.extra.append(field("Storyarn Condition", condition.source))
                self.board.link(entry, group.id, HIGH - place)
                self.board.link(group, target)
            return
        size = _BRANCHES
        while size * _BRANCHES < len(arms):
            size *= _BRANCHES
        for place, start in enumerate(range(0, len(arms), size)):
            group = self.board.make(
                f"{name}.cases.{first + start}.{size}", "cases", is_group=True, beside=entry
            )
            group.sure = False
            self.board.link(entry, group.id, HIGH - place)
            self._arms(group, arms[start : start + size], name, first + start)

    def _node(self, node: Node) -> None:
        match node.type:
            case "dialogue":
                self._dialogue(node)
            case "condition":
                self._condition(node)
            case "instruction":
                self._instruction(node)
            case "jump":
                self._jump(node)
            case "subflow":
                self._calls.subflow(node)
            case "exit":
                self._calls.exit(node)
            case _:
                entry = self.add(node, is_group=True)
                self.board.link(entry, self.way(node, n.OUTPUT))

    def _dialogue(self, node: Node) -> None:
        where = self.where(node)
        entry = self.add(node)
        translations = self.lines.translations(node)
        self.lines.speak(entry, node, translations, where)
        responses = n.responses_of(node)
        if not responses:
            target = self.target(node, n.OUTPUT)
            if target is not None:
                self.board.link(entry, target)
        for response in responses:
            key = n.text_of(response.get("id"))
            made = self.board.make(f"{node.id}.response.{key}", f"response {key}", beside=entry)
            made.x += 90
            made.actor, made.conversant = PLAYER, entry.actor
            self.board.link(entry, made.id)
            self.lines.offer(made, response, translations, where)
            made.extra.append(field("Storyarn Response ID", key))
            condition = self.shared.response_condition(response.get("condition"), where)
            made.condition = condition.text
            if condition.source:
                made.extra.append(field("Storyarn Condition", condition.source))
            if n.has_instruction(response):
                self._runs(made, self.shared.script(read_response_assignments(response), where))
            target = self.target(node, *n.response_pins(response))
            if target is not None:
                self.board.link(made, target)

    def _condition(self, node: Node) -> None:
        entry = self.add(node, is_group=True)
        stored, where = n.data_of(node).get("condition"), self.where(node)
        if n.is_switch(node):
            last = n.DEFAULT
            cases = [
                (x.condition, n.DEFAULT if x.pin is None else x.pin) for x in read_switch(stored)
            ]
        else:
            last, cases = n.NO, [(read_condition(stored), n.YES)]
        ways: dict[str, int] = {}
        for pin in (*(pin for _, pin in cases), last):
            if pin not in ways:
                ways[pin] = self.way(node, pin)
        arms = [(self.shared.condition(asked, where), ways[pin], pin) for asked, pin in cases]
        self.fork(entry, arms, ways[last], str(node.id))

    def _instruction(self, node: Node) -> None:
        entry = self.add(node)
        assignments = read_assignments(n.data_of(node).get("assignments"))
        self._runs(entry, self.shared.script(assignments, self.where(node)))
        target = self.target(node, n.OUTPUT)
        if target is not None:
            self.board.link(entry, target)

    def _jump(self, node: Node) -> None:
        entry = self.add(node, is_group=True)
        hub = self.graph.hub(n.target_hub(node))
        if hub is None:
            target = self.lost(node, "it jumps to a hub that is not there")
        else:
            target = self.main[hub]
        self.board.link(entry, target)

    def _runs(self, entry: Entry, script: Emitted) -> None:
        entry.script = script.text
        if script.source:
            entry.extra.append(field("Storyarn Instruction", script.source))

    def _is_shown(self, node: Node) -> bool:
        """Notes and boxes of the editor are entries only where somebody wired them."""
        return node.type not in ("annotation", "sequence") or node.id in self._reached

    def _tell_unreached(self, nodes: Sequence[Node]) -> None:
        missed = [str(x.id) for x in nodes if x.id not in self._reached]
        if missed and self.graph.entry is not None:
            more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
            message = f"nothing leads to the nodes {', '.join(missed[:_NAMED])}{more}"
            self.shared.story.told.add("XP0104", message, self._place)


_FACTS = (
    ("technical_id", "Storyarn Technical ID"),
    ("localization_id", "Storyarn Localization ID"),
    ("label", "Storyarn Label"),
    ("hub_id", "Storyarn Hub ID"),
    ("target_hub_id", "Storyarn Target Hub ID"),
    ("exit_mode", "Storyarn Exit Mode"),
    ("outcome_color", "Storyarn Outcome Color"),
    ("target_type", "Storyarn Target Type"),
    ("description", "Description"),
)
"""What the data of nodes says and the plugin does not need."""


def _corner(nodes: Sequence[Node]) -> tuple[float, float]:
    """The least position of nodes."""
    return (
        min((_placed(x.position_x) for x in nodes), default=0.0),
        min((_placed(x.position_y) for x in nodes), default=0.0),
    )


def _placed(value: float) -> float:
    """A position that the editor can draw."""
    return min(max(value, -1e5), 1e5) if math.isfinite(value) else 0.0
