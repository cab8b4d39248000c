"""Dialogues: rows for the line and its responses, and their outputs in the graph."""

from collections.abc import Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.unreal.context import Conversation
from storyarn_pipelines.serializers.unreal.logic import write_condition, write_instruction
from storyarn_pipelines.serializers.unreal.names import (
    CHOICE,
    CONDITION,
    INSTRUCTION,
    LINE,
    part_name,
)
from storyarn_pipelines.serializers.unreal.texts import Spoken, spoken_line, spoken_response
from storyarn_pipelines.story import nodes as n

Output = dict[str, Any]
_NOTHING: Mapping[str, Voiced] = {}


def write_dialogue(talk: Conversation, node: Node) -> dict[str, Any]:
    """The rows of a dialogue; returns its members in the graph."""
    data, part = n.data_of(node), talk.parts[node.id]
    line = f"{LINE}{part}"
    taken: dict[str, int] = {}
    outputs = [
        _choice(talk, node, response, place, _once(part_name(response.get("id")), taken))
        for place, response in enumerate(n.responses_of(node), 1)
    ]
    choices = [output["choice"] for output in outputs]
    follows = None if choices else talk.to(node, n.OUTPUT)
    _line(talk, node, data, line, choices, follows)
    if not choices:
        outputs = [{"pin": n.OUTPUT, "to": follows}]
    return {"line": line, "outputs": outputs}


def _once(name: str, taken: dict[str, int]) -> str:
    """A name among those of one dialogue; a second one of its kind is numbered."""
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}.{taken[name]}"


def _line(
    talk: Conversation,
    node: Node,
    data: Mapping[str, Any],
    line: str,
    choices: list[str],
    follows: str | None,
) -> None:
    export, where = talk.export, talk.where(node)
    story = export.story
    speaker = _sheet(talk, data.get("speaker_sheet_id"), where, "speaker")
    comment = f"{where}; {export.characters.get(speaker or 0, 'nobody')}"
    found = _found(talk, node, "text")
    spoken = spoken_line(
        _texts(n.text_of(data.get("text")), found),
        story.variables.variables,
        story.emitter.identifiers.of,
    )
    key = f"{line}.text"
    text = export.strings.text(key, spoken.texts, comment, where)
    rich = ""
    if spoken.rich:
        rich = export.strings.text(f"{line}.rich", spoken.rich, comment, where)
    export.tables["DT_DialogueLines"].add(
        line,
        talk.name,
        str(node.id),
        export.characters.get(speaker or 0, ""),
        text,
        key if text else "",
        rich,
        _arguments(talk, spoken),
        spoken.texts[""],
        _extra(talk, node, "menu_text", f"{line}.menu", where),
        _extra(talk, node, "stage_directions", f"{line}.stage", where),
        n.text_of(data.get("technical_id")),
        _sound(talk, data, where),
        _portrait(talk, data, speaker),
        export.characters.get(_sheet(talk, data.get("location_sheet_id"), where, "place") or 0, ""),
        choices,
        follows or "",
        talk.line(follows),
    )
    _voices(talk, line, found)


def _choice(
    talk: Conversation, node: Node, response: Mapping[str, Any], place: int, name: str
) -> Output:
    export = talk.export
    story = export.story
    part = f"{talk.parts[node.id]}.{name}"
    row = f"{CHOICE}{part}"
    key = response.get("id")
    where = f"{talk.where(node)}, response {key if isinstance(key, str) else place}"
    to = talk.to(node, *n.response_pins(response))
    condition = write_condition(talk, node, f"{CONDITION}{part}", response, where)
    instruction = write_instruction(talk, node, f"{INSTRUCTION}{part}", response, where)
    found = _found(talk, node, f"response.{key}.text")
    spoken = spoken_response(
        _texts(n.text_of(response.get("text")), found),
        story.variables.variables,
        story.emitter.identifiers.of,
    )
    text = export.strings.text(f"{row}.text", spoken.texts, where, where)
    export.tables["DT_Choices"].add(
        row,
        talk.name,
        str(node.id),
        f"{LINE}{talk.parts[node.id]}",
        key if isinstance(key, str) else "",
        text,
        f"{row}.text" if text else "",
        _arguments(talk, spoken),
        spoken.texts[""],
        condition,
        instruction,
        to or "",
        talk.line(to),
    )
    _voices(talk, row, found)
    pins = n.response_pins(response)
    output: Output = {"pin": pins[0] if pins else "", "choice": row}
    if condition:
        output["condition"] = condition
    if instruction:
        output["instruction"] = instruction
    output["to"] = to
    return output


def _found(talk: Conversation, node: Node, name: str) -> Mapping[str, Voiced]:
    if not talk.export.strings.cultures:
        return _NOTHING
    return talk.export.story.translations.of("flow_node", node.id, name)


def _texts(source: str, found: Mapping[str, Voiced]) -> dict[str, str]:
    if not found:
        return {"": source}
    return {"": source} | {key: x.text for key, x in found.items() if x.text is not None}


def _arguments(talk: Conversation, spoken: Spoken) -> list[str]:
    return [talk.export.story.emitter.identifiers.of(name) for name in spoken.arguments]


def _extra(talk: Conversation, node: Node, name: str, key: str, where: str) -> str:
    """A text that is shown as it is stored."""
    source = n.text_of(n.data_of(node).get(name))
    if not source:
        return ""
    texts = _texts(source, _found(talk, node, name))
    return talk.export.strings.text(key, texts, f"{where}: {name}", where)


def _sheet(talk: Conversation, stored: object, where: str, role: str) -> int | None:
    number = n.as_id(stored)
    if number is None or number in talk.export.characters:
        return number
    if talk.export.story.options.selects:
        talk.export.told.add("XP0102", f"its {role}, sheet {number}, is not exported", where)
    return None


def _sound(talk: Conversation, data: Mapping[str, Any], where: str) -> str:
    number = n.as_id(data.get("audio_asset_id"))
    path = talk.export.media.sound(number)
    if number is not None and not path:
        talk.export.told.add("XP0102", f"its sound, media {number}, is not exported", where)
    return path


def _portrait(talk: Conversation, data: Mapping[str, Any], speaker: int | None) -> str:
    facts = talk.export.story.sheets.get(speaker or 0)
    if facts is None:
        return ""
    avatar = n.as_id(data.get("avatar_id"))
    image = facts.avatars.get(avatar) if avatar is not None else None
    return talk.export.media.image(facts.portrait if image is None else image)


def _voices(talk: Conversation, row: str, found: Mapping[str, Voiced]) -> None:
    for locale, voiced in found.items():
        culture = talk.export.strings.cultures.get(locale)
        path = talk.export.media.sound(voiced.voice_asset_id)
        if culture and path:
            talk.export.tables["DT_VoiceOver"].add(f"{row}.{culture}", row, culture, path)
