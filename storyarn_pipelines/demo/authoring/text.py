"""Texts in three languages, written side by side so that they are also read side by side."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal, TypedDict, Unpack

Status = Literal["pending", "draft", "in_progress", "review", "final"]
VoiceStatus = Literal["none", "needed", "recorded", "approved"]

SOURCE_LOCALE = "en"
TARGET_LOCALES = ("es", "de")

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Translation:
    """One target language's version of a text and how far the translator has come."""

    text: str | None
    status: Status
    made_for: str | None = None
    """The older source text it was made for; None means the present one."""


@dataclass(frozen=True)
class Text:
    """A source text with its translations and the translators' remarks."""

    en: str
    translations: dict[str, Translation]
    note: str | None = None
    review: str | None = None

    def map(self, change: Callable[[str], str]) -> "Text":
        """Apply the same markup to every version, so that they stay comparable."""
        translations = {
            locale: replace(
                version,
                text=None if version.text is None else change(version.text),
                made_for=None if version.made_for is None else change(version.made_for),
            )
            for locale, version in self.translations.items()
        }
        return replace(self, en=change(self.en), translations=translations)

    def held_at(self, progress: Mapping[str, Status]) -> "Text":
        """Take finished translations back to the state that all work around them is in."""
        translations = {
            locale: replace(version, status=progress.get(locale, "final"))
            if version.status == "final"
            else version
            for locale, version in self.translations.items()
        }
        return replace(self, translations=translations)


class Marks(TypedDict, total=False):
    """What may be said about a text besides its words."""

    es_is: Status
    de_is: Status
    de_for: str
    note: str
    review: str


def t(en: str, es: str | None = None, de: str | None = None, **marks: Unpack[Marks]) -> Text:
    """Write a text; a language left out is pending, `de_for` is the text German was made for."""
    spanish = Translation(es, marks.get("es_is", "final") if es else "pending")
    german = Translation(de, marks.get("de_is", "final") if de else "pending", marks.get("de_for"))
    return Text(en, {"es": spanish, "de": german}, marks.get("note"), marks.get("review"))


def same(name: str) -> Text:
    """Write a name that is the same in all languages."""
    return t(name, name, name)


def word_count(text: str) -> int:
    """Count words as Storyarn does: without tags, split at white space."""
    return len(_TAG.sub(" ", text).split())


def text_hash(text: str) -> str:
    """Hash a text as it is stored, markup included: the stamp that shows a stale translation."""
    return sha256(text.encode()).hexdigest()
