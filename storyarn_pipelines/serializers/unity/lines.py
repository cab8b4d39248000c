"""What readers see and hear: lines, responses, their translations and their voices."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.unity.entries import CONTINUE, Entry
from storyarn_pipelines.serializers.unity.fields import LOCALIZATION, field
from storyarn_pipelines.serializers.unity.ids import NARRATOR
from storyarn_pipelines.serializers.unity.markup import Written, culture
from storyarn_pipelines.serializers.unity.shared import Shared
from storyarn_pipelines.story import nodes as n

_SPOKEN = "AudioWait({}); Delay({{{{end}}}})"
_ANSWERED = "AudioWait({})->Message(Spoken); required Continue()@Message(Spoken)"
_NOTHING: Mapping[str, Mapping[str, Voiced]] = {}


class Lines:
    """Writes texts into entries."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._story = shared.story
        self._is_translated = shared.story.translations.has_any()

    def translations(self, node: Node) -> Mapping[str, Mapping[str, Voiced]]:
        """All translations of a node, by field."""
        if not self._is_translated:
            return _NOTHING
        return self._story.translations.fields_of("flow_node", node.id)

    def speak(
        self, entry: Entry, node: Node, found: Mapping[str, Mapping[str, Voiced]], where: str
    ) -> None:
        """Make an entry the line of a dialogue."""
        data = n.data_of(node)
        entry.speaks = True
        entry.actor = self._speaker(data, node, where)
        picture = self._picture(data)
        text = self._shared.texts.line(n.text_of(data.get("text")))
        entry.text = picture + text.text
        self._lost(text, where)
        clip = self._clip(n.as_id(data.get("audio_asset_id")), where)
        entry.sequence = _SPOKEN.format(clip) if clip else ""
        menu, stage = n.text_of(data.get("menu_text")), n.text_of(data.get("stage_directions"))
        if menu:
            # An entry without text would show its menu text, which Storyarn never shows.
            entry.extra.append(field("Storyarn Menu Text", menu))
        if stage:
            entry.extra.append(field("Storyarn Stage Directions", stage))
        if clip:
            entry.extra.append(field("VoiceOverFile", clip))
        place = n.as_id(data.get("location_sheet_id"))
        sheet = self._story.sheets.get(place) if place is not None else None
        if sheet is not None:
            entry.extra.append(field("Storyarn Location", sheet.shortcut or sheet.name))
        if found:
            self._translate(entry, picture, found, where)

    def _translate(
        self, entry: Entry, picture: str, found: Mapping[str, Mapping[str, Voiced]], where: str
    ) -> None:
        """Add the translations of a line."""
        for locale, voiced in found.get("text", {}).items():
            code = culture(locale)
            if voiced.text is not None:
                text = self._shared.texts.line(voiced.text)
                self._lost(text, where, code)
                entry.extra.append(field(code, picture + text.text, LOCALIZATION))
            self._voice(entry, voiced, code, _SPOKEN, where)
        for name, title in (("menu_text", "Menu Text"), ("stage_directions", "Stage Directions")):
            for locale, voiced in found.get(name, {}).items():
                if voiced.text is not None:
                    code = culture(locale)
                    entry.extra.append(field(f"Storyarn {title} {code}", voiced.text, LOCALIZATION))

    def offer(
        self,
        entry: Entry,
        response: Mapping[str, Any],
        found: Mapping[str, Mapping[str, Voiced]],
        where: str,
    ) -> None:
        """Make an entry a response. It is not said again when it was chosen."""
        entry.speaks = True
        text = self._shared.texts.response(n.text_of(response.get("text")))
        entry.menu = text.text
        self._lost(text, where)
        for locale, voiced in found.get(f"response.{response.get('id')}.text", {}).items():
            code = culture(locale)
            if voiced.text is not None:
                text = self._shared.texts.response(voiced.text)
                self._lost(text, where, code)
                entry.extra.append(field(f"Menu Text {code}", text.text, LOCALIZATION))
            self._voice(entry, voiced, code, _ANSWERED, where)
        entry.sequence = CONTINUE

    def _speaker(self, data: Mapping[str, Any], node: Node, where: str) -> int:
        sheet = self._story.speaker(data)
        if sheet is not None:
            return self._shared.cast.ids[sheet.id]
        if node.speaker_shortcut is not None and self._story.options.selects:
            message = f"the speaker {node.speaker_shortcut} is not exported: nobody says it"
            self._story.told.add("XP0102", message, where)
        return NARRATOR

    def _picture(self, data: Mapping[str, Any]) -> str:
        """A mark for another picture of the speaker than the usual one."""
        number = n.as_id(data.get("avatar_id"))
        sheet = self._story.speaker(data) if number is not None else None
        asset = sheet.avatars.get(number) if sheet is not None and number is not None else None
        if sheet is None or asset is None or asset not in self._shared.clips:
            return ""
        place = self._shared.cast.pictures(sheet).index(asset)
        return f"[pic={place + 1}]" if place else ""

    def _voice(self, entry: Entry, voiced: Voiced, code: str, form: str, where: str) -> None:
        clip = self._clip(voiced.voice_asset_id, where)
        if clip:
            entry.extra.append(field(f"Sequence {code}", form.format(clip), LOCALIZATION))

    def _clip(self, asset: int | None, where: str) -> str:
        if asset is None:
            return ""
        clip = self._shared.clips.get(asset, "")
        if not clip:
            self._story.told.add("XP0301", f"the sound {asset} is not in this export", where)
        return clip

    def _lost(self, text: Written, where: str, code: str = "") -> None:
        for what in text.lost:
            told = f"the plugin does not show {what}" + (f" ({code})" if code else "")
            self._story.told.add("XP0202", told, where)
