"""One flow as an articy dialogue with everything in it."""

from collections.abc import Mapping, Sequence

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import FLOW, Book, colour
from storyarn_pipelines.serializers.articy.calls import MOST_ROUNDS
from storyarn_pipelines.serializers.articy.circles import held_at
from storyarn_pipelines.serializers.articy.crossing import add_call, add_exit, add_return_chain
from storyarn_pipelines.serializers.articy.draft import Draft
from storyarn_pipelines.serializers.articy.kept import flow_row, original
from storyarn_pipelines.serializers.articy.logic import add_condition, add_instruction
from storyarn_pipelines.serializers.articy.marks import marks_of
from storyarn_pipelines.serializers.articy.objects import Text, Thing, Wire
from storyarn_pipelines.serializers.articy.speech import add_dialogue
from storyarn_pipelines.serializers.engines.findings import flow_place, node_place
from storyarn_pipelines.story import nodes as n

_SHOWN = 5


def build_flow(book: Book, flow: Flow) -> list[Thing]:
    """The dialogue of a flow, and then all that it holds."""
    draft = Draft(book, flow)
    add_return_chain(draft)
    wired = {x.target_node_id for x in flow.connections}
    for node in flow.nodes:
        draft.where = node_place(flow, node)
        _add(draft, node, is_wired=node.id in wired)
        if texts := book.kept_texts("flow_node", node.id):
            draft.texts[str(node.id)] = texts
    _begin(draft, _hold(draft))
    _tell_unreachable(draft)
    things = [draft.dialogue, *draft.things]
    _keep(draft, things)
    return things


def _keep(draft: Draft, things: Sequence[Thing]) -> None:
    """The flow as it is, for an import."""
    kept = {"flow": flow_row(draft.flow), "texts": draft.texts, "marks": marks_of(things)}
    draft.dialogue.template, draft.dialogue.features = FLOW, ((FLOW, (original(kept),)),)


def _add(draft: Draft, node: Node, *, is_wired: bool) -> None:
    match node.type:
        case "dialogue":
            add_dialogue(draft, node)
        case "condition":
            add_condition(draft, node)
        case "instruction":
            add_instruction(draft, node)
        case "jump":
            _add_jump(draft, node)
        case "subflow":
            add_call(draft, node)
        case "exit":
            add_exit(draft, node)
        case "annotation" | "sequence" if not is_wired:
            _add_aside(draft, node)
        case _:
            _add_hub(draft, node)


def _add_hub(draft: Draft, node: Node) -> None:
    """A hub, an entry, or a node of an unknown type, which does nothing."""
    data = n.data_of(node)
    name = n.text_of(data.get("label")) or n.text_of(data.get("hub_id")) or node.type
    thing = draft.thing("Hub", node)
    thing.name = draft.book.wording.plain(name, draft.where, {})
    thing.color = colour(data.get("color"))
    thing.external_id = draft.book.wording.clean(n.text_of(data.get("hub_id")), draft.where)
    draft.follow(node, [(thing, 0)], n.OUTPUT)


def _add_jump(draft: Draft, node: Node) -> None:
    name = n.target_hub(node)
    hub = draft.graph.hub(name)
    if hub is None:
        message = "it names no hub" if name is None else f"the hub {n.text_of(name)!r} is not there"
        draft.told.add("XP0105", f"{message}: the story ends", draft.where)
        draft.thing("Hub", node, name="jump")
        return
    thing = draft.thing("Jump", node)
    draft.silent.setdefault(node.id, []).append(hub)
    thing.target = Wire("", node=hub)
    draft.wires.append(thing.target)


def _add_aside(draft: Draft, node: Node) -> None:
    """What is never played: notes become comments, sequences are told."""
    if node.type == "sequence":
        draft.told.add("XP0203", "images and sounds of a sequence are not in it", draft.where)
        return
    thing = draft.thing("Comment", node)
    thing.color = colour(n.data_of(node).get("color"))
    thing.text = draft.book.wording.line(n.text_of(n.data_of(node).get("text")), draft.where, {})


def _hold(draft: Draft) -> dict[int, Thing]:
    """Counters in front of nodes where ways go round in silence; they end it some time."""
    loops = held_at(draft.silent)
    for number in loops:
        place = node_place(draft.flow, draft.graph.nodes[number])
        message = f"a way without a line of its own leads round: {MOST_ROUNDS} rounds end it"
        draft.told.add("XP0103", message, place)
    found: dict[int, Thing] = {}
    for number in sorted(draft.held.union(loops)):
        node = draft.graph.nodes[number]
        places = draft.places(node)
        count = draft.thing("Instruction", node, places.take("rounds"), "count rounds")
        asked = draft.thing("Condition", node, places.take("enough"), "enough rounds")
        count.expression = f"{draft.calls.rounds} += 1;"
        asked.expression = f"{draft.calls.rounds} < {MOST_ROUNDS}"
        count.x, asked.x = count.x - 500, asked.x - 250
        draft.lead([(count, 0)], asked)
        draft.reach((asked, 0), number)
        found[number] = count
    return found


def _begin(draft: Draft, held: Mapping[int, Thing]) -> None:
    """Let wires find their pins, and the dialogue its beginning."""
    flow_id, entry = draft.flow.id, draft.graph.entry
    for wire in draft.wires:
        _find(draft, wire, held)
    if held:
        for line in draft.lines:
            line.outputs[0].script = f"{draft.calls.rounds} = 0;"
    if entry is None:
        draft.told.add("XP0101", "the flow has no entry", flow_place(draft.flow))
        return
    inner = Wire(draft.ids.of(i.FLOW, flow_id, 0, i.INNER_WIRE), node=entry)
    _find(draft, inner, held)
    first = []
    if draft.calls.returns(flow_id):
        first.append(f'{draft.calls.caller(flow_id)} = "";')
    if held:
        first.append(f"{draft.calls.rounds} = 0;")
    if first:
        start = draft.owned("Instruction", i.FLOW, flow_id, _START)
        start.name, start.expression, start.y = Text("start"), " ".join(first), -200.0
        inner_wire = Wire(draft.ids.of(i.FLOW, flow_id, _START, i.WIRE), inner.target, inner.pin)
        start.outputs[0].wires.append(inner_wire)
        inner.target, inner.pin = start.id, start.inputs[0].id
    draft.dialogue.inputs[0].wires.append(inner)


def _find(draft: Draft, wire: Wire, held: Mapping[int, Thing]) -> None:
    assert wire.node is not None
    target = held.get(wire.node) or draft.own(wire.node)
    wire.target, wire.pin = target.id, target.inputs[0].id


def _tell_unreachable(draft: Draft) -> None:
    if draft.graph.entry is None:
        return
    reached = set(draft.graph.reachable())
    aside = ("annotation", "sequence")
    lost = [x.id for x in draft.flow.nodes if x.id not in reached and x.type not in aside]
    if lost:
        named = ", ".join(map(str, lost[:_SHOWN])) + (" …" if len(lost) > _SHOWN else "")
        message = f"{len(lost)} nodes are never reached: {named}"
        draft.told.add("XP0104", message, flow_place(draft.flow))


_START = 0xFFFF
"""The place of what runs when a dialogue begins; the way back takes others."""
