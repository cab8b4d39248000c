"""The files of an export, made one after the other."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.serializers.engines.loops import circular_flows, guards_of
from storyarn_pipelines.serializers.engines.spool import Objects
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts
from storyarn_pipelines.serializers.yarn.formulas import YarnFormulas
from storyarn_pipelines.serializers.yarn.functions import UsedFunctions
from storyarn_pipelines.serializers.yarn.media import YarnMedia
from storyarn_pipelines.serializers.yarn.metadata import YarnMetadata
from storyarn_pipelines.serializers.yarn.names import VARIABLES_NODE, YarnNames
from storyarn_pipelines.serializers.yarn.notes import LineFacts, flow_facts, tell_flow
from storyarn_pipelines.serializers.yarn.script import FlowScript, Kit
from storyarn_pipelines.serializers.yarn.speech import YarnSpeech
from storyarn_pipelines.serializers.yarn.tables import StringTables
from storyarn_pipelines.serializers.yarn.text import folded
from storyarn_pipelines.serializers.yarn.variables import YarnVariables
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.steps import Callee
from storyarn_pipelines.story.structure import Rules, structured

RULES = Rules(deepest=8)
"""Deeper options are hard to read."""


class YarnExport:
    """Makes the files; what else is learnt on the way waits on disk."""

    def __init__(self, story: EngineStory, directory: Path) -> None:
        self._story = story
        self.names = YarnNames(story)
        self.functions = UsedFunctions()
        self.tables = StringTables(story, directory)
        self.media = YarnMedia(story, directory, self.tables.source_locale)
        self._flows = Objects(directory / "flows")
        self._lines = Objects(directory / "lines")
        self._expressions = Objects(directory / "expressions")
        formulas = YarnFormulas(story, self.functions)
        self._variables = YarnVariables(story, self.names, formulas)
        facts = LineFacts(story, self.names, self.media, self._lines)
        self._kit = Kit(
            story=story,
            names=self.names,
            speech=YarnSpeech(story, self.names, self.media, facts),
            tables=self.tables,
            formulas=formulas,
            functions=self.functions,
            expressions=self._expressions,
            called=frozenset(x for flow in story.flows.values() for x in flow.calls | flow.resumes),
        )
        self._circular = circular_flows(story.flows)
        self._start = _first(story)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for opened in (
            self.tables, self.media.voices, self._flows, self._lines, self._expressions,
        ):  # fmt: skip
            opened.close()

    def own_file(self) -> str:
        """The declarations, and the node ``Start`` if the story leaves the name free."""
        story = self._story
        story.told.found.extend(story.emitter.identifiers.diagnostics)
        story.told.found.extend(self.names.diagnostics)
        lines: list[str] = []
        if story.options.pretty_print:
            lines.append(f"// {folded(story.project.name)}")
        if self.names.start and self._start is not None:
            jump = f"<<jump {self.names.flow(self._start.id)}>>"
            lines += [f"title: {self.names.start}", "---", jump, "==="]
        lines += [f"title: {VARIABLES_NODE}", "---", *self._variables.declarations(), "==="]
        return "\n".join([*lines, ""])

    def flow_file(self, flow: Flow) -> str:
        """A flow."""
        graph = FlowGraph.of(flow)
        structure = structured(graph, callees=self._callee, rules=RULES)
        guards = guards_of(graph, structure, self._circular, self._callee)
        script = FlowScript(self._kit, flow, structure, guards)
        text = "\n".join([*script.write(), ""])
        tell_flow(self._story, flow, structure)
        self._flows.add(flow_facts(self._story, self.names, self.media, flow))
        return text

    def write_metadata(self, file: BinaryIO) -> None:
        """The metadata; nothing can be added afterwards."""
        start = self.names.flow(self._start.id) if self._start else None
        metadata = YarnMetadata(
            self._story, self.names, self._variables, self.media, self.tables, self.functions
        )
        metadata.write(file, start, self._flows, self._lines, self._expressions)

    def _callee(self, flow_id: int) -> Callee | None:
        found = self._story.flows.get(flow_id)
        return None if found is None else Callee(found.entry is not None, found.returns)


def _first(story: EngineStory) -> FlowFacts | None:
    """The main flow, or else the first that can begin."""
    flows = story.flows.values()
    main = next((x for x in flows if x.is_main), None)
    return main or next((x for x in flows if x.entry is not None), None)
