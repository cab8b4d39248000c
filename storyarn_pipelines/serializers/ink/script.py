"""The Ink file: variables, a knot for each flow, and the functions that they need."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.serializers.engines.loops import circular_flows, guards_of
from storyarn_pipelines.serializers.engines.spool import Objects
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.formulas import InkFormulas
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.serializers.ink.notes import flow_facts, tell_flow
from storyarn_pipelines.serializers.ink.speech import InkSpeech
from storyarn_pipelines.serializers.ink.tables import InkMedia, StringTables
from storyarn_pipelines.serializers.ink.text import folded
from storyarn_pipelines.serializers.ink.variables import InkVariables
from storyarn_pipelines.serializers.ink.weave import Kit, Weave
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.steps import Callee
from storyarn_pipelines.story.structure import Rules, structured

RULES = Rules(deepest=8, choices_in_branches=False)
"""Ink goes on behind a conditional block before it asks; levels above eight are hard to read."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_AGAIN = """VAR {turn} = -1
VAR {passes} = 0

=== function {again}({weight})
{{ {turn} != TURNS():
    ~ {turn} = TURNS()
    ~ {passes} = 0
}}
~ {passes} = {passes} + {weight}
~ return {passes} <= 10000
"""


class InkScript:
    """Makes the file; what else is learnt on the way waits in ``tables`` and ``expressions``."""

    def __init__(self, story: EngineStory, directory: Path) -> None:
        self._story = story
        self.names = InkNames(story)
        self.media = InkMedia(story)
        self.tables = StringTables(story, self.names, self.media, directory)
        self.flows = Objects(directory / "flows")
        self.expressions = Objects(directory / "expressions")
        self._formulas = InkFormulas(story, self.names)
        self.variables = InkVariables(story, self._formulas.first_values)
        self._speech = InkSpeech(story, self.names, self.media, self.tables)
        self._kit = Kit(story, self.names, self._speech, self._formulas, self.expressions)
        self._circular = circular_flows(story.flows)
        self._is_guarded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for opened in (self.tables, self.flows, self.expressions):
            opened.close()

    def texts(self, counter: Counter) -> Iterator[str]:
        """The file in pieces, one for each flow."""
        told = self._story.told
        told.found.extend(self._story.emitter.identifiers.diagnostics)
        told.found.extend(self.names.diagnostics)
        scenes = self._story.reader.manifest.tables.get("scenes")
        if scenes is not None and scenes.rows:
            message = "scenes have no place in an Ink story; their switches are variables"
            told.add("XP0203", f"{scenes.rows} {message}", "scenes")
        self.tables.add_names()
        yield self._text(self._head())
        for flow in self._story.each_flow() if self._story.flows else ():
            yield self._text(self._knot(flow))
            counter.add(len(flow.nodes))
        yield self._text(self._functions())

    def _text(self, lines: Iterator[str]) -> str:
        if not self._story.options.pretty_print:
            plain = (line.lstrip(" ") for text in lines for line in text.split("\n"))
            lines = (line for line in plain if line and not line.startswith("//"))
        return "\n".join([*lines, ""])

    def _head(self) -> Iterator[str]:
        story = self._story
        yield f"// {folded(story.project.name)}"
        yield ""
        yield from self.variables.declarations()
        own = self.names.own
        yield f'VAR {own["exit"]} = ""'
        yield from self._formulas.variables()
        yield ""
        first = next((x for x in story.flows.values() if x.is_main), None) or next(
            (x for x in story.flows.values() if x.entry is not None), None
        )
        yield f"-> {self.names.knot(first.id)}" if first else "-> END"

    def _knot(self, flow: Flow) -> Iterator[str]:
        """A knot: played alone it ends with its flow, which others call by its first stitch."""
        graph = FlowGraph.of(flow)
        structure = structured(graph, callees=self._callee, rules=RULES)
        guards = guards_of(graph, structure, self._circular, self._callee)
        self._is_guarded = self._is_guarded or bool(guards.labels or guards.flows)
        self._speech.begin(flow)
        knot = self.names.knot(flow.id)
        yield ""
        yield f"// {folded(flow.path)}"
        yield f"=== {knot} ==="
        if structure.sections:
            yield f"-> {self.names.callable(flow.id)} ->"
        yield "-> END"
        yield from Weave(self._kit, flow, structure, guards).sections()
        tell_flow(self._story, flow, structure, self._speech.styled)
        self.flows.add(flow_facts(self._story, self.names, self.media, flow))

    def _callee(self, flow_id: int) -> Callee | None:
        found = self._story.flows.get(flow_id)
        return None if found is None else Callee(found.entry is not None, found.returns)

    def _functions(self) -> Iterator[str]:
        yield ""
        if any(x.type == "date" for x in self._story.variables.variables.values()):
            yield self._story.emitter.prelude
        if self._is_guarded:
            yield _AGAIN.format(**self.names.own)
        yield from self._formulas.functions()


def script_name(story: EngineStory) -> str:
    """The name of the file, after the project."""
    slug = story.project.slug
    return f"{slug if _SLUG.fullmatch(slug) else 'story'}.ink"
