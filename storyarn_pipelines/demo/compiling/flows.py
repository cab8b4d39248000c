"""Flows, their nodes and the wires between them, as rows."""

from collections.abc import Iterator
from collections.abc import Sequence as ListOf

from storyarn_pipelines.demo.authoring.flows import Entry, Flow, Node, Note, Say, Sequence
from storyarn_pipelines.demo.authoring.text import Text, word_count
from storyarn_pipelines.demo.compiling.layout import Position, frame, place
from storyarn_pipelines.demo.compiling.ledger import PROJECT_ID, TRASHED_AT, Ledger
from storyarn_pipelines.demo.compiling.localization import Source, Texts
from storyarn_pipelines.demo.compiling.markup import html
from storyarn_pipelines.demo.compiling.nodes import NODE_TYPES, NodeData, node_texts, wires


def walk(flows: ListOf[Flow]) -> Iterator[Flow]:
    """Go through a tree of flows, parents first."""
    for flow in flows:
        yield flow
        yield from walk(flow.children)


def reserve_flows(flows: ListOf[Flow], ledger: Ledger) -> None:
    """Give all flows and nodes their ids; calls refer to exits of flows further down."""
    for flow in walk(flows):
        ledger.reserve("flows", flow.shortcut)
        for node in _frames_first(flow):
            ledger.reserve("flow_nodes", f"{flow.shortcut}/{node.key}")


def write_flows(
    flows: ListOf[Flow], ledger: Ledger, texts: Texts, parent: int | None = None
) -> None:
    """Write the whole tree."""
    for position, flow in enumerate(flows):
        flow_id = ledger.add(
            "flows",
            flow.shortcut,
            name=flow.name,
            description=flow.description,
            shortcut=flow.shortcut,
            is_main=flow.is_main,
            settings={},
            position=position,
            deleted_at=None,
            project_id=PROJECT_ID,
            parent_id=parent,
            scene_id=None if flow.scene is None else ledger.id("scenes", flow.scene),
            current_version_id=None,
        )
        if flow.nodes:
            _FlowWriter(flow, flow_id, ledger, texts).write()
        write_flows(flow.children, ledger, texts, flow_id)


def _frames_first(flow: Flow) -> list[Node]:
    """Order the nodes so that sequences stand before the nodes inside them."""
    return sorted(flow.nodes, key=lambda node: not isinstance(node, Sequence))


class _FlowWriter:
    """Writes one flow."""

    def __init__(self, flow: Flow, flow_id: int, ledger: Ledger, texts: Texts) -> None:
        self._flow = flow
        self._flow_id = flow_id
        self._ledger = ledger
        self._texts = texts
        self._data = NodeData(ledger, flow.shortcut)
        self._places = self._layout()

    def write(self) -> None:
        for node in _frames_first(self._flow):
            self._write_node(node)
            if isinstance(node, Sequence):
                self._write_frame(node)
        for node in self._flow.nodes:
            self._write_wires(node)

    def _id(self, key: str) -> int:
        return self._ledger.id("flow_nodes", f"{self._flow.shortcut}/{key}")

    def _layout(self) -> dict[str, Position]:
        """Place the wired nodes by the story, notes and trash on top, frames around theirs."""
        nodes = self._flow.nodes
        start = next(node.key for node in nodes if isinstance(node, Entry))
        ways = {node.key: [to for _, to in wires(node, self._ledger)] for node in nodes}
        loose = [n.key for n in nodes if isinstance(n, Note) or _is_trash(n)]
        places = place(start, ways, loose)
        for node in reversed([node for node in nodes if isinstance(node, Sequence)]):
            places[node.key], _ = frame(self._children(node.key, places))
        return places

    def _children(self, key: str, places: dict[str, Position]) -> list[Position]:
        """List where everything inside a sequence stands, with what is inside a sequence there."""
        inner = [node for node in self._flow.nodes if node.inside == key]
        further = [place for node in inner for place in self._children(node.key, places)]
        return [places[node.key] for node in inner] + further

    def _write_node(self, node: Node) -> None:
        x, y = self._places[node.key]
        fields = [
            (field, text.map(lambda v: html(v, self._ledger)) if field == "text" else text)
            for field, text in node_texts(node)
        ]
        node_id = self._ledger.add(
            "flow_nodes",
            f"{self._flow.shortcut}/{node.key}",
            type=NODE_TYPES[type(node)],
            position_x=x,
            position_y=y,
            data=self._data.of(node),
            deleted_at=TRASHED_AT if _is_trash(node) else None,
            flow_id=self._flow_id,
            word_count=sum(word_count(text.en) for _, text in fields),
            parent_id=None if node.inside is None else self._id(node.inside),
            derivatives_fingerprint=None,
        )
        if not _is_trash(node):
            self._hand_over(node, node_id, fields)

    def _hand_over(self, node: Node, node_id: int, fields: list[tuple[str, Text]]) -> None:
        """Give the texts of a node to the translators, with the speaker of spoken ones."""
        speaker = self._ledger.id("sheets", node.who) if isinstance(node, Say) else None
        for field, text in fields:
            is_spoken = field == "text" or field.startswith("response.")
            source = Source(
                "flow_node",
                node_id,
                field,
                text.held_at(self._flow.progress),
                speaker if is_spoken else None,
                node.voices if isinstance(node, Say) and field == "text" else {},
            )
            self._texts.add(source)

    def _write_frame(self, node: Sequence) -> None:
        node_id = self._id(node.key)
        _, (width, height) = frame(self._children(node.key, self._places))
        self._ledger.add_detail(
            "flow_node_sequence_configs",
            flow_node_id=node_id,
            name=node.name,
            width=width,
            height=height,
        )
        self._write_tracks(node, node_id)
        self._write_layers(node, node_id)

    def _write_tracks(self, node: Sequence, node_id: int) -> None:
        for position, track in enumerate(node.tracks):
            self._ledger.add(
                "flow_node_sequence_tracks",
                flow_node_id=node_id,
                kind=track.kind,
                position=position,
                asset_id=self._ledger.id("assets", track.file),
                start_time=track.start,
                end_time=track.end,
                volume=track.volume,
            )

    def _write_layers(self, node: Sequence, node_id: int) -> None:
        for z_index, layer in enumerate(node.layers):
            x, y, layer_width, layer_height = layer.box
            self._ledger.add(
                "flow_node_sequence_visual_layers",
                flow_node_id=node_id,
                asset_id=self._ledger.id("assets", layer.file),
                kind=layer.kind,
                label=layer.label,
                z_index=z_index,
                slot=layer.slot,
                x=x,
                y=y,
                width=layer_width,
                height=layer_height,
                anchor_x=layer.anchor[0],
                anchor_y=layer.anchor[1],
                fit=layer.fit,
                opacity=layer.opacity,
                visible=layer.visible,
            )

    def _write_wires(self, node: Node) -> None:
        for pin, target in wires(node, self._ledger):
            self._ledger.add(
                "flow_connections",
                source_pin=pin,
                target_pin="input",
                label=None,
                flow_id=self._flow_id,
                source_node_id=self._id(node.key),
                target_node_id=self._id(target),
            )


def _is_trash(node: Node) -> bool:
    return isinstance(node, Say) and node.trashed
