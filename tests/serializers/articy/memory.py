"""Stories that were never in a database, as a serializer reads them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from storyarn_pipelines.domain import localization as l10n
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.snapshot.manifest import Manifest
from storyarn_pipelines.snapshot.reader import NoMedia
from tests.serializers.told import ToldTables
from tests.story.builders import blank


class ToldStory(ToldTables):
    """A snapshot's reader over objects in memory."""

    def __init__(
        self,
        directory: Path,
        flows: Sequence[Flow],
        sheets: Sequence[Sheet] = (),
        scenes: Sequence[Scene] = (),
    ) -> None:
        self.directory = directory / "snapshot"
        self.manifest = Manifest(
            1, "told", None, {}, "", list(SECTIONS), {}, "", "2026-01-01T00:00:00+00:00"
        )
        self.media_source, self.validation = NoMedia(), None
        self._flows, self._sheets, self._scenes = flows, sheets, scenes

    def project(self) -> Project:
        return blank(Project, id=1, name="Told", slug="told", workspace_slug="tests")

    def flows(self) -> Iterator[Flow]:
        return iter(self._flows)

    def sheets(self) -> Iterator[Sheet]:
        return iter(self._sheets)

    def scenes(self) -> Iterator[Scene]:
        return iter(self._scenes)

    def languages(self) -> list[l10n.Language]:
        return []

    def strings(self) -> Iterator[l10n.LocalizedString]:
        return iter(())

    def media(self) -> Iterator[Media]:
        return iter(())
