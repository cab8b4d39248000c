"""Dialogues and responses, with their ids and what their translations are made of."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import ALWAYS, NEVER, Condition, Rule
from storyarn_pipelines.expressions.structure import to_structure
from storyarn_pipelines.importers.yarn.changes import shown as shown_by
from storyarn_pipelines.importers.yarn.meaning import Site, World
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import Line
from storyarn_pipelines.importers.yarn.sums import UnsayableError
from storyarn_pipelines.importers.yarn.terms import Term
from storyarn_pipelines.importers.yarn.texts import (
    Markup,
    Piece,
    Styled,
    as_html,
    as_plain,
    has_shown_speaker,
    said_plainly,
    split_speaker,
)
from storyarn_pipelines.importers.yarn.types import BOOL
from storyarn_pipelines.importers.yarn.unique import Unique

Json = dict[str, Any]
_ID = re.compile(r"(?=[^0-9]|.*[^0-9])[A-Za-z0-9_-]{1,100}")
LONGEST_ID = 100
_FACTS = {"stage_directions": "stage_direction", "menu_text": "menu"}
_OWN_TAGS = ("line:", "speaker:", "shadow:")
_PLACEHOLDER_GUARD = re.compile("\\{\u2060(?=[0-9]+\\})")


@dataclass(frozen=True, slots=True)
class Text:
    """Something that can be translated: the lines of Yarn that it came from.

    ``shown`` are what the expressions of each line show, ``locks`` what a table says of a text
    that a translation was made from. ``given`` are translations that an export of ours keeps.
    """

    field: str
    role: str
    text: str
    line_ids: tuple[str, ...]
    shown: tuple[tuple[tuple[Piece, ...], ...], ...]
    has_speaker: bool
    sheet: Json | None
    locks: tuple[str, ...] = ()
    given: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Speech:
    """Writes what is said."""

    def __init__(self, world: World, notes: Notes) -> None:
        self._world, self._notes = world, notes
        self._ids = Unique(LONGEST_ID)

    def dialogue(
        self, line: Line | None, site: Site, key: str, place: str, *, again: bool = False
    ) -> tuple[Json, list[Text], list[str]]:
        """Data, texts and comments of a dialogue without responses; None says nothing.

        ``key`` stands for a line id where there is none, ``again`` asks for a second dialogue of
        the same line.
        """
        comments: list[str] = []
        lines = [] if line is None else [line, *line.follow]
        read = [self._read(x, site, place, comments) for x in lines]
        sheet = self._sheet(line, read[0].speaker, comments, place) if line and read else None
        pieces = [x.pieces for x in read]
        text = as_html(pieces)
        ids = tuple([x.line_id for x in read])
        wanted = ids[0].removeprefix("line:") if ids and ids[0] else key
        data: Json = {
            "speaker_sheet_id": int(sheet["id"]) if sheet else None,
            "text": text,
            "stage_directions": self._tags(line),
            "menu_text": "",
            "technical_id": "",
            "localization_id": self._localization_id(f"{wanted}-again" if again else wanted),
            "audio_asset_id": None,
            "avatar_id": None,
            "location_sheet_id": None,
            "responses": [],
        }
        more = self._add_facts(data, ids[0], place) if self._world.own and ids else []
        found = Text(
            "text", "dialogue", text, ids, tuple([x.shown for x in read]), bool(sheet), sheet,
            tuple([x.lock for x in read]),
        )  # fmt: skip
        return data, [*([found] if text else []), *more], comments

    def response(
        self, line: Line, site: Site, taken: Unique, place: str
    ) -> tuple[Json, Text, list[str]]:
        """A response without condition and effects; ``taken`` are the ids of its dialogue."""
        comments: list[str] = []
        said = self._read(line, site, place, comments, speaks=False)
        if any(x.styles for x in said.pieces):
            self._notes.add("styles of options have no place in responses", [place])
        text = as_plain(said.pieces)
        if line.tags and (tags := self._tags(line)):
            self._notes.add("tags of options are kept in annotations", [place])
            comments.append(f"{text}: {tags}")
        wanted = said.line_id.removeprefix("line:")
        if self._world.own is not None and "." in wanted:
            wanted = wanted.split(".", 1)[1].lstrip(".")
        key = _clean(wanted) or f"response_{_digest(said_plainly(said.pieces))}"
        data: Json = {
            "id": taken.take(key),
            "text": text,
            "condition": None,
            "instruction": None,
            "instruction_assignments": [],
        }
        name = f"response.{data['id']}.text"
        found = Text(
            name, "response", text, (said.line_id,), (said.shown,), False, None, (said.lock,)
        )
        return data, found, comments

    def condition_text(self, condition: Condition, line: int) -> str | None:
        """A condition as responses keep it: a JSON text."""
        if condition == ALWAYS:
            return None
        return json.dumps(self.structure(condition, line), ensure_ascii=False)

    def structure(self, condition: Condition, line: int) -> Json:
        """A condition as condition nodes keep it. Raises ScriptError."""
        if condition == NEVER:
            condition = Rule(self._world.stock.helper(BOOL, "never"), "is_true")
        try:
            return to_structure(condition)
        except ExpressionError as error:
            raise ScriptError(line, str(error).splitlines()[0]) from None

    def _read(
        self, line: Line, site: Site, place: str, comments: list[str], *, speaks: bool = True
    ) -> "_Read":
        shown: list[tuple[Piece, ...]] = []
        written: list[str | Sequence[Piece]] = []
        for part in line.parts:
            if isinstance(part, Term):
                pieces = tuple(shown_by(site, part))
                shown.append(pieces)
                plain = all(isinstance(x, str) for x in pieces)
                written.append("".join(map(str, pieces)) if plain else pieces)
            elif self._world.own is not None:
                written.append(_PLACEHOLDER_GUARD.sub("{", part))
            else:
                written.append(part)
        speaker = ""
        if speaks:
            if has_shown_speaker(written):
                what = "speakers that a value names stay a part of their lines"
                self._notes.add(what, [place])
            speaker, written = split_speaker(written)
        lost: list[str] = []
        try:
            styled = Markup(lost.append).read(written)
        except UnsayableError as error:
            raise ScriptError(line.line, str(error)) from None
        if lost:
            self._notes.add("markup that Storyarn lacks is kept in annotations", [place])
            raw = "".join([x if isinstance(x, str) else f"{{{x.text}}}" for x in line.parts])
            comments.append(raw)
        ids = [x for x in line.tags if x.startswith("line:")]
        source = line.tag("shadow")
        line_id = ids[0] if ids else f"line:{source}" if source else ""
        return _Read(speaker, styled, line_id, tuple(shown), _lock(line))

    def _sheet(self, line: Line, speaker: str, comments: list[str], place: str) -> Json | None:
        if not speaker:
            return None
        if len(speaker) > 200:
            self._notes.add("names of speakers are cut to 200 characters", [place])
            comments.append(speaker)
        return self._world.stock.speaker(speaker, line.tag("speaker"))

    def _tags(self, line: Line | None) -> str:
        """Tags that are neither ids nor ours."""
        if line is None:
            return ""
        own = self._world.own is not None
        skipped = _OWN_TAGS if own else ("line:", "shadow:")
        return " ".join([f"#{x}" for x in line.tags if not x.startswith(skipped)])

    def _add_facts(self, data: Json, line_id: str, place: str) -> list[Text]:
        """What the metadata of an export of ours says of a line; texts with translations."""
        own = self._world.own
        facts = own.line(line_id) if own else {}
        found: list[Text] = []
        for name, role in _FACTS.items():
            said = facts.get(name)
            texts = {x: y for x, y in said.items() if isinstance(y, str)} if said else {}
            if "text" in texts:
                data[name] = texts.pop("text")
                found.append(Text(name, role, data[name], (), (), False, None, (), texts))
        if isinstance(facts.get("technical_id"), str):
            data["technical_id"] = facts["technical_id"]
        location = facts.get("location")
        if own and isinstance(location, str) and location in own.characters:
            data["location_sheet_id"] = int(self._world.stock.speaker("", location)["id"])
        for name in ("portrait", "sequence"):
            if facts.get(name):
                self._notes.add(f"the {name}s of lines do not come back", [place])
        return found

    def _localization_id(self, wanted: str) -> str:
        return self._ids.take(_clean(wanted))


@dataclass(frozen=True, slots=True)
class _Read:
    speaker: str
    pieces: list[Styled]
    line_id: str
    shown: tuple[tuple[Piece, ...], ...]
    lock: str


def _lock(line: Line) -> str:
    """What a table says of the text that a translation was made from: the start of its hash."""
    made: list[str] = []
    count = 0
    for part in line.parts:
        made.append(part if isinstance(part, str) else f"{{{count}}}")
        count += not isinstance(part, str)
    return _digest("".join(made).strip())


def _clean(wanted: str) -> str:
    """An id of letters, digits, ``_`` and ``-``; one that is no such id gets a part of its hash."""
    if not wanted or _ID.fullmatch(wanted):
        return wanted
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted)[: LONGEST_ID - 20].strip("_")
    return f"line_{kept}" if kept == wanted else f"{kept or 'line'}_{_digest(wanted)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
