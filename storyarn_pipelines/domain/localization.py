"""Languages, translated strings and the glossary."""

import msgspec


class Language(msgspec.Struct, frozen=True):
    """A language of the project; ``locale_code`` is lower-case BCP 47."""

    id: int
    locale_code: str
    name: str
    is_source: bool
    position: int | None


class Translation(msgspec.Struct, frozen=True):
    """One string in one target language.

    The hashes are lower-hex SHA-256 of source texts: they differ when the source has changed
    since it was translated.
    """

    id: int
    locale_code: str
    source_text: str | None
    source_text_hash: str | None
    translated_text: str | None
    translated_source_hash: str | None
    status: str
    vo_status: str
    vo_asset_id: int | None
    translator_notes: str | None
    reviewer_notes: str | None
    speaker_sheet_id: int | None
    word_count: int | None
    machine_translated: bool
    character_shortcut: str | None


class LocalizedString(msgspec.Struct, frozen=True):
    """All translations of one text under its key."""

    key: str
    source_type: str
    source_id: int
    source_field: str
    content_role: str
    vo_eligible: bool
    translations: tuple[Translation, ...]


class GlossaryEntry(msgspec.Struct, frozen=True):
    """One term in one target language."""

    id: int
    source_term: str
    source_locale: str
    target_term: str | None
    target_locale: str
    context: str | None
    do_not_translate: bool
