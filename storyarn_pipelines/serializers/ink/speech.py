"""Lines and responses of an Ink file, with their tags."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.speech import (
    Break,
    Piece,
    Said,
    line_pieces,
    response_pieces,
)
from storyarn_pipelines.serializers.engines.story import EngineStory, SheetFacts
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.serializers.ink.tables import Entry, InkMedia, StringTables
from storyarn_pipelines.serializers.ink.text import content, escaped, line, lines, tag
from storyarn_pipelines.story import nodes as n

_RESPONSE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_LINE_ID = re.compile(r"(?=[^0-9]|.*[^0-9])[A-Za-z0-9_-]{1,100}", re.ASCII)


class InkSpeech:
    """Writes what is said, and its rows of the string tables."""

    def __init__(
        self, story: EngineStory, names: InkNames, media: InkMedia, tables: StringTables
    ) -> None:
        self._story, self._names, self._media, self._tables = story, names, media, tables
        self._variables = story.variables.variables
        self._known: set[str] | None = set() if story.options.include_trash else None
        self.styled: list[int] = []
        """Nodes of the flow at hand whose text has styles, which Ink does not know."""
        self.placed: dict[int, str] = {}
        """The sequences of the flow at hand by their ids, as ``sequence`` tags name them."""

    def begin(self, flow: Flow) -> None:
        """Forget the flow before."""
        self.styled = []
        self.placed = {
            node.id: node.configs[0].name if node.configs else str(node.id)
            for node in flow.nodes
            if node.type == "sequence"
        }

    def say(self, flow: Flow, node: Node) -> Iterator[str]:
        """A dialogue's text as lines; the tags stand on the first, ``line`` on each."""
        data = n.data_of(node)
        pieces = line_pieces(n.text_of(data.get("text")), self._variables)
        self._note_styles(node, pieces)
        speaker = self._speaker(flow, node, data)
        name = self._names.sheet(speaker.id) if speaker else ""
        key = self.key(node)
        voice = self._media.place(n.as_id(data.get("audio_asset_id")))
        source = ("flow_node", node.id, "text")
        self._tables.add_line(Entry(f"{key}.text", "line", source, name, voice), pieces)
        common = f"{f' #speaker:{escaped(name)}' if name else ''} #line:{key}.text"
        tags = common + self._details(flow, node, data, key, speaker)
        for part in lines(pieces):
            yield line(part, self._put) + tags
            tags = common + " #continued"

    def responses(self, node: Node) -> Iterator[str]:
        """What each response's choice says within its brackets."""
        data = n.data_of(node)
        sheet = self._story.speaker(data)
        base = self.key(node)
        taken: set[str] = set()
        for index, response in enumerate(n.responses_of(node)):
            text = n.text_of(response.get("text"))
            pieces = response_pieces(text, self._variables)
            key = f"{base}.{_response_part(response, index, taken)}.text"
            field = f"response.{response.get('id')}.text"
            speaker = self._names.sheet(sheet.id) if sheet else ""
            entry = Entry(key, "response", ("flow_node", node.id, field), speaker)
            self._tables.add_response(entry, pieces)
            flat = [Said(" ") if isinstance(x, Break) else x for x in pieces]
            yield f"{content(flat, self._put)} #line:{key}"

    def key(self, node: Node) -> str:
        """What the keys of a node's texts begin with: stable, and of this node alone."""
        stored = n.data_of(node).get("localization_id")
        if isinstance(stored, str) and _LINE_ID.fullmatch(stored):
            if self._known is None:
                return f"flow_node.{stored}"
            # In the trash there may be nodes with the same name. The first one has it.
            owned = f"{stored}\n{node.id}"
            if stored not in self._known or owned in self._known:
                self._known.update((stored, owned))
                return f"flow_node.{stored}"
        return f"flow_node.{node.id}"

    def _details(
        self,
        flow: Flow,
        node: Node,
        data: Mapping[str, Any],
        key: str,
        speaker: SheetFacts | None,
    ) -> str:
        """Everything about a line but who says it."""
        found = self._voice(flow, node, data)
        for field, name in (("stage_directions", "stage"), ("menu_text", "menu")):
            text = n.text_of(data.get(field))
            if text:
                found += tag(name, text)
                entry = Entry(f"{key}.{field}", name, ("flow_node", node.id, field))
                self._tables.add_text(entry, text)
        avatar = n.as_id(data.get("avatar_id"))
        if speaker is not None and avatar is not None:
            found += tag("portrait", self._media.place(speaker.avatars.get(avatar)))
        location = self._story.sheets.get(n.as_id(data.get("location_sheet_id")) or 0)
        if location is not None:
            found += tag("location", self._names.sheet(location.id))
        technical_id = n.text_of(data.get("technical_id"))
        if technical_id:
            found += tag("id", technical_id)
        if node.parent_id is not None and node.parent_id in self.placed:
            found += tag("sequence", self.placed[node.parent_id])
        return found

    def _voice(self, flow: Flow, node: Node, data: Mapping[str, Any]) -> str:
        voice = n.as_id(data.get("audio_asset_id"))
        if voice is None:
            return ""
        place = self._media.place(voice)
        if not place:
            message = f"the voice-over {voice} is not part of this export"
            self._story.told.add("XP0102", message, node_place(flow, node))
        return tag("voice", place)

    def _speaker(self, flow: Flow, node: Node, data: Mapping[str, Any]) -> SheetFacts | None:
        found = self._story.speaker(data)
        if found is None and self._story.options.selects and data.get("speaker_sheet_id"):
            message = f"the speaker {data['speaker_sheet_id']} is not part of this export"
            self._story.told.add("XP0102", message, node_place(flow, node))
        return found

    def _note_styles(self, node: Node, pieces: list[Piece]) -> None:
        if any(not isinstance(piece, Break) and piece.styles for piece in pieces):
            self.styled.append(node.id)

    def _put(self, name: str) -> str:
        return self._story.emitter.identifiers.of(name)


def _response_part(response: Mapping[str, Any], index: int, taken: set[str]) -> str:
    """``response.<id>`` as long as no other response of the dialogue has that id."""
    key = response.get("id")
    part = f"response.{key}"
    if not isinstance(key, str) or not _RESPONSE_ID.fullmatch(key) or part in taken:
        part = f"response.({index})"
    taken.add(part)
    return part
