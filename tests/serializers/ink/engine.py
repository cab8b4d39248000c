"""An exported artifact in the real ink: compiled, and played beside the reference player."""

import csv
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.serializers.ink import InkSerializer
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader
from tests.node.judge import _installed

MOST = 300
"""Events after which two endless plays are taken for the same."""

Event = tuple[Any, ...]


class Ink:
    """One Node process with inkjs; see ``play.cjs``."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def compile(self, source: str) -> list[str]:
        """Compile a story; returns errors and warnings."""
        issues: list[str] = self._ask({"compile": source})["issues"]
        return issues

    def play(self, knot: str | None, seed: int = 0, most: int = 2 * MOST) -> dict[str, Any]:
        """Play the compiled story from a knot, or from its beginning."""
        return self._ask({"play": {"knot": knot, "seed": seed, "most": most}})

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
def running_ink() -> Iterator[Ink]:
    """Node with inkjs; without Node the test is skipped."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js or npm is missing: the Ink export is NOT played in the real ink")
    program = Path(__file__).with_name("play.cjs")
    with subprocess.Popen(
        [node, program], cwd=_installed(npm), text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Ink(process)
        finally:
            process.kill()


class Exported:
    """The parts of an artifact. Everything is read from there and nowhere else."""

    def __init__(self, artifact: Path, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        self.directory = Path()
        """The snapshot that it was made of, where a test needs it."""
        with zipfile.ZipFile(artifact) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.script = next(
            text.decode("utf-8") for name, text in self.parts.items() if name.endswith(".ink")
        )
        self.metadata: dict[str, Any] = json.loads(self.parts["metadata.json"])
        self.knots = {flow["id"]: flow["knot"] for flow in self.metadata["flows"]}
        self.names = {x["name"]: x["ink"] for x in self.metadata["variables"]}

    def table(self, locale: str) -> dict[str, dict[str, str]]:
        """A string table by its keys."""
        rows = csv.DictReader(io.StringIO(self.parts[f"strings.{locale}.csv"].decode("utf-8")))
        found = list(rows)
        by_key = {row["key"]: row for row in found}
        assert len(by_key) == len(found), "a key stands twice in a table"
        return by_key

    def codes(self, where: str) -> set[str]:
        """The codes of what was told of a place."""
        return {x.code for x in self.diagnostics if where in x.where}

    def speaker(self, tags: list[str]) -> str | None:
        """Who says a line."""
        key = next((x.removeprefix("speaker:") for x in tags if x.startswith("speaker:")), None)
        if key is None:
            return None
        name: str = self.metadata["characters"][key]["name"]
        return name

    def events(self, played: Mapping[str, Any]) -> list[Event]:
        """What was said and offered; lines that go on are put together."""
        found: list[Event] = []
        for event in played["events"]:
            if "line" not in event:
                options = tuple(fold(x["text"]) for x in event["options"])
                found.append(("choose", options, event["index"]))
            elif "continued" in event["tags"]:
                kind, speaker, text = found[-1]
                found[-1] = (kind, speaker, fold(f"{text} {event['line']}"))
            else:
                found.append(("say", self.speaker(event["tags"]), fold(event["line"])))
        return found


def exported(reader: StoryReader, options: ExportOptions | None = None) -> Exported:
    """The Ink export of a snapshot."""
    with TemporaryDirectory() as directory, Output(Path(directory), "ink") as out:
        found = InkSerializer().write(reader, out, options or ExportOptions())
        return Exported(out.finish().path, found)


def reference_events(trace: Mapping[str, Any]) -> list[Event]:
    """The same of the reference player."""
    found: list[Event] = []
    for event in trace["events"]:
        if "say" in event:
            speaker = event["say"]["speaker"]
            found.append(("say", speaker, fold(event["say"]["text"])))
        elif "choose" in event:
            menu = event["choose"]
            found.append(("choose", tuple(map(fold, menu["options"])), menu["index"]))
    return found


def fold(text: str) -> str:
    """Ink keeps neither line breaks nor double blanks."""
    return " ".join(text.split())


def held(value: Any, kind: str) -> Any:
    """A value as Ink holds it: lists as texts, nil as a text or 0.

    A text that was put into a list begins with an invisible mark.
    """
    if value is None:
        return {"number": 0, "formula": 0, "boolean": False}.get(kind, "nil")
    if kind == "multi_select" and isinstance(value, str):
        return f"\u2060{value}"
    return ", ".join(value) if isinstance(value, list) else value


def same_value(found: Any, expected: Any) -> bool:
    """Whether two final values are the same; numbers up to the last digits."""
    if isinstance(found, bool) or isinstance(expected, bool | str):
        return type(found) is type(expected) and found == expected
    return bool(found == pytest.approx(expected, rel=1e-9, abs=1e-9))
