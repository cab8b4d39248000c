"""The names in Yarn files: nodes for flows and for the labels within them."""

from collections.abc import Collection, Iterable, Mapping

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
    ascii_word,
)
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts, SheetFacts
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import Label, Section

VARIABLES_NODE = "Storyarn_Variables"
OWN_FILE = "storyarn"
_DEVICES = [f"{name}{digit}" for name in ("com", "lpt") for digit in range(10)]
_RESERVED = frozenset({OWN_FILE, VARIABLES_NODE.casefold(), "con", "prn", "aux", "nul", *_DEVICES})
"""Flows are files as well, and some systems keep names for devices."""

_LONGEST = 100
_LONGEST_HUB = 40


class YarnNames:
    """What everything is called. ``exit`` and ``rounds`` are variables of the export itself.

    A flow's node is its shortcut with underscores, and so is its file. A node for a label ends in
    ``__`` and the id of the node of Storyarn.
    """

    def __init__(self, story: EngineStory) -> None:
        taken = set(story.emitter.identifiers.mapping().values())
        self.exit = _free("storyarn_exit", taken)
        self.rounds = _free("storyarn_rounds", taken)
        keys = _keys(story.flows.values(), "flow")
        rules = NameRules(ascii_identifier, _RESERVED, ignore_case=True, max_length=_LONGEST)
        flows = Identifiers(keys.values(), rules, where="flows")
        self.diagnostics: tuple[Diagnostic, ...] = flows.diagnostics
        self._flows = {key: flows.of(name) for key, name in keys.items()}
        self._taken = set(self._flows.values())
        self._sheets = _keys(story.sheets.values(), "sheet")
        self.start = None if "Start" in self._taken else "Start"

    def flow(self, flow_id: int) -> str:
        """The node with which a flow begins, and the name of its file."""
        return self._flows[flow_id]

    def sheet(self, sheet_id: int) -> str:
        """What a sheet is called in tags and metadata: its shortcut."""
        return self._sheets[sheet_id]

    def labels(
        self, flow_id: int, sections: Collection[Section], nodes: Mapping[int, Node]
    ) -> dict[Label | None, str]:
        """The nodes of a flow by the labels of its sections."""
        names: dict[Label | None, str] = {}
        base = self._flows[flow_id]
        for position, section in enumerate(sections):
            if not position:
                names[section.label] = base
            elif section.label is not None:
                hub = _hub(nodes[section.label])
                names[section.label] = _free(f"{base}{hub}__{section.label}", self._taken)
        return names


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _hub(node: Node) -> str:
    name = n.text_of(n.data_of(node).get("hub_id")) if node.type == "hub" else ""
    return f"_{ascii_word(name[:_LONGEST_HUB])}" if name else ""


def _keys(items: Iterable[FlowFacts | SheetFacts], kind: str) -> dict[int, str]:
    """Names by id: shortcuts, each for the first that has it."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for item in items:
        name = item.shortcut or ""
        found[item.id] = name if name and name not in taken else f"{kind}_{item.id}"
        taken.add(name)
    return found
