"""What the conversations of one export have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyarn_pipelines.expressions.ast import Condition, Instruction, Literal
from storyarn_pipelines.expressions.emitters import Emitted
from storyarn_pipelines.expressions.stored import read_response_condition
from storyarn_pipelines.expressions.values import leading_number
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts
from storyarn_pipelines.serializers.unity.cast import Cast
from storyarn_pipelines.serializers.unity.formulas import FormulaScripts
from storyarn_pipelines.serializers.unity.ids import Numbers
from storyarn_pipelines.serializers.unity.markup import Texts, acts
from storyarn_pipelines.serializers.unity.variables import Runtime, shows_otherwise
from storyarn_pipelines.story.loops import components

_KEPT_CONDITIONS = 4096


@dataclass(slots=True)
class Shared:
    """The story with everything that was made of it before its conversations."""

    story: EngineStory
    cast: Cast
    texts: Texts
    formulas: FormulaScripts
    runtime: Runtime
    clips: Mapping[int, str]
    conversations: Mapping[int, int]
    """Ids of conversations by flow."""
    titles: Mapping[int, str]
    callers: Mapping[int, list[int]]
    """The flows that may have called one, in the order of the export."""
    circles: frozenset[int]
    """Flows that can call themselves, be it by way of others."""
    _conditions: dict[str, Emitted] = field(default_factory=dict)

    def callee(self, flow_id: int | None) -> FlowFacts | None:
        """A flow that can be called: it is in the export and has an entry."""
        found = self.story.flows.get(flow_id) if flow_id is not None else None
        return found if found is not None and found.entry is not None else None

    def returns_to(self, flow_id: int) -> bool:
        """Whether a flow may have to go on where it called another one."""
        facts = self.story.flows[flow_id]
        called = (self.callee(x) for x in facts.calls | facts.continues)
        return any(x is not None and x.returns for x in called)

    def condition(self, condition: Condition, where: str) -> Emitted:
        """A condition in Lua; what it lost is told. One that always holds is blank."""
        emitted = self.story.emitter.condition(condition, where)
        self.story.told.found.extend(emitted.diagnostics)
        return _shortened(emitted)

    def response_condition(self, stored: object, where: str) -> Emitted:
        """The condition of a response. Many responses ask the same."""
        if not isinstance(stored, str) or not stored:
            return Emitted("", (), "")
        known = self._conditions.get(stored)
        if known is not None:
            return known
        emitted = self.condition(read_response_condition(stored), where)
        if not emitted.diagnostics and len(self._conditions) < _KEPT_CONDITIONS:
            self._conditions[stored] = emitted
        return emitted

    def script(self, instruction: Instruction, where: str) -> Emitted:
        """Assignments in Lua, with the formulas that depend on them."""
        emitted = self.story.emitter.instruction(instruction, where)
        told = self.story.told
        told.found.extend(emitted.diagnostics)
        if acts(emitted.text):
            told.add("XP0202", "it assigns marks that act where they are put into a text", where)
        for assignment in instruction:
            value = assignment.value
            if isinstance(value, Literal) and value.kind == "number" and _is_odd(value.text):
                message = f"numbers from {value.text} on may show with other digits"
                told.add("XP0202", message, where)
        formulas = self.formulas.after([x.target.full_name for x in instruction])
        if not formulas:
            return emitted
        text = "\n".join([emitted.text, *formulas] if emitted.text else formulas)
        return Emitted(text, emitted.diagnostics, emitted.source)


def conversation_ids(flows: Mapping[int, FlowFacts]) -> dict[int, int]:
    """The id of each flow's conversation."""
    numbers = Numbers()
    return {key: numbers.own(key) for key in sorted(flows)}


def conversation_titles(flows: Mapping[int, FlowFacts]) -> dict[int, str]:
    """The name by which a game starts each flow: its path, which two may share."""
    # A slash makes a menu; the path has a backslash in front of one that is part of a name.
    plain = {x.id: x.path.replace("\\/", "-") for x in flows.values()}
    counts: dict[str, int] = {}
    for title in plain.values():
        counts[title] = counts.get(title, 0) + 1
    taken = set(counts)
    titles = {}
    for flow in flows.values():
        title = plain[flow.id]
        if counts[title] > 1 or not title.strip():
            title = f"{title} ({flow.shortcut or flow.id})"
            while title in taken:
                title = f"{title} ({flow.id})"
            taken.add(title)
        titles[flow.id] = title
    return titles


def callers(flows: Mapping[int, FlowFacts]) -> dict[int, list[int]]:
    """Who calls each flow, by subflows and by exits that go on in it."""
    found: dict[int, list[int]] = {}
    for flow in flows.values():
        for called in sorted(flow.calls | flow.continues):
            if called in flows and flows[called].entry is not None:
                found.setdefault(called, []).append(flow.id)
    return found


def circles(flows: Mapping[int, FlowFacts]) -> frozenset[int]:
    """Flows from which calls lead back to themselves."""
    ways = {key: [x for x in sorted(flow.calls) if x in flows] for key, flow in flows.items()}
    found: set[int] = set()
    for members in components(ways):
        if len(members) > 1 or members[0] in ways[members[0]]:
            found.update(members)
    return frozenset(found)


def _shortened(emitted: Emitted) -> Emitted:
    if emitted.text != "true":
        return emitted
    return Emitted("", emitted.diagnostics, emitted.source)


def _is_odd(text: str) -> bool:
    """Whether a number shows otherwise in Lua, or makes sums that do."""
    number = leading_number(text)
    return number is not None and shows_otherwise(number)
