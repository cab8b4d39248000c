"""Stories that were never in a database, as a serializer reads them, and their export."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.serializers.godot import GodotSerializer
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.manifest import Manifest, TableEntry
from storyarn_pipelines.snapshot.reader import StoryReader
from tests.serializers.told import ToldTables
from tests.story.builders import blank


class Contents:
    """Media in memory, by their names."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = dict(contents)

    def open_read(self, key: str) -> BinaryIO:
        """Open one."""
        if key not in self.contents:
            raise StorageError(f"{key} is not there")
        return _Slow(self.contents[key])


class _Slow(io.BytesIO):
    """Gives less than it is asked for, as a network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1_000, size) if size and size > 0 else size)


class ToldStory(ToldTables):
    """A snapshot's reader over objects in memory; ``contents`` are media by file name."""

    def __init__(
        self,
        directory: Path,
        flows: Sequence[Flow],
        sheets: Sequence[Sheet] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        self.directory = directory / "snapshot"
        nodes = TableEntry("", sum(len(flow.nodes) for flow in flows), 0, "")
        self.manifest = Manifest(
            1, "told", None, {}, "", list(SECTIONS), {"flow_nodes": nodes}, "", ""
        )
        self._contents = contents or {}
        self.media_source, self.validation = Contents(self._contents), None
        self._flows, self._sheets = flows, sheets

    def project(self) -> Project:
        return blank(Project, id=1, name="Told", slug="told", workspace_slug="tests")

    def flows(self) -> Iterator[Flow]:
        return iter(self._flows)

    def sheets(self) -> Iterator[Sheet]:
        return iter(self._sheets)

    def scenes(self) -> Iterator[Scene]:
        return iter(())

    def languages(self) -> list[l10n.Language]:
        return []

    def strings(self) -> Iterator[l10n.LocalizedString]:
        return iter(())

    def media(self) -> Iterator[Media]:
        for number, (name, content) in enumerate(self._contents.items(), start=1):
            digest = hashlib.sha256(content).hexdigest()
            yield blank(Media, id=number, filename=name, key=name, blob_hash=digest)


@dataclass(frozen=True)
class Export:
    """The parts of an artifact, and what the export told."""

    parts: dict[str, bytes]
    found: Sequence[Diagnostic]

    def text(self, name: str) -> str:
        """A part as text."""
        return self.parts[name].decode("utf-8")


def export(reader: StoryReader, directory: Path, **options: object) -> Export:
    """Export a story."""
    directory.mkdir(parents=True, exist_ok=True)
    with Output(directory, "zip") as out:
        found = GodotSerializer().write(reader, out, parse_options(options))
        artifact = out.finish()
    with zipfile.ZipFile(io.BytesIO(artifact.path.read_bytes())) as archive:
        return Export({name: archive.read(name) for name in archive.namelist()}, found)
