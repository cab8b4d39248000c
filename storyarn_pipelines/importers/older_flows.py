"""Flows of older documents: connections with conditions, events on the way, calls of flows."""

from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.older_facts import Facts
from storyarn_pipelines.importers.older_nodes import Nodes, position
from storyarn_pipelines.importers.older_values import (
    Conversions,
    Data,
    decoded,
    excerpt,
    is_missing,
    new_row,
)
from storyarn_pipelines.importers.rows import Row, refusal

MAX_ADDED = 10_000
"""Wires that the exits of called flows may add to one flow."""


def convert_flow(flow: Row, conversions: Conversions) -> None:
    """Bring a flow's nodes and connections into today's shape.

    A condition on a connection becomes a condition node before its target. Connections of one pin
    are tried in turn, those with a condition first: ``false`` of one condition leads to the next.
    Connections through events, which are annotations now, go on to where the event leads. A call
    of a flow goes on from every exit of that flow.
    """
    nodes = Nodes(conversions, flow.ref)
    own = [child for child in flow.children if child.table is t.FLOW_NODES]
    for node in own:
        nodes.convert(node)
    wires = _Wires(flow, nodes, conversions)
    wires.convert()
    flow.children = [*own, *wires.nodes, *nodes.notes, *wires.connections]


class _Wires:
    """The connections of one flow."""

    def __init__(self, flow: Row, nodes: Nodes, conversions: Conversions) -> None:
        self._flow, self._converted, self._conversions = flow, nodes, conversions
        children = flow.children
        self.connections = [x for x in children if x.table is t.FLOW_CONNECTIONS]
        self._by_id = {x.ref: x for x in children if x.table is t.FLOW_NODES}
        self.nodes: list[Row] = []

    def convert(self) -> None:
        """All steps, in the order in which they build on each other."""
        for connection in self.connections:
            self._complete(connection)
        if any("condition" in x.values for x in self.connections):
            self._place_conditions()
        if self._converted.annotated:
            self._pass_annotations()
        if self._converted.jumps:
            self._leave_calls()
        if self._converted.annotated or self._converted.jumps:
            self._merge_equal()

    def _complete(self, connection: Row) -> None:
        for column, pin in (("source_pin", "output"), ("target_pin", "input")):
            if is_missing(connection, column):
                connection.values[column] = msgspec.json.encode(pin)

    def _place_conditions(self) -> None:
        pins: dict[tuple[Any, Any], list[tuple[Row, Any]]] = {}
        for connection in self.connections:
            pin = (connection.text("source_node_id"), connection.text("source_pin"))
            pins.setdefault(pin, []).append((connection, self._condition_of(connection)))
        self.connections = []
        for wires in pins.values():
            self._chain(wires)

    def _condition_of(self, connection: Row) -> Any:
        """A condition's text or stored form; None if there is none."""
        raw = connection.values.pop("condition", None)
        if raw is None:
            return None
        place = f"{connection.pointer}/condition"
        found = decoded(raw, place)
        if isinstance(found, str):
            return found if found.strip() else None
        if found is not None and not isinstance(found, dict):
            raise refusal(place, "it must be a text or null")
        return found or None

    def _chain(self, wires: list[tuple[Row, Any]]) -> None:
        """The connections of one pin, one condition after the other."""
        at: tuple[str, str] | None = None
        asked = [wire for wire in wires if wire[1] is not None]
        for connection, condition in asked:
            node = self._condition_node(connection, condition)
            self.nodes.append(node)
            self._by_id[node.ref] = node
            entry = new_row(
                t.FLOW_CONNECTIONS,
                f"{connection.pointer}/condition/input",
                id=f"{connection.ref}/condition",
                target_pin="input",
                target_node_id=node.ref,
            )
            entry.values |= {x: connection.values[x] for x in _SOURCE if x in connection.values}
            entry.values |= {x: connection.values[x] for x in _STAMPS if x in connection.values}
            _leave(entry, at)
            _leave(connection, (node.ref, "true"))
            self.connections += [entry, connection]
            at = (node.ref, "false")
        for connection, condition in wires:
            if condition is None:
                _leave(connection, at)
                self.connections.append(connection)

    def _condition_node(self, connection: Row, condition: Any) -> Row:
        place = f"{connection.pointer}/condition"
        source = self._by_id.get(connection.text("source_node_id") or "")
        target = self._by_id.get(connection.text("target_node_id") or "")
        near = target or source
        x, y = (position(near, "x"), position(near, "y")) if near else (0.0, 0.0)
        if source and target:
            x, y = (x + position(source, "x")) / 2, (y + position(source, "y")) / 2
        node = new_row(
            t.FLOW_NODES,
            place,
            id=f"{self._flow.ref}/condition/{connection.ref}",
            type="condition",
            position_x=x,
            position_y=y,
        )
        data = Data(node, "data")
        if isinstance(condition, str):
            data.value = self._converted.condition_data(node, "condition", condition, place)
        else:
            data.value = {"switch_mode": False, "condition": condition}
        data.save()
        node.values |= {x: connection.values[x] for x in _STAMPS if x in connection.values}
        self._conversions.note("conditions of connections made condition nodes", place)
        return node

    def _pass_annotations(self) -> None:
        """Wires to what is an annotation now lead to where it led.

        An annotation has no pins: its data keep all wires as they were.
        """
        annotated = self._converted.annotated
        onward: dict[str, Row] = {}
        wires: dict[str, list[dict[str, Any]]] = {}
        for connection in self.connections:
            ends = [connection.text(x) or "" for x in ("source_node_id", "target_node_id")]
            for node in annotated.intersection(ends):
                wire = {key: connection.get(column) for key, column in _ENDS.items()}
                wires.setdefault(node, []).append(wire)
            if ends[0] in annotated:
                onward.setdefault(ends[0], connection)
        for node, found in wires.items():
            data = Data(self._by_id[node], "data")
            data.value["wires"] = found
            data.save()
        ends_of = _Ends(onward, annotated)
        others = [x for x in self.connections if x.text("source_node_id") not in annotated]
        self.connections = [x for x in others if self._leads_on(x, ends_of)]

    def _leads_on(self, connection: Row, ends: "_Ends") -> bool:
        """Whether a wire leads to a node; one that led to an annotation is led past it."""
        target = connection.text("target_node_id") or ""
        if target not in self._converted.annotated:
            return True
        last = ends.of(target)
        if last is None:
            what = "wires that end at annotations, kept in their data"
            self._conversions.note(what, connection.pointer)
            return False
        for column in ("target_node_id", "target_pin"):
            connection.values[column] = last.values[column]
        if is_missing(connection, "label") and "label" in last.values:
            connection.values["label"] = last.values["label"]
        self._conversions.note("wires led past annotations", connection.pointer)
        return True

    def _leave_calls(self) -> None:
        """Calls go on from the exits of the flow that they call."""
        facts = self._conversions.facts
        connections = self.connections
        self.connections = []
        added = 0
        for connection in connections:
            source, pin = connection.text("source_node_id") or "", connection.text("source_pin")
            exits = self._exits(facts, source) if source in self._converted.jumps else []
            if not exits or (pin or "").startswith("exit_"):
                self.connections.append(connection)
                continue
            added += len(exits)
            if added > MAX_ADDED:
                # The player takes ``output`` where an exit has no wire of its own.
                self.connections.append(connection)
                what = "wires from flow_jump nodes left at output, since there are very many exits"
                self._conversions.note(what, connection.pointer)
                continue
            for number, exit_node in enumerate(exits):
                copy = Row(t.FLOW_CONNECTIONS, connection.pointer, dict(connection.values))
                if number:
                    copy.values["id"] = msgspec.json.encode(f"{connection.ref}/{exit_node}")
                    copy.pointer = f"{connection.pointer}/{number}"
                copy.values["source_pin"] = msgspec.json.encode(f"exit_{exit_node}")
                self.connections.append(copy)
            self._conversions.note(
                "wires from flow_jump nodes made to leave each exit of the called flow",
                connection.pointer,
            )

    def _merge_equal(self) -> None:
        """Wires that were led elsewhere may meet others; the database takes each pair once."""
        seen: set[tuple[Any, ...]] = set()
        kept = []
        for connection in self.connections:
            ends = tuple(connection.text(x) for x in (*_SOURCE, "target_node_id", "target_pin"))
            if ends in seen:
                label = connection.text("label")
                place = f"{connection.pointer} {excerpt(label)}" if label else connection.pointer
                self._conversions.note("wires with the same ends as another, merged", place)
                continue
            seen.add(ends)
            kept.append(connection)
        self.connections = kept

    def _exits(self, facts: Facts, node: str) -> list[str]:
        return facts.exits.get(facts.target_flow(node) or "", [])


class _Ends:
    """The wires that leave chains of annotations; each chain is followed once."""

    def __init__(self, onward: dict[str, Row], annotated: set[str]) -> None:
        self._onward, self._annotated = onward, annotated
        self._known: dict[str, Row | None] = {}

    def of(self, node: str) -> Row | None:
        """The last wire behind an annotation; None if it leads nowhere, or in a circle."""
        chain: list[str] = []
        last: Row | None = None
        while node in self._annotated and node not in self._known:
            self._known[node] = None
            chain.append(node)
            last = self._onward.get(node)
            node = (last.text("target_node_id") or "") if last else ""
        if node in self._annotated:
            last = self._known[node]
        for passed in chain:
            self._known[passed] = last
        return self._known[chain[0]] if chain else last


_ENDS = {
    "source_node_id": "source_node_id",
    "source_handle": "source_pin",
    "target_node_id": "target_node_id",
    "target_handle": "target_pin",
    "label": "label",
}
_SOURCE = ("source_node_id", "source_pin")
_STAMPS = ("inserted_at", "updated_at")


def _leave(connection: Row, at: tuple[str, str] | None) -> None:
    """Let a connection begin at a pin."""
    if at is not None:
        for column, value in zip(_SOURCE, at, strict=True):
            connection.values[column] = msgspec.json.encode(value)
