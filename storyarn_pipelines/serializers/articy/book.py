"""What all parts of one articy project need: names, ids, and who says what."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_word,
)
from storyarn_pipelines.serializers.articy.calls import Calls
from storyarn_pipelines.serializers.articy.formulas import ArticyFormulas
from storyarn_pipelines.serializers.articy.ids import MEDIA, NULL_ID, SHEET, Ids
from storyarn_pipelines.serializers.articy.kept import texts_of
from storyarn_pipelines.serializers.articy.objects import COLOR, Property
from storyarn_pipelines.serializers.articy.texts import Wording
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.engines.translations import Voiced

LINE, RESPONSE, PLAYER = "StoryarnLine", "StoryarnResponse", "StoryarnPlayer"
FLOW, SHEET_KEPT, SCENE_KEPT = "StoryarnFlow", "StoryarnSheet", "StoryarnScene"
"""Templates, each with a feature of the same name, that sheets cannot have."""

_NO_TEXTS: Mapping[str, Voiced] = {}
_COLOR = re.compile(r"#(?:([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?|([0-9a-fA-F]{3}))")


class Book:
    """One articy project in the making."""

    def __init__(self, story: EngineStory) -> None:
        self.story = story
        self.ids = Ids()
        self.names: Identifiers = story.emitter.identifiers
        sets = {name.partition(".")[0].casefold() for name in self.names.mapping().values()}
        self.calls = Calls(story.flows, sets)
        self.wording = Wording(story.variables.variables.keys(), self.names, story.told)
        project = story.project
        address = f"storyarn:{project.workspace_slug}/{project.slug}/{project.id}"
        self.guid = str(uuid.uuid5(uuid.NAMESPACE_URL, address))
        self.flow_names = _technical({x.id: x.shortcut for x in story.flows.values()})
        self.sheet_names = _technical({x.id: x.shortcut for x in story.sheets.values()})
        self.languages = tuple(dict.fromkeys((story.source_locale, *self._chosen_locales())))
        self._translated = self.languages[1:] if story.translations.has_any() else ()
        self._voice_names = {x: voice_name(x) for x in self.languages}
        self._no_voices = self._voices({})
        self.player = self.ids.of(SHEET, 0)
        self.formulas = ArticyFormulas(story.variables, story.emitter)

    def _chosen_locales(self) -> list[str]:
        options = self.story.options
        if not options.include_localization:
            return []
        chosen = options.languages
        return [x for x in self.story.locales if chosen is None or x in chosen]

    def translated(self, kind: str, number: int, field: str) -> Mapping[str, Voiced]:
        """The translations of a text, into languages that the project has."""
        if not self._translated:
            return _NO_TEXTS
        found = self.story.translations.of(kind, number, field)
        return {locale: found[locale] for locale in self._translated if locale in found}

    def kept_texts(self, kind: str, number: int) -> dict[str, Any]:
        """All translations of a source, as an import takes them back."""
        if not self._translated:
            return {}
        fields = self.story.translations.fields_of(kind, number)
        return texts_of(fields, self._translated)

    def entity(self, sheet_id: int | None) -> str:
        """The entity of a sheet, or the id that means none."""
        known = sheet_id is not None and sheet_id in self.story.sheets
        return self.ids.of(SHEET, sheet_id) if known and sheet_id is not None else NULL_ID

    def asset(self, media_id: int | None) -> str:
        """The asset of a medium, or the id that means none."""
        known = media_id is not None and media_id in self.story.media
        return self.ids.of(MEDIA, media_id) if known and media_id is not None else NULL_ID

    def voices(
        self, source: int | None, translations: Mapping[str, Voiced]
    ) -> tuple[Property, ...]:
        """The voice-over of a text, a property for each language."""
        if source is None and not translations:
            return self._no_voices
        found = {self.languages[0]: source}
        return self._voices(
            found | {x: voiced.voice_asset_id for x, voiced in translations.items()}
        )

    def _voices(self, found: Mapping[str, int | None]) -> tuple[Property, ...]:
        return tuple(
            Property(name, "NamedReference", self.asset(found.get(locale)))
            for locale, name in self._voice_names.items()
        )


def voice_name(locale: str) -> str:
    """The property that holds the voice-over in a language."""
    return f"VoiceOver_{locale.replace('-', '_')}"


def colour(value: object) -> str:
    """A colour as ``#RRGGBB``; what is none becomes the usual one."""
    match = _COLOR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return COLOR
    long, short = match.groups()
    return f"#{long or ''.join(x * 2 for x in short)}".upper()


def _technical(shortcuts: Mapping[int, str | None]) -> dict[int, str]:
    """Technical names from shortcuts, or ids where there is none, that never meet."""
    known = {number: name or f"id {number}" for number, name in shortcuts.items()}
    names = Identifiers(known.values(), NameRules(ascii_word, ignore_case=True, max_length=80))
    return {number: names.of(name) for number, name in known.items()}
