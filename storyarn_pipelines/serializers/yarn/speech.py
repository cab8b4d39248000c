"""Lines and responses of Yarn files, with their ids, translations and voice-overs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.speech import (
    Break,
    Piece,
    Put,
    Said,
    line_pieces,
    response_pieces,
)
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.engines.translations import Voiced
from storyarn_pipelines.serializers.yarn.media import YarnMedia
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.serializers.yarn.notes import LineFacts
from storyarn_pipelines.serializers.yarn.text import (
    NAME_COLON,
    Written,
    cut,
    folded,
    script_line,
    table_line,
    tag,
)
from storyarn_pipelines.story import nodes as n

_RESPONSE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_LINE_ID = re.compile(r"(?=[^0-9]|.*[^0-9])[A-Za-z0-9_-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line or option of the script, with its row in the string tables.

    ``instead``: by locale, the source text behind the translated name of its speaker.
    """

    script: str
    tags: str
    line_id: str
    table: str
    translated: Mapping[str, str]
    comment: str
    instead: Mapping[str, str] = field(default_factory=dict)


class YarnSpeech:
    """Writes what is said."""

    def __init__(
        self, story: EngineStory, names: YarnNames, media: YarnMedia, facts: LineFacts
    ) -> None:
        self._story, self._names, self._media, self._facts = story, names, media, facts
        self._variables = story.variables.variables
        self._has_translations = bool(story.locales)
        self._known: set[str] | None = set() if story.options.include_trash else None
        self._speakers: dict[int, tuple[str, Mapping[str, str]]] = {}

    def say(self, flow: Flow, node: Node) -> list[Spoken]:
        """A dialogue's text, a line of Yarn for each of its own lines."""
        data = n.data_of(node)
        key = self.key(node)
        pieces = line_pieces(n.text_of(data.get("text")), self._variables)
        self._check(flow, node, pieces)
        speaker = self._speaker(flow, node, data)
        name, names = self._name(speaker)
        fields = self._fields(node)
        self._facts.add(flow, node, f"line:{key}", speaker, fields)
        self._add_voices(flow, node, data, key, fields.get("text", {}))
        parts = cut(pieces)
        written = [script_line(part, self._put, name) for part in parts]
        self._tell_changes(flow, node, written)
        translated = self._translated(flow, node, fields.get("text", {}), written, names, name)
        shortcut = tag("speaker", self._names.sheet(speaker.id)) if speaker else ""
        comment = folded(n.text_of(data.get("stage_directions")))
        found = []
        for index, line in enumerate(written):
            line_id = f"line:{key}..{index + 1}" if index else f"line:{key}"
            tags = f"{shortcut} #continued" if index else shortcut
            instead = {x: table_line(parts[index], line.places, y) for x, y in names.items()}
            found.append(
                Spoken(line.script, tags, line_id, line.table, translated[index], comment, instead)
            )
        return found

    def responses(self, flow: Flow, node: Node) -> list[Spoken]:
        """What each response's option says, on one line."""
        base = self.key(node)
        fields = self._fields(node)
        taken: set[str] = set()
        found = []
        for index, response in enumerate(n.responses_of(node)):
            pieces = response_pieces(n.text_of(response.get("text")), self._variables)
            self._check(flow, node, pieces)
            written = script_line(_flat(pieces), self._put)
            self._tell_changes(flow, node, [written])
            key = f"{base}{_response_part(response, index, taken)}"
            voiced = fields.get(f"response.{response.get('id')}.text", {})
            self._add_voices(flow, node, {}, key, voiced)
            translated = {
                locale: self._table(
                    flow, node, _flat(response_pieces(x.text, self._variables)), written, ""
                )
                for locale, x in voiced.items()
                if x.text is not None
            }
            found.append(Spoken(written.script, "", f"line:{key}", written.table, translated, ""))
        return found

    def key(self, node: Node) -> str:
        """What the ids of a node's lines begin with: stable, and of this node alone."""
        stored = n.data_of(node).get("localization_id")
        if isinstance(stored, str) and _LINE_ID.fullmatch(stored):
            if self._known is None:
                return stored
            # In the trash there may be nodes with the same name. The first one has it.
            owned = f"{stored}\n{node.id}"
            if stored not in self._known or owned in self._known:
                self._known.update((stored, owned))
                return stored
        return str(node.id)

    # Translations

    def _fields(self, node: Node) -> Mapping[str, Mapping[str, Voiced]]:
        if not self._has_translations:
            return {}
        return self._story.translations.fields_of("flow_node", node.id)

    def _translated(
        self,
        flow: Flow,
        node: Node,
        voiced: Mapping[str, Voiced],
        written: Sequence[Written],
        names: Mapping[str, str],
        name: str,
    ) -> list[dict[str, str]]:
        """By line and locale. A translation with more lines has the rest of them in the last."""
        found: list[dict[str, str]] = [{} for _ in written]
        for locale, x in voiced.items():
            if x.text is None:
                continue
            parts = cut(line_pieces(x.text, self._variables))
            if len(parts) != len(written):
                message = f"its translation ({locale}) has {len(parts)} lines, not {len(written)}"
                self._story.told.add("XP0202", message, node_place(flow, node))
            speaker = names.get(locale, name)
            for index, line in enumerate(written):
                rest = parts[index : index + 1] if index < len(written) - 1 else parts[index:]
                found[index][locale] = self._table(flow, node, _joined(rest), line, speaker)
        return found

    def _table(
        self, flow: Flow, node: Node, pieces: Sequence[Piece], line: Written, speaker: str
    ) -> str:
        """A line's translation; tells which values Yarn cannot put into it."""
        names = {x.name for x in pieces if isinstance(x, Put)}
        lost = sorted(names - line.places.keys())
        if lost:
            message = f"a translation shows {', '.join(lost)}, which the line does not: as a name"
            self._story.told.add("XP0202", message, node_place(flow, node))
        return table_line(pieces, line.places, speaker)

    # Speakers and voices

    def _name(self, speaker: SheetFacts | None) -> tuple[str, Mapping[str, str]]:
        """A speaker's name, and its translations by locale."""
        if speaker is None:
            return "", {}
        known = self._speakers.get(speaker.id)
        if known is None:
            found = self._story.translations.of("sheet", speaker.id, "name")
            names = {x: _name(voiced.text) for x, voiced in found.items() if voiced.text}
            known = self._speakers[speaker.id] = (_name(speaker.name), names)
            if ":" in speaker.name:
                message = f"its name has the ratio sign ({NAME_COLON}) instead of a colon in lines"
                self._story.told.add("XP0201", message, f"sheet {speaker.shortcut or speaker.id}")
        return known

    def _speaker(self, flow: Flow, node: Node, data: Mapping[str, Any]) -> SheetFacts | None:
        found = self._story.speaker(data)
        if found is None and self._story.options.selects and data.get("speaker_sheet_id"):
            message = f"the speaker {data['speaker_sheet_id']} is not part of this export"
            self._story.told.add("XP0102", message[:200], node_place(flow, node))
        return found

    def _add_voices(
        self,
        flow: Flow,
        node: Node,
        data: Mapping[str, Any],
        key: str,
        voiced: Mapping[str, Voiced],
    ) -> None:
        voice = n.as_id(data.get("audio_asset_id"))
        if voice is not None and not self._media.add_voice(None, key, voice):
            message = f"the voice-over {voice} is not part of this export"
            self._story.told.add("XP0102", message, node_place(flow, node))
        for locale, x in voiced.items():
            if x.voice_asset_id is not None:
                self._media.add_voice(locale, key, x.voice_asset_id)

    # What Yarn shows in another way

    def _check(self, flow: Flow, node: Node, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, Put) and self._variables[piece.name].type == "boolean":
                message = f"the value of {piece.name} shows as True or False"
                self._story.told.add("XP0202", message, node_place(flow, node))

    def _tell_changes(self, flow: Flow, node: Node, written: Sequence[Written]) -> None:
        if any(line.changed for line in written):
            message = "a number in braces got an invisible sign, or Yarn would put a value there"
            self._story.told.add("XP0202", message, node_place(flow, node))

    def _put(self, name: str) -> str:
        return f"${self._story.emitter.identifiers.of(name)}"


def _name(name: str | None) -> str:
    return folded(name or "").replace(":", NAME_COLON)


def _flat(pieces: Sequence[Piece]) -> list[Piece]:
    return [Said(" ") if isinstance(x, Break) else x for x in pieces]


def _joined(parts: Sequence[Sequence[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for part in parts:
        found += [Said(" "), *part] if found else part
    return found


def _response_part(response: Mapping[str, Any], index: int, taken: set[str]) -> str:
    """``.<id>`` as long as no other response of the dialogue has that id."""
    key = response.get("id")
    if isinstance(key, str) and _RESPONSE_ID.fullmatch(key) and key not in taken:
        taken.add(key)
        return f".{key}"
    return f"..r{index}"
