"""The second pass: one flow after the other, then sheets, languages and names."""

from dataclasses import dataclass

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.desk import Desk, Unit
from storyarn_pipelines.importers.yarn.flows import FlowBuilder
from storyarn_pipelines.importers.yarn.groups import nodes_group
from storyarn_pipelines.importers.yarn.index import Index, ways_out
from storyarn_pipelines.importers.yarn.languages import language_name
from storyarn_pipelines.importers.yarn.meaning import World
from storyarn_pipelines.importers.yarn.metadata import Metadata
from storyarn_pipelines.importers.yarn.parsing import nodes_of
from storyarn_pipelines.importers.yarn.planning import Planner
from storyarn_pipelines.importers.yarn.problems import Problems, ScriptError
from storyarn_pipelines.importers.yarn.restoring import Restorer
from storyarn_pipelines.importers.yarn.script import Block, Node, Return, each
from storyarn_pipelines.importers.yarn.speech import Speech
from storyarn_pipelines.importers.yarn.stock import Stock
from storyarn_pipelines.importers.yarn.strings import Project, StringTables
from storyarn_pipelines.importers.yarn.voices import Voices
from storyarn_pipelines.importers.yarn.writing import Writer


@dataclass(frozen=True, slots=True)
class Sources:
    """What a story is read from. ``language`` is that of the scripts, None if it is not told."""

    tree: Tree
    own: Metadata | None
    project: Project
    tables: StringTables
    language: str | None


class Story:
    """Builds everything into the draft; ``media`` are the voice-overs that it took."""

    def __init__(
        self, sources: Sources, draft: Draft, notes: Notes, problems: Problems, index: Index
    ) -> None:
        self._tree, self._draft, self._problems = sources.tree, draft, problems
        self._index, self._own, self._source = index, sources.own, sources.language
        self._tables = sources.tables
        own = sources.own
        self._stock = Stock(draft, index.types, own, notes)
        self._world = World(index, self._stock, own)
        self._planner = Planner(draft, index, own)
        speech = Speech(self._world, notes)
        self._desk = Desk(draft, self._world, speech, notes, problems, self._planner.units)
        self._voices = Voices(sources.tree, sources.project, own, draft, notes)
        self._writer = Writer(draft, sources.tables, self._voices, notes)
        self.media = self._voices.media

    def build(self, files: list[str]) -> None:
        """All of it. What is refused goes to the problems."""
        self._planner.plan()
        if self._own is not None:
            self._draft.project["name"] = self._own.project[:100] or "Imported project"
            self._note_returns(files)
        for file in files:
            self._file(file)
        for members in self._index.nodes.values():
            if members[0].whens and members[0].title in self._desk.units:
                self._group(self._desk.units[members[0].title])
        self._languages()
        self._writer.names()
        self._stock.write()

    def _file(self, file: str) -> None:
        """The flows of a file. Those of our own exports have several nodes, all in one file."""
        waiting: dict[Unit, FlowBuilder] = {}
        restorers: dict[Unit, Restorer] = {}
        for node in nodes_of(self._tree, file, self._problems):
            unit = self._unit(node)
            if unit is None:
                continue
            builder = waiting.get(unit) or FlowBuilder(self._desk, unit)
            waiting[unit] = builder
            self._world.flow = unit.title
            try:
                node.body = self._restored(node, unit, restorers)
            except ScriptError as error:
                self._problems.add(file, error.line, error.reason)
            builder.add(node)
            if unit.own is None:
                self._writer.flow(unit, waiting.pop(unit).roots())
        for unit, builder in waiting.items():
            self._writer.flow(unit, builder.roots())

    def _unit(self, node: Node) -> Unit | None:
        """The flow that a node belongs to."""
        members = self._index.nodes[node.title]
        if not members[0].whens:
            return self._desk.units.get(node.title)
        member = next(x for x in members if (x.file, x.line) == (node.file, node.line))
        return self._desk.units[member.key]

    def _restored(self, node: Node, unit: Unit, restorers: dict[Unit, Restorer]) -> Block:
        if self._own is None or unit.own is None:
            return node.body
        restorer = restorers.get(unit)
        if restorer is None:
            units = self._desk.units
            restorer = Restorer(self._own, unit.own, lambda x: units.get(x) is unit)
            restorers[unit] = restorer
        return restorer.block(node.body)

    def _note_returns(self, files: list[str]) -> None:
        """Find the flows of our own exports that come back by something else than an exit."""
        for file in files:
            restorers: dict[Unit, Restorer] = {}
            for node in nodes_of(self._tree, file, Problems()):
                unit = self._desk.units.get(node.title)
                if unit is None or unit.own is None or "" in unit.exits or not unit.called:
                    continue
                try:
                    body = self._restored(node, unit, restorers)
                except ScriptError:
                    continue
                if ways_out(body)[0] or any(isinstance(x, Return) for x in each(body)):
                    self._planner.add_return(unit)

    def _group(self, unit: Unit) -> None:
        """The flow that picks one of the nodes of a title."""
        builder = FlowBuilder(self._desk, unit)
        self._world.flow = unit.title
        members = self._index.nodes[unit.title]
        try:
            builder.entry.ways["output"] = nodes_group(builder, members, builder.ways.end())
        except ScriptError as error:
            self._problems.add(members[0].file, error.line, error.reason)
        self._writer.flow(unit, builder.roots())

    def _languages(self) -> None:
        if self._source is not None:
            self._draft.language(self._source, language_name(self._source), is_source=True)
        for locale in self._tables.locales:
            self._draft.language(locale, language_name(locale))
