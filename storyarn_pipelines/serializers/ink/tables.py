"""String tables: one CSV a language, whose keys are the ``line`` tags of the Ink file."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from storyarn_pipelines.serializers.engines.media import media_names
from storyarn_pipelines.serializers.engines.speech import (
    Piece,
    Put,
    Said,
    line_pieces,
    response_pieces,
)
from storyarn_pipelines.serializers.engines.spool import Rows
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.names import InkNames

HEADER = ("key", "text", "voice", "role", "speaker")

Read = Callable[[str, Collection[str]], list[Piece]]


class Entry(NamedTuple):
    """A text of a table; ``source`` is the type, id and field by which translations know it."""

    key: str
    role: str
    source: tuple[str, int, str]
    speaker: str = ""
    voice: str = ""


class InkMedia:
    """The media that the file names, with their places in the artifact."""

    def __init__(self, story: EngineStory) -> None:
        names = media_names(story.media)
        self.places: Mapping[int, str] = {key: f"media/{name}" for key, name in names.items()}
        self.used: set[int] = set()

    def place(self, media_id: int | None) -> str:
        """Where a medium lies; empty for none, and for one that is not there."""
        if media_id is None or media_id not in self.places:
            return ""
        self.used.add(media_id)
        return self.places[media_id]


class StringTables:
    """The tables of the source language and of all others."""

    def __init__(
        self, story: EngineStory, names: InkNames, media: InkMedia, directory: Path
    ) -> None:
        self._story, self._names, self._media = story, names, media
        self.source = Rows(directory / "source.csv", HEADER)
        self.others = {
            locale: Rows(directory / f"{index}.csv", HEADER)
            for index, locale in enumerate(dict.fromkeys(story.locales))
        }
        self.parts = _part_names([self.source_locale, *self.others])

    @property
    def source_locale(self) -> str:
        """The language of the story; ``source`` if it is not known."""
        known = self._story.source_locale
        return "source" if known in self.others else known

    def _plain(self, pieces: list[Piece]) -> str:
        """Pieces as a table has them: ``{mc_gold}`` for a value, braces of the text doubled."""
        made = []
        for piece in pieces:
            match piece:
                case Said(text):
                    made.append(text.replace("{", "{{").replace("}", "}}"))
                case Put(name):
                    made.append(f"{{{self._story.emitter.identifiers.of(name)}}}")
                case _:
                    made.append("\n")
        return "".join(made)

    def add_line(self, entry: Entry, pieces: list[Piece]) -> None:
        """A dialogue's text, which is HTML in its translations."""
        self._add(entry, pieces, line_pieces)

    def add_response(self, entry: Entry, pieces: list[Piece]) -> None:
        """A response."""
        self._add(entry, pieces, response_pieces)

    def add_text(self, entry: Entry, text: str) -> None:
        """A text without variables."""
        self._add(entry, [Said(text)], _no_variables)

    def add_names(self) -> None:
        """The names of speakers."""
        for sheet in self._story.sheets.values():
            key = f"sheet.{self._names.sheet(sheet.id)}.name"
            self.add_text(Entry(key, "speaker", ("sheet", sheet.id, "name")), sheet.name)

    def by_part(self) -> Iterator[tuple[str, Rows]]:
        """All tables by their parts, that of the source language first."""
        yield self.parts[self.source_locale], self.source
        for locale, rows in self.others.items():
            yield self.parts[locale], rows

    def close(self) -> None:
        """Close all files."""
        for rows in (self.source, *self.others.values()):
            rows.close()

    def _add(self, entry: Entry, pieces: list[Piece], read: Read) -> None:
        key, role, source, speaker, voice = entry
        self.source.add(key, self._plain(pieces), voice, role, speaker)
        if not self.others:
            return
        for locale, found in self._story.translations.of(*source).items():
            rows = self.others.get(locale)
            if rows is not None:
                text = self._plain(read(found.text or "", self._story.variables.variables))
                rows.add(key, text, self._media.place(found.voice_asset_id), role, speaker)


def _no_variables(text: str, _variables: Collection[str]) -> list[Piece]:
    return [Said(text)]


def _part_names(locales: list[str]) -> dict[str, str]:
    """``strings.<locale>.csv``; locales come from outside and may have any character."""
    found: dict[str, str] = {}
    for locale in locales:
        name = re.sub("[^A-Za-z0-9_-]", "_", locale)
        while f"strings.{name}.csv".casefold() in {x.casefold() for x in found.values()}:
            name += "_"
        found[locale] = f"strings.{name}.csv"
    return found
