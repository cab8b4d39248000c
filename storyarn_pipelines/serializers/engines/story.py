"""A snapshot as engine exports ask for it: small indexes, and flows one at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.expressions.emitters import EMITTERS, Emitter
from storyarn_pipelines.expressions.emitters.domains import story_domains
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.garbage import rare_collections
from storyarn_pipelines.serializers.engines.survey import FlowFacts, survey_flows
from storyarn_pipelines.serializers.engines.translations import Translations, open_translations
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.variables import StoryVariables, read_variables

__all__ = ["EngineStory", "FlowFacts", "SheetFacts", "engine_story"]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A sheet as a speaker. ``avatars`` are assets by avatar id, ``portrait`` is the default."""

    id: int
    name: str
    shortcut: str | None
    description: str | None
    color: str | None
    path: str
    parent_id: int | None
    banner_asset_id: int | None
    avatars: Mapping[int, int]
    portrait: int | None


@dataclass(slots=True)
class EngineStory:
    """The story behind one export; memory holds names, variables and one flow."""

    reader: StoryReader
    options: ExportOptions
    project: Project
    variables: StoryVariables
    emitter: Emitter
    sheets: Mapping[int, SheetFacts]
    flows: Mapping[int, FlowFacts]
    media: Mapping[int, Media]
    source_locale: str
    locales: tuple[str, ...]
    translations: Translations
    told: Told = field(default_factory=Told)

    def each_flow(self) -> Iterator[Flow]:
        """The flows with their nodes and wires, parents first."""
        return self.reader.flows()

    def each_sheet(self) -> Iterator[Sheet]:
        """The sheets with their blocks."""
        return self.reader.sheets()

    def each_scene(self) -> Iterator[Scene]:
        """The scenes with everything on them."""
        return self.reader.scenes()

    def speaker(self, node_data: Mapping[str, object]) -> SheetFacts | None:
        """Who says a dialogue."""
        number = n.as_id(node_data.get("speaker_sheet_id"))
        return None if number is None else self.sheets.get(number)


@contextmanager
def engine_story(
    reader: StoryReader, options: ExportOptions, language: str
) -> Iterator[EngineStory]:
    """Prepare a story for an engine whose expressions are in ``language``."""
    sheets: dict[int, SheetFacts] = {}

    def noted() -> Iterator[Sheet]:
        for sheet in reader.sheets():
            sheets[sheet.id] = _sheet_facts(sheet)
            yield sheet

    sections = reader.manifest.sections
    variables = read_variables(
        noted() if "sheets" in sections else (), reader.scenes() if "scenes" in sections else ()
    )
    flows, changes = survey_flows(reader) if "flows" in sections else ({}, ())
    domains = story_domains(variables.variables, [changes])
    languages = reader.languages() if "localization" in sections else []
    media = {x.id: x for x in reader.media()} if "media" in sections else {}
    with (
        rare_collections(),
        TemporaryDirectory(dir=reader.directory.parent, prefix="engine-") as directory,
        open_translations(reader, options, Path(directory)) as translations,
    ):
        yield EngineStory(
            reader=reader,
            options=options,
            project=reader.project(),
            variables=variables,
            emitter=EMITTERS[language].for_story(variables.variables, domains),
            sheets=sheets,
            flows=flows,
            media=media,
            source_locale=next((x.locale_code for x in languages if x.is_source), "en"),
            locales=tuple(x.locale_code for x in languages if not x.is_source),
            translations=translations,
        )


def _sheet_facts(sheet: Sheet) -> SheetFacts:
    avatars = {avatar.id: avatar.asset_id for avatar in sheet.avatars}
    default = next((x.asset_id for x in sheet.avatars if x.is_default), None)
    first = sheet.avatars[0].asset_id if sheet.avatars else None
    return SheetFacts(
        sheet.id,
        sheet.name,
        sheet.shortcut,
        sheet.description,
        sheet.color,
        sheet.path,
        sheet.parent_id,
        sheet.banner_asset_id,
        avatars,
        default if default is not None else first,
    )
