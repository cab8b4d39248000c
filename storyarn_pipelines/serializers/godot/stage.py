"""What is seen and heard around lines: sequences as backgrounds and sounds of Dialogic.

A sequence shows its backdrop and plays its tracks while the play is at a line inside of it. Where
a sequence in another has no backdrop, or no track of a kind, those of the outer one go on.
"""

import math
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from storyarn_pipelines.domain.flows import Flow, Node, SequenceTrack, SequenceVisualLayer

CHANNELS = ("music", "ambience", "sfx")
"""Kinds of tracks, each a channel of Dialogic."""

_PLAYS_ONCE = "sfx"
_SILENT = -80.0
"""Decibel."""

Place = Callable[[int | None], str]
"""Where a medium lies as a resource; empty if it is not there, or Godot cannot take it."""


class Sound(NamedTuple):
    """A sound on a channel. ``key`` tells it from others; empty for silence."""

    channel: str
    key: str = ""
    path: str = ""
    volume: float = 0.0


class Stage(NamedTuple):
    """What is seen and heard at a line: an image, or none, and the channels that are in use."""

    backdrop: str = ""
    sounds: tuple[Sound, ...] = ()


class Stages:
    """The stages of a flow's lines. ``empty`` has the channels that any flow uses."""

    def __init__(self, flow: Flow, empty: Stage, image: Place, sound: Place) -> None:
        self._empty, self._image, self._sound = empty, image, sound
        self._sequences = {x.id: x for x in flow.nodes if x.type == "sequence"}
        self._known: dict[int, Stage] = {}

    def of(self, node: Node) -> Stage:
        """What is seen and heard at a node."""
        here = node.parent_id
        inside: list[Node] = []
        while here is not None and here not in self._known and here in self._sequences:
            self._known[here] = self._empty  # ends circles, which the database allows
            inside.append(self._sequences[here])
            here = inside[-1].parent_id
        found = self._empty if here is None else self._known.get(here, self._empty)
        for sequence in reversed(inside):
            found = self._known[sequence.id] = self._made(sequence, found)
        return found

    def _made(self, sequence: Node, outer: Stage) -> Stage:
        layers = sorted(backdrops(sequence), key=lambda layer: layer.z_index)
        images = [image for x in layers if (image := self._image(x.asset_id))]
        tracks = {track.kind: track for track in sequence.tracks}
        sounds = tuple(self._heard(tracks.get(x.channel), x) for x in outer.sounds)
        return Stage(images[-1] if images else outer.backdrop, sounds)

    def _heard(self, track: SequenceTrack | None, outer: Sound) -> Sound:
        path = self._sound(track.asset_id) if track is not None else ""
        if track is None or not path:
            return outer
        volume = decibel(track)
        return Sound(outer.channel, f"{track.asset_id} {volume:g}", path, volume)


def empty_stage(channels: Collection[str]) -> Stage:
    """Nothing to see and to hear."""
    return Stage("", tuple(Sound(x) for x in CHANNELS if x in channels))


def backdrops(sequence: Node) -> list[SequenceVisualLayer]:
    """The images that can fill the stage."""
    return [x for x in sequence.visual_layers if x.kind == "backdrop" and x.visible]


def events(before: Stage | None, after: Stage, own: str, *, images: bool) -> Iterator[str]:
    """Events that lead from a stage, None for an unknown one, to another.

    ``own`` is the folder of the variables that know what each channel plays: a sound would begin
    anew each time that it is asked for, an image does not. ``images``: any flow has backdrops.
    """
    if images and (before is None or before.backdrop != after.backdrop):
        yield f'[background arg="{after.backdrop}"]' if after.backdrop else "[background]"
    for index, sound in enumerate(after.sounds):
        if before is not None and before.sounds[index].key == sound.key:
            continue
        name = f"{{{own}.{sound.channel}}}"
        yield f'if {name} != "{sound.key}":'
        yield f"\t{_played(sound)}"
        yield f'\tset {name} = "{sound.key}"'


def _played(sound: Sound) -> str:
    if not sound.path:
        return f"audio {sound.channel} -"
    settings = [f'volume="{sound.volume}"'] if sound.volume else []
    if sound.channel == _PLAYS_ONCE:
        settings.append('loop="false"')
    end = f" [{' '.join(settings)}]" if settings else ""
    return f'audio {sound.channel} "{sound.path}"{end}'


def decibel(track: SequenceTrack) -> float:
    """A track's volume, of 0 to 1, as Godot counts it."""
    share = 1.0 if track.volume is None else float(track.volume)
    return max(_SILENT, round(20 * math.log10(share), 1)) if share > 0 else _SILENT
