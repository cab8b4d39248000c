"""The expressions of one flow, each emitted and told about once."""

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.story import EngineStory


class FlowExpressions:
    """Emits; ``what`` tells the expressions of a node apart."""

    def __init__(self, story: EngineStory, flow: Flow) -> None:
        self._story, self._flow = story, flow
        self._known: dict[tuple[int, str], Emitted] = {}

    def condition(self, node: Node, what: str, condition: Condition) -> str:
        """A condition; empty if it always holds."""
        text = self.emitted_condition(node, what, condition).text
        return "" if text == self._story.emitter.true else text

    def emitted_condition(self, node: Node, what: str, condition: Condition) -> Emitted:
        """A condition with its original."""
        known = self._known.get((node.id, what))
        if known is None:
            place = node_place(self._flow, node)
            known = self._keep(node, what, self._story.emitter.condition(condition, place))
        return known

    def instruction(self, node: Node, what: str, instruction: Instruction) -> str:
        """Assignments as events; empty if there are none."""
        return self.emitted_instruction(node, what, instruction).text

    def emitted_instruction(self, node: Node, what: str, instruction: Instruction) -> Emitted:
        """Assignments with their original."""
        known = self._known.get((node.id, what))
        if known is None:
            place = node_place(self._flow, node)
            known = self._keep(node, what, self._story.emitter.instruction(instruction, place))
        return known

    def _keep(self, node: Node, what: str, emitted: Emitted) -> Emitted:
        self._story.told.found.extend(emitted.diagnostics)
        self._known[node.id, what] = emitted
        return emitted
