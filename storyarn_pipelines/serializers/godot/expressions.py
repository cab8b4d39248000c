"""The expressions of one flow, each read, emitted and told about once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_response_assignments,
    read_response_condition,
)
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.formulas import GodotFormulas
from storyarn_pipelines.story import nodes as n

Key = tuple[int, int]
"""A node, and which of its expressions: a case's or a response's index, or its own."""

_OWN = -1
_MOST = 5_000


class Changes(NamedTuple):
    """Assignments as events, with those that work formulas out; ``source`` is the original."""

    events: tuple[str, ...]
    source: str


class KnownExpressions:
    """What was emitted before: stories ask and do the same again and again.

    Conditions by their stored text. Only what lost nothing is kept, as losses name their place.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Emitted] = {}
        self._changes: dict[Instruction, Changes] = {}

    def asked(self, stored: object) -> Emitted | None:
        """A condition."""
        return self._asked.get(stored) if isinstance(stored, str) else None

    def changes(self, stored: Instruction) -> Changes | None:
        """Assignments."""
        return self._changes.get(stored)

    def keep_asked(self, stored: object, emitted: Emitted) -> None:
        """Remember a condition."""
        if isinstance(stored, str) and not emitted.diagnostics:
            _keep(self._asked, stored, emitted)

    def keep_changes(self, stored: Instruction, emitted: Emitted, changes: Changes) -> None:
        """Remember assignments."""
        if not emitted.diagnostics:
            _keep(self._changes, stored, changes)


def _keep(known: dict[Any, Any], key: object, value: object) -> None:
    if len(known) >= _MOST:
        known.clear()
    known[key] = value


class FlowExpressions:
    """Emits what the nodes of a flow ask and change: both outputs need each of them."""

    def __init__(
        self, story: EngineStory, formulas: GodotFormulas, known: KnownExpressions, flow: Flow
    ) -> None:
        self._story, self._formulas, self._known, self._flow = story, formulas, known, flow
        self._asked: dict[Key, Emitted] = {}
        self._changes: dict[Key, Changes] = {}

    def case(self, node: Node, index: int, condition: Condition) -> Emitted:
        """One of the questions of a condition node."""
        return self._asked.get((node.id, index)) or self._condition(node, index, condition)

    def wanted(self, node: Node, index: int, response: Mapping[str, Any]) -> Emitted:
        """Under which condition a response is offered."""
        found = self._asked.get((node.id, index))
        if found is not None:
            return found
        stored = response.get("condition")
        known = self._known.asked(stored)
        if known is None:
            known = self._condition(node, index, read_response_condition(stored))
            self._known.keep_asked(stored, known)
        self._asked[node.id, index] = known
        return known

    def asked(self, emitted: Emitted) -> str:
        """A condition's text; empty if it always holds."""
        return "" if emitted.text == self._story.emitter.true else emitted.text

    def changes(self, node: Node) -> Changes:
        """What an instruction node does."""
        found = self._changes.get((node.id, _OWN))
        if found is not None:
            return found
        return self._instruction(node, _OWN, read_assignments(n.data_of(node).get("assignments")))

    def taken(self, node: Node, index: int, response: Mapping[str, Any]) -> Changes:
        """What a response does when it is taken."""
        found = self._changes.get((node.id, index))
        if found is not None:
            return found
        return self._instruction(node, index, read_response_assignments(response))

    def _condition(self, node: Node, index: int, condition: Condition) -> Emitted:
        emitted = self._story.emitter.condition(condition, node_place(self._flow, node))
        self._story.told.found.extend(emitted.diagnostics)
        self._asked[node.id, index] = emitted
        return emitted

    def _instruction(self, node: Node, index: int, stored: Instruction) -> Changes:
        found = self._known.changes(stored)
        if found is None:
            emitted = self._story.emitter.instruction(stored, node_place(self._flow, node))
            self._story.told.found.extend(emitted.diagnostics)
            events = emitted.text.split("\n") if emitted.text else []
            found = Changes((*events, *self._formulas.after(stored)), emitted.source)
            self._known.keep_changes(stored, emitted, found)
        self._changes[node.id, index] = found
        return found
