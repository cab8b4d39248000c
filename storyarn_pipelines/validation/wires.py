"""The connections of a flow: their ends, and the pins that they leave."""

from collections.abc import Iterable
from functools import partial

from storyarn_pipelines.domain.flows import Connection, Node
from storyarn_pipelines.domain.json_values import filled, listing, mapping
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.flow_view import FlowView
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import as_id

_NO_INPUT = ("entry", "annotation", "sequence")


def check_wires(run: Run, view: FlowView) -> list[Connection]:
    """Check all connections; returns those whose ends are both in the flow."""
    sound = []
    taken: set[tuple[int, str]] = set()
    pins: dict[int, frozenset[str] | None] = {}
    for wire in view.connections:
        source = view.nodes.get(wire.source_node_id)
        target = view.nodes.get(wire.target_node_id)
        if source is None or target is None:
            _report_end(run, view, wire)
            continue
        sound.append(wire)
        if source.id == target.id:
            run.add("SA0203", view.here(source), pin=wire.source_pin)
        if target.type in _NO_INPUT:
            run.add("SA0205", view.here(source), _entity(view, target), pin=wire.source_pin)
        if source.id not in pins:
            pins[source.id] = _pins(run, source)
        _check_pin(run, view, wire, source, pins[source.id], taken)
    _report_lost(run, view)
    return sound


def _report_lost(run: Run, view: FlowView) -> None:
    """Name the connections that were left out of the snapshot for an end in the trash."""
    for wire in listing(view.flow.lost_connections):
        end = wire["source"] if wire["source"] not in view.nodes else wire["target"]
        here = partial(Entity, "flow_connection", wire["id"], None, None, view.entity, "connection")
        run.add("SA0202", here, Entity("flow_node", end, word="node"), pin=wire["pin"])


def _check_pin(
    run: Run,
    view: FlowView,
    wire: Connection,
    source: Node,
    pins: frozenset[str] | None,
    taken: set[tuple[int, str]],
) -> None:
    """Check that the pin is there and not taken; wires come in the order in which they win."""
    pin = wire.source_pin
    if pins is not None and pin not in pins:
        pin = next((name for name in _aliased(source, pin) if name in pins), "")
        if not pin:
            run.add("SA0204", view.here(source), pin=wire.source_pin)
            return
    if (source.id, pin) in taken:
        run.add("SA0206", view.here(source), pin=wire.source_pin)
    taken.add((source.id, pin))


def _aliased(node: Node, pin: str) -> Iterable[str]:
    """What older connections may mean by a pin of a dialogue."""
    if node.type != "dialogue":
        return ()
    prefixes = (prefix for prefix in ("resp_", "response_") if pin.startswith(prefix))
    return (pin.removeprefix(prefix) for prefix in prefixes)


def _pins(run: Run, node: Node) -> frozenset[str] | None:
    """The output pins of a node; None if they cannot be known."""
    data = mapping(node.data)
    match node.type:
        case "entry" | "instruction" | "hub":
            return frozenset({"output"})
        case "dialogue":
            responses = listing(data.get("responses"))
            ids = [filled(mapping(response).get("id")) for response in responses]
            return frozenset(x for x in ids if x) if responses else frozenset({"output"})
        case "condition":
            return _pins_of_condition(data)
        case "subflow":
            return _pins_of_subflow(run, data)
        case "exit" | "jump" | "annotation" | "sequence":
            return frozenset()
    return None


def _pins_of_condition(data: dict[str, object]) -> frozenset[str]:
    if data.get("switch_mode") is not True:
        return frozenset({"true", "false"})
    condition = mapping(data.get("condition"))
    cases = listing(condition.get("blocks", condition.get("rules")))
    ids = (filled(mapping(case).get("id")) for case in cases)
    return frozenset({"default", *(x for x in ids if x)})


def _pins_of_subflow(run: Run, data: dict[str, object]) -> frozenset[str] | None:
    """One pin per exit of the called flow, and the one that a return falls back to."""
    called = as_id(data.get("referenced_flow_id"))
    if called is not None and called not in run.index.flows:
        return None
    exits = run.index.exits.get(called, ()) if called is not None else ()
    return frozenset({"output", *(f"exit_{key}" for key in exits)})


def _report_end(run: Run, view: FlowView, wire: Connection) -> None:
    here = partial(Entity, "flow_connection", wire.id, None, None, view.entity, "connection")
    ends = (wire.source_node_id, wire.target_node_id)
    lost = next(end for end in ends if end not in view.nodes)
    code = "SA0202" if lost in view.trashed else "SA0201"
    run.add(code, here, Entity("flow_node", lost, word="node"), pin=wire.source_pin)


def _entity(view: FlowView, node: Node) -> Entity:
    return view.here(node)()
