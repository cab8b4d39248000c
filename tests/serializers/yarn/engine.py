"""An exported artifact in a model of Yarn Spinner: read, checked, and played."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.yarn import YarnSerializer
from storyarn_pipelines.snapshot.reader import StoryReader

MOST = 300
"""Events after which two endless plays are taken for the same."""

Event = tuple[Any, ...]


class Yarn:
    """One Node process; see ``yarn.mjs``."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def load(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Read and check files; all later plays are of them."""
        return self._ask({"load": dict(files)})

    def play(self, start: str, texts: Mapping[str, str], seed: int = 0) -> dict[str, Any]:
        """Play from a node; ``texts`` is a string table."""
        asked = {"start": start, "seed": seed, "most": 2 * MOST, "texts": dict(texts)}
        return self._ask({"play": asked})

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"Node ended with {self._process.wait()}"
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def running_yarn() -> Iterator[Yarn]:
    """Node with the model; without Node the test is skipped."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is missing: the Yarn export is NOT played")
    program = Path(__file__).with_name("yarn.mjs")
    with subprocess.Popen(
        [node, program], text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Yarn(process)
        finally:
            process.kill()


class Exported:
    """The parts of an artifact, and what its export told."""

    def __init__(self, artifact: bytes, told: list[Diagnostic]) -> None:
        with zipfile.ZipFile(io.BytesIO(artifact)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.told = told
        self.files = {
            name: text.decode("utf-8")
            for name, text in self.parts.items()
            if name.endswith(".yarn")
        }
        self.metadata: dict[str, Any] = json.loads(self.parts["metadata.json"])
        self.nodes = {flow["id"]: flow["node"] for flow in self.metadata["flows"]}
        self.names = {x["name"]: x["yarn"] for x in self.metadata["variables"]}

    def texts(self, locale: str = "") -> dict[str, str]:
        """What a string table says; that of the source language if none is named."""
        table = self.table(locale or self.metadata["localization"]["source"])
        return {line_id: row["text"] for line_id, row in table.items()}

    @property
    def project(self) -> dict[str, Any]:
        """The ``.yarnproject``."""
        (name,) = [name for name in self.parts if name.endswith(".yarnproject")]
        found: dict[str, Any] = json.loads(self.parts[name])
        return found

    def table(self, locale: str) -> dict[str, dict[str, str]]:
        """A string table by its ids."""
        part = self.metadata["localization"]["tables"][locale]["file"]
        rows = list(csv.DictReader(io.StringIO(self.parts[part].decode("utf-8"), newline="")))
        by_id = {row["id"]: row for row in rows}
        assert len(by_id) == len(rows), "an id stands twice in a table"
        return by_id

    def is_told(self, node_id: int) -> bool:
        """Whether a diagnostic names a node as shown in another way."""
        return any(
            x.code in ("XP0202", "XP0204") and x.where.endswith(f" {node_id}") for x in self.told
        )

    def is_exact(self, variable: str) -> bool:
        """Whether nothing was told of a variable but that it has 0 for nil."""
        return not any(
            x.code == "XP0204"
            and x.where == f"variable {variable}"
            and "where it has no value" not in x.message
            for x in self.told
        )


def exported(
    reader: StoryReader, directory: Path, options: ExportOptions | None = None
) -> Exported:
    """The Yarn export of a snapshot."""
    with Output(directory, "yarn") as out:
        told = YarnSerializer().write(reader, out, options or ExportOptions())
        return Exported(out.finish().path.read_bytes(), told)


def assert_compiles(yarn: Yarn, story: Exported) -> None:
    """The files have no fault, and every table has a row for each of their lines."""
    found = yarn.load(story.files)
    assert found["errors"] == []
    assert found["warnings"] == []
    for locale in story.metadata["localization"]["tables"]:
        assert story.table(locale).keys() == found["strings"].keys()
    source = story.table(story.metadata["localization"]["source"])
    for line_id, text in found["strings"].items():
        row = source[line_id]
        assert row["text"] == text
        assert row["lock"] == hashlib.sha256(text.encode()).hexdigest()[:8]
        line = story.files[row["file"]].split("\n")[int(row["lineNumber"]) - 1]
        assert f"#{line_id}" in line


def events(played: Mapping[str, Any]) -> list[Event]:
    """What was said and offered; lines that go on are put together."""
    found: list[Event] = []
    for event in played["events"]:
        if "options" in event:
            found.append(("choose", tuple(fold(x) for x in event["options"]), event["index"]))
        elif "continued" in event["tags"]:
            kind, speaker, text = found[-1]
            found[-1] = (kind, speaker, fold(f"{text} {event['text']}"))
        else:
            found.append(("say", event["speaker"], fold(event["text"])))
    return found


def reference_events(trace: Mapping[str, Any], story: Exported) -> list[Event]:
    """The same of the reference player; a text that was told may be in other letters."""
    found: list[Event] = []
    is_told = False
    for event in trace["events"]:
        if "say" in event:
            is_told = story.is_told(event["say"]["node"])
            speaker = fold(event["say"]["speaker"] or "").replace(":", "\u2236") or None
            found.append(("say", speaker, _expected(event["say"]["text"], is_told)))
        elif "choose" in event:
            menu = event["choose"]
            options = tuple(_expected(x, is_told) for x in menu["options"])
            found.append(("choose", options, menu["index"]))
    return found


class _AnyCase(str):
    """A text that equals others in capital or small letters."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.casefold() == other.casefold()

    def __ne__(self, other: object) -> bool:
        return not self == other


def _expected(text: str, is_told: bool) -> str:
    return _AnyCase(fold(text)) if is_told else fold(text)


def fold(text: str) -> str:
    """Yarn keeps no line breaks; an invisible sign tells an author's ``{0}`` from a value."""
    return " ".join(text.replace("{\u2060", "{").split())


def held(value: Any, kind: str) -> Any:
    """A value as Yarn holds it: lists as texts, nil as a text or 0."""
    if value is None:
        return {"number": 0, "formula": 0, "boolean": False}.get(kind, "nil")
    if kind == "multi_select" and isinstance(value, str):
        return f"\u2060{value}"
    return ", ".join(value) if isinstance(value, list) else value


def same_value(found: Any, expected: Any) -> bool:
    """Whether two final values are the same; numbers as far as single floats go."""
    if isinstance(found, bool) or isinstance(expected, bool | str):
        return type(found) is type(expected) and found == expected
    return bool(found == pytest.approx(expected, rel=1e-5, abs=1e-5))
