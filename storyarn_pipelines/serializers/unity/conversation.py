"""A conversation as JSON."""

import math
from collections.abc import Iterator

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.unity.entries import Board
from storyarn_pipelines.serializers.unity.fields import ACTOR, BOOLEAN, field, quoted, rect
from storyarn_pipelines.serializers.unity.flow import FlowEntries
from storyarn_pipelines.serializers.unity.ids import NARRATOR, PLAYER
from storyarn_pipelines.serializers.unity.lines import Lines
from storyarn_pipelines.serializers.unity.rounds import bound_rounds, shorten_chains
from storyarn_pipelines.serializers.unity.shared import Shared
from storyarn_pipelines.story import nodes as n

_GROUP = b'{"name":%b,"rect":%b,"color":{"r":0.5,"g":0.5,"b":0.5,"a":0.25}}'


def conversation_json(shared: Shared, lines: Lines, flow: Flow) -> bytes:
    """One flow with everything in it; its findings go to ``shared.story.told``."""
    made = FlowEntries(shared, lines, flow)
    board = made.made()
    _bound(shared, flow, board)
    shorten_chains(board)
    speaker = next((x.actor for x in board if x.actor not in (PLAYER, NARRATOR)), NARRATOR)
    for entry in board:
        if entry.actor == PLAYER and entry.conversant == PLAYER:
            entry.conversant = speaker
    fields = (
        field("Title", shared.titles[flow.id]),
        field("Description", flow.description or ""),
        field("Actor", str(PLAYER), ACTOR),
        field("Conversant", str(speaker), ACTOR),
        field("Storyarn Flow ID", str(flow.id)),
        field("Storyarn Shortcut", flow.shortcut or ""),
        field("Storyarn Path", flow.path),
        field("Storyarn Main", str(flow.is_main), BOOLEAN),
        *_notes(flow),
    )
    return (
        b'{"id":%d,"fields":[%b],"overrideSettings":{},"nodeColor":"","dialogueEntries":[%b],'
        b'"entryGroups":[%b],"canvasScrollPosition":{"x":0,"y":0},"canvasZoom":1}'
    ) % (
        board.id,
        b",".join(fields),
        b",".join([entry.json(board.id) for entry in board]),
        b",".join(_boxes(shared, flow)),
    )


def _bound(shared: Shared, flow: Flow, board: Board) -> None:
    nodes = {node.id: node for node in flow.nodes}

    def tell(node_id: int) -> None:
        message = "a loop that says nothing: the conversation ends if it goes round too often"
        shared.story.told.add("XP0103", message, node_place(flow, nodes[node_id]))

    bound_rounds(board, f'Variable["{shared.runtime.rounds}"]', tell)


def _notes(flow: Flow) -> Iterator[bytes]:
    """The editor's notes, which are no part of a play."""
    for node in flow.nodes:
        text = n.text_of(n.data_of(node).get("text")) if node.type == "annotation" else ""
        if text:
            yield field(f"Storyarn Note {node.id}", text)


def _boxes(shared: Shared, flow: Flow) -> Iterator[bytes]:
    """Sequences as the editor's groups of entries."""
    for node in flow.nodes:
        if node.type != "sequence":
            continue
        if node.tracks or node.visual_layers:
            message = "its music, sounds and images are not in the database"
            shared.story.told.add("XP0203", message, node_place(flow, node))
        name = node.configs[0].name if node.configs else f"sequence {node.id}"
        yield _GROUP % (quoted(name), _box(node))


def _box(node: Node) -> bytes:
    numbers = [node.position_x, node.position_y]
    numbers += [node.configs[0].width, node.configs[0].height] if node.configs else [300, 200]
    return rect(*(x if math.isfinite(x) and abs(x) < 1e6 else 0.0 for x in numbers))
