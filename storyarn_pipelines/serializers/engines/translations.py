"""Translations by their source, kept on disk: a project may have more of them than memory.

What may be written says the policy: ``release`` takes what is final and made for today's source,
``preview`` any text that is not blank.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from storyarn_pipelines.domain.localization import Translation
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.snapshot.reader import StoryReader

_BATCH = 5_000


class Voiced(msgspec.Struct, frozen=True, array_like=True):
    """One source's text in one language: None where only the voice-over may be written."""

    locale: str
    text: str | None
    voice_asset_id: int | None
    source_hash: str | None


class Translations:
    """Looks translations up by source."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, source_type: str, source_id: int, source_field: str) -> dict[str, Voiced]:
        """By locale, in the order of the locales."""
        found = self._connection.execute(
            "SELECT value FROM texts WHERE kind = ? AND id = ? AND field = ? ORDER BY locale",
            (source_type, source_id, source_field),
        )
        values = (msgspec.json.decode(value, type=Voiced) for (value,) in found)
        return {value.locale: value for value in values}

    def has_any(self) -> bool:
        """Whether there is any translation that may be written."""
        (found,) = self._connection.execute("SELECT EXISTS (SELECT 1 FROM texts)").fetchone()
        return bool(found)

    def fields_of(self, source_type: str, source_id: int) -> dict[str, dict[str, Voiced]]:
        """All texts of a source in one go: by field, then by locale."""
        found = self._connection.execute(
            "SELECT field, value FROM texts WHERE kind = ? AND id = ? ORDER BY field, locale",
            (source_type, source_id),
        )
        fields: dict[str, dict[str, Voiced]] = {}
        for name, value in found:
            voiced = msgspec.json.decode(value, type=Voiced)
            fields.setdefault(name, {})[voiced.locale] = voiced
        return fields


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
            "CREATE TABLE texts (kind TEXT, id INTEGER, field TEXT, locale TEXT, value BLOB, "
            "PRIMARY KEY (kind, id, field, locale)) WITHOUT ROWID"
        )
        if options.include_localization and "localization" in story.manifest.sections:
            rows = _rows(story, options.localization_policy)
            connection.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?, ?)", rows)
        yield Translations(connection)
    finally:
        connection.close()
        path.unlink(missing_ok=True)


def _rows(story: StoryReader, policy: str) -> Iterator[tuple[str, int, str, str, bytes]]:
    for string in story.strings():
        for translation in string.translations:
            value = _allowed(translation, policy)
            if value is not None:
                yield (
                    string.source_type,
                    string.source_id,
                    string.source_field,
                    translation.locale_code,
                    msgspec.json.encode(value),
                )


def _allowed(found: Translation, policy: str) -> Voiced | None:
    text = found.translated_text if (found.translated_text or "").strip() else None
    current = found.translated_source_hash == found.source_text_hash
    if policy == "release" and not (found.status == "final" and current):
        text = None
    spoken = ("approved",) if policy == "release" else ("recorded", "approved")
    voice = found.vo_asset_id if found.vo_status in spoken else None
    if text is None and voice is None:
        return None
    return Voiced(found.locale_code, text, voice, found.source_text_hash)
