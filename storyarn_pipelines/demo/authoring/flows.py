"""How flows are written: nodes have names, and say by name where the story goes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from storyarn_pipelines.demo.authoring.logic import Assignment, Test
from storyarn_pipelines.demo.authoring.text import Status, Text, VoiceStatus

Voices = Mapping[str, tuple[VoiceStatus, str | None]]
"""Per locale: how far the recording has come, and its file."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """What all nodes have; `inside` names the sequence that frames the node."""

    key: str
    inside: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry(Node):
    """Where a flow begins."""

    key: str = "entry"
    to: str


@dataclass(frozen=True)
class Reply:
    """A response: when it is on offer, what it changes, and where it leads."""

    key: str
    text: Text
    to: str
    when: Test | None = None
    do: tuple[Assignment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Say(Node):
    """A line somebody speaks; it goes on to `to`, or to where the chosen reply leads."""

    who: str
    text: Text
    to: str | None = None
    replies: tuple[Reply, ...] = ()
    face: str | None = None
    stage: Text | None = None
    menu: Text | None = None
    at: str | None = None
    voice: str | None = None
    voices: Voices = field(default_factory=dict)
    trashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Check(Node):
    """A fork with two ways."""

    when: Test
    yes: str
    no: str


@dataclass(frozen=True)
class Case:
    """One way out of a switch; the key becomes part of the pin's name."""

    key: str
    label: str
    when: Test
    to: str


@dataclass(frozen=True, kw_only=True)
class Switch(Node):
    """A fork with many ways: the first case that holds, else the default."""

    cases: tuple[Case, ...]
    default: str


@dataclass(frozen=True, kw_only=True)
class Do(Node):
    """Changes of variables."""

    changes: tuple[Assignment, ...]
    to: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Hub(Node):
    """A place to come back to; its key is the hub id that jumps aim at."""

    label: str
    to: str
    color: str = "#be185d"


@dataclass(frozen=True, kw_only=True)
class Jump(Node):
    """The way back to a hub of the same flow."""

    hub: str


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    """A flow within the flow; `outcomes` wires each of its exits, by the exit's key."""

    flow: str
    outcomes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Exit(Node):
    """An end of a flow: of the story, of the call, or only of this part of the story."""

    label: Text
    mode: Literal["terminal", "flow_reference", "caller_return"]
    tags: tuple[str, ...] = ()
    color: str = "#22c55e"
    flow: str | None = None
    scene: str | None = None


@dataclass(frozen=True, kw_only=True)
class Note(Node):
    """A remark for the other authors."""

    text: str
    size: Literal["sm", "md", "lg"] = "md"
    color: str = "#fbbf24"


@dataclass(frozen=True)
class Track:
    """A sound that plays while the story is inside a sequence."""

    kind: Literal["music", "ambience", "sfx"]
    file: str
    volume: float = 1.0
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Layer:
    """An image that is seen while the story is inside a sequence."""

    kind: Literal["backdrop", "character", "prop", "overlay"]
    file: str
    label: str
    slot: str = "full"
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    anchor: tuple[float, float] = (0.0, 0.0)
    fit: Literal["cover", "contain", "fill"] = "contain"
    opacity: float = 1.0
    visible: bool = True


@dataclass(frozen=True, kw_only=True)
class Sequence(Node):
    """A frame around nodes, with the images and sounds that go with them."""

    name: str
    tracks: tuple[Track, ...] = ()
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class Flow:
    """A flow and the flows below it; without nodes it is a folder."""

    shortcut: str
    name: str
    description: str
    nodes: tuple[Node, ...] = ()
    children: "tuple[Flow, ...]" = ()
    scene: str | None = None
    is_main: bool = False
    progress: Mapping[str, Status] = field(default_factory=dict)
    """Languages in which nothing in this flow is final yet, and how far they have come."""


def terminal(
    key: str, label: Text, *, tags: tuple[str, ...], color: str, scene: str | None = None
) -> Exit:
    """End the whole story, and perhaps leave the player in a scene."""
    return Exit(key=key, label=label, mode="terminal", tags=tags, color=color, scene=scene)


def back(key: str, label: Text) -> Exit:
    """Return to the flow that called this one."""
    return Exit(key=key, label=label, mode="caller_return", color="#60a5fa")


def onward(key: str, label: Text, flow: str) -> Exit:
    """Go on in another flow, for good."""
    return Exit(key=key, label=label, mode="flow_reference", flow=flow, color="#a78bfa")
