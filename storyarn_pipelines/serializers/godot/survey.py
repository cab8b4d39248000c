"""What must be known of all flows before one is written: a first pass, which keeps little."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Assignment, Literal, Ref
from storyarn_pipelines.expressions.limits import bound
from storyarn_pipelines.expressions.stored import read_assignments, read_response_assignments
from storyarn_pipelines.expressions.values import leading_number
from storyarn_pipelines.serializers.engines.story import EngineStory, FlowFacts
from storyarn_pipelines.serializers.godot.stage import Stage, backdrops, empty_stage
from storyarn_pipelines.serializers.godot.text import is_risky
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.loops import components, silent_loops
from storyarn_pipelines.story.statements import End, Structure
from storyarn_pipelines.story.steps import Callee, Callees, Step, step_of

_LARGE = 1e15


@dataclass(slots=True)
class Survey:
    """Facts that reach across flows.

    ``callers``: by flow, the calls that it returns to, as node and flow. ``quiet``: flows that
    can be walked through without a line. ``circular``: flows that may come to themselves.
    ``risky``: variables whose text could be read as markup. ``fractions``: those that may hold
    2.0, which is shown as 2. ``called``: flows that others call. ``staged``: flows with sequences
    that are seen or heard; ``empty`` is the stage without any, ``has_images``: some have backdrops.
    """

    callers: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    quiet: set[int] = field(default_factory=set)
    circular: set[int] = field(default_factory=set)
    risky: set[str] = field(default_factory=set)
    fractions: set[str] = field(default_factory=set)
    called: set[int] = field(default_factory=set)
    staged: set[int] = field(default_factory=set)
    empty: Stage = field(default_factory=Stage)
    has_images: bool = False

    def guarded(self, graph: FlowGraph, structure: Structure, known: Callees) -> frozenset[int]:
        """The nodes of a flow in circles that may pass no line."""
        loops = structure.silent_loops
        if self.quiet and any(n.as_id(called) in self.quiet for _, called in graph.calls()):
            steps = {x: step_of(graph, graph.nodes[x], known) for x in graph.reachable()}
            loops = silent_loops({x: replace(s, speaks=self.speaks(s)) for x, s in steps.items()})
        return frozenset(key for loop in loops for key in loop.node_ids)

    def speaks(self, step: Step) -> bool:
        """Whether the reader surely meets a line at a step."""
        if step.node.type == "dialogue" or not step.speaks:
            return step.speaks
        return n.as_id(n.called_flow(step.node)) not in self.quiet


def callees(flows: Mapping[int, FlowFacts]) -> Callees:
    """Flows as their callers know them."""

    def find(flow_id: int) -> Callee | None:
        found = flows.get(flow_id)
        return None if found is None else Callee(found.entry is not None, found.returns)

    return find


def surveyed(story: EngineStory) -> Survey:
    """Walk through all flows once."""
    found = Survey()
    found.called = {target for facts in story.flows.values() for _, target in facts.call_sites}
    known = callees(story.flows)
    ways = {key: sorted((x.calls | x.continues) & set(story.flows))
            for key, x in story.flows.items()}  # fmt: skip
    for circle in components(ways):
        if len(circle) > 1 or circle[0] in ways[circle[0]]:
            found.circular.update(circle)
    variables = story.variables.variables
    copies: set[tuple[str, str]] = set()
    channels: set[str] = set()
    for formula in story.variables.formulas:
        found.fractions.add(formula.name)
    for name, variable in variables.items():
        _first(variable, found, name)
    for flow in story.each_flow() if story.flows else ():
        if flow.id in found.called and _may_be_quiet(flow, known):
            found.quiet.add(flow.id)
        if story.flows[flow.id].call_sites:
            for node_id, target in _calls_to_return_from(flow, known):
                found.callers.setdefault(target, []).append((node_id, flow.id))
        for node in flow.nodes:
            if node.type == "sequence":
                _staged(story, flow, node, found, channels)
            for change in _changes(node):
                _change(change, variables, found, copies)
    found.empty = empty_stage(channels)
    _spread(found.risky, copies)
    _spread(found.fractions, copies)
    # Formulas show whole numbers as such themselves.
    found.fractions -= {formula.name for formula in story.variables.formulas}
    return found


def _staged(
    story: EngineStory, flow: Flow, sequence: Node, found: Survey, channels: set[str]
) -> None:
    """Note what a sequence shows and plays."""
    heard = {x.kind for x in sequence.tracks if x.asset_id in story.media}
    is_seen = any(x.asset_id in story.media for x in backdrops(sequence))
    channels.update(heard)
    found.has_images = found.has_images or is_seen
    if heard or is_seen:
        found.staged.add(flow.id)


def _first(variable: Variable, found: Survey, name: str) -> None:
    value: Value = variable.initial
    texts = value if isinstance(value, list) else [value]
    if any(isinstance(x, str) and is_risky(x) for x in texts):
        found.risky.add(name)
    limits = (bound(variable.config.get(key)) for key in ("min", "max"))
    numbers = [value, *limits] if variable.type == "number" else []
    if any(_is_fraction(x) for x in numbers):
        found.fractions.add(name)


def _is_fraction(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) >= _LARGE or value != int(value)


def _changes(node: Node) -> Iterator[Assignment]:
    if node.type == "instruction":
        yield from read_assignments(n.data_of(node).get("assignments"))
    elif node.type == "dialogue":
        for response in n.responses_of(node):
            if n.has_instruction(response):
                yield from read_response_assignments(response)


def _change(
    change: Assignment,
    variables: Mapping[str, Variable],
    found: Survey,
    copies: set[tuple[str, str]],
) -> None:
    variable = variables.get(change.target.full_name)
    if variable is None:
        return
    match change.value:
        case Ref() as source:
            copies.add((source.full_name, variable.full_name))
        case Literal(text=text):
            if variable.type == "number":
                if _is_fraction(leading_number(text)):
                    found.fractions.add(variable.full_name)
            elif is_risky(text):
                found.risky.add(variable.full_name)


def _spread(names: set[str], copies: Iterable[tuple[str, str]]) -> None:
    """What is copied from one of them is one of them."""
    targets: dict[str, list[str]] = {}
    for source, target in copies:
        targets.setdefault(source, []).append(target)
    waiting = sorted(names)
    while waiting:
        for target in targets.get(waiting.pop(), ()):
            if target not in names:
                names.add(target)
                waiting.append(target)


def goes_on(step: Step) -> bool:
    """Whether an exit continues in a flow for good: what called this one is not needed again."""
    return step.node.type == "exit" and not step.forks and isinstance(step.ways[0], End)


def _calls_to_return_from(flow: Flow, known: Callees) -> Iterator[tuple[int, int]]:
    """The calls that a play can come to and comes back from, with the flows they call."""
    graph = FlowGraph.of(flow)
    waiting = [] if graph.entry is None else [graph.entry]
    seen = set(waiting)
    for node_id in waiting:  # grows while it is walked
        step = step_of(graph, graph.nodes[node_id], known)
        target = n.as_id(n.called_flow(step.node)) if n.is_call(step.node) else None
        if target is not None and step.speaks and not goes_on(step):
            yield node_id, target
        new = [x for x in dict.fromkeys(step.targets) if x not in seen]
        seen.update(new)
        waiting.extend(new)


def _may_be_quiet(flow: Flow, known: Callees) -> bool:
    """Whether there is a way from the entry out of the flow, or to a call, without a line."""
    graph = FlowGraph.of(flow)
    waiting = [] if graph.entry is None else [graph.entry]
    seen = set(waiting)
    while waiting:
        node = graph.nodes[waiting.pop()]
        if node.type == "dialogue":
            continue
        if n.is_call(node) or (node.type == "exit" and n.exit_mode(node) == n.CALLER_RETURN):
            return True
        for target in step_of(graph, node, known).targets:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False
