"""Stories that were never in a database, as the serializer reads them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.unity import UnitySerializer
from storyarn_pipelines.snapshot.manifest import Manifest
from storyarn_pipelines.snapshot.reader import NoMedia, StoryReader
from tests.serializers.told import ToldTables
from tests.serializers.unity.json_utility import read_database
from tests.story.builders import blank


class ToldStory(ToldTables):
    """A snapshot's reader over objects in memory."""

    def __init__(
        self,
        directory: Path,
        flows: Sequence[Flow] = (),
        sheets: Sequence[Sheet] = (),
        scenes: Sequence[Scene] = (),
        strings: Sequence[l10n.LocalizedString] = (),
        media: Sequence[Media] = (),
    ) -> None:
        self.directory = directory / "snapshot"
        self.manifest = Manifest(
            1, "told", None, {}, "", list(SECTIONS), {}, "", "2026-01-01T00:00:00+00:00"
        )
        self.media_source, self.validation = NoMedia(), None
        self._flows, self._sheets, self._scenes = flows, sheets, scenes
        self._strings, self._media = strings, media

    def project(self) -> Project:
        return blank(Project, id=1, name="Told", slug="told", workspace_slug="tests")

    def flows(self) -> Iterator[Flow]:
        return iter(self._flows)

    def sheets(self) -> Iterator[Sheet]:
        return iter(self._sheets)

    def scenes(self) -> Iterator[Scene]:
        return iter(self._scenes)

    def languages(self) -> list[l10n.Language]:
        codes = {x.locale_code for string in self._strings for x in string.translations}
        targets = [blank(l10n.Language, locale_code=code) for code in sorted(codes)]
        return [blank(l10n.Language, locale_code="en", is_source=True), *targets]

    def strings(self) -> Iterator[l10n.LocalizedString]:
        return iter(self._strings)

    def media(self) -> Iterator[Media]:
        return iter(self._media)


def export(reader: StoryReader, directory: Path, **options: Any) -> tuple[bytes, list[Diagnostic]]:
    """The artifact with what the export told."""
    target = directory / "out"
    target.mkdir(exist_ok=True)
    with Output(target, "json") as out:
        found = UnitySerializer().write(reader, out, parse_options(options))
        artifact = out.finish()
    return artifact.path.read_bytes(), found


def exported(directory: Path, *flows: Flow, **told: Any) -> tuple[dict[str, Any], list[Diagnostic]]:
    """The database of a story in memory, read as Unity reads it."""
    content, found = export(ToldStory(directory, flows, **told), directory)
    return read_database(content), found
