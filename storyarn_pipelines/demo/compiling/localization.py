"""Translation rows for every text that a player may read or hear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storyarn_pipelines.demo.authoring.flows import Voices
from storyarn_pipelines.demo.authoring.text import (
    TARGET_LOCALES,
    Text,
    Translation,
    text_hash,
    word_count,
)
from storyarn_pipelines.demo.compiling.ledger import (
    OWNER_ID,
    PROJECT_ID,
    TRASHED_AT,
    WRITER_ID,
    Ledger,
)

TRANSLATED_AT = datetime(2026, 4, 2, 10, 15)
REVIEWED_AT = datetime(2026, 4, 9, 16, 40)

ROLES = {
    "text": "dialogue",
    "stage_directions": "stage_direction",
    "menu_text": "menu",
    "label": "exit",
    "value.content": "runtime_value",
    "name": "speaker_name",
}
VOICED_ROLES = ("dialogue", "response")


@dataclass(frozen=True)
class Source:
    """One field of one row that is to be translated."""

    type: str
    id: int
    source_field: str
    text: Text
    speaker_id: int | None = None
    voices: Voices = field(default_factory=dict)

    @property
    def role(self) -> str:
        """What the text is for; the database insists that it fits type and field."""
        return "response" if self.source_field.startswith("response.") else ROLES[self.source_field]


class Texts:
    """Collects translatable texts while rows are written, and writes their rows at the end."""

    def __init__(self) -> None:
        """Begin without any text."""
        self._sources: list[Source] = []

    def add(self, source: Source) -> None:
        """Take a text in, unless there is nothing in it to translate."""
        if source.text.en:
            self._sources.append(source)

    def write(self, ledger: Ledger) -> None:
        """Write a row per text and target language, and one of a language given up."""
        for source in self._sources:
            for locale in TARGET_LOCALES:
                ledger.add("localized_texts", **_row(source, locale, ledger))
        ledger.add("localized_texts", **_archived(self._sources[0]))


def _row(source: Source, locale: str, ledger: Ledger) -> dict[str, Any]:
    version = source.text.translations[locale]
    vo_status, vo_file = source.voices.get(locale, ("none", None))
    return {
        **_source_columns(source, locale),
        "translated_text": version.text,
        "status": version.status,
        "vo_status": vo_status,
        "vo_asset_id": None if vo_file is None else ledger.id("assets", vo_file),
        "translator_notes": source.text.note,
        "reviewer_notes": source.text.review if version.status in ("review", "final") else None,
        **_progress(version, source.text),
        "archived_at": None,
        "archive_reason": None,
    }


def _source_columns(source: Source, locale: str) -> dict[str, Any]:
    return {
        "project_id": PROJECT_ID,
        "source_type": source.type,
        "source_id": source.id,
        "source_field": source.source_field,
        "source_text": source.text.en,
        "source_text_hash": text_hash(source.text.en),
        "locale_code": locale,
        "speaker_sheet_id": source.speaker_id,
        "word_count": word_count(source.text.en),
        "content_role": source.role,
        "vo_eligible": source.role in VOICED_ROLES,
    }


def _progress(version: Translation, text: Text) -> Mapping[str, Any]:
    """Say who translated when, and for which state of the source text."""
    done, final = version.text is not None, version.status == "final"
    made_for = text.en if version.made_for is None else version.made_for
    return {
        "translated_source_hash": text_hash(made_for) if done else None,
        "machine_translated": version.status == "draft",
        "last_translated_at": TRANSLATED_AT if done else None,
        "last_reviewed_at": REVIEWED_AT if final else None,
        "translated_by_id": WRITER_ID if done else None,
        "reviewed_by_id": OWNER_ID if final else None,
        "lock_version": 3 if final else 2 if done else 1,
    }


def _archived(source: Source) -> dict[str, Any]:
    """French was begun and given up: its only row is kept in the archive."""
    return {
        **_source_columns(source, "fr"),
        "translated_text": "Distribution",
        "status": "draft",
        "vo_status": "none",
        "vo_asset_id": None,
        "translator_notes": None,
        "reviewer_notes": None,
        **_progress(Translation("Distribution", "draft"), source.text),
        "archived_at": TRASHED_AT,
        "archive_reason": "version_replaced",
    }
