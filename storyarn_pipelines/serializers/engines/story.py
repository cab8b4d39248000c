"""A snapshot as engine exports ask for it: small indexes, and flows one at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.project import Project
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.expressions.ast import Assignment
from storyarn_pipelines.expressions.emitters import EMITTERS, Emitter
from storyarn_pipelines.expressions.emitters.domains import story_domains
from storyarn_pipelines.expressions.stored import read_assignments, read_response_assignments
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.engines.translations import Translations, open_translations
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.variables import StoryVariables, read_variables


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What other flows know of a flow. ``exits`` are the ids of its exit nodes, ``returns`` of
    those that go back to a caller; it ``calls`` flows by subflows and ``continues`` in others by
    exits. ``call_sites`` are the nodes that do so, each with the flow. ``resumes``: those of
    ``continues`` that it may come back from, since the exit has wires of its own."""

    id: int
    name: str
    shortcut: str | None
    path: str
    is_main: bool
    entry: int | None
    exits: tuple[int, ...]
    calls: frozenset[int] = frozenset()
    continues: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()
    call_sites: tuple[tuple[int, int], ...] = ()
    resumes: frozenset[int] = frozenset()


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
    flows: dict[int, FlowFacts] = {}
    changes: dict[Assignment, None] = {}
    for flow in reader.flows() if "flows" in sections else ():
        flows[flow.id] = _flow_facts(flow)
        changes.update(dict.fromkeys(x for node in flow.nodes for x in _changes(node)))
    domains = story_domains(variables.variables, [tuple(changes)])
    languages = reader.languages() if "localization" in sections else []
    media = {x.id: x for x in reader.media()} if "media" in sections else {}
    with (
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


def _flow_facts(flow: Flow) -> FlowFacts:
    calls: set[int] = set()
    continues: set[int] = set()
    sites: list[tuple[int, int]] = []
    for node in flow.nodes:
        target = n.as_id(n.called_flow(node)) if n.is_call(node) else None
        if target is not None:
            (calls if node.type == "subflow" else continues).add(target)
            sites.append((node.id, target))
    exits = [x for x in flow.nodes if x.type == "exit"]
    wired = {x.source_node_id for x in flow.connections} if continues else set()
    return FlowFacts(
        flow.id,
        flow.name,
        flow.shortcut,
        flow.path,
        flow.is_main,
        min((x.id for x in flow.nodes if x.type == "entry"), default=None),
        tuple(sorted(x.id for x in exits)),
        frozenset(calls),
        frozenset(continues),
        frozenset(x.id for x in exits if n.exit_mode(x) == n.CALLER_RETURN),
        tuple(sites),
        frozenset(target for node_id, target in sites if node_id in wired and target in continues),
    )


def _changes(node: Node) -> Iterator[Assignment]:
    """Every assignment of a node and its responses."""
    if node.type == "instruction":
        yield from read_assignments(n.data_of(node).get("assignments"))
    elif node.type == "dialogue":
        for response in n.responses_of(node):
            if n.has_instruction(response):
                yield from read_response_assignments(response)
