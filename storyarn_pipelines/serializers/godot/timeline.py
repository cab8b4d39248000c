"""A flow as a timeline: events line by line, a tab for each level.

Dialogic's ``return`` goes behind the latest ``jump``, of whatever kind, so it is never used.
A call puts the name of a label in front of a text of callers and jumps; an exit that returns
takes the first name away and jumps to it. The labels stand in the called timeline, each with a
jump on to the caller, since Dialogic takes labels from variables, but no timelines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot import text as t
from storyarn_pipelines.serializers.godot.expressions import Changes, FlowExpressions
from storyarn_pipelines.serializers.godot.names import BACK, BODY, GodotNames, labels
from storyarn_pipelines.serializers.godot.speech import GodotSpeech
from storyarn_pipelines.serializers.godot.stage import Stage, Stages, events
from storyarn_pipelines.serializers.godot.survey import Survey
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.statements import (
    Block,
    Branch,
    Call,
    Choice,
    End,
    Jump,
    Label,
    Line,
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


class Timeline:
    """Writes one flow.

    ``guarded`` are the labels where a play could go round without a line.
    """

    def __init__(
        self,
        kit: Kit,
        flow: Flow,
        graph: FlowGraph,
        structure: Structure,
        expressions: FlowExpressions,
        guarded: frozenset[int],
    ) -> None:
        self._kit, self._flow, self._structure = kit, flow, structure
        self._expressions, self._guarded = expressions, guarded
        self._pretty = kit.story.options.pretty_print
        self._labels: dict[Label, str] = labels(structure.sections, graph.nodes)
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
        is_staged = flow.id in kit.survey.staged
        media = kit.speech
        self._stages = (
            Stages(flow, kit.survey.empty, media.image, media.sound) if is_staged else None
        )
        self._shown: Stage | None = None  # where it is known
        self._lines: list[str] = []

    def text(self) -> str:
        """The whole file."""
        lines, survey = self._lines, self._kit.survey
        lines.append(f"# {t.comment(self._flow.path)}")
        if not self._structure.sections:
            return f"{lines[0]}\n{_OVER}\n"
        lines.append(f'set {self._callers} = ""')
        lines.append(f"set {self._rounds} = 0")
        own = self._kit.names.own
        lines += [f'set {{{own}.{sound.channel}}} = ""' for sound in survey.empty.sounds]
        for position, section in enumerate(self._structure.sections):
            lines.append(f"label {self._labels.get(section.label or 0, '') if position else BODY}")
            self._shown = None
            if not position and self._flow.id in survey.called:
                self._clear("")
            self._block(section.body, "")
        if self._returns:
            self._way_back()
        lines.append("")
        return "\n".join(lines)

    def _way_back(self) -> None:
        """To the caller that was noted last; a label that is not there is passed over."""
        back = f"{{{self._kit.names.own}.back}}"
        self._lines += [
            f"label {BACK}",
            f'if {self._callers} == "":',
            f"\t{_OVER}",
            f'set {back} = {self._callers}.get_slice(",", 0)',
            f'set {self._callers} = {self._callers}.trim_prefix({back} + ",")',
            f"jump {back}",
            _OVER,
        ]
        for node_id, flow_id in self._kit.survey.callers.get(self._flow.id, ()):
            self._lines.append(f"label {_back(node_id)}")
            self._lines.append(f"jump {self._kit.names.timeline(flow_id)}/{_after(node_id)}")

    def _block(self, block: Block, indent: str) -> None:
        for position, statement in enumerate(block):
            match statement:
                case Line(node):
                    self._line(node, indent)
                case Choice():
                    self._choice(statement, indent)
                case Jump() | End() | Return():
                    self._way(statement, indent)
                case Run(node):
                    self._change(self._expressions.changes(node), indent)
                case Branch():
                    self._branch(statement, indent)
                case Call():
                    self._call(statement, indent, block[position + 1 :])
                    if _goes_on(statement, block[position + 1 :]):
                        return

    def _body(self, block: Block, indent: str) -> None:
        """What is done in a case; a comment where nothing is."""
        if block:
            self._block(block, f"{indent}\t")
        else:
            self._lines.append(f"{indent}\t# nothing")

    def _way(self, way: Jump | End | Return, indent: str) -> None:
        match way:
            case Jump(label):
                if label in self._guarded:
                    self._guard(indent)
                self._lines.append(f"{indent}jump {self._labels[label]}")
            case End():
                self._lines.append(f"{indent}{_OVER}")
            case Return(node_id):
                self._returns = True
                self._lines.append(f'{indent}set {self._exit} = "{node_id}"')
                self._lines.append(f"{indent}jump {BACK}")

    def _guard(self, indent: str) -> None:
        self._lines.append(f"{indent}set {self._rounds} = {self._rounds} + 1")
        self._lines.append(f"{indent}if {self._rounds} > {MOST_ROUNDS}:")
        self._lines.append(f"{indent}\t{_OVER}")

    def _stage(self, wanted: Stage, indent: str) -> None:
        survey = self._kit.survey
        found = events(self._shown, wanted, self._kit.names.own, images=survey.has_images)
        self._lines += [f"{indent}{x}" for x in found]
        self._shown = wanted

    def _clear(self, indent: str) -> None:
        """Play comes from another flow. Where this one has no stages, no line would end theirs."""
        if self._stages is None and self._kit.survey.staged:
            self._stage(self._kit.survey.empty, indent)

    def _line(self, node: Node, indent: str) -> None:
        lines = self._lines
        if self._counts:
            lines.append(f"{indent}set {self._rounds} = 0")
        if self._stages is not None:
            self._stage(self._stages.of(node), indent)
        spoken = self._kit.speech.of(self._flow, node)
        if self._pretty:
            for name, text in spoken.details:
                lines.append(f"{indent}# {name}: {t.comment(text)}")
        if spoken.voice:
            lines.append(f'{indent}[voice path="{spoken.voice}"]')
        lines.append(f"{indent}{spoken.event} #id:{spoken.key}")

    def _choice(self, choice: Choice, indent: str) -> None:
        node, lines, expressions = choice.node, self._lines, self._expressions
        self._line(node, indent)
        shown = self._shown
        asked = [
            expressions.asked(expressions.wanted(node, index, x.response))
            for index, x in enumerate(choice.options)
        ]
        if all(asked):
            # Dialogic prints an error for a question without an answer, and goes on behind it.
            anything = " or ".join([f"({x})" for x in dict.fromkeys(asked)])
            lines.append(f"{indent}if not ({anything}):")
            lines.append(f"{indent}\t{_OVER}")
        texts = self._kit.speech.of(self._flow, node).options
        pairs = zip(choice.options, asked, texts, strict=True)
        inner = f"{indent}\t"
        for index, (option, condition, (key, text)) in enumerate(pairs):
            when = f' | [if {condition}] [else="hide"]' if condition else ""
            lines.append(f"{indent}- {text}{when} #id:{key}")
            if n.has_instruction(option.response):
                self._change(expressions.taken(node, index, option.response), inner)
            self._shown = shown
            self._block(option.body, inner)
        self._shown = None

    def _branch(self, branch: Branch, indent: str) -> None:
        word, shown = "if", self._shown
        for index, arm in enumerate(branch.arms):
            emitted = self._expressions.case(branch.node, index, arm.condition)
            asked = self._expressions.asked(emitted) or "true"
            self._lines.append(f"{indent}{word} {asked}:")
            self._shown = shown
            self._body(arm.body, indent)
            word = "elif"
        if branch.otherwise:
            self._lines.append(f"{indent}else:")
            self._shown = shown
            self._block(branch.otherwise, f"{indent}\t")
        self._shown = None

    def _call(self, call: Call, indent: str, behind: Sequence[object]) -> None:
        lines = self._lines
        if {call.flow_id, self._flow.id} <= self._kit.survey.circular:
            self._guard(indent)
        target = f"{self._kit.names.timeline(call.flow_id)}/{BODY}"
        if _goes_on(call, behind):
            lines.append(f'{indent}set {self._callers} = ""')
            lines.append(f"{indent}jump {target}")
            return
        lines.append(f'{indent}set {self._callers} = "{_back(call.node.id)}," + {self._callers}')
        lines.append(f"{indent}jump {target}")
        lines.append(f"{indent}label {_after(call.node.id)}")
        self._shown = None
        self._clear(indent)
        self._outcomes(call, indent)

    def _outcomes(self, call: Call, indent: str) -> None:
        """What follows a call, by the exit that it came back from."""
        last, shown = call.otherwise, self._shown
        outcomes = call.outcomes if last is not None else call.outcomes[:-1]
        word = "if"
        for outcome in outcomes:
            self._lines.append(f'{indent}{word} {self._exit} == "{outcome.exit_id}":')
            self._shown = shown
            self._body(outcome.body, indent)
            word = "elif"
        if not call.outcomes:
            return
        # Without ``otherwise`` no other exit is possible, so the last outcome needs no question.
        rest = call.outcomes[-1].body if last is None else last
        self._shown = shown
        if not outcomes:
            self._block(rest, indent)
        elif rest:
            self._lines.append(f"{indent}else:")
            self._block(rest, f"{indent}\t")
        self._shown = None

    def _change(self, changes: Changes, indent: str) -> None:
        self._lines += [f"{indent}{event}" for event in changes.events]


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
