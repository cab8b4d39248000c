"""From a graph to statements: any graph, each node once, no deeper than some level.

A node with one way to it stands where that way leads. A node where ways meet stands behind the
innermost statement in whose bodies they all begin, if each of them can fall through to it;
otherwise it begins a section. So do nodes that close a circle, whatever the shape of the circle.

Nodes are placed from the ends of the flow to its entry, so that what a node brings with it is
known before its own place is chosen. Time and size grow with the number of ways.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.loops import silent_loops
from storyarn_pipelines.story.statements import Block, Jump, Section, Structure
from storyarn_pipelines.story.steps import Callees, Step, Way, step_of

_UNPLAYED = ("annotation", "sequence")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the target language allows.

    deepest: in how many bodies a statement may stand, at least 1; what is deeper becomes a
        section.
    choices_in_branches: whether a choice may stand in a body of a branch or call. Ink shows what
        follows such a branch before it asks, so there a body with a choice becomes a section.
    """

    deepest: int = 16
    choices_in_branches: bool = True

    def __post_init__(self) -> None:
        if self.deepest < 1:
            raise ValueError(f"deepest is {self.deepest}, but bodies need 1 at least")


DEFAULT_RULES = Rules()


def structured(
    graph: FlowGraph, *, callees: Callees | None = None, rules: Rules = DEFAULT_RULES
) -> Structure:
    """A flow as statements that play as its graph does.

    With ``callees``, calls that cannot work become the ends that they are, and returns are those
    that can happen. Without, a called flow is taken to exist, and to return by any exit.
    Never fails, whatever the wires and the data.
    """
    shape = _Shape(graph, callees)
    layout = _Layout(shape, rules)
    unreachable = (
        node.id
        for node in graph.nodes.values()
        if node.id not in shape.steps and node.type not in _UNPLAYED
    )
    return Structure(
        graph.id, tuple(layout.sections()), tuple(sorted(unreachable)), silent_loops(shape.steps)
    )


class _Shape:
    """What can be reached: steps, each after all those that it leads to but by closing a circle.

    ``arriving`` counts the ways to a node; the beginning of the flow is one to its entry.
    ``heads`` are the nodes to which a way goes back.
    """

    def __init__(self, graph: FlowGraph, callees: Callees | None) -> None:
        self.steps: dict[int, Step] = {}
        self.order: list[int] = []
        self.arriving: dict[int, int] = {}
        self.heads: set[int] = set()
        if graph.entry is not None:
            self._search(graph, callees, graph.entry)

    def _search(self, graph: FlowGraph, callees: Callees | None, entry: int) -> None:
        """Depth first, the last way first: backwards, ``order`` is that of reading."""
        open_: set[int] = set()
        waiting = [(entry, False)]
        self.arriving[entry] = 1
        while waiting:
            here, left = waiting.pop()
            if left:
                open_.remove(here)
                self.order.append(here)
            elif here not in self.steps:
                step = self.steps[here] = step_of(graph, graph.nodes[here], callees)
                open_.add(here)
                waiting.append((here, True))
                for target in step.targets:
                    self.arriving[target] = self.arriving.get(target, 0) + 1
                    if target in open_:
                        self.heads.add(target)
                    elif target not in self.steps:
                        waiting.append((target, False))


@dataclass(slots=True)
class _Part:
    """What stands at a node, if nothing jumped to it.

    ``tails`` counts the ways that leave it where play could fall through, by the nodes that they
    lead to. ``depth`` is the number of bodies inside one another; ``asks``: a choice is in it.
    """

    tails: dict[int, int]
    depth: int = 0
    asks: bool = False


class _Layout:
    """Where each node stands.

    ``heads`` begin sections; ``behind`` tells what stands behind a statement with bodies. All
    others stand where the only way to them is.
    """

    def __init__(self, shape: _Shape, rules: Rules) -> None:
        self.shape, self.rules = shape, rules
        self.heads = set(shape.heads)
        self.behind: dict[int, int] = {}
        self._parts: dict[int, _Part] = {}
        self._rank = {key: rank for rank, key in enumerate(reversed(shape.order))}
        for key in shape.order:
            step = shape.steps[key]
            self._parts[key] = self._fork(step) if step.forks else self._part(step.ways[0])
        self.joined = set(self.behind.values())
        meeting = (key for key, ways in shape.arriving.items() if ways > 1)
        self.heads.update(key for key in meeting if key not in self.joined)
        self.heads.update(shape.order[-1:])

    def sections(self) -> Iterator[Section]:
        """The sections in the order of reading."""
        for key in self._rank:
            if key in self.heads:
                entry = key == self.shape.order[-1]
                label = None if entry and self._is_only(key) else key
                yield Section(label, self._section(key))

    def _is_only(self, way: Way) -> bool:
        """Whether a way leads to a node, and no other way does."""
        return isinstance(way, int) and self.shape.arriving[way] == 1

    # Choosing places

    def _part(self, way: Way) -> _Part:
        """What a way brings to the place where it begins."""
        if not isinstance(way, int) or way in self.heads:
            return _Part({})
        return self._parts.pop(way) if self._is_only(way) else _Part({way: 1})

    def _fork(self, step: Step) -> _Part:
        parts = [(way, self._part(way)) for way in step.ways]
        last = self._last(parts)
        inner = [self._nested(step, way, part) for i, (way, part) in enumerate(parts) if i != last]
        tails, meeting = self._merged(inner)
        depth = 1 + max((part.depth for part in inner), default=0)
        asks = step.asks or any(part.asks for part in inner)
        if last is not None:
            way, rest = parts[last]
        elif meeting is not None:
            way, rest = meeting, self._parts.pop(meeting)
        else:
            return _Part(tails, depth, asks)
        assert isinstance(way, int)
        self.behind[step.node.id] = way
        tails.pop(way, None)
        self.heads.update(tails)
        return _Part(rest.tails, max(depth, rest.depth), asks or rest.asks)

    def _last(self, parts: Sequence[tuple[Way, _Part]]) -> int | None:
        """Which way may go on behind the statement, so that a row of guards does not nest.

        The one that brings most depth, if play falls through from no other.
        """
        depths = [part.depth for _, part in parts]
        deepest = max(depths)
        last = depths.index(deepest)
        if not deepest or depths.count(deepest) > 1:
            return None
        others = (part for i, (_, part) in enumerate(parts) if i != last)
        return last if all(self._is_closed(part) for part in others) else None

    def _is_closed(self, part: _Part) -> bool:
        """Whether play never falls through from a part. Forgets tails that turned out to jump."""
        jumps = list(takewhile(self.heads.__contains__, part.tails))
        for target in jumps:
            del part.tails[target]
        return not part.tails

    def _nested(self, step: Step, way: Way, part: _Part) -> _Part:
        """What is left of a part in a body, after the rules."""
        crowded = part.depth >= self.rules.deepest
        unfit = part.asks and not (step.asks or self.rules.choices_in_branches)
        if isinstance(way, int) and (crowded or unfit):
            self.heads.add(way)
            self.heads.update(part.tails)
            return _Part({})
        return part

    def _merged(self, parts: Sequence[_Part]) -> tuple[dict[int, int], int | None]:
        """The tails of parts, and the node where most ways meet of those where all do."""
        tails: dict[int, int] = {}
        complete = []
        for part in sorted(parts, key=lambda part: len(part.tails), reverse=True):
            if not tails:
                tails = part.tails  # the largest, which is not copied
                continue
            for target, ways in part.tails.items():
                tails[target] = tails.get(target, 0) + ways
                if tails[target] == self.shape.arriving[target]:
                    complete.append(target)
        complete.sort(key=lambda key: (-self.shape.arriving[key], self._rank[key]))
        return tails, complete[0] if complete else None

    # Writing

    def _section(self, head: int) -> Block:
        section: Block = []
        waiting = [(head, section)]
        while waiting:
            key, block = waiting.pop()
            step = self.shape.steps[key]
            bodies: list[Block] = [[] for _ in step.ways] if step.forks else []
            block.append(step.make(bodies))
            for way, body in zip(step.ways, bodies or [block], strict=True):
                if not isinstance(way, int):
                    body.append(way)
                elif way in self.heads:
                    body.append(Jump(way))
                elif way not in self.joined:
                    waiting.append((way, body))
            if key in self.behind:
                waiting.append((self.behind[key], block))
        return section
