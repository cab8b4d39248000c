"""One flow as a ``.yarn`` file: a node for its beginning, and one for each label.

``<<jump>>`` forgets who detoured. So in a flow that others call, a label is entered by
``<<detour>>``, and ``<<return>>`` follows at once: the return of the label goes on to the caller.
"""

from collections.abc import Mapping, Sequence, Set
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
from storyarn_pipelines.serializers.yarn.formulas import YarnFormulas
from storyarn_pipelines.serializers.yarn.functions import UsedFunctions
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.serializers.yarn.speech import Spoken, YarnSpeech
from storyarn_pipelines.serializers.yarn.tables import StringTables
from storyarn_pipelines.serializers.yarn.text import folded
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
    Return,
    Run,
    Section,
    Structure,
)

_INDENT = "    "
MOST_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Kit:
    """What every flow is written with. ``called`` are the flows that a play may come back from."""

    story: EngineStory
    names: YarnNames
    speech: YarnSpeech
    tables: StringTables
    formulas: YarnFormulas
    functions: UsedFunctions
    expressions: Objects
    called: Set[int]


class FlowScript:
    """Writes one flow; ``lines`` is its file."""

    def __init__(self, kit: Kit, flow: Flow, structure: Structure, guards: Guards) -> None:
        self._kit, self._flow, self._guards = kit, flow, guards
        self._story, self._names = kit.story, kit.names
        self._structure = structure
        self._is_called = flow.id in kit.called
        self._counts_rounds = bool(guards.labels or guards.flows)
        nodes: Mapping[int, Node] = {node.id: node for node in flow.nodes}
        self._labels: Mapping[Label | None, str] = kit.names.labels(
            flow.id, structure.sections, nodes
        )
        self._node = self._file = kit.names.flow(flow.id)
        self.lines: list[str] = []

    def write(self) -> list[str]:
        """The lines of the file."""
        for section in self._structure.sections:
            self._section(section)
        if not self._structure.sections:
            self.lines += [f"title: {self._node}", "---", "<<stop>>", "==="]
        return self.lines

    def _section(self, section: Section) -> None:
        is_first = not self.lines
        self._node = self._labels[section.label]
        self.lines += [f"title: {self._node}", "---"]
        path = folded(self._flow.path)
        if is_first and path and self._story.options.pretty_print:
            self.lines.append(f"// {path}")
        self._block(section.body, "")
        self.lines.append("===")

    def _block(self, block: Block, indent: str) -> None:
        for position, statement in enumerate(block):
            match statement:
                case Jump() | End() | Return():
                    self._way(statement, indent)
                case Line(node):
                    self._say(node, indent)
                case Run(node):
                    stored = read_assignments(n.data_of(node).get("assignments"))
                    self._change(node, stored, None, indent)
                case Choice():
                    self._choice(statement, indent)
                case Branch():
                    self._branch(statement, indent)
                case Call():
                    behind = block[position + 1 :]
                    if _goes_on(statement, behind):
                        self._guard(statement.flow_id in self._guards.flows, indent)
                        self._add(indent, f"<<jump {self._names.flow(statement.flow_id)}>>")
                        return
                    self._call(statement, indent)

    def _add(self, indent: str, text: str) -> None:
        self.lines.append(indent + text)

    def _spoken(self, spoken: Spoken, indent: str, before: str = "", condition: str = "") -> None:
        """A line or option, with its row in the string tables."""
        asked = f" <<if {condition}>>" if condition else ""
        self._add(indent, f"{before}{spoken.script}{asked} #{spoken.line_id}{spoken.tags}")
        place = (f"{self._file}.yarn", self._node, len(self.lines))
        self._kit.tables.add(
            spoken.line_id, spoken.table, spoken.translated, spoken.instead, place, spoken.comment
        )

    def _say(self, node: Node, indent: str) -> None:
        if self._counts_rounds:
            self._add(indent, f"<<set ${self._names.rounds} to 0>>")
        for spoken in self._kit.speech.say(self._flow, node):
            self._spoken(spoken, indent)

    # Ways

    def _way(self, way: Jump | End | Return, indent: str) -> None:
        match way:
            case Jump(label):
                self._guard(label in self._guards.labels, indent)
                if self._is_called:
                    self._add(indent, f"<<detour {self._labels[label]}>>")
                    self._add(indent, "<<return>>")
                else:
                    self._add(indent, f"<<jump {self._labels[label]}>>")
            case End(reason, node_id):
                if reason == "exit":
                    self._leave_by(node_id, indent)
                self._add(indent, "<<stop>>")
            case Return(node_id):
                self._leave_by(node_id, indent)
                self._add(indent, "<<return>>")

    def _leave_by(self, exit_id: int, indent: str) -> None:
        """Remember the exit. Ids may have more digits than Yarn's numbers, so it is a text."""
        self._add(indent, f'<<set ${self._names.exit} to "{exit_id}">>')

    def _guard(self, needed: bool, indent: str) -> None:
        """End the story when it has come here too often without a line."""
        if needed:
            rounds = f"${self._names.rounds}"
            self._add(indent, f"<<set {rounds} += 1>>")
            self._add(indent, f"<<if {rounds} > {MOST_ROUNDS}>>")
            self._add(indent, f"{_INDENT}<<stop>>")
            self._add(indent, "<<endif>>")

    # Forks

    def _choice(self, choice: Choice, indent: str) -> None:
        self._say(choice.node, indent)
        asked = [
            self._condition(
                choice.node,
                read_response_condition(option.response.get("condition")),
                f"response {index}",
            )
            for index, option in enumerate(choice.options)
        ]
        if all(asked):
            self._add(indent, f"<<if {_none_of(asked)}>>")
            self._add(indent, f"{_INDENT}<<stop>>")
            self._add(indent, "<<endif>>")
        spoken = self._kit.speech.responses(self._flow, choice.node)
        for index, option in enumerate(choice.options):
            self._spoken(spoken[index], indent, "-> ", asked[index])
            if n.has_instruction(option.response):
                stored = read_response_assignments(option.response)
                self._change(choice.node, stored, index, indent + _INDENT)
            self._block(option.body, indent + _INDENT)

    def _branch(self, branch: Branch, indent: str) -> None:
        word = "if"
        for arm in branch.arms:
            asked = self._condition(branch.node, arm.condition, f"pin {arm.pin}") or "true"
            self._add(indent, f"<<{word} {asked}>>")
            self._block(arm.body, indent + _INDENT)
            word = "elseif"
        self._otherwise(branch.otherwise, indent)

    def _otherwise(self, block: Block, indent: str) -> None:
        if block:
            self._add(indent, "<<else>>")
            self._block(block, indent + _INDENT)
        self._add(indent, "<<endif>>")

    def _call(self, call: Call, indent: str) -> None:
        self._guard(call.flow_id in self._guards.flows, indent)
        self._add(indent, f"<<detour {self._names.flow(call.flow_id)}>>")
        if not call.outcomes:
            return
        last = call.otherwise
        outcomes = call.outcomes if last is not None else call.outcomes[:-1]
        # Without ``otherwise`` no other exit is possible, so the last outcome needs no question.
        rest = call.outcomes[-1].body if last is None else last
        if not outcomes:
            self._block(rest, indent)
            return
        word = "if"
        for outcome in outcomes:
            self._add(indent, f'<<{word} ${self._names.exit} == "{outcome.exit_id}">>')
            self._block(outcome.body, indent + _INDENT)
            word = "elseif"
        self._otherwise(rest, indent)

    # Expressions

    def _condition(self, node: Node, condition: Condition, what: str) -> str:
        """A condition in Yarn; empty if it always holds."""
        emitter = self._story.emitter
        emitted = emitter.condition(condition, node_place(self._flow, node))
        self._story.told.found.extend(emitted.diagnostics)
        if condition != ALWAYS:
            self._keep(node, what, emitted.source, emitted.text)
        return "" if emitted.text == emitter.true else self._kit.functions.note(emitted.text)

    def _change(self, node: Node, instruction: Instruction, index: int | None, indent: str) -> None:
        emitted = self._story.emitter.instruction(instruction, node_place(self._flow, node))
        self._story.told.found.extend(emitted.diagnostics)
        early = self._kit.formulas.reads_early(instruction)
        if early is not None:
            message = f"assignments read {early} after others: Yarn works it out between them"
            self._story.told.add("XP0204", message, node_place(self._flow, node))
        if emitted.source:
            what = "assignments" if index is None else f"response {index} assignments"
            self._keep(node, what, emitted.source, emitted.text)
        if emitted.text:
            for line in self._kit.functions.note(emitted.text).split("\n"):
                self._add(indent, line)

    def _keep(self, node: Node, what: str, source: str, text: str) -> None:
        self._kit.expressions.add(
            {"flow": self._flow.id, "node": node.id, "of": what, "source": source, "yarn": text}
        )


def _none_of(conditions: Sequence[str]) -> str:
    joined = " or ".join([f"({x})" for x in dict.fromkeys(conditions)])
    return f"not ({joined})" if len(set(conditions)) > 1 else f"not {joined}"


def _goes_on(call: Call, behind: Sequence[object]) -> bool:
    """Whether an exit continues in a flow for good: what called this one is not needed again."""
    return (
        call.node.type == "exit"
        and not call.outcomes
        and call.otherwise is None
        and isinstance(behind[0] if behind else None, End)
    )
