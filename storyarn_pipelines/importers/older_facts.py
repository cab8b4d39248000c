"""What conversions of older documents must know of the whole file.

Gathered in one walk of its own, the first time that something asks: only documents of older
shapes do. Nothing is refused here; what has a wrong type is told where it is converted.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import filled, listing, mapping
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.importers.cut import Piece
from storyarn_pipelines.importers.native import STRINGS, rows_of
from storyarn_pipelines.importers.rows import Row
from storyarn_pipelines.story.variables import BLOCK_TYPES

Field = tuple[str, str, str]
"""A text's ``source_type``, ``source_id`` and ``source_field``."""

SPEECH = {"dialogue": "text", "choice": "prompt"}
"""Where nodes keep what is said."""
LOCALIZATION_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

_LANGUAGES = "localization/languages"
_SOURCE_LANGUAGE = "localization/source_language"
_STRING_LIST = STRINGS.removesuffix("/")
_TREES = (t.SHEETS, t.FLOWS, t.SCENES)


class Facts:
    """What a file says in other places than where it is needed."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.source_locale: str | None = None
        self.locales: list[str] = []
        self.shortcuts: dict[tuple[Table, str], str] = {}
        self.exits: dict[str, list[str]] = {}
        self.called: set[str] = set()
        self.texts: dict[Field, str] = {}
        self.keys: dict[str, Field] = {}
        self.node_types: dict[str, str] = {}
        self.speakers: dict[str, str] = {}
        self.dialogue_ids: dict[str, str] = {}
        self.recordings: dict[str, str] = {}
        self._claimed: set[str] = set()
        self._jumps: dict[str, tuple[str | None, str | None]] = {}
        self._wired: set[str] = set()
        self._recorded: list[tuple[str, str | None, str, str]] = []
        self._variables: list[Variable] = []
        for piece in pieces:
            self._take(piece)
        self._settle()
        self.names = Names(self._variables)

    def target_flow(self, node: str) -> str | None:
        """The flow that a node calls."""
        flow, shortcut = self._jumps.get(node, (None, None))
        return flow or self.shortcuts.get((t.FLOWS, shortcut or ""))

    def _take(self, piece: Piece) -> None:
        if piece.key.startswith(STRINGS) or piece.key == _STRING_LIST:
            self._string(piece)
        elif piece.key == _SOURCE_LANGUAGE:
            found = _value(piece.raw)
            self.source_locale = filled(found) or self.source_locale
        elif piece.key == _LANGUAGES:
            self._language(mapping(_value(piece.raw)))
        elif piece.key not in ("localization/glossary", "assets/items", "project"):
            for row in rows_of(piece):
                self._entity(row)

    def _entity(self, row: Row) -> None:
        ref, shortcut = _text(row, "id"), _text(row, "shortcut")
        if row.table in _TREES and ref and shortcut:
            self.shortcuts.setdefault((row.table, shortcut), ref)
        if row.table is t.FLOWS:
            self._flow(row, ref or row.pointer)
        elif row.table is t.SHEETS:
            self._sheet(row, ref or row.pointer)

    def _flow(self, row: Row, flow: str) -> None:
        exits = self.exits.setdefault(flow, [])
        for child in row.children:
            if child.table is t.FLOW_NODES:
                node, kind = _text(child, "id") or child.pointer, _text(child, "type") or ""
                self.node_types[node] = kind
                data = mapping(_value(child.values.get("data")))
                if kind == "exit":
                    exits.append(node)
                self._node(node, kind, data)
            elif child.table is t.FLOW_CONNECTIONS:
                source = _text(child, "source_node_id")
                self._wired.update([source] if source else [])

    def _node(self, node: str, kind: str, data: dict[str, Any]) -> None:
        if kind == "flow_jump":
            shortcut = filled(data.get("target_flow_shortcut"))
            self._jumps[node] = (filled(data.get("target_flow_id")), shortcut)
        if kind == "exit":
            self._say(node, "label", data.get("label"), None)
        if kind not in SPEECH:
            return
        prefix = "prompt" if kind == "choice" and "prompt" in data else "text"
        key = filled(data.get("text_key")) or filled(data.get("prompt_key"))
        self._say(node, "text", data.get(prefix), key)
        for name in ("stage_directions", "menu_text"):
            self._say(node, name, data.get(name), None)
        for number, option in enumerate(map(mapping, options_of(data))):
            field = f"response.{option_id(option, number)}.text"
            self._say(node, field, option.get("text"), filled(option.get("text_key")))
        self._claim(node, filled(data.get("localization_id")) or key)
        speaker = data.get("speaker_sheet_id", data.get("speaker_id"))
        if isinstance(speaker, int | str) and not isinstance(speaker, bool):
            self.speakers[node] = str(speaker)

    def _say(self, node: str, field: str, text: object, key: str | None) -> None:
        place = ("flow_node", node, field)
        if isinstance(text, str):
            self.texts[place] = text
        if key:
            self.keys.setdefault(key, place)

    def _claim(self, node: str, wanted: str | None) -> None:
        """Dialogue ids are unique in a project; who comes first has them."""
        if not wanted or not LOCALIZATION_ID.fullmatch(wanted) or wanted in self._claimed:
            wanted = f"dialogue_{hashlib.sha256(node.encode()).hexdigest()[:32]}"
        self._claimed.add(wanted)
        self.dialogue_ids[node] = wanted

    def _sheet(self, row: Row, sheet: str) -> None:
        owner = _text(row, "shortcut") or sheet
        name = _text(row, "name")
        if name:
            self.texts["sheet", sheet, "name"] = name
        for block in row.children:
            if block.table is not t.BLOCKS:
                continue
            kind, variable = _text(block, "type") or "", _text(block, "variable_name")
            if kind in ("text", "rich_text"):
                content = mapping(_value(block.values.get("value"))).get("content")
                if isinstance(content, str):
                    ref = _text(block, "id") or block.pointer
                    self.texts["block", ref, "value.content"] = content
            if variable and kind in BLOCK_TYPES:
                self._variables.append(Variable(owner, variable, kind))
            elif variable and kind == "table":
                self._variables.extend(_cells(owner, variable, block.children))

    def _language(self, language: dict[str, Any]) -> None:
        locale = filled(language.get("locale_code"))
        if locale:
            self.locales.append(locale)
            if language.get("is_source") is True:
                self.source_locale = self.source_locale or locale

    def _string(self, piece: Piece) -> None:
        """Note the recordings; which of them is the source language's is known at the end."""
        found = mapping(_value(piece.raw))
        is_listed = piece.key == _STRING_LIST
        in_list = filled(found.get("key")) or filled(found.get("text_key")) or ""
        key = in_list if is_listed else piece.key.removeprefix(STRINGS)
        for locale, translation in mapping(found.get("translations")).items():
            media = filled(mapping(translation).get("vo_asset_id"))
            if media and "source_field" not in found:
                self._recorded.append((key, filled(found.get("source_id")), locale, media))

    def _settle(self) -> None:
        for node in self._jumps:
            flow = self.target_flow(node)
            if flow and node in self._wired:
                self.called.add(flow)
        for key, speaker, locale, media in self._recorded:
            place = self.keys.get(key, ("flow_node", speaker or "", "text"))
            if locale == self.source_locale and place[2] == "text":
                self.recordings.setdefault(place[1], media)


def options_of(data: dict[str, Any]) -> list[Any]:
    """What a reader can answer: options of choices, responses of dialogues."""
    return [*listing(data.get("options")), *listing(data.get("responses"))]


def option_id(option: dict[str, Any], number: int) -> str:
    """The id of an answer; one that has none goes by its number, from 1."""
    return filled(option.get("id")) or f"option_{number + 1}"


def _cells(owner: str, variable: str, children: list[Row]) -> Iterator[Variable]:
    """The variables of a table, one a cell."""
    columns = [x for x in children if x.table is t.TABLE_COLUMNS]
    for row in children:
        if row.table is t.TABLE_ROWS:
            for column in columns:
                name = f"{variable}.{_text(row, 'slug')}.{_text(column, 'slug')}"
                yield Variable(owner, name, _text(column, "type") or "number")


def _text(row: Row, column: str) -> str | None:
    return filled(_value(row.values.get(column)))


def _value(raw: Any) -> Any:
    """A decoded value; None for what cannot be read, which its own reader refuses."""
    if raw is None:
        return None
    try:
        return json_text.decode(bytes(raw))
    except json_text.JsonTextError:
        return None
