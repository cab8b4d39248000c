"""Dialogues: a fragment for the line and one for each response."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.ast import ALWAYS
from storyarn_pipelines.expressions.stored import (
    read_response_assignments,
    read_response_condition,
)
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import LINE, RESPONSE
from storyarn_pipelines.serializers.articy.draft import Draft
from storyarn_pipelines.serializers.articy.logic import chain, change
from storyarn_pipelines.serializers.articy.objects import Property, Text, Thing
from storyarn_pipelines.serializers.engines.story import SheetFacts
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.story import nodes as n

_STEP = 210
"""How far below each other the responses of a line stand: their order is that of their places."""

_NAME = 40
_FACTS = ("technical_id", "avatar_id", "location_sheet_id", "audio_asset_id")


def add_dialogue(draft: Draft, node: Node) -> None:
    """The line and its responses."""
    data, book, where = n.data_of(node), draft.book, draft.where
    thing = draft.thing("DialogueFragment", node)
    draft.lines.append(thing)
    translations = book.translated("flow_node", node.id, "text")
    thing.text = book.wording.line(n.text_of(data.get("text")), where, translations)
    thing.speaker = book.entity(n.as_id(data.get("speaker_sheet_id")))
    stage = book.translated("flow_node", node.id, "stage_directions")
    thing.stage = book.wording.stage(n.text_of(data.get("stage_directions")), where, stage)
    menu = book.translated("flow_node", node.id, "menu_text")
    thing.menu = book.wording.plain(n.text_of(data.get("menu_text")), where, menu)
    speaker = book.story.speaker(data)
    _tell_missing(draft, data)
    thing.name = _title(speaker.name if speaker else "", thing.text.plain)
    thing.name = Text(book.wording.clean(thing.name.plain, where))
    thing.external_id = book.wording.clean(n.text_of(data.get("localization_id")), where)
    _describe(draft, thing, data, translations, speaker)
    responses = n.responses_of(node)
    if not responses:
        draft.follow(node, [(thing, 0)], n.OUTPUT)
    for index, response in enumerate(responses):
        _add_response(draft, node, thing, response, index)


def _describe(
    draft: Draft,
    thing: Thing,
    data: Mapping[str, Any],
    translations: Mapping[str, Voiced],
    speaker: SheetFacts | None,
) -> None:
    """Voice, portrait, place and technical id of a line, if it has any."""
    if not translations and not any(map(data.get, _FACTS)):
        return
    book = draft.book
    avatar = n.as_id(data.get("avatar_id"))
    portrait = speaker.avatars.get(avatar) if speaker and avatar is not None else None
    place = book.entity(n.as_id(data.get("location_sheet_id")))
    technical = book.wording.clean(n.text_of(data.get("technical_id")), draft.where)
    facts = (
        Property("TechnicalId", "String", technical),
        Property("Portrait", "NamedReference", book.asset(portrait)),
        Property("Place", "NamedReference", place),
        *book.voices(n.as_id(data.get("audio_asset_id")), translations),
    )
    if any(x.value and x.value != i.NULL_ID for x in facts):
        thing.template = LINE
        thing.features = ((LINE, facts),)


def _tell_missing(draft: Draft, data: Mapping[str, Any]) -> None:
    """Tell of a speaker, a place or a voice that the export does not hold."""
    story = draft.book.story
    for key, known in (
        ("speaker_sheet_id", story.sheets),
        ("location_sheet_id", story.sheets),
        ("audio_asset_id", story.media),
    ):
        number = n.as_id(data.get(key))
        if number is not None and number not in known:
            draft.told.add("XP0102", f"{key} {number} is not in this export", draft.where)


def _add_response(
    draft: Draft, node: Node, line: Thing, response: Mapping[str, Any], index: int
) -> None:
    """A response: a fragment of the player's with a menu text that says nothing itself."""
    book, where = draft.book, draft.where
    place = draft.places(node).take(str(response.get("id")))
    thing = draft.thing("DialogueFragment", node, place)
    thing.node, thing.part = node.id, index
    thing.x, thing.y = line.x + 300, line.y + index * _STEP
    field = f"response.{response.get('id')}.text"
    translations = book.translated("flow_node", node.id, field)
    thing.menu = book.wording.response(n.text_of(response.get("text")), where, translations)
    thing.name = _title("", thing.menu.plain)
    thing.speaker, thing.template = book.player, RESPONSE
    thing.external_id = book.wording.clean(n.text_of(response.get("id")), where)
    condition = read_response_condition(response.get("condition"))
    asked = done = ""
    if condition != ALWAYS:
        emitted = draft.note(book.story.emitter.condition(condition, where))
        thing.inputs[0].script, asked = emitted.text, emitted.source
    ends = [(thing, 0)]
    if n.has_instruction(response):
        made = change(draft, read_response_assignments(response))
        done = made.source
        if made.is_plain:
            thing.outputs[0].script = made.script
        else:
            ends = chain(draft, node, ends, made, f"then {response.get('id')}")
    facts = (
        Property("Condition", "String", book.wording.clean(asked, where)),
        Property("Instruction", "String", book.wording.clean(done, where)),
        *book.voices(None, translations),
    )
    thing.features = ((RESPONSE, facts),)
    draft.lead([(line, 0)], thing, draft.ids.of(i.NODE, node.id, place, i.INNER_WIRE))
    draft.follow(node, ends, *n.response_pins(response))


def _title(speaker: str, text: str) -> Text:
    """What articy shows for a fragment: who says how it begins."""
    begin = text if len(text) <= _NAME else f"{text[:_NAME]}..."
    return Text(f'{speaker}: "{begin}"' if speaker else f'"{begin}"')
