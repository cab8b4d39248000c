"""Sequences: what is seen and heard while the nodes inside of one play."""

from decimal import Decimal
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.serializers.unreal.media import MediaPaths


def sequence_members(media: MediaPaths, node: Node) -> dict[str, Any]:
    """Its name, images from back to front, and sounds, as members of a node of the graph."""
    return {
        "name": next((config.name for config in node.configs), ""),
        "layers": [
            {
                "kind": layer.kind,
                "label": layer.label,
                "texture": media.image(layer.asset_id),
                "slot": layer.slot,
                "z": layer.z_index,
                "x": layer.x,
                "y": layer.y,
                "width": layer.width,
                "height": layer.height,
                "anchor_x": layer.anchor_x,
                "anchor_y": layer.anchor_y,
                "fit": layer.fit,
                "opacity": layer.opacity,
                "visible": layer.visible,
            }
            for layer in node.visual_layers
        ],
        "tracks": [
            {
                "kind": track.kind,
                "sound": media.sound(track.asset_id),
                "start": _number(track.start_time),
                "end": _number(track.end_time),
                "volume": _number(track.volume),
            }
            for track in node.tracks
        ],
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
