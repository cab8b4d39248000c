"""What a play needs to know of a project: its variables, who speaks, and where its flows are.

Flows are read when a play enters them, and the last ones are kept. So memory holds the
variables, the names of sheets and flows, the final translations of one language if one is
asked for, and a few flows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.localization import LocalizedString
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.errors import UnknownFlowError
from storyarn_pipelines.snapshot.objects import rows
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story.flow_rows import connections_of, nodes_of
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.variables import StoryVariables, read_variables

_KEPT_FLOWS = 128
_NAMED = 8
"""How many flows an error names."""

Texts = Mapping[tuple[str, int, str], str]
"""Final translations by type, id and field of their source."""


class FlowName(msgspec.Struct, frozen=True):
    """A flow as lists know it."""

    id: int
    name: str
    shortcut: str | None
    is_main: bool


@dataclass(frozen=True)
class Story:
    """A project, ready to be played. ``graph`` gives a flow by its id, or None."""

    variables: StoryVariables
    flows: tuple[FlowName, ...]
    sheet_names: Mapping[int, str]
    graph: Callable[[int], FlowGraph | None]
    texts: Texts = field(default_factory=dict)

    def find(self, flow: str | None) -> int:
        """The id of a flow by its shortcut, or its id if no shortcut is like that.

        None stands for the main flow. Raises UnknownFlowError naming some flows that exist.
        """
        if flow is None:
            main = next((x.id for x in self.flows if x.is_main), None)
            if main is None:
                raise UnknownFlowError(f"no flow is the main one; {self._choice()}")
            return main
        for names in (
            {x.shortcut: x.id for x in self.flows},
            {str(x.id): x.id for x in self.flows},
        ):
            if flow in names:
                return names[flow]
        raise UnknownFlowError(f"flow {flow[:60]!r} does not exist; {self._choice()}")

    def _choice(self) -> str:
        names = [flow.shortcut or str(flow.id) for flow in self.flows]
        if not names:
            return "the project has no flows"
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"flows are {', '.join(names[:_NAMED])}{more}"


def read_story(reader: StoryReader, locale: str | None = None) -> Story:
    """Prepare a snapshot of sheets, flows and scenes; with a locale, of texts too."""
    names: dict[int, str] = {}

    def named(sheets: Iterable[Sheet]) -> Iterable[Sheet]:
        for sheet in sheets:
            names[sheet.id] = sheet.name
            yield sheet

    flows = {flow.id: flow for _, flow in rows(reader, t.FLOWS, FlowName)}

    @lru_cache(maxsize=_KEPT_FLOWS)
    def graph(flow_id: int) -> FlowGraph | None:
        if flow_id not in flows:
            return None
        return FlowGraph(flow_id, nodes_of(reader, flow_id), connections_of(reader, flow_id))

    variables = read_variables(named(reader.sheets()), reader.scenes())
    texts = final_texts(reader.strings(), locale) if locale is not None else {}
    return Story(variables, tuple(flows.values()), names, graph, texts)


def final_texts(strings: Iterable[LocalizedString], locale: str) -> Texts:
    """The final translations into one language; others count as not there."""
    return {
        (string.source_type, string.source_id, string.source_field): translation.translated_text
        for string in strings
        for translation in string.translations
        if translation.locale_code == locale
        and translation.status == "final"
        and translation.translated_text
    }
