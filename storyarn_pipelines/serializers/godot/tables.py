"""Translations as Dialogic reads them, one CSV for timelines and one for characters, and as the
generic file has them."""

import csv
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.serializers.engines.speech import line_pieces, response_pieces
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.godot import text as t
from storyarn_pipelines.serializers.godot.json_text import json_text
from storyarn_pipelines.serializers.godot.names import FOLDER

TIMELINES = "dialogic_timeline_translations"
CHARACTERS = "dialogic_character_translations"
Put = Callable[[str], str]
Translated = Mapping[str, Mapping[str, Voiced]]
"""The translations of a node, by field and locale."""

_MEMBERS = 2_000


class Tables:
    """Both tables, the same texts for the generic file, and which voice speaks in a language."""

    def __init__(
        self, story: EngineStory, directory: Path, *, dialogic: bool, generic: bool
    ) -> None:
        self._story = story
        self.locales = {x: godot_locale(x) for x in (story.source_locale, *story.locales)}
        self.remaps: dict[str, dict[str, str]] = {}
        self._filled: set[tuple[str, str]] = set()
        self._blank = [""] * len(story.locales)
        header = ["keys", *self.locales.values()]
        # None if there is but one language.
        names = (TIMELINES, CHARACTERS) if dialogic and len(self.locales) > 1 else ()
        self._rows = {name: _Table(directory / f"{name}.csv", header) for name in names}
        self._members = {
            locale: _Members(directory / f"texts-{number}")
            for number, locale in enumerate(self.locales if generic else ())
        }

    def translated(self, node_id: int) -> Translated:
        """All translations of a node."""
        return self._story.translations.fields_of("flow_node", node_id)

    def line(self, key: str, text: str, found: Mapping[str, Voiced], put: Put) -> None:
        """A dialogue's text with its translations."""
        names = self._story.variables.variables
        texts = {
            locale: t.line(line_pieces(x.text, names), put)
            for locale, x in found.items()
            if x.text is not None
        }
        self._add(TIMELINES, f"Text/{key}/text", text, texts)

    def option(self, key: str, text: str, found: Mapping[str, Voiced], put: Put) -> None:
        """A response's text with its translations."""
        names = self._story.variables.variables
        texts = {
            locale: t.option(response_pieces(x.text, names), put)[0]
            for locale, x in found.items()
            if x.text is not None
        }
        self._add(TIMELINES, f"Choice/{key}/text", text, texts)

    def name(self, key: str, sheet_id: int, name: str) -> None:
        """A character's name."""
        found = self._story.translations.of("sheet", sheet_id, "name")
        texts = {locale: x.text for locale, x in found.items() if x.text is not None}
        self._add(CHARACTERS, f"Character/{key}/name", name, texts)

    def voices(
        self, voice: str, found: Mapping[str, Voiced], place: Callable[[int | None], str]
    ) -> None:
        """The voice-overs of a line in other languages."""
        for locale, voiced in found.items():
            other = place(voiced.voice_asset_id)
            if other and locale in self.locales:
                self.remaps.setdefault(voice, {}).setdefault(self.locales[locale], other)

    @property
    def files(self) -> tuple[str, ...]:
        """The parts with the tables."""
        return tuple(f"{FOLDER}/{name}" for name in self._rows)

    def imported(self) -> Iterator[str]:
        """The files that Godot makes of the tables: none for a language without texts."""
        for name in self._rows:
            for locale, code in self.locales.items():
                if (name, locale) in self._filled:
                    yield f"{FOLDER}/{name}.{code}.translation"

    def copy_to(self, path: str, out: BinaryIO) -> None:
        """Finish a table and write it."""
        self._rows[path.rpartition("/")[2]].copy_to(out)

    def members(self, locale: str) -> Iterator[bytes]:
        """A language's texts as members of a JSON object, each led by a comma; many at a time."""
        return self._members[locale].finished()

    def close(self) -> None:
        """Close all files."""
        for table in self._rows.values():
            table.close()
        for members in self._members.values():
            members.close()

    def _add(self, table: str, key: str, text: str, texts: Mapping[str, str]) -> None:
        story = self._story
        if self._rows:
            cells = [t.cell(texts.get(x, "")) for x in story.locales] if texts else self._blank
            self._rows[table].add([key, t.cell(text), *cells])
            self._filled.add((table, story.source_locale))
            self._filled.update([(table, x) for x in texts])
        if self._members:
            self._members[story.source_locale].add(key, text)
            for locale, other in texts.items():
                if locale in self._members:
                    self._members[locale].add(key, other)


class _Table:
    def __init__(self, path: Path, header: list[str]) -> None:
        self._path = path
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(header)

    def add(self, cells: list[str]) -> None:
        self._writer.writerow(cells)

    def copy_to(self, out: BinaryIO) -> None:
        self.close()
        with self._path.open("rb") as file:
            shutil.copyfileobj(file, out)

    def close(self) -> None:
        self._file.close()


class _Members:
    """Members of a JSON object, each on a line: a text in JSON has no line breaks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def add(self, key: str, text: str) -> None:
        if text:
            self._file.write(b",%b:%b\n" % (json_text(key), json_text(text)))

    def finished(self) -> Iterator[bytes]:
        self.close()
        with self._path.open("rb") as file:
            while lines := list(islice(file, _MEMBERS)):
                yield b"".join(lines).replace(b"\n", b"")

    def close(self) -> None:
        self._file.close()


def godot_locale(code: str) -> str:
    """``pt-br`` as ``pt_BR``, ``zh-hans`` as ``zh_Hans``."""
    first, *parts = re.split("[-_]", code)
    named = [x.title() if len(x) == 4 else x.upper() for x in parts]
    return "_".join([first, *named])
