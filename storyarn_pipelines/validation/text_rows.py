"""Which texts have a row for translators, in which language.

A text is remembered as a 64-bit hash, eight bytes each: a project has as many texts in as many
languages as it likes.
"""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation.rows import live_rows

Hashes = npt.NDArray[np.int64]
_COLUMNS = ("source_type", "source_id", "source_field", "locale_code")


class TextRows:
    """The texts that have a row, by the target languages that are to be checked."""

    def __init__(self, rows: dict[str, Hashes]) -> None:
        self._rows = rows

    @property
    def locales(self) -> tuple[str, ...]:
        """The target languages that are to be checked."""
        return tuple(self._rows)

    def missing(
        self, source_type: str, texts: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[str, int]]:
        """Locales in which a text (id and field) has no row, with the text's place in the list."""
        if not texts or not self._rows:
            return
        wanted = np.array([hash((source_type, *text)) for text in texts], dtype=np.int64)
        for locale, present in self._rows.items():
            places = np.searchsorted(present, wanted)
            places[places == len(present)] = 0
            lacking = present[places] != wanted if len(present) else np.ones(len(wanted), bool)
            for place in np.flatnonzero(lacking):
                yield locale, int(place)


def read_text_rows(story: StoryReader, options: ExportOptions) -> TextRows:
    """Remember the texts of the selected target languages."""
    found = {locale: array("q") for locale in _target_locales(story, options)}
    for source_type, source_id, source_field, locale in live_rows(
        story, t.LOCALIZED_TEXTS, *_COLUMNS
    ):
        if locale in found:
            found[locale].append(hash((source_type, source_id, source_field)))
    return TextRows(
        {locale: np.sort(np.asarray(hashes, np.int64)) for locale, hashes in found.items()}
    )


def _target_locales(story: StoryReader, options: ExportOptions) -> list[str]:
    languages = live_rows(story, t.PROJECT_LANGUAGES, "locale_code", "is_source")
    return sorted(
        code
        for code, is_source in languages
        if not is_source and (options.languages is None or code in options.languages)
    )
