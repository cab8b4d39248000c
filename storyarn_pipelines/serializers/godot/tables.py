"""Translations as Dialogic reads them: one CSV for timelines, one for characters."""

import csv
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.serializers.engines.speech import line_pieces, response_pieces
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.godot import text as t
from storyarn_pipelines.serializers.godot.names import FOLDER

TIMELINES = "dialogic_timeline_translations"
CHARACTERS = "dialogic_character_translations"
Put = Callable[[str], str]


class Tables:
    """Both tables, and which voice speaks instead of another in a language."""

    def __init__(self, story: EngineStory, directory: Path) -> None:
        self._story = story
        self.locales = {x: godot_locale(x) for x in (story.source_locale, *story.locales)}
        self.remaps: dict[str, dict[str, str]] = {}
        self._filled: set[tuple[str, str]] = set()
        header = ["keys", *self.locales.values()]
        self._rows = {
            name: _Table(directory / f"{name}.csv", header) for name in (TIMELINES, CHARACTERS)
        }

    def line(self, key: str, text: str, node_id: int, put: Put) -> Mapping[str, Voiced]:
        """A dialogue's text with its translations, which are returned."""
        found = self._story.translations.of("flow_node", node_id, "text")
        names = self._story.variables.variables
        texts = {
            locale: t.line(line_pieces(x.text, names), put, in_line=False)
            for locale, x in found.items()
            if x.text is not None
        }
        self._add(TIMELINES, f"Text/{key}/text", text, texts)
        return found

    def option(self, key: str, text: str, node_id: int, field: str, put: Put) -> None:
        """A response's text with its translations."""
        found = self._story.translations.of("flow_node", node_id, field)
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
        """The parts with the tables; none if there is but one language."""
        return tuple(f"{FOLDER}/{name}" for name in self._rows) if len(self.locales) > 1 else ()

    def imported(self) -> Iterator[str]:
        """The files that Godot makes of the tables: none for a language without texts."""
        for name in self._rows if self.files else ():
            for locale, code in self.locales.items():
                if (name, locale) in self._filled:
                    yield f"{FOLDER}/{name}.{code}.translation"

    def copy_to(self, path: str, out: BinaryIO) -> None:
        """Finish a table and write it."""
        self._rows[path.rpartition("/")[2]].copy_to(out)

    def rows(self) -> Iterator[list[str]]:
        """The rows of the finished tables: key, source text and translations."""
        for table in self._rows.values():
            yield from table.rows()

    def close(self) -> None:
        """Close all files."""
        for table in self._rows.values():
            table.close()

    def _add(self, table: str, key: str, text: str, texts: Mapping[str, str]) -> None:
        others = [t.cell(texts.get(x, "")) for x in self._story.locales]
        self._rows[table].add([key, t.cell(text), *others])
        self._filled.update((table, x) for x in (self._story.source_locale, *texts) if x)


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

    def rows(self) -> Iterator[list[str]]:
        self.close()
        with self._path.open(encoding="utf-8", newline="") as file:
            found = csv.reader(file)
            next(found)
            yield from found

    def close(self) -> None:
        self._file.close()


def godot_locale(code: str) -> str:
    """``pt-br`` as ``pt_BR``, ``zh-hans`` as ``zh_Hans``."""
    first, *parts = re.split("[-_]", code)
    named = [x.title() if len(x) == 4 else x.upper() for x in parts]
    return "_".join([first, *named])
