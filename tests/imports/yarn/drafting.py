"""Scripts as native documents, and these as stories to play, without a database."""

import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.sheets import Block, Sheet, TableColumn, TableRow
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.yarn import draft_yarn
from storyarn_pipelines.story.choices import Choices, ScriptedChoices
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import FlowName, Story
from storyarn_pipelines.story.player import Player
from storyarn_pipelines.story.variables import read_variables
from tests.story.builders import blank

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
T = TypeVar("T", bound=msgspec.Struct)
Json = dict[str, Any]


class MemoryTree:
    """Files by name."""

    def __init__(self, files: Mapping[str, str | bytes], name: str = "upload.zip") -> None:
        self.name = name
        self._files = {x: y.encode() if isinstance(y, str) else y for x, y in files.items()}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def size(self, file: str) -> int:
        return len(self._files[file])

    def open(self, file: str) -> BinaryIO:
        return io.BytesIO(self._files[file])


class Drafted:
    """A document, with what the import told."""

    def __init__(self, files: Mapping[str, str | bytes], directory: Path) -> None:
        notes = Notes()
        draft = Draft(directory, WHEN)
        self.path = directory / "drafted.json"
        try:
            self.media = draft_yarn(MemoryTree(files), draft, notes, Limits())
            draft.write(self.path)
        finally:
            draft.close()
        self.notes = list(notes.lines())
        self.document: Json = json.loads(self.path.read_bytes())

    def flow(self, shortcut: str) -> Json:
        """A flow by its shortcut."""
        found: Json = next(x for x in self.document["flows"] if x["shortcut"] == shortcut)
        return found

    def nodes(self, shortcut: str, kind: str) -> list[Json]:
        """The data of a flow's nodes of one type."""
        return [x["data"] for x in self.flow(shortcut)["nodes"] if x["type"] == kind]

    def variables(self) -> dict[str, Any]:
        """First values by full name."""
        return {
            f"{sheet['shortcut']}.{block['variable_name']}": block["value"]["content"]
            for sheet in self.document["pages"]
            for block in sheet["blocks"]
            if block["variable_name"] and "content" in block["value"]
        }

    def story(self, locale: str | None = None) -> Story:
        """The document as a story, in a language of it."""
        flows = [_flow(x) for x in self.document["flows"]]
        sheets = [_sheet(x) for x in self.document["pages"]]
        graphs = {x.id: FlowGraph.of(x) for x in flows}
        strings = self.document["localization"]["strings"].values()
        texts = {
            (x["source_type"], int(x["source_id"]), x["source_field"]): x["translations"][locale][
                "text"
            ]
            for x in strings
            if locale in x["translations"]
        }
        return Story(
            read_variables(sheets, ()),
            tuple(FlowName(x.id, x.name, x.shortcut, x.is_main) for x in flows),
            {x.id: x.name for x in sheets},
            graphs.get,
            texts,
        )

    def play(self, flow: str | None = None, *indexes: int, choices: Choices | None = None) -> Json:
        """A play of a flow, or of the main one."""
        chosen = choices or ScriptedChoices(indexes)
        return Player(self.story(), whole_numbers=True).play(flow, chosen)


def said(trace: Json) -> list[str]:
    """The lines with their speakers, and the options on offer; the dialogues of bare menus go."""
    found = []
    for event in trace["events"]:
        if "say" in event and event["say"]["text"]:
            who = event["say"]["speaker"]
            found.append(f"{who}: {event['say']['text']}" if who else event["say"]["text"])
        elif "choose" in event:
            found.append(" | ".join(event["choose"]["options"]))
    return found


def script(body: str, title: str = "Start", headers: str = "") -> str:
    """A script of one node."""
    return f"title: {title}\n{headers}---\n{body.strip(chr(10))}\n===\n"


def with_ids(text: str) -> str:
    """A script whose lines have ids, which the model of Yarn Spinner asks for."""
    made = []
    inside = False
    for number, line in enumerate(text.split("\n")):
        bare = line.strip()
        is_said = (
            inside and bare and not bare.startswith(("<<", "//", "===")) and "#line:" not in line
        )
        if is_said:
            # Tags stand behind the condition, a comment behind both.
            cut = re.search(r"\s//", line)
            end = cut.start() if cut else len(line)
            made.append(f"{line[:end].rstrip()} #line:auto_{number}{line[end:]}")
        else:
            made.append(line)
        inside = bare == "---" or (inside and bare != "===")
    return "\n".join(made)


def _of(kind: type[T], row: Json, **more: Any) -> T:
    names = {field.name for field in msgspec.structs.fields(kind)}
    given = {x: y for x, y in row.items() if x in names and not isinstance(y, list)}
    return blank(kind, **given | more)


def _flow(row: Json) -> Flow:
    return _of(
        Flow,
        row,
        id=int(row["id"]),
        nodes=tuple(_of(Node, x, id=int(x["id"])) for x in row["nodes"]),
        connections=tuple(
            _of(
                Connection, x, id=int(x["id"]), source_pin=x["source_handle"], target_pin="input",
                source_node_id=int(x["source_node_id"]), target_node_id=int(x["target_node_id"]),
            )
            for x in row["connections"]
        ),
        parent_id=None,
    )  # fmt: skip


def _sheet(row: Json) -> Sheet:
    return _of(Sheet, row, id=int(row["id"]), blocks=tuple(map(_block, row["blocks"])))


def _block(row: Json) -> Block:
    return _of(
        Block,
        row,
        id=int(row["id"]),
        columns=tuple(_of(TableColumn, x, id=int(x["id"])) for x in row.get("columns", ())),
        rows=tuple(_of(TableRow, x, id=int(x["id"])) for x in row.get("rows", ())),
    )
