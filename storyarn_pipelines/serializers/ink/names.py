"""The names in an Ink file: variables, knots, stitches and functions share one name space."""

import re
from collections.abc import Collection, Iterable, Mapping

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
)
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts, SheetFacts
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import Label, Section

_OWN = (
    "exit", "turn", "passes", "failed", "again", "formulas", "divide", "power", "abs", "round",
    "x", "y", "weight",
)  # fmt: skip
_LOCAL = re.compile(r"\btemp (\w+)|[(,] *(?:ref )?(\w+)(?=[,)])")
"""Variables and arguments of functions, whose names no knot may have either."""

_ENTRY = "body"


class InkNames:
    """What everything is called. ``own`` has the names that the export itself needs.

    A flow's knot is its shortcut with underscores, and has the stitch ``body``, where callers
    enter it.
    """

    def __init__(self, story: EngineStory) -> None:
        self._taken = set(story.emitter.identifiers.mapping().values())
        self.own: Mapping[str, str] = {name: self._free(f"storyarn_{name}") for name in _OWN}
        self._taken.update(self.own.values())
        for found in _LOCAL.finditer(story.emitter.prelude):
            self._taken.add(found[1] or found[2])
        rules = story.emitter.names
        flow_keys = _keys(story.flows.values(), "flow")
        knots = Identifiers(
            flow_keys.values(),
            NameRules(lambda name: self._free(ascii_identifier(name)), rules.reserved),
            where="flows",
        )
        self.diagnostics: tuple[Diagnostic, ...] = knots.diagnostics
        self._knots = {key: knots.of(name) for key, name in flow_keys.items()}
        self._taken.update(self._knots.values())
        self.entry = self._free(_ENTRY)
        self._sheets = _keys(story.sheets.values(), "sheet")

    def knot(self, flow_id: int) -> str:
        """The knot with which a flow begins; the story ends when the flow returns."""
        return self._knots[flow_id]

    def callable(self, flow_id: int) -> str:
        """The stitch where a flow is called as a tunnel."""
        return f"{self._knots[flow_id]}.{self.entry}"

    def sheet(self, sheet_id: int) -> str:
        """What a sheet is called in tags and tables: its shortcut, which has no underscores."""
        return self._sheets[sheet_id]

    def stitches(
        self, sections: Collection[Section], nodes: Mapping[int, Node]
    ) -> dict[Label | None, str]:
        """The stitches of a flow by the labels of its sections; the first is its ``body``."""
        names: dict[Label | None, str] = {}
        used = {self.entry}
        for position, section in enumerate(sections):
            if not position:
                names[section.label] = self.entry
            elif section.label is not None:
                name = self._free(_stitch(nodes[section.label]), used)
                used.add(name)
                names[section.label] = name
        return names

    def _free(self, name: str, used: Collection[str] = ()) -> str:
        while name in self._taken or name in used:
            name += "_"
        return name


def _keys(items: Iterable[FlowFacts | SheetFacts], kind: str) -> dict[int, str]:
    """Names by id: shortcuts, each for the first that has it."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for item in items:
        name = item.shortcut or ""
        found[item.id] = name if name and name not in taken else f"{kind}_{item.id}"
        taken.add(name)
    return found


def _stitch(node: Node) -> str:
    hub = n.text_of(n.data_of(node).get("hub_id")) if node.type == "hub" else ""
    return f"hub_{ascii_identifier(hub)[:60]}" if hub else f"n{node.id}"
