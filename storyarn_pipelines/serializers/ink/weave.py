"""The statements of a flow as Ink: choices and gathers, conditional blocks, tunnels, diverts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.ast import ALWAYS, Condition, Instruction
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_response_assignments,
    read_response_condition,
)
from storyarn_pipelines.serializers.engines.findings import node_place
from storyarn_pipelines.serializers.engines.loops import Guards
from storyarn_pipelines.serializers.engines.spool import Objects
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.formulas import InkFormulas
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.serializers.ink.speech import InkSpeech
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import (
    Block,
    Branch,
    Call,
    Choice,
    End,
    Jump,
    Label,
    Line,
    Option,
    Return,
    Run,
    Statement,
    Structure,
)

_INDENT = "    "
_CALL_WEIGHT = 10
"""A call counts as so many jumps: run times keep what called, and get slow."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What every flow is written with."""

    story: EngineStory
    names: InkNames
    speech: InkSpeech
    formulas: InkFormulas
    expressions: Objects


class Weave:
    """Writes one flow. What it yields are lines without their line ends."""

    def __init__(self, kit: Kit, flow: Flow, structure: Structure, guards: Guards) -> None:
        self._kit, self._flow, self._guards = kit, flow, guards
        self._story, self._names = kit.story, kit.names
        self._structure = structure
        nodes: Mapping[int, Node] = {node.id: node for node in flow.nodes}
        self._labels: Mapping[Label | None, str] = kit.names.stitches(structure.sections, nodes)

    def sections(self) -> Iterator[str]:
        """The stitches of the flow, in the order of reading."""
        for section in self._structure.sections:
            yield f"= {self._labels[section.label]}"
            yield from self._block(section.body, 0, "")

    def _block(self, block: Block, level: int, indent: str) -> Iterator[str]:
        """Statements in their order; ``level`` counts the choices around them."""
        for position, statement in enumerate(block):
            behind = block[position + 1] if position + 1 < len(block) else None
            match statement:
                case Jump() | End() | Return():
                    yield from self._way(statement, indent)
                case Line(node):
                    yield from _indented(self._kit.speech.say(self._flow, node), indent)
                case Run(node):
                    stored = read_assignments(n.data_of(node).get("assignments"))
                    yield from _indented(self._changes(node, stored, None), indent)
                case Choice():
                    yield from self._choice(statement, level + 1, indent)
                    if behind is not None:
                        yield f"{indent}{'-' * (level + 1)}"
                case Branch():
                    yield from self._branch(statement, indent)
                case Call():
                    yield from self._call(statement, indent, behind)
                    if _goes_on(statement, behind):
                        return

    def _way(self, way: Jump | End | Return, indent: str) -> Iterator[str]:
        match way:
            case Jump(label):
                if label in self._guards.labels:
                    yield from self._guard(indent, 1)
                yield f"{indent}-> {self._labels[label]}"
            case End(reason, node_id):
                if reason == "exit":
                    yield f"{indent}{self._left_by(node_id)}"
                yield f"{indent}-> END"
            case Return(node_id):
                yield f"{indent}{self._left_by(node_id)}"
                yield f"{indent}->->"

    def _left_by(self, exit_id: int) -> str:
        """Remembers the exit. Ids may have more digits than Ink's numbers, so it is a text."""
        return f'~ {self._names.own["exit"]} = "{exit_id}"'

    def _guard(self, indent: str, weight: int) -> Iterator[str]:
        """Ends the story when it has come here too often without a choice."""
        yield f"{indent}{{ not {self._names.own['again']}({weight}):"
        yield f"{indent}{_INDENT}-> END"
        yield f"{indent}}}"

    def _choice(self, choice: Choice, level: int, indent: str) -> Iterator[str]:
        speech = self._kit.speech
        yield from _indented(speech.say(self._flow, choice.node), indent)
        marks = "+" * level
        may_be_stuck = True
        texts = speech.responses(choice.node)
        for index, (option, text) in enumerate(zip(choice.options, texts, strict=True)):
            condition = read_response_condition(option.response.get("condition"))
            asked = self._condition(choice.node, condition, f"response {index}")
            may_be_stuck = may_be_stuck and bool(asked)
            yield f"{indent}{marks} {asked and f'{{{asked}}} '}[{text}]"
            yield from self._taken(choice.node, index, option, level, indent + _INDENT)
        if may_be_stuck:
            yield f"{indent}{marks} -> END"

    def _taken(
        self, node: Node, index: int, option: Option, level: int, indent: str
    ) -> Iterator[str]:
        if n.has_instruction(option.response):
            stored = read_response_assignments(option.response)
            yield from _indented(self._changes(node, stored, index), indent)
        yield from self._block(option.body, level, indent)

    def _branch(self, branch: Branch, indent: str) -> Iterator[str]:
        yield f"{indent}{{"
        for arm in branch.arms:
            asked = self._condition(branch.node, arm.condition, f"pin {arm.pin}") or "true"
            yield f"{indent}- {asked}:"
            yield from self._block(arm.body, 0, indent + _INDENT)
        yield from self._otherwise(branch.otherwise, indent)

    def _otherwise(self, block: Block | None, indent: str) -> Iterator[str]:
        lines = list(self._block(block or [], 0, indent + _INDENT))
        if lines:  # an empty one would be an error
            yield f"{indent}- else:"
            yield from lines
        yield f"{indent}}}"

    def _call(self, call: Call, indent: str, behind: Statement | None) -> Iterator[str]:
        if call.flow_id in self._guards.flows:
            yield from self._guard(indent, _CALL_WEIGHT)
        if _goes_on(call, behind):
            yield f"{indent}->-> {self._names.knot(call.flow_id)}"
            return
        yield f"{indent}-> {self._names.callable(call.flow_id)} ->"
        if not call.outcomes:
            return
        yield f"{indent}{{"
        last = call.otherwise
        outcomes = call.outcomes if last is not None else call.outcomes[:-1]
        for outcome in outcomes:
            yield f'{indent}- {self._names.own["exit"]} == "{outcome.exit_id}":'
            yield from self._block(outcome.body, 0, indent + _INDENT)
        # Without ``otherwise`` no other exit is possible, so the last outcome needs no question.
        yield from self._otherwise(call.outcomes[-1].body if last is None else last, indent)

    def _condition(self, node: Node, condition: Condition, what: str) -> str:
        """A condition in Ink; empty if it always holds."""
        emitter = self._story.emitter
        emitted = emitter.condition(condition, node_place(self._flow, node))
        self._story.told.found.extend(emitted.diagnostics)
        if condition != ALWAYS:
            self._keep(node, what, emitted.source, emitted.text)
        return "" if emitted.text == emitter.true else emitted.text

    def _changes(self, node: Node, instruction: Instruction, index: int | None) -> Iterator[str]:
        """Assignments, and formulas worked out after them."""
        emitted = self._story.emitter.instruction(instruction, node_place(self._flow, node))
        self._story.told.found.extend(emitted.diagnostics)
        if emitted.source:
            what = "assignments" if index is None else f"response {index} assignments"
            self._keep(node, what, emitted.source, emitted.text)
        if emitted.text:
            yield from emitted.text.split("\n")
        if self._kit.formulas.depend_on(instruction):
            yield self._kit.formulas.call()

    def _keep(self, node: Node, what: str, source: str, text: str) -> None:
        self._kit.expressions.add(
            {"flow": self._flow.id, "node": node.id, "of": what, "source": source, "ink": text}
        )


def _goes_on(call: Call, behind: Statement | None) -> bool:
    """Whether an exit continues in a flow for good: what called this one is not needed again."""
    return (
        call.node.type == "exit"
        and not call.outcomes
        and call.otherwise is None
        and isinstance(behind, End)
    )


def _indented(lines: Iterator[str], indent: str) -> Iterator[str]:
    return (f"{indent}{line}" for line in lines) if indent else lines
