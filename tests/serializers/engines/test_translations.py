"""Translations are found by their source, whatever was asked for before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storyarn_pipelines.domain.localization import LocalizedString, Translation
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.serializers.engines.translations import Translations, open_translations
from tests.serializers.unity.memory import ToldStory
from tests.story.builders import blank


def string(number: int, field: str, **texts: str) -> LocalizedString:
    """A text of a node in some languages."""
    translations = tuple(
        blank(Translation, id=number, locale_code=locale, translated_text=text, status="final",
              source_text_hash="h", translated_source_hash="h")
        for locale, text in texts.items()
    )  # fmt: skip
    return blank(
        LocalizedString, key=f"{number}.{field}", source_type="flow_node", source_id=number,
        source_field=field, translations=translations,
    )  # fmt: skip


@pytest.fixture
def translations(tmp_path: Path) -> Iterator[Translations]:
    told = [
        string(1, "text", fr="un", es="uno"),
        string(1, "menu_text", es="menú"),
        string(2, "text", es="dos", fr=" "),
    ]
    story = ToldStory(tmp_path, strings=told)
    with open_translations(story, parse_options({}), tmp_path) as found:
        yield found


def test_any_order_of_questions_gives_the_same_answers(translations: Translations) -> None:
    asked = [(1, "text"), (2, "text"), (1, "menu_text"), (3, "text"), (1, "text")]
    said = [
        {locale: x.text for locale, x in translations.of("flow_node", *one).items()}
        for one in asked
    ]
    first = {"es": "uno", "fr": "un"}
    assert said == [first, {"es": "dos"}, {"es": "menú"}, {}, first]
    assert list(said[0]) == ["es", "fr"]
    assert list(translations.fields_of("flow_node", 1)) == ["menu_text", "text"]
    assert translations.of("sheet", 1, "text") == {}


def test_without_translations_there_are_none(tmp_path: Path) -> None:
    with open_translations(ToldStory(tmp_path), parse_options({}), tmp_path) as found:
        assert not found.has_any()
        assert found.fields_of("flow_node", 1) == {}
