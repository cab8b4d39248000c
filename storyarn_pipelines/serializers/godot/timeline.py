"""A flow as a timeline: events line by line, a tab for each level.

Dialogic's ``return`` goes behind the latest ``jump``, of whatever kind, so it is never used.
A call puts the name of a label in front of a text of callers and jumps; an exit that returns
takes the first name away and jumps to it. The labels stand in the called timeline, each with a
jump on to the caller, since Dialogic takes labels from variables, but no timelines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_response_assignments,
    read_response_condition,
)
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot import text as t
from storyarn_pipelines.serializers.godot.expressions import FlowExpressions
from storyarn_pipelines.serializers.godot.formulas import GodotFormulas
from storyarn_pipelines.serializers.godot.names import BACK, BODY, GodotNames, labels
from storyarn_pipelines.serializers.godot.speech import GodotSpeech, details
from storyarn_pipelines.serializers.godot.survey import Survey
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
    Structure,
)

MOST_ROUNDS = 100
"""How often a play may go round without a line. Storyarn itself stops after 100 nodes."""

_OVER = "[end_timeline]"


@dataclass(frozen=True, slots=True)
class Kit:
    """What every timeline is written with."""

    story: EngineStory
    names: GodotNames
    survey: Survey
    speech: GodotSpeech
    formulas: GodotFormulas


class Timeline:
    """Writes one flow. What it yields are lines without their line ends.

    ``guarded`` are the labels where a play could go round without a line.
    """

    def __init__(
        self,
        kit: Kit,
        flow: Flow,
        structure: Structure,
        expressions: FlowExpressions,
        guarded: frozenset[int],
    ) -> None:
        self._kit, self._flow, self._structure = kit, flow, structure
        self._expressions, self._guarded = expressions, guarded
        self._pretty = kit.story.options.pretty_print
        nodes = {node.id: node for node in flow.nodes}
        self._labels: dict[Label, str] = labels(structure.sections, nodes)
        first = structure.sections[0].label if structure.sections else None
        if first is not None:
            self._labels[first] = BODY
        own = kit.names.own
        self._callers, self._exit, self._rounds = (
            f"{{{own}.{x}}}" for x in ("callers", "exit", "rounds")
        )
        self._returns = False
        circular = flow.id in kit.survey.circular or flow.id in kit.survey.quiet
        self._counts = bool(guarded) or circular

    def lines(self) -> Iterator[str]:
        """The whole file."""
        yield f"# {t.comment(self._flow.path)}"
        if not self._structure.sections:
            yield _OVER
            return
        yield f'set {self._callers} = ""'
        yield f"set {self._rounds} = 0"
        for position, section in enumerate(self._structure.sections):
            yield f"label {self._labels.get(section.label or 0, '') if position else BODY}"
            yield from self._block(section.body, "")
        if self._returns:
            yield from self._way_back()

    def _way_back(self) -> Iterator[str]:
        """To the caller that was noted last; a label that is not there is passed over."""
        back = f"{{{self._kit.names.own}.back}}"
        yield f"label {BACK}"
        yield f'if {self._callers} == "":'
        yield f"\t{_OVER}"
        yield f'set {back} = {self._callers}.get_slice(",", 0)'
        yield f'set {self._callers} = {self._callers}.trim_prefix({back} + ",")'
        yield f"jump {back}"
        yield _OVER
        for node_id, flow_id in self._kit.survey.callers.get(self._flow.id, ()):
            yield f"label {_back(node_id)}"
            yield f"jump {self._kit.names.timeline(flow_id)}/{_after(node_id)}"

    def _block(self, block: Block, indent: str) -> Iterator[str]:
        for position, statement in enumerate(block):
            match statement:
                case Jump() | End() | Return():
                    yield from self._way(statement, indent)
                case Line(node):
                    yield from self._line(node, indent)
                case Run(node):
                    stored = read_assignments(n.data_of(node).get("assignments"))
                    yield from self._changes(node, "set", stored, indent)
                case Choice():
                    yield from self._choice(statement, indent)
                case Branch():
                    yield from self._branch(statement, indent)
                case Call():
                    yield from self._call(statement, indent, block[position + 1 :])
                    if _goes_on(statement, block[position + 1 :]):
                        return

    def _body(self, block: Block, indent: str) -> Iterator[str]:
        """What is done in a case; a comment where nothing is."""
        yield from self._block(block, f"{indent}\t") if block else (f"{indent}\t# nothing",)

    def _way(self, way: Jump | End | Return, indent: str) -> Iterator[str]:
        match way:
            case Jump(label):
                if label in self._guarded:
                    yield from self._guard(indent)
                yield f"{indent}jump {self._labels[label]}"
            case End():
                yield f"{indent}{_OVER}"
            case Return(node_id):
                self._returns = True
                yield f'{indent}set {self._exit} = "{node_id}"'
                yield f"{indent}jump {BACK}"

    def _guard(self, indent: str) -> Iterator[str]:
        yield f"{indent}set {self._rounds} = {self._rounds} + 1"
        yield f"{indent}if {self._rounds} > {MOST_ROUNDS}:"
        yield f"{indent}\t{_OVER}"

    def _line(self, node: Node, indent: str) -> Iterator[str]:
        if self._counts:
            yield f"{indent}set {self._rounds} = 0"
        if self._pretty:
            for name, text in details(node, self._kit.story):
                yield f"{indent}# {name}: {t.comment(text)}"
        spoken = self._kit.speech.of(self._flow, node)
        if spoken.voice:
            yield f'{indent}[voice path="{spoken.voice}"]'
        yield f"{indent}{spoken.event} #id:{spoken.key}"

    def _choice(self, choice: Choice, indent: str) -> Iterator[str]:
        node = choice.node
        yield from self._line(node, indent)
        asked = [
            self._expressions.condition(
                node, f"response {index}", read_response_condition(x.response.get("condition"))
            )
            for index, x in enumerate(choice.options)
        ]
        if all(asked):
            # Dialogic prints an error for a question without an answer, and goes on behind it.
            anything = " or ".join([f"({x})" for x in dict.fromkeys(asked)])
            yield f"{indent}if not ({anything}):"
            yield f"{indent}\t{_OVER}"
        texts = self._kit.speech.of(self._flow, node).options
        pairs = zip(choice.options, asked, texts, strict=True)
        for index, (option, condition, (key, text)) in enumerate(pairs):
            when = f' | [if {condition}] [else="hide"]' if condition else ""
            yield f"{indent}- {text}{when} #id:{key}"
            yield from self._taken(node, index, option, f"{indent}\t")

    def _taken(self, node: Node, index: int, option: Option, indent: str) -> Iterator[str]:
        if n.has_instruction(option.response):
            stored = read_response_assignments(option.response)
            yield from self._changes(node, f"response {index} set", stored, indent)
        yield from self._block(option.body, indent)

    def _branch(self, branch: Branch, indent: str) -> Iterator[str]:
        word = "if"
        for index, arm in enumerate(branch.arms):
            what = f"case {index}"
            asked = self._expressions.condition(branch.node, what, arm.condition) or "true"
            yield f"{indent}{word} {asked}:"
            yield from self._body(arm.body, indent)
            word = "elif"
        if branch.otherwise:
            yield f"{indent}else:"
            yield from self._block(branch.otherwise, f"{indent}\t")

    def _call(self, call: Call, indent: str, behind: Sequence[object]) -> Iterator[str]:
        if {call.flow_id, self._flow.id} <= self._kit.survey.circular:
            yield from self._guard(indent)
        target = f"{self._kit.names.timeline(call.flow_id)}/{BODY}"
        if _goes_on(call, behind):
            yield f'{indent}set {self._callers} = ""'
            yield f"{indent}jump {target}"
            return
        yield f'{indent}set {self._callers} = "{_back(call.node.id)}," + {self._callers}'
        yield f"{indent}jump {target}"
        yield f"{indent}label {_after(call.node.id)}"
        last = call.otherwise
        outcomes = call.outcomes if last is not None else call.outcomes[:-1]
        word = "if"
        for outcome in outcomes:
            yield f'{indent}{word} {self._exit} == "{outcome.exit_id}":'
            yield from self._body(outcome.body, indent)
            word = "elif"
        if not call.outcomes:
            return
        # Without ``otherwise`` no other exit is possible, so the last outcome needs no question.
        rest = call.outcomes[-1].body if last is None else last
        if not outcomes:
            yield from self._block(rest, indent)
        elif rest:
            yield f"{indent}else:"
            yield from self._block(rest, f"{indent}\t")

    def _changes(self, node: Node, what: str, stored: Instruction, indent: str) -> Iterator[str]:
        text = self._expressions.instruction(node, what, stored)
        for line in text.split("\n") if text else ():
            yield f"{indent}{line}"
        for line in self._kit.formulas.after(stored):
            yield f"{indent}{line}"


def _back(node_id: int) -> str:
    return f"back_{node_id}"


def _after(node_id: int) -> str:
    return f"after_{node_id}"


def _goes_on(call: Call, behind: Sequence[object]) -> bool:
    """Whether an exit continues in a flow for good: what called this one is not needed again."""
    return (
        call.node.type == "exit"
        and not call.outcomes
        and call.otherwise is None
        and isinstance(behind[0] if behind else None, End)
    )
