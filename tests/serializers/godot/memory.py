"""Stories that were never in a database, as a serializer reads them, and their export."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.serializers.godot import GodotSerializer
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.manifest import Manifest, TableEntry
from storyarn_pipelines.snapshot.reader import NoMedia, StoryReader
from tests.story.builders import blank


class ToldStory(StoryReader):
    """A snapshot's reader over objects in memory."""

    def __init__(
        self, directory: Path, flows: Sequence[Flow], sheets: Sequence[Sheet] = ()
    ) -> None:
        self.directory = directory / "snapshot"
        nodes = TableEntry("", sum(len(flow.nodes) for flow in flows), 0, "")
        self.manifest = Manifest(
            1, "told", None, {}, "", list(SECTIONS), {"flow_nodes": nodes}, "", ""
        )
        self.media_source, self.validation = NoMedia(), None
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
        return iter(())


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
