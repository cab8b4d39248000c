"""A flow in the making: objects of nodes, and the wires between them.

Wires lead to nodes at first and find their pins in the end, because counters may come between.
"""

from math import copysign, isfinite
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.emitters.base import Emitted
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import Book
from storyarn_pipelines.serializers.articy.objects import Pin, Text, Thing, Wire
from storyarn_pipelines.serializers.engines.findings import flow_place
from storyarn_pipelines.story.graph import FlowGraph

_PREFIXES = {
    "Dialogue": "Dlg_", "DialogueFragment": "DFr_", "Hub": "Hub_", "Jump": "Jmp_",
    "Condition": "Cnd_", "Instruction": "Ins_", "Comment": "Cmt_",
}  # fmt: skip
_OUTPUTS = {"Condition": 2, "Jump": 0, "Comment": 0}
_PARTS = (
    (i.OBJECT, i.INPUT),
    (i.OBJECT, i.INPUT, i.OUTPUT),
    (i.OBJECT, i.INPUT, i.OUTPUT, i.SECOND),
)
_FARTHEST = 1_000_000.0
_NAME = 40

End = tuple[Thing, int]
"""An output that still leads nowhere: an object and which of its outputs."""


class Draft:
    """One flow. ``where`` is the node that is being written, as people find it.

    ``silent`` has the ways from nodes that say nothing, ``held`` the nodes that must not be
    passed for ever, ``lines`` the objects that say something, ``returning`` where exits lead
    that go back to a caller, ``texts`` the translations of nodes.
    """

    def __init__(self, book: Book, flow: Flow) -> None:
        self.book, self.flow = book, flow
        self.ids, self.told, self.calls = book.ids, book.story.told, book.calls
        self.graph = FlowGraph.of(flow)
        self.things: list[Thing] = []
        self.wires: list[Wire] = []
        self.silent: dict[int, list[int]] = {}
        self.lines: list[Thing] = []
        self.held: set[int] = set()
        self.where = ""
        self.texts: dict[str, Any] = {}
        self.returning: Thing | None = None
        self._places: dict[int, i.Places] = {}
        self._own: dict[int, Thing] = {}
        self.dialogue = self._dialogue()

    def _dialogue(self) -> Thing:
        flow = self.flow
        where = flow_place(flow)
        number = self.ids.of(i.FLOW, flow.id)
        technical = f"Dlg_{self.book.flow_names[flow.id]}"
        thing = Thing("Dialogue", number, technical, i.FOLDERS["Flow"])
        thing.name = self.book.wording.plain(flow.name, where, {})
        thing.text = self.book.wording.plain(flow.description or "", where, {})
        thing.external_id = self.book.wording.clean(flow.shortcut or "", where)
        thing.inputs = [Pin(self.ids.of(i.FLOW, flow.id, 0, i.INPUT))]
        thing.outputs = [Pin(self.ids.of(i.FLOW, flow.id, 0, i.OUTPUT))]
        return thing

    def thing(self, kind: str, node: Node, place: int = 0, name: str = "") -> Thing:
        """An object of a node with its pins; place 0 is where ways to the node lead."""
        thing = self.owned(kind, i.NODE, node.id, place)
        thing.x, thing.y = _near(node.position_x), _near(node.position_y)
        if not place:
            self._own[node.id] = thing
            thing.node = node.id
        if name:
            thing.name = Text(self.book.wording.clean(name, self.where))
        return thing

    def owned(self, kind: str, owner: int, number: int, place: int) -> Thing:
        """An object of a node or of the flow itself, with its pins."""
        suffix = f"_{place:04X}" if place else ""
        mark = "flow" if owner == i.FLOW else ""
        technical = f"{_PREFIXES[kind]}{mark}{str(number).replace('-', 'n')}{suffix}"
        own, *pins = self.ids.parts(owner, number, place, *_PARTS[_OUTPUTS.get(kind, 1)])
        if kind == "Comment":
            pins = []
        inputs, outputs = [Pin(x) for x in pins[:1]], [Pin(x) for x in pins[1:]]
        thing = Thing(kind, own, technical, self.dialogue.id, inputs=inputs, outputs=outputs)
        self.things.append(thing)
        return thing

    def own(self, node_id: int) -> Thing:
        """The object of a node where ways to the node lead."""
        return self._own[node_id]

    def places(self, node: Node) -> i.Places:
        """The places of a node's objects."""
        found = self._places.get(node.id)
        if found is None:
            found = self._places[node.id] = i.Places()
        return found

    def follow(self, node: Node, ends: list[End], *pins: str) -> None:
        """Let outputs lead where the first wired pin of a node leads."""
        if len(ends) == 1:
            ((thing, output),) = ends
            thing.leads = {**thing.leads, output: pins}
        target = self.graph.target(node.id, *pins)
        if target is None or target not in self.graph.nodes:
            pin = pins[0] if pins else "a response without an id"
            self.told.add("XP0105", f"nothing follows on {pin}: the story ends there", self.where)
            return
        if node.type != "dialogue":
            self.silent.setdefault(node.id, []).append(target)
        for thing, output in ends:
            wire = Wire(_wire_id(thing, output), node=target)
            self.wires.append(wire)
            thing.outputs[output].wires.append(wire)

    def lead(self, ends: list[End], target: Thing, wire_id: str = "") -> None:
        """Let outputs lead to an object of the same flow."""
        for source, output in ends:
            wire = Wire(wire_id or _wire_id(source, output), target.id, target.inputs[0].id)
            source.outputs[output].wires.append(wire)

    def reach(self, end: End, node_id: int) -> None:
        """Let an output lead to a node's own object, past all counters."""
        source, output = end
        target = self.own(node_id)
        wire = Wire(_wire_id(source, output), target.id, target.inputs[0].id)
        source.outputs[output].wires.append(wire)

    def end(self, source: Thing, output: int = 0) -> None:
        """Let an output lead out of the dialogue, which ends the story."""
        wire = Wire(_wire_id(source, output), self.dialogue.id, self.dialogue.outputs[0].id)
        source.outputs[output].wires.append(wire)

    def note(self, emitted: Emitted) -> Emitted:
        """Tell what an expression lost."""
        self.told.found.extend(emitted.diagnostics)
        return emitted

    def source(self, thing: Thing, source: str) -> None:
        """Keep an expression as Storyarn writes it beside the one of articy."""
        source = self.book.wording.clean(source, self.where)
        thing.text = Text(source)
        if not thing.name.plain:
            thing.name = Text(source if len(source) <= _NAME else f"{source[: _NAME - 1]}…")


def _wire_id(source: Thing, output: int) -> str:
    """The id of the wire of an output: the object's own with another part."""
    part = i.WIRE if output == 0 else i.SECOND_WIRE
    return i.written(int(source.id, 16) & ~7 | part)


def _near(value: float) -> float:
    """A coordinate that all importers can read."""
    if abs(value) <= _FARTHEST:
        return round(value, 2)
    return copysign(_FARTHEST, value) if isfinite(value) else 0.0
