"""Random stories whose lines stand in sequences, with real images and sounds."""

import io
import struct
import wave
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from storyarn_pipelines.domain.flows import Flow, Node, SequenceTrack, SequenceVisualLayer
from tests.story.builders import blank, flow, node, response, wire

Seen = tuple[str, dict[str, str]]
"""A background and the sounds by channel, as resources."""

_KINDS = ("music", "ambience", "sfx")
_LAYERS = ("backdrop", "backdrop", "prop")
_VOLUMES = (None, "0.5", "0")
_LENGTH = 12


def png(level: int) -> bytes:
    """An image of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes((0, level)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def wav(level: int) -> bytes:
    """A minute of a constant sound: it does not end while a test plays."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(bytes((level,)) * 480_000)
    return out.getvalue()


CONTENTS: Mapping[str, bytes] = {
    "inn.png": png(10), "cellar.png": png(200), "theme.wav": wav(100), "rain.wav": wav(140),
    "notes.txt": b"neither seen nor heard",
}  # fmt: skip
IMAGES, SOUNDS, OTHER = (1, 2), (3, 4), 5
_NAMES = dict(enumerate(CONTENTS, start=1))


def layer(
    asset_id: int, kind: str = "backdrop", z_index: int = 0, **given: Any
) -> SequenceVisualLayer:
    """A visible layer."""
    fields = {"kind": kind, "visible": True, "fit": "cover", "opacity": 1.0} | given
    made = blank(SequenceVisualLayer, asset_id=asset_id, z_index=z_index)
    return msgspec.structs.replace(made, **fields)


def track(
    asset_id: int | None, kind: str = "music", volume: str | None = None, **given: Any
) -> SequenceTrack:
    """A track."""
    fields = {"kind": kind, "volume": None if volume is None else Decimal(volume)} | given
    return msgspec.structs.replace(blank(SequenceTrack, asset_id=asset_id), **fields)


def sequence(
    key: int, *parts: SequenceTrack | SequenceVisualLayer, inside: int | None = None
) -> Node:
    """A sequence node."""
    return blank(
        Node,
        id=key,
        type="sequence",
        parent_id=inside,
        tracks=tuple(x for x in parts if isinstance(x, SequenceTrack)),
        visual_layers=tuple(x for x in parts if isinstance(x, SequenceVisualLayer)),
    )


def staged_flows(random: Random, count: int = 4) -> list[Flow]:
    """Flows that call each other, whose lines, each with its own text, stand in sequences."""
    return [_staged(random, key, count) for key in range(1, count + 1)]


def _staged(random: Random, key: int, count: int) -> Flow:
    made = _sequences(random, key * 100 + 50) if random.random() < 0.8 else []
    parents = [None, *(x.id for x in made)]
    first = key * 100
    nodes = [node(first, "entry")]
    wires = []
    for number in range(first, first + _LENGTH):
        kind = random.choice(("dialogue",) * 5 + ("subflow", "hub"))
        data: dict[str, Any] = {"text": f"<p>line {number + 1}</p>"} if kind == "dialogue" else {}
        pins = ["output"] if number == first or nodes[-1].type != "dialogue" else _pins(nodes[-1])
        if kind == "dialogue" and random.random() < 0.4:
            data["responses"] = [response("a"), response("b")]
        if kind == "subflow" and key < count:
            data["referenced_flow_id"] = random.randint(key + 1, count)
        made_node = node(number + 1, kind, **data)
        nodes.append(msgspec.structs.replace(made_node, parent_id=random.choice(parents)))
        for pin in pins:
            back = pin == "a" and random.random() < 0.5  # the other response leads on
            target = random.randint(first + 1, number + 1) if back else number + 1
            wires.append(wire(number, target, pin))
    last = first + _LENGTH + 1
    nodes.append(node(last, "exit", exit_mode="caller_return"))
    wires += [wire(last - 1, last, pin) for pin in _pins(nodes[-2])]
    return flow([*nodes, *made], wires, key)


def _pins(node: Node) -> list[str]:
    responses = node.data.get("responses")
    return ["a", "b"] if responses else ["output"]


def _sequences(random: Random, first: int) -> list[Node]:
    made: list[Node] = []
    for key in range(first, first + random.randint(1, 4)):
        parts: list[SequenceTrack | SequenceVisualLayer] = [
            layer(random.choice((*IMAGES, *IMAGES, OTHER)), random.choice(_LAYERS), height,
                  visible=random.random() < 0.8)
            for height in range(random.randint(0, 3))
        ]  # fmt: skip
        parts += [
            track(random.choice((*SOUNDS, *SOUNDS, OTHER, None)), kind, random.choice(_VOLUMES))
            for kind in _KINDS
            if random.random() < 0.4
        ]
        inside = random.choice((None, None, *(x.id for x in made), key))
        made.append(sequence(key, *parts, inside=inside))
    return made


def expected(flows: Sequence[Flow]) -> dict[str, Seen]:
    """What must be seen and heard at each line, by its text."""
    nodes = {node.id: node for flow in flows for node in flow.nodes}
    return {
        f"line {node.id}": _seen(node, nodes) for node in nodes.values() if node.type == "dialogue"
    }


def _seen(node: Node, nodes: Mapping[int, Node]) -> Seen:
    around: list[Node] = []
    while (found := nodes.get(node.parent_id or 0)) is not None and found not in around:
        around.append(found)
        node = found
    image = ""
    sounds: dict[str, str] = {}
    for outer in reversed(around):
        for shown in sorted(outer.visual_layers, key=lambda x: x.z_index):
            if shown.kind == "backdrop" and shown.visible and shown.asset_id in IMAGES:
                image = _resource(shown.asset_id)
        for heard in outer.tracks:
            if heard.asset_id in SOUNDS:
                sounds[heard.kind] = _resource(heard.asset_id)
    return image, sounds


def _resource(asset_id: int) -> str:
    return f"res://storyarn/media/{_NAMES[asset_id]}"
