"""Translations by their source, kept on disk: a project may have more of them than memory.

What may be written says the policy: ``release`` takes what is final and made for today's source,
``preview`` any text that is not blank.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.snapshot.objects import rows
from storyarn_pipelines.snapshot.reader import StoryReader

_INSERT = "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?, ?, ?, ?)"
_OF_SOURCE = (
    "SELECT field, locale, text, voice, hash FROM texts WHERE kind = ? AND id = ? "
    "ORDER BY field, locale"
)


class Voiced(NamedTuple):
    """One source's text in one language: None where only the voice-over may be written."""

    locale: str
    text: str | None
    voice_asset_id: int | None
    source_hash: str | None


_NOTHING: Mapping[str, Voiced] = {}


class _Row(msgspec.Struct, frozen=True):
    """What decides here of a translation."""

    source_type: str
    source_id: int
    source_field: str
    locale_code: str
    source_text_hash: str | None
    translated_text: str | None
    translated_source_hash: str | None
    status: str
    vo_status: str
    vo_asset_id: int | None


class Translations:
    """Looks translations up by source."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._has_any = bool(
            connection.execute("SELECT EXISTS (SELECT 1 FROM texts)").fetchone()[0]
        )
        self._source: tuple[str, int] | None = None
        self._fields: dict[str, dict[str, Voiced]] = {}

    def has_any(self) -> bool:
        """Whether there is any translation that may be written."""
        return self._has_any

    def of(self, source_type: str, source_id: int, source_field: str) -> Mapping[str, Voiced]:
        """By locale, in the order of the locales."""
        return self.fields_of(source_type, source_id).get(source_field, _NOTHING)

    def fields_of(self, source_type: str, source_id: int) -> Mapping[str, Mapping[str, Voiced]]:
        """All texts of a source in one go: by field, then by locale.

        Those of the last source are kept, as its fields are asked for one after the other.
        """
        if self._has_any and self._source != (source_type, source_id):
            self._source = (source_type, source_id)
            self._fields = {}
            for field, *voiced in self._connection.execute(_OF_SOURCE, self._source):
                self._fields.setdefault(field, {})[voiced[0]] = Voiced(*voiced)
        return self._fields


@contextmanager
def open_translations(
    story: StoryReader, options: ExportOptions, directory: Path
) -> Iterator[Translations]:
    """The project's translations under the options' policy, in a file that goes away again."""
    path = directory / "translations.sqlite"
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE texts (kind TEXT, id INTEGER, field TEXT, locale TEXT, text TEXT, "
            "voice INTEGER, hash TEXT, PRIMARY KEY (kind, id, field, locale)) WITHOUT ROWID"
        )
        if options.include_localization and "localization" in story.manifest.sections:
            written = _written(story, options.localization_policy)
            connection.executemany(
                "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?, ?, ?, ?)", written
            )
        yield Translations(connection)
    finally:
        connection.close()
        path.unlink(missing_ok=True)


def _written(
    story: StoryReader, policy: str
) -> Iterator[tuple[str, int, str, str, str | None, int | None, str | None]]:
    """Rows of the table, for what may be written."""
    spoken = ("approved",) if policy == "release" else ("recorded", "approved")
    for _, found in rows(story, t.LOCALIZED_TEXTS, _Row):
        text = found.translated_text if (found.translated_text or "").strip() else None
        current = found.translated_source_hash == found.source_text_hash
        if policy == "release" and not (found.status == "final" and current):
            text = None
        voice = found.vo_asset_id if found.vo_status in spoken else None
        if text is not None or voice is not None:
            yield (
                found.source_type,
                found.source_id,
                found.source_field,
                found.locale_code,
                text,
                voice,
                found.source_text_hash,
            )
