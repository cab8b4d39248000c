"""Ways between flows: exits, calls, and the way back."""

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import colour
from storyarn_pipelines.serializers.articy.calls import MOST_ROUNDS
from storyarn_pipelines.serializers.articy.draft import Draft, End
from storyarn_pipelines.serializers.articy.objects import Text, Thing, Wire
from storyarn_pipelines.serializers.engines.story import FlowFacts
from storyarn_pipelines.story import nodes as n

CALL = -1
"""The part of a node that leads to the called flow."""


def add_exit(draft: Draft, node: Node) -> None:
    """An exit: the end, a way back, or a call that comes back to nothing."""
    mode = n.exit_mode(node)
    if mode == n.FLOW_REFERENCE:
        add_call(draft, node)
        return
    data, wording, where = n.data_of(node), draft.book.wording, draft.where
    back = draft.returning if mode == n.CALLER_RETURN else None
    thing = draft.thing("Hub" if back is None else "Instruction", node)
    labels = draft.book.translated("flow_node", node.id, "label")
    thing.name = wording.plain(n.exit_label(node), where, labels if back is None else {})
    thing.color = colour(data.get("outcome_color"))
    thing.external_id = wording.clean(n.text_of(data.get("technical_id")), where)
    tags = data.get("outcome_tags")
    if isinstance(tags, list):
        thing.text = wording.plain(", ".join(x for x in tags if isinstance(x, str)), where, {})
    if back is None:
        draft.end(thing)
    else:
        thing.expression = f'{draft.calls.exit} = "{node.id}";'
        draft.lead([(thing, 0)], back)


def add_call(draft: Draft, node: Node) -> None:
    """Say who calls, jump, and wait at a hub for the way back."""
    stored = n.called_flow(node)
    flow_id = n.as_id(stored)
    facts = draft.book.story.flows.get(flow_id) if flow_id is not None else None
    if facts is None or facts.entry is None:
        _tell_no_flow(draft, stored, known=facts is not None)
        draft.thing("Hub", node, name=node.type)
        return
    returns = draft.calls.returns(facts.id)
    thing = draft.thing("Instruction" if returns else "Hub", node, name=f"→ {facts.name}")
    if returns:
        thing.expression = f'{draft.calls.caller(facts.id)} = "{node.id}";'
    jump = draft.thing("Jump", node, draft.places(node).take("jump"), f"→ {facts.name}")
    jump.x += 250
    jump.node, jump.part = node.id, CALL
    target = draft.ids.of(i.NODE, facts.entry)
    jump.target = Wire("", target, draft.ids.of(i.NODE, facts.entry, 0, i.INPUT))
    draft.lead([(thing, 0)], jump)
    if returns:
        _come_back(draft, node, facts)
    if draft.calls.is_circular(draft.flow.id, facts.id):
        draft.held.add(node.id)
        message = f"calls lead round to this flow: {MOST_ROUNDS} rounds without a line end it"
        draft.told.add("XP0103", message, draft.where)
        if returns and node.type == "subflow":
            message = "the called flow may call this one again: it returns to the last caller"
            draft.told.add("XP0204", message, draft.where)


def _tell_no_flow(draft: Draft, stored: object, *, known: bool) -> None:
    if known:
        draft.told.add("XP0101", "the called flow has no entry: the story ends", draft.where)
    elif stored is None:
        draft.told.add("XP0105", "it calls no flow: the story ends", draft.where)
    else:
        message = f"the called flow {str(stored)[:40]} is not in this export: the story ends"
        draft.told.add("XP0102", message, draft.where)


def _come_back(draft: Draft, node: Node, called: FlowFacts) -> None:
    """From the hub where a called flow comes back, by the exit that it took."""
    places = draft.places(node)
    back = draft.thing("Hub", node, places.take("back"), "←")
    back.x += 500
    *exits, last = sorted(called.returns)
    usual = draft.graph.target(node.id, n.return_pin(last), n.OUTPUT)
    ends: list[End] = [(back, 0)]
    for exit_id in exits:
        pins = (n.return_pin(exit_id), n.OUTPUT)
        if draft.graph.target(node.id, *pins) == usual:
            continue
        asked = draft.thing("Condition", node, places.take(pins[0]), f"← {exit_id}")
        asked.x += 750
        asked.expression = f'{draft.calls.exit} == "{exit_id}"'
        draft.lead(ends, asked)
        draft.follow(node, [(asked, 0)], *pins)
        ends = [(asked, 1)]
    if node.type == "subflow" or usual is not None:
        draft.follow(node, ends, n.return_pin(last), n.OUTPUT)


def add_return_chain(draft: Draft) -> None:
    """Where the flow's returning exits lead: to whoever called."""
    flow_id = draft.flow.id
    if not draft.calls.returns(flow_id):
        return
    places = i.Places()
    previous: Thing | None = None
    for index, (_, site) in enumerate(draft.calls.sites[flow_id]):
        name = f"caller {site}"
        asked = draft.owned("Condition", i.FLOW, flow_id, places.take(name))
        asked.x, asked.y, asked.name = index * 250.0, -400.0, Text(name)
        asked.expression = f'{draft.calls.caller(flow_id)} == "{site}"'
        jump = draft.owned("Jump", i.FLOW, flow_id, places.take(f"back to {site}"))
        jump.x, jump.y, jump.name = asked.x, -600.0, Text(f"back to {site}")
        target = draft.ids.of(i.NODE, site, _BACK)
        jump.target = Wire("", target, draft.ids.of(i.NODE, site, _BACK, i.INPUT))
        draft.lead([(asked, 0)], jump)
        if previous is None:
            draft.returning = asked
        else:
            draft.lead([(previous, 1)], asked)
        previous = asked
    if previous is not None:
        draft.end(previous, 1)


def _back_place() -> int:
    """The place of the hub where a call comes back, the same for every call."""
    places = i.Places()
    places.take("jump")
    return places.take("back")


_BACK = _back_place()
