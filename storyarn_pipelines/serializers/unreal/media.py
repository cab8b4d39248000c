"""Media: the assets that data tables refer to, and the files that become them."""

import base64
from collections.abc import Mapping
from itertools import chain
from pathlib import PurePosixPath

import orjson

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.serializers.engines.media import media_names, write_media
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
from storyarn_pipelines.serializers.unreal.cells import asset_path
from storyarn_pipelines.serializers.unreal.files import TableFile
from storyarn_pipelines.serializers.unreal.tables import ROOT

EMBEDDED = "Media.json"
_FOLDERS = {"audio": "Audio", "image": "Images"}
_TAKEN = {
    "audio": frozenset({".wav", ".ogg", ".flac", ".aif", ".aiff"}),
    "image": frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tga", ".tif", ".tiff"}),
}


class MediaPaths:
    """Where each medium is expected in the game's content, and lies in the archive."""

    def __init__(self, media: Mapping[int, Media]) -> None:
        self._media = media
        self._names = media_names(media)

    def sound(self, number: int | None) -> str:
        """The asset of a sound; empty if it is none."""
        return self._asset(number, "audio")

    def image(self, number: int | None) -> str:
        """The asset of an image; empty if it is none."""
        return self._asset(number, "image")

    def asset(self, number: int) -> str:
        """The asset of any medium; empty for what becomes none."""
        return self._asset(number, _kind(self._media[number]))

    def file(self, number: int) -> str:
        """The file in the archive, where an editor that watches its content imports it."""
        folder = _FOLDERS.get(_kind(self._media[number]), "Files")
        return f"Content/{PurePosixPath(ROOT).name}/{folder}/{self._names[number]}"

    def _asset(self, number: int | None, kind: str) -> str:
        medium = None if number is None else self._media.get(number)
        if medium is None or _kind(medium) != kind or kind not in _FOLDERS:
            return ""
        return asset_path(f"{ROOT}/{_FOLDERS[kind]}", PurePosixPath(self._names[medium.id]).stem)


def write_media_table(story: EngineStory, paths: MediaPaths, table: TableFile) -> None:
    """The list of media, and what Unreal cannot import of them."""
    bundled = story.options.include_assets == "bundled"
    for number, medium in story.media.items():
        table.add(
            f"media~{number}",
            paths.asset(number),
            paths.file(number) if bundled else "",
            medium.filename,
            medium.key,
            medium.content_type,
            medium.blob_hash or "",
        )
        taken = _TAKEN.get(_kind(medium))
        if taken is not None and medium.extension not in taken:
            message = f"Unreal imports no {medium.extension} files: convert it, the name stays"
            story.told.add("XP0302", message, str(medium))


def write_media_files(story: EngineStory, paths: MediaPaths, out: Output) -> None:
    """The bytes, as files or as Base64 in one JSON file, as the options ask."""
    match story.options.include_assets:
        case "bundled":
            places = {number: paths.file(number) for number in story.media}
            write_media(story.reader, out, places, story.media, story.told)
        case "embedded":
            _write_embedded(story, paths, out)


def _write_embedded(story: EngineStory, paths: MediaPaths, out: Output) -> None:
    """A list of ``{"file", "data"}``; what has no bytes has no ``data``."""
    with out.part(EMBEDDED) as file:
        stream = JsonStream(file, pretty=story.options.pretty_print)
        stream.begin(b"[")
        for number, medium in story.media.items():
            stream.begin(b"{")
            stream.value(orjson.dumps(f"media~{number}"), "Name")
            stream.value(orjson.dumps(paths.file(number)), "File")
            blocks = checked_blocks(story.reader, medium)
            try:
                first = next(blocks, b"")
            except MediaError as error:
                story.told.add("XP0301", str(error), str(medium))
            else:
                stream.text_member("Data", map(base64.b64encode, chain((first,), blocks)))
            stream.end()
        stream.end()
        stream.finish()


def _kind(medium: Media) -> str:
    return medium.content_type.partition("/")[0]
