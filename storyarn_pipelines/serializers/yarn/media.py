"""Voice-overs and pictures: where they lie in the artifact."""

import re
from collections.abc import Mapping
from pathlib import Path

from storyarn_pipelines.serializers.engines.media import media_names, write_media
from storyarn_pipelines.serializers.engines.spool import Objects
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.output import Output


class YarnMedia:
    """What the files name. A voice-over is called like its line, since the engine finds it so."""

    def __init__(self, story: EngineStory, directory: Path, source_locale: str) -> None:
        self._story = story
        self._source = source_locale
        self._places: Mapping[int, str] = {
            key: f"media/{name}" for key, name in media_names(story.media).items()
        }
        self._used: set[int] = set()
        self._folders: dict[str, str] = {}
        self._voices: dict[str, int] = {}
        self.voices = Objects(directory / "voices")

    def place(self, media_id: int | None) -> str:
        """Where a picture or sound lies; empty for none, and for one that is not there."""
        if media_id is None or media_id not in self._places:
            return ""
        self._used.add(media_id)
        return self._places[media_id]

    def add_voice(self, locale: str | None, key: str, media_id: int) -> bool:
        """Note the voice-over of a line, None for the source language; False if there is none."""
        media = self._story.media.get(media_id)
        if media is None:
            return False
        place = f"{self.folder(locale or self._source)}/{key}{media.extension}"
        if place not in self._voices:
            self._voices[place] = media_id
            self.voices.add(
                {
                    "id": f"line:{key}",
                    "language": locale or self._source,
                    "file": place,
                    "key": media.key,
                    "sha256": media.blob_hash,
                }
            )
        return True

    def media_ids(self) -> list[int]:
        """Everything that the files name."""
        return sorted({*self._used, *self._voices.values()})

    def named(self, media_id: int) -> str:
        """The file of a picture or sound; empty for one that is a voice-over only."""
        return self._places[media_id] if media_id in self._used else ""

    def has_voices(self, locale: str) -> bool:
        """Whether a language has voice-overs."""
        return locale in self._folders

    def folder(self, locale: str) -> str:
        """Where the voice-overs of a language lie."""
        known = self._folders.get(locale)
        if known is None:
            name = re.sub("[^A-Za-z0-9_-]", "_", locale)
            while f"voices/{name}" in self._folders.values():
                name += "_"
            known = self._folders[locale] = f"voices/{name}"
        return known

    def write(self, out: Output) -> None:
        """The bytes (``include_assets=bundled``)."""
        story = self._story
        used = {key: self._places[key] for key in sorted(self._used)}
        write_media(story.reader, out, used, story.media, story.told)
        for place, media_id in sorted(self._voices.items()):
            write_media(story.reader, out, {media_id: place}, story.media, story.told)
