"""String tables: one CSV a language, with the columns that Yarn Spinner for Unity reads by name."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from storyarn_pipelines.serializers.engines.spool import Rows
from storyarn_pipelines.serializers.engines.story import EngineStory

HEADER = ("language", "id", "text", "file", "node", "lineNumber", "lock", "comment")
UNTRANSLATED = "not translated"
_LOCK = 8


class StringTables:
    """The tables of the source language and of all others; each has a row for every line.

    Where a translation is missing stands the source text, without a lock, so that Yarn Spinner
    has something to show and its tools see that the row is not done.
    """

    def __init__(self, story: EngineStory, directory: Path) -> None:
        others = dict.fromkeys(story.locales)
        known = story.source_locale
        self.source_locale = "source" if known in others else known
        self.source = Rows(directory / "source.csv", HEADER)
        self.others = {
            locale: Rows(directory / f"{index}.csv", HEADER) for index, locale in enumerate(others)
        }
        self.translated = dict.fromkeys(others, 0)
        self.parts = _part_names([self.source_locale, *self.others])

    def add(
        self,
        line_id: str,
        text: str,
        translated: Mapping[str, str],
        instead: Mapping[str, str],
        place: tuple[str, str, int],
        comment: str,
    ) -> None:
        """A line; ``place`` is its file, node and number there.

        ``instead`` stands for a missing translation, if it is not the source text.
        """
        file, node, number = place
        lock = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_LOCK]
        rest = (file, node, str(number))
        self.source.add(self.source_locale, line_id, text, *rest, lock, comment)
        for locale, rows in self.others.items():
            found = translated.get(locale)
            if found is None:
                note = f"{UNTRANSLATED}; {comment}" if comment else UNTRANSLATED
                rows.add(locale, line_id, instead.get(locale, text), *rest, "", note)
            else:
                rows.add(locale, line_id, found, *rest, lock, comment)
                self.translated[locale] += 1

    def by_part(self) -> Iterator[tuple[str, Rows]]:
        """All tables by their parts, that of the source language first."""
        yield self.parts[self.source_locale], self.source
        for locale, rows in self.others.items():
            yield self.parts[locale], rows

    def close(self) -> None:
        """Close all files."""
        for rows in (self.source, *self.others.values()):
            rows.close()


def _part_names(locales: list[str]) -> dict[str, str]:
    """``strings.<locale>.csv``; locales come from outside and may have any character."""
    found: dict[str, str] = {}
    for locale in locales:
        name = re.sub("[^A-Za-z0-9_-]", "_", locale)
        while f"strings.{name}.csv".casefold() in {x.casefold() for x in found.values()}:
            name += "_"
        found[locale] = f"strings.{name}.csv"
    return found
