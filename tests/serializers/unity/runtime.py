"""A model of the plugin's run time that is driven by an exported database alone.

It does what the plugin's conversation model and controller do: the script of an entry runs when
it is entered, then links are followed by falling priority; groups are looked through at once; the
first line that is possible is said, else the possible responses are offered, else it is over.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.serializers.unity.json_utility import value_of
from tests.serializers.unity.lua import Machine

MOST_GROUPS = 128
"""How many groups in a row the plugin follows."""

_EMPHASIS = re.compile(r"\[/?em\d\]")
_VARIABLE = re.compile(r"\[var=([^\]]*)\]")
_PROMPT = re.compile(r"\[var=\?.*\]")
_CODE = re.compile(r"\[lua\((?!lua)(.*)\)\]")
_PICTURE = re.compile(r"\[pic[ac]?=([0-9A-Za-z_]+)\]")
_PLACE = re.compile(r"\[position[\s=]+[0-9]+\]|\[panel=[0-9]+\]")
_MARKS = ("[a]", "[f]", "[auto]", "[nosubtitle]")


class Choices(Protocol):
    """Picks from a menu of two or more."""

    def pick(self, node_id: int, options: Sequence[str]) -> int:
        """The index of the response to take."""


@dataclass
class Shown:
    """What a conversation showed, in the words of the reference's trace."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    entries: int = 0
    endless: bool = False


class Conversations:
    """A database that was loaded, with its variables."""

    def __init__(
        self, database: dict[str, Any], machine: Machine, code: str = "", most_entries: int = 5000
    ) -> None:
        """``code`` is the language that texts are shown in; blank stands for the first one."""
        self.database, self.machine = database, machine
        self._code, self._most = code, most_entries
        self._actors = {x["id"]: x for x in database["actors"]}
        self._entries = {
            (conversation["id"], entry["id"]): entry
            for conversation in database["conversations"]
            for entry in conversation["dialogueEntries"]
        }
        self.indexes = {index_of(value_of(x, "Name")): x for x in database["variables"]}
        assert len(self.indexes) == len(database["variables"])
        self.load()

    def load(self) -> None:
        """Fill the variables, and run the database's own script."""
        self.machine.fill({index: _first(x) for index, x in self.indexes.items()})
        self.machine.run(self.database["globalUserScript"])

    def values(self) -> dict[str, Any]:
        """The variables of the story, by their names there."""
        return {
            name: self.machine.value(index)
            for index, x in self.indexes.items()
            if (name := value_of(x, "Storyarn Name"))
        }

    def play(self, title: str, choices: Choices) -> Shown:
        """Start a conversation and follow it to its end."""
        conversation = next(
            x for x in self.database["conversations"] if value_of(x, "Title") == title
        )
        here = next(x for x in conversation["dialogueEntries"] if value_of(x, "Title") == "START")
        shown = Shown()
        while True:
            shown.entries += 1
            if shown.entries > self._most:
                shown.endless = True
                return shown
            self.machine.run(here["userScript"])
            self._say(here, shown)
            lines, responses = self.following(here)
            if lines:
                here = lines[0]
            elif responses:
                here = self._choose(responses, choices, shown)
            else:
                return shown

    def following(self, entry: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        """The lines and responses that are possible after an entry."""
        lines: list[Any] = []
        responses: list[Any] = []
        self._follow(entry, lines, responses, 0)
        return lines, responses

    def _follow(
        self, entry: dict[str, Any], lines: list[Any], responses: list[Any], depth: int
    ) -> None:
        assert depth <= MOST_GROUPS, "too many groups in a row"
        before = len(lines) + len(responses)
        for priority in (4, 3, 2, 1, 0):
            for link in entry["outgoingLinks"]:
                if link["priority"] == priority:
                    self._look(self._target(link), lines, responses, depth)
            if len(lines) + len(responses) > before:
                return

    def _look(
        self, entry: dict[str, Any], lines: list[Any], responses: list[Any], depth: int
    ) -> None:
        if not self.machine.holds(entry["conditionsString"]):
            if entry["falseConditionAction"] == "Passthrough":
                self._follow(entry, lines, responses, depth + 1)
        elif entry["isGroup"]:
            self.machine.run(entry["userScript"])
            self._follow(entry, lines, responses, depth + 1)
        elif self._is_player(entry):
            responses.append(entry)
        else:
            lines.append(entry)

    def _target(self, link: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._entries[
            link["destinationConversationID"], link["destinationDialogueID"]
        ]
        return found

    def _is_player(self, entry: dict[str, Any]) -> bool:
        actor = self._actors[int(value_of(entry, "Actor"))]
        return value_of(actor, "IsPlayer").lower() == "true"

    def _say(self, entry: dict[str, Any], shown: Shown) -> None:
        """A subtitle; an entry without text whose sequence goes on at once shows none."""
        text = self._local(entry, "Dialogue Text") or self._local(entry, "Menu Text")
        sequence = self._local(entry, "Sequence")
        if sequence in ("Continue()", "None()"):
            assert self._is_player(entry) or not text, "a line that nobody can read"
            return
        if not self._is_player(entry):
            actor = self._actors[int(value_of(entry, "Actor"))]
            name = self._local(actor, "Display Name") or value_of(actor, "Name")
            name_or_none = name if name.strip() else None
            shown.events.append(("say", name_or_none, self._text(text, shown)))

    def _choose(self, responses: list[Any], choices: Choices, shown: Shown) -> dict[str, Any]:
        texts = [
            self._text(self._local(x, "Menu Text") or self._local(x, "Dialogue Text"), shown)
            for x in responses
        ]
        index = 0 if len(texts) == 1 else choices.pick(0, texts)
        shown.events.append(("choose", texts, index))
        chosen: dict[str, Any] = responses[index]
        return chosen

    def _local(self, owner: dict[str, Any], title: str) -> str:
        """A field in the language; Dialogue Text has the bare code as its title."""
        name = self._code if title == "Dialogue Text" else f"{title} {self._code}"
        return (value_of(owner, name) if self._code else "") or value_of(owner, title)

    def _text(self, text: str, shown: Shown) -> str:
        """Markup at work, in the plugin's order."""
        assert not _CODE.search(text), "code in a text"
        assert not _PROMPT.search(text), "a question to the player"
        text = _VARIABLE.sub(lambda x: self.machine.shown(index_of(x[1].strip())), text)
        text = text.replace("|", "\n")
        shown.pictures += [int(number) for number in _PICTURE.findall(text)]
        text = _PICTURE.sub("", text)
        for mark in _MARKS:
            if mark in text:
                shown.marks.append(mark)
                text = text.replace(mark, "")
        return _EMPHASIS.sub("", _PLACE.sub("", text))


def index_of(name: str) -> str:
    """The index in ``Variable`` that the plugin makes of a name."""
    plain = name.replace("\n", "\\n").replace("\r", "")
    return "".join(["_" if x in '" -()/' else x for x in plain])


def _first(variable: dict[str, Any]) -> Any:
    """A variable's first value, by the type of its field; numbers are single floats."""
    found = next(x for x in variable["fields"] if x["title"] == "Initial Value")
    value = found["value"]
    match found["type"]:
        case 1:
            try:
                (number,) = struct.unpack("f", struct.pack("f", float(value)))
            except OverflowError:
                return float("inf")
            return number
        case 2:
            return value.lower() == "true"
    return value
