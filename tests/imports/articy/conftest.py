"""Drafts of articy projects, imported into a real database and played."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.importers.articy import draft_articy
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.index import Story, read_story
from tests.imports.conftest import copy_people
from tests.node.judge import Judge, running_judge

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class Files:
    """A tree of files in memory."""

    def __init__(self, files: Mapping[str, bytes | str], name: str = "upload") -> None:
        self.name = name
        self._files = {x: y.encode() if isinstance(y, str) else y for x, y in sorted(files.items())}

    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def size(self, file: str) -> int:
        return len(self._files[file])

    def open(self, file: str) -> BinaryIO:
        return io.BytesIO(self._files[file])


@dataclass(frozen=True)
class Drafted:
    """A draft: the document, its file, what was told, and its media."""

    document: dict[str, Any]
    path: Path
    notes: list[str]
    media: dict[str, str]

    def flow(self, name: str) -> dict[str, Any]:
        """A flow by name."""
        found: dict[str, Any] = next(x for x in self.document["flows"] if x["name"] == name)
        return found

    def nodes(self, flow: str, kind: str) -> list[dict[str, Any]]:
        """The nodes of a kind in a flow."""
        return [x for x in self.flow(flow)["nodes"] if x["type"] == kind]

    def sheet(self, name: str) -> dict[str, Any]:
        """A sheet by name."""
        found: dict[str, Any] = next(x for x in self.document["pages"] if x["name"] == name)
        return found


Drafter = Callable[[Any], Drafted]


def drafted(tree: Any, directory: Path) -> Drafted:
    """Draft an articy project."""
    directory.mkdir(parents=True, exist_ok=True)
    draft, notes = Draft(directory, WHEN), Notes()
    media = draft_articy(tree, draft, notes, Limits())
    path = directory / "draft.json"
    draft.write(path)
    left = {x.name for x in directory.iterdir()}
    assert left == {"draft.json"}
    return Drafted(json.loads(path.read_bytes()), path, list(notes.lines()), media)


@pytest.fixture
def draft(tmp_path: Path) -> Drafter:
    """Drafts one file's text, or a mapping of files."""
    numbers = iter(range(100))

    def run(source: Any) -> Drafted:
        tree = source if hasattr(source, "names") else None
        if tree is None:
            files = source if isinstance(source, dict) else {"project": source}
            tree = Files(files)
        return drafted(tree, tmp_path / f"draft-{next(numbers)}")

    return run


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Node with articy-js; without Node the test is skipped, loudly."""
    with running_judge() as found:
        yield found


@pytest.fixture(scope="session")
def studio_url(new_database: Callable[[], str], mini_url: str) -> str:
    """A database with people; every test brings projects of its own."""
    url = new_database()
    copy_people(mini_url, url)
    return url


@dataclass(frozen=True)
class Imported:
    """A project that was imported, as a story."""

    story: Story
    reader: StoryReader
    report: ImportReport


Importer = Callable[[Path], Imported]


@pytest.fixture
def importer(make_settings: Callable[[str], Settings], studio_url: str, tmp_path: Path) -> Importer:
    """Imports a drafted file into the database and reads it back."""

    def run(path: Path) -> Imported:
        settings = make_settings(studio_url)
        with psycopg.connect(studio_url) as connection:
            connection.execute("TRUNCATE projects CASCADE")
        report = import_file(settings, path, ImportOptions(new="studio"))
        directory = tmp_path / f"snapshot-{path.parent.name}"
        directory.mkdir()
        collect(
            studio_url, str(report.project["id"]), parse_options({}), directory, collected_at=WHEN
        )
        reader = StoryReader(directory)
        return Imported(read_story(reader), reader, report)

    return run
