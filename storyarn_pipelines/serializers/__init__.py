"""The export formats. Adding one is a module and a line here.

Jobs, command line, API, page and README read this registry; nothing else lists formats.
"""

from storyarn_pipelines.errors import UnknownFormatError
from storyarn_pipelines.serializers.articy import ArticySerializer
from storyarn_pipelines.serializers.base import Serializer
from storyarn_pipelines.serializers.godot import GodotSerializer
from storyarn_pipelines.serializers.ink import InkSerializer
from storyarn_pipelines.serializers.storyarn import StoryarnSerializer
from storyarn_pipelines.serializers.unity import UnitySerializer
from storyarn_pipelines.serializers.unreal import UnrealSerializer
from storyarn_pipelines.serializers.yarn import YarnSerializer

FORMATS: dict[str, Serializer] = {
    serializer.format: serializer
    for serializer in (
        StoryarnSerializer(),
        UnitySerializer(),
        GodotSerializer(),
        UnrealSerializer(),
        ArticySerializer(),
        InkSerializer(),
        YarnSerializer(),
    )
}


def get_serializer(name: str) -> Serializer:
    """The serializer of a format; raises UnknownFormatError."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormatError(
            f"format {name!r} does not exist; the formats are {', '.join(FORMATS)}"
        ) from None


def describe(serializer: Serializer) -> dict[str, object]:
    """A format's facts as plain values."""
    return {
        "format": serializer.format,
        "label": serializer.label,
        "content_type": serializer.content_type,
        "file_extension": serializer.file_extension,
        "sections": list(serializer.sections),
        "target_language": serializer.target_language,
    }
