"""What our own export wrote in Yarn's terms, as the nodes of Storyarn that it was made of.

The export says in ``metadata.json`` what its conditions and commands were. Of its own making are
``$storyarn_exit``, by which a caller learns the exit, the count of rounds without a line, labels
entered by detour, and the stop before options that all may be refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from storyarn_pipelines.importers.yarn.metadata import Metadata, OwnFlow
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import (
    Block,
    Change,
    DeadEnd,
    Goto,
    Group,
    If,
    Item,
    Jump,
    Leave,
    Line,
    Once,
    Options,
    Return,
    Set,
    Statement,
    Stop,
    Visit,
)
from storyarn_pipelines.importers.yarn.stock import own_helpers
from storyarn_pipelines.importers.yarn.terms import Lit, Pair, Var, walk

_LONGEST = 64
_CONTINUED = "continued"


class Restorer:
    """Restores the nodes of one flow. ``is_inside`` tells whether a title is one of them."""

    def __init__(self, own: Metadata, flow: OwnFlow, is_inside: Callable[[str], bool]) -> None:
        self._own, self._flow, self._is_inside = own, flow, is_inside
        self._exit, self._rounds = own_helpers(own)
        self._left: set[str] = set()

    def block(self, block: Block) -> Block:
        """A block without what the export added. Raises ScriptError."""
        found: list[Statement] = []
        place = 0
        while place < len(block):
            more, count = self._next(block, place)
            found += more
            place += count
        return tuple(self._said(found))

    def _next(self, block: Block, place: int) -> tuple[list[Statement], int]:
        """What stands for the next statements, and how many they are."""
        one = block[place]
        other = block[place + 1] if place + 1 < len(block) else None
        match one:
            case Set(name=name) if name in (self._exit, self._rounds):
                return self._helper(one, other)
            case Jump(line, str() as target):
                return self._jump(one, target, other)
            case Stop(line):
                return [DeadEnd(line)], 1
            case If(_, ((term, (Stop(),)),)) if isinstance(other, Options):
                if term is not None and term.text == _none_of(other):
                    return [replace(self._options(other), stuck=True)], 2
            case Set() | If() if _changes(one):
                return self._instructions(block, place)
        return [self._inside(one)], 1

    def _helper(self, one: Set, other: Statement | None) -> tuple[list[Statement], int]:
        """What the export does with variables of its own."""
        if one.name == self._rounds:
            return [], 2 if _is_guard(other, self._rounds) else 1
        if isinstance(one.value.tree, Lit) and isinstance(other, Return | Stop):
            return [Leave(one.line, str(one.value.tree.value))], 2
        reason = f"{one.name} of the export is set in another way than the export does"
        raise ScriptError(one.line, reason)

    def _jump(self, one: Jump, target: str, other: Statement | None) -> tuple[list[Statement], int]:
        """Labels, calls with what follows by their exit, and exits that go on elsewhere."""
        found: Statement = one
        count = 1
        if not one.detour:
            exit_id = None if self._is_inside(target) else self._exit_to(target)
            found = one if exit_id is None else Leave(one.line, exit_id)
            found = Goto(one.line, target) if self._is_inside(target) else found
        elif isinstance(other, Return) and self._is_inside(target):
            found, count = Goto(one.line, target), 2
        elif isinstance(other, If) and (outcomes := self._outcomes(other)) is not None:
            found, count = Visit(one.line, target, *outcomes), 2
        return [found], count

    def _inside(self, one: Statement) -> Statement:
        match one:
            case If(line, arms):
                return If(line, tuple([(term, self.block(body)) for term, body in arms]))
            case Options():
                return self._options(one)
            case Group(line, items):
                return Group(line, self._items(items))
            case Once(line, term, body, otherwise):
                return Once(line, term, self.block(body), self.block(otherwise))
        return one

    def _options(self, options: Options) -> Options:
        return Options(options.line, self._items(options.items), options.stuck)

    def _items(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple([Item(x.said, self.block(x.body)) for x in items])

    def _outcomes(self, asked: If) -> tuple[tuple[tuple[str, Block], ...], Block] | None:
        """The ways on after a call, if that is what is asked."""
        found: list[tuple[str, Block]] = []
        otherwise: Block = ()
        for term, body in asked.arms:
            if term is None:
                otherwise = self.block(body)
                continue
            match term.tree:
                case Pair("==", Var(name), Lit(str() as key)) if name == self._exit:
                    found.append((key, self.block(body)))
                case _:
                    return None
        return tuple(found), otherwise

    def _exit_to(self, target: str) -> str | None:
        """The exit that goes on in another flow; each is taken once while there are more."""
        fitting = [
            x.id for x in self._flow.exits
            if x.mode == "flow_reference" and x.continues_in == target
        ]  # fmt: skip
        free = [x for x in fitting if x not in self._left]
        if not fitting:
            return None
        chosen = free[0] if free else fitting[-1]
        self._left.add(chosen)
        return chosen

    def _instructions(self, block: Block, place: int) -> tuple[list[Statement], int]:
        """Commands side by side, cut into the instructions that they were."""
        run: list[Statement] = []
        for one in block[place:]:
            if not _changes(one) or (
                isinstance(one, Set) and one.name in (self._exit, self._rounds)
            ):
                break
            run.append(one)
        texts = [_written(x) for x in run]
        # From each place on: how many statements stay as they are, and how long the first part is.
        best: list[tuple[int, int, Statement | None]] = [(0, 0, None)] * (len(run) + 1)
        for start in reversed(range(len(run))):
            best[start] = (best[start + 1][0] + 1, 1, None)
            for end in range(min(len(run), start + _LONGEST), start, -1):
                if best[end][0] >= best[start][0]:
                    continue
                text = "\n".join(texts[start:end])
                known = self._own.instruction(self._flow.node, text)
                if known is not None:
                    change = Change(run[start].line, known)
                    best[start] = (best[end][0], end - start, change)
        found: list[Statement] = []
        at = 0
        while at < len(run):
            _, length, change_here = best[at]
            found.append(change_here or self._inside(run[at]))
            at += length
        return found, len(run)

    def _said(self, found: Sequence[Statement]) -> list[Statement]:
        """Lines that carry on put to the line that they belong to."""
        joined: list[Statement] = []
        for one in found:
            last = joined[-1] if joined else None
            if isinstance(one, Line) and isinstance(last, Line) and _CONTINUED in one.tags:
                joined[-1] = replace(last, follow=(*last.follow, one))
            else:
                joined.append(one)
        return joined


def _is_guard(one: Statement | None, rounds: str) -> bool:
    match one:
        case If(_, ((term, (Stop(),)),)) if term is not None:
            return Var(rounds) in walk(term.tree)
    return False


def _changes(one: Statement) -> bool:
    """Whether a statement only sets variables, perhaps under a condition."""
    if isinstance(one, If):
        return len(one.arms) == 1 and all(isinstance(x, Set) for x in one.arms[0][1])
    return isinstance(one, Set)


def _written(one: Statement) -> str:
    match one:
        case Set():
            return one.text
        case If(_, ((term, body),)) if term is not None:
            inner = "\n".join([x.text for x in body if isinstance(x, Set)])
            return f"<<if {term.text}>>\n{inner}\n<<endif>>"
    return ""


def _none_of(options: Options) -> str | None:
    """The condition under which none of the options is on offer, as the export writes it."""
    terms = [x.said.when.term for x in options.items if x.said.when and x.said.when.term]
    if len(terms) < len(options.items):
        return None
    texts = dict.fromkeys([x.text for x in terms])
    joined = " or ".join([f"({x})" for x in texts])
    return f"not ({joined})" if len(texts) > 1 else f"not {joined}"
