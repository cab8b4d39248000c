"""Lines and responses of a timeline, with their ids, voices and translations."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.speech import Piece, Put, line_pieces, response_pieces
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.godot import text as t
from storyarn_pipelines.serializers.godot.names import GodotNames, resource
from storyarn_pipelines.serializers.godot.survey import Survey
from storyarn_pipelines.serializers.godot.tables import Tables, Translated
from storyarn_pipelines.story import nodes as n

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_BUTTONS = 10
_DETAILS = ("stage_directions", "menu_text", "technical_id")
SOUNDS = (".ogg", ".mp3", ".wav")
"""What Godot plays."""
IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".bmp", ".tga")
"""What Godot shows."""


class Spoken(NamedTuple):
    """A dialogue as it is written: ``key`` is its id for translations."""

    key: str
    text: str
    """As a translation table has it, without its speaker."""
    event: str
    """The text event without its id."""
    speaker: SheetFacts | None
    portrait: str
    voice: str
    options: tuple[tuple[str, str], ...]
    """Id and text of each response."""
    details: tuple[tuple[str, str], ...]
    """What Dialogic has no place for: it stands in comments and in the generic file."""


class GodotSpeech:
    """Writes what is said, and its rows of the translations. One flow at a time."""

    def __init__(
        self,
        story: EngineStory,
        names: GodotNames,
        survey: Survey,
        tables: Tables,
        portraits: Mapping[int, Mapping[int, str]],
    ) -> None:
        self._story, self._names, self._survey = story, names, survey
        self._tables, self._portraits = tables, portraits
        self._spoken: dict[int, Spoken] = {}
        self.used_media: set[int] = set()

    def begin(self) -> None:
        """Forget the flow before."""
        self._spoken = {}

    def of(self, flow: Flow, node: Node) -> Spoken:
        """A dialogue; each is worked out once."""
        known = self._spoken.get(node.id)
        if known is None:
            known = self._spoken[node.id] = self._said(flow, node)
        return known

    def place(self, media_id: int | None) -> str:
        """A medium as a resource; empty for none, and for one that is not there."""
        if media_id is None or media_id not in self._names.media:
            return ""
        self.used_media.add(media_id)
        return resource(self._names.media[media_id])

    def image(self, media_id: int | None) -> str:
        """An image as a resource; empty for what Godot shows no image of."""
        return self._fitting(media_id, IMAGES)

    def sound(self, media_id: int | None) -> str:
        """A sound as a resource; empty for what Godot does not play."""
        return self._fitting(media_id, SOUNDS)

    def _fitting(self, media_id: int | None, endings: tuple[str, ...]) -> str:
        media = self._story.media.get(media_id) if media_id is not None else None
        return self.place(media_id) if media and media.extension in endings else ""

    def _said(self, flow: Flow, node: Node) -> Spoken:
        data = n.data_of(node)
        pieces = line_pieces(n.text_of(data.get("text")), self._story.variables.variables)
        key = self._key(node, data)
        speaker = self._speaker(flow, node, data)
        name, portrait = "", ""
        if speaker is not None:
            name = self._names.character(speaker.id)
            avatar = n.as_id(data.get("avatar_id"))
            portrait = self._portraits[speaker.id].get(avatar or 0, "")
        self._note_numbers(flow, node, pieces)
        text = t.line(pieces, self._put)
        translated = self._tables.translated(node.id)
        self._tables.line(key, text, translated.get("text", {}), self._put)
        voice = self._voice(flow, node, data)
        if voice:
            self._tables.voices(voice, translated.get("text", {}), self.place)
        responses = n.responses_of(node)
        options = self._options(flow, node, key, responses, translated) if responses else ()
        return Spoken(
            key,
            text,
            t.spoken(name, portrait, text),
            speaker,
            portrait,
            voice,
            options,
            self._details(data),
        )

    def _options(
        self,
        flow: Flow,
        node: Node,
        key: str,
        responses: Sequence[Mapping[str, Any]],
        translated: Translated,
    ) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        changed = []
        taken: set[str] = set()
        for index, response in enumerate(responses):
            stored = n.text_of(response.get("text"))
            pieces = response_pieces(stored, self._story.variables.variables)
            self._note_numbers(flow, node, pieces)
            text, is_changed = t.option(pieces, self._put_in_option)
            if is_changed:
                changed.append(index)
            option_key = f"{key}.{_response_part(response, index, taken)}"
            others = translated.get(f"response.{response.get('id')}.text", {})
            self._tables.option(option_key, text, others, self._put_in_option)
            found.append((option_key, text))
        if changed:
            message = f"responses {changed} are shown with signs that only look like theirs"
            self._story.told.add("XP0202", message, node_place(flow, node))
        if len(found) > _BUTTONS:
            message = f"{len(found)} responses, but Dialogic's own layouts have {_BUTTONS} buttons"
            self._story.told.add("XP0204", message, node_place(flow, node))
        return tuple(found)

    def _details(self, data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        texts = [(x, text) for x in _DETAILS if (text := n.text_of(data.get(x)).strip())]
        place = data.get("location_sheet_id")
        location = self._story.sheets.get(n.as_id(place) or 0) if place else None
        if location is not None:
            texts.append(("location", location.shortcut or location.name))
        return tuple(texts)

    def _put(self, name: str) -> str:
        return self._value(name, in_option=False)

    def _put_in_option(self, name: str) -> str:
        return self._value(name, in_option=True)

    def _value(self, name: str, *, in_option: bool) -> str:
        path = self._story.emitter.identifiers.of(name)
        survey = self._survey
        return t.value(
            path,
            risky=name in survey.risky,
            fraction=name in survey.fractions,
            in_option=in_option,
        )

    def _note_numbers(self, flow: Flow, node: Node, pieces: Sequence[Piece]) -> None:
        found = {x.name for x in pieces if isinstance(x, Put)} & self._survey.fractions
        if found:
            message = (
                f"{', '.join(sorted(found))}: fractions are shown with the digits that Godot writes"
            )
            self._story.told.add("XP0203", message, node_place(flow, node))

    def _key(self, node: Node, data: Mapping[str, Any]) -> str:
        """Stable, and of this node alone; never a number that the editor would give out."""
        stored = data.get("localization_id")
        named = isinstance(stored, str) and _ID.fullmatch(stored) is not None
        if named and not self._story.options.include_trash:
            return f"line.{stored}"
        return f"node.{node.id}"

    def _voice(self, flow: Flow, node: Node, data: Mapping[str, Any]) -> str:
        asset = n.as_id(data.get("audio_asset_id"))
        if asset is None:
            return ""
        place = self.place(asset)
        if not place:
            message = f"the voice-over {asset} is not part of this export"
            self._story.told.add("XP0102", message, node_place(flow, node))
        elif not place.endswith(SOUNDS):
            message = f"the voice-over {place} is left out: Godot plays {', '.join(SOUNDS)}"
            self._story.told.add("XP0302", message, node_place(flow, node))
            return ""
        return place

    def _speaker(self, flow: Flow, node: Node, data: Mapping[str, Any]) -> SheetFacts | None:
        found = self._story.speaker(data)
        if found is None and self._story.options.selects and data.get("speaker_sheet_id"):
            message = f"the speaker {data['speaker_sheet_id']} is not part of this export"
            self._story.told.add("XP0102", message, node_place(flow, node))
        return found


def _response_part(response: Mapping[str, Any], index: int, taken: set[str]) -> str:
    """The response's id as long as no other response of the dialogue has it."""
    key = response.get("id")
    part = key if isinstance(key, str) and _ID.fullmatch(key) and key not in taken else f"({index})"
    taken.add(part)
    return part
