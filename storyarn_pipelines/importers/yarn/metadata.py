"""``metadata.json`` of our own exports: what names stand for, and what Yarn has no place for."""

import sqlite3
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.window import MAX_PIECE_BYTES, Window

METADATA_FILE = "metadata.json"
_MARK = b"storyarn_yarn_metadata"
_HEAD_BYTES = 200
_BLOCK_BYTES = 1 << 18
_LISTS = ("variables", "flows", "lines", "voices", "media", "expressions")


class OwnVariable(msgspec.Struct, frozen=True):
    """A variable of Storyarn by its name in Yarn."""

    name: str
    yarn: str
    type: str
    initial: Any = None
    limits: dict[str, Any] = {}


class OwnExit(msgspec.Struct, frozen=True):
    """An exit node."""

    id: str
    label: str = ""
    technical_id: Any = None
    outcome_tags: Any = None
    mode: str = "terminal"
    continues_in: str | None = None


class OwnFlow(msgspec.Struct, frozen=True):
    """A flow, whose first node in Yarn is ``node``."""

    id: int
    name: str
    shortcut: str | None
    path: str
    main: bool
    node: str
    exits: list[OwnExit] = []


class OwnCharacter(msgspec.Struct, frozen=True):
    """A sheet."""

    id: int
    name: str
    description: str | None = None
    color: str | None = None
    path: str = ""
    properties: dict[str, Any] = {}


class OwnVoice(msgspec.Struct, frozen=True):
    """A voice-over: its line, its language and its file in the export."""

    id: str
    language: str
    file: str


class Metadata:
    """The document. Lines and expressions wait on disk, since there may be many."""

    def __init__(self, tree: Tree, file: str) -> None:
        """Read it; raises ImportFileError for what is not of its shape."""
        self.file = file
        self.project = "Imported project"
        self.start: str | None = None
        self.exit_variable = ""
        self.source = ""
        self.variables: dict[str, OwnVariable] = {}
        self.characters: dict[str, OwnCharacter] = {}
        self.flows: dict[str, OwnFlow] = {}
        self.voices: dict[tuple[str, str], str] = {}
        self._store = sqlite3.connect("")
        self._store.execute("CREATE TABLE lines (id TEXT PRIMARY KEY, facts BLOB)")
        self._store.execute(
            "CREATE TABLE said (flow, kind, yarn, source, PRIMARY KEY (flow, kind, yarn))"
        )
        self._by_id: dict[int, str] = {}
        with tree.open(file) as stream:
            for key, raw in _members(stream, file):
                try:
                    self._take(key, raw)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise refused(
                        tree.name, f"{file}: {key}", f"it is damaged ({error})"
                    ) from error

    def close(self) -> None:
        """Forget what waits on disk."""
        self._store.close()

    def line(self, line_id: str) -> dict[str, Any]:
        """What belongs to a line beyond its text and speaker."""
        found = self._store.execute("SELECT facts FROM lines WHERE id = ?", (line_id,)).fetchone()
        facts: dict[str, Any] = msgspec.json.decode(found[0]) if found else {}
        return facts

    def condition(self, flow: str, yarn: str) -> Condition | None:
        """The original of a condition in a flow, if it is still as it was written."""
        source = self._source(flow, "condition", yarn)
        try:
            return None if source is None else parse_condition(source)
        except ExpressionError:
            return None

    def instruction(self, flow: str, yarn: str) -> Instruction | None:
        """The original of commands, which stand one a line."""
        source = self._source(flow, "instruction", yarn)
        try:
            return None if source is None else parse_instruction(source)
        except ExpressionError:
            return None

    def _source(self, flow: str, kind: str, yarn: str) -> str | None:
        query = "SELECT source FROM said WHERE flow = ? AND kind = ? AND yarn = ?"
        found = self._store.execute(query, (flow, kind, yarn)).fetchone()
        return None if found is None else str(found[0])

    def _take(self, key: str, raw: bytes) -> None:
        match key:
            case "project":
                self.project = msgspec.json.decode(raw, type=dict[str, str]).get("name", "")
            case "start_node":
                self.start = msgspec.json.decode(raw, type=str | None)
            case "exit_variable":
                self.exit_variable = msgspec.json.decode(raw, type=str)
            case "localization":
                self.source = str(msgspec.json.decode(raw, type=dict[str, Any]).get("source"))
            case "characters":
                self.characters = msgspec.json.decode(raw, type=dict[str, OwnCharacter])
            case "variables":
                variable = msgspec.json.decode(raw, type=OwnVariable)
                self.variables[variable.yarn] = variable
            case "flows":
                flow = msgspec.json.decode(raw, type=OwnFlow)
                self.flows[flow.node] = flow
                self._by_id[flow.id] = flow.node
            case "voices":
                voice = msgspec.json.decode(raw, type=OwnVoice)
                self.voices[voice.id, voice.language] = voice.file
            case "lines":
                facts = msgspec.json.decode(raw, type=dict[str, Any])
                row = (str(facts.get("id")), raw)
                self._store.execute("INSERT OR IGNORE INTO lines VALUES (?, ?)", row)
            case "expressions":
                self._take_expression(msgspec.json.decode(raw, type=dict[str, Any]))

    def _take_expression(self, said: dict[str, Any]) -> None:
        kind = "instruction" if str(said.get("of", "")).endswith("assignments") else "condition"
        flow = self._by_id.get(said.get("flow", 0), "")
        row = (flow, kind, str(said.get("yarn", "")), str(said.get("source", "")))
        self._store.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)", row)


def own_metadata(tree: Tree) -> Metadata | None:
    """The metadata of an export of ours, None if the files are no such export."""
    names = (x for x in tree.names() if x.rsplit("/", 1)[-1] == METADATA_FILE)
    for file in sorted(names, key=lambda x: (x.count("/"), x)):
        with tree.open(file) as stream:
            if _MARK in stream.read(_HEAD_BYTES):
                return Metadata(tree, file)
    return None


def _members(stream: BinaryIO, name: str) -> Iterator[tuple[str, bytes]]:
    """The members of the document; those that are lists one element at a time."""
    window = Window(stream, name, 2, _BLOCK_BYTES, MAX_PIECE_BYTES)
    window.take(b"{")
    while window.peek() != b"}":
        key = window.name()[1:-1].decode("ascii", "replace")
        window.pointer = f"/{key}"
        window.take(b":")
        if key in _LISTS and window.peek() == b"[":
            window.take(b"[")
            while window.peek() != b"]":
                yield key, window.value(2)
                if window.take(b",]") == b"]":
                    break
            else:
                window.take(b"]")
        else:
            window.peek()
            yield key, window.value(1)
        if window.take(b",}") == b"}":
            return
