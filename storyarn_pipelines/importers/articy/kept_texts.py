"""Translations of originals, and what an author has changed of any text in articy."""

from collections.abc import Iterator

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy.book import ROLES, Book, Json
from storyarn_pipelines.importers.articy.items import Item, Text
from storyarn_pipelines.importers.articy.kept import Marks, Texts
from storyarn_pipelines.serializers.articy.kept import mark
from storyarn_pipelines.serializers.articy.marks import COPIED
from storyarn_pipelines.serializers.articy.objects import PLAIN_NAMES


def changed_texts(book: Book, item: Item, marks: Marks) -> Iterator[tuple[str, str, str]]:
    """The texts that an author has changed: field, locale (empty for the source), new text."""
    for field, text in (
        ("name", {} if item.kind in PLAIN_NAMES else item.name),
        ("text", {} if item.kind in COPIED else item.text),
        ("stage", item.stage),
        ("menu", item.menu),
    ):
        said = source_of(book, text)
        if is_changed(said, marks.get(field)):
            yield field, "", said
        for code, locale in book.locales.items():
            if code in ("", book.source) or (not book.project.languages and not text.get(code)):
                continue
            told = text.get(code, "")
            if is_changed(told, marks.get(f"{field}@{locale}")):
                yield field, locale, told


def source_of(book: Book, text: Text) -> str:
    """A text in the source language, and only there."""
    return text.get(book.source) or text.get("", "")


def is_changed(text: str, marks: object) -> bool:
    """Whether a text has none of the marks that it had; an empty one had none."""
    known = marks if isinstance(marks, list) else []
    return mark(text) not in known if text else bool(known)


def draft_texts(
    book: Book, owner: tuple[str, str], texts: Texts, sources: Json, *, key: str, speaker: object
) -> None:
    """Draft translations. ``sources`` are the texts by field, ``key`` begins the strings' keys."""
    for field, voiced in texts.items():
        source = sources.get(field)
        source = source if isinstance(source, str) else ""
        digest = book.digest(source)
        found: Json = {}
        for locale, (text, voice) in voiced.items():
            if locale not in book.locales.values():
                continue
            found[locale] = book.draft.row(
                t.LOCALIZED_TEXTS,
                source_text=source,
                source_text_hash=digest,
                text=text,
                status="final" if text else "pending",
                vo_status="none" if voice is None else "approved",
                vo_asset_id=None if voice is None else str(voice),
                word_count=len(source.split()),
                translated_source_hash=digest if text else None,
                lock_version=1,
                speaker_sheet_id=None if speaker is None else str(speaker),
            )
        is_response = field.startswith("response.")
        if not found or (field not in ROLES and not is_response):
            continue
        role, voiced_too = ("response", True) if is_response else ROLES[field]
        book.draft.string(
            f"{key}.{field}",
            {
                "source_type": owner[0], "source_id": owner[1], "source_field": field,
                "content_role": role, "vo_eligible": voiced_too, "translations": found,
            },
        )  # fmt: skip
