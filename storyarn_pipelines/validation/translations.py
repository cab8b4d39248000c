"""One string after the other: whether it is translated, up to date and complete."""

from functools import partial

from storyarn_pipelines.domain.localization import LocalizedString, Translation
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.interpolation import placeholders
from storyarn_pipelines.validation.references import check_media
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import excerpt, is_blank


def check_translations(run: Run, counter: Counter) -> None:
    """Check the strings whose source is in the story, in the selected languages."""
    locales = frozenset(run.texts.locales)
    for string in run.story.strings():
        counter.add(len(string.translations))
        if not _is_live(run, string):
            continue
        for translation in string.translations:
            wanted = translation.locale_code in locales
            if wanted and translation.id not in run.index.trash.texts:
                run.count("translations")
                _check_translation(run, string, translation)


def _is_live(run: Run, string: LocalizedString) -> bool:
    match string.source_type:
        case "flow_node":
            return string.source_id in run.nodes
        case "block":
            return string.source_id in run.index.blocks
        case "sheet":
            return string.source_id in run.index.sheets
    return False


def _check_translation(run: Run, string: LocalizedString, translation: Translation) -> None:
    here = partial(_entity, string, translation)
    locale = translation.locale_code
    check_media(run, here, translation.vo_asset_id, "voice-over")
    source, text = translation.source_text, translation.translated_text
    if is_blank(source):
        return
    if is_blank(text):
        run.add("SA0901", here, locale=locale)
        return
    is_current = translation.translated_source_hash == translation.source_text_hash
    is_released = translation.status == "final" and is_current
    if not is_released and run.options.localization_policy == "release":
        run.add("SA0902", here, locale=locale, status=translation.status)
    if not is_current:
        run.add("SA0904", here, locale=locale)
    _check_placeholders(run, string, translation)


def _check_placeholders(run: Run, string: LocalizedString, translation: Translation) -> None:
    source, text = translation.source_text or "", translation.translated_text or ""
    if "{" not in source and "{" not in text:
        return
    wanted, found = placeholders(source), placeholders(text)
    if wanted != found:
        missing, extra = ", ".join(wanted - found), ", ".join(found - wanted)
        parts = (missing and f"lacks {missing}", extra and f"has {extra} besides")
        difference = " and ".join(part for part in parts if part)
        here = partial(_entity, string, translation)
        run.add("SA0905", here, locale=translation.locale_code, difference=difference)


def _entity(string: LocalizedString, translation: Translation) -> Entity:
    """A translation, named after its source text and found under its key."""
    return Entity(
        "localized_text",
        translation.id,
        string.key,
        excerpt(translation.source_text),
        word="text",
    )
