"""Statements of Yarn as nodes of a flow, built from the last one to the first."""

import hashlib
from collections.abc import Sequence
from typing import Any

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    AnyOf,
    Assignment,
    Condition,
    Instruction,
    Rule,
)
from storyarn_pipelines.importers.yarn.changes import changed
from storyarn_pipelines.importers.yarn.desk import Desk, Unit
from storyarn_pipelines.importers.yarn.graph import Made
from storyarn_pipelines.importers.yarn.groups import lines_group
from storyarn_pipelines.importers.yarn.meaning import Do, Site, Step
from storyarn_pipelines.importers.yarn.menus import menu
from storyarn_pipelines.importers.yarn.parts import OUTPUT, does, fork
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import (
    Block,
    Change,
    Command,
    DeadEnd,
    Goto,
    Group,
    If,
    Jump,
    Leave,
    Line,
    Node,
    Once,
    Options,
    Return,
    Set,
    Statement,
    Stop,
    Visit,
    each,
    lines_in,
)
from storyarn_pipelines.importers.yarn.speech import LONGEST_ID
from storyarn_pipelines.importers.yarn.terms import Term
from storyarn_pipelines.importers.yarn.unique import Unique
from storyarn_pipelines.importers.yarn.ways import Ways

_READ_HEADERS = ("title", "position", "when")


class FlowBuilder:
    """Builds one flow, node of Yarn by node of Yarn."""

    def __init__(self, desk: Desk, unit: Unit) -> None:
        self.desk, self.unit = desk, unit
        self.ways = Ways(desk, unit)
        self.entry = Made("entry")
        self._loose: list[Made] = []
        self._keys: dict[int, str] = {}
        self._ordinals: dict[int, int] = {}

    def add(self, node: Node) -> None:
        """Build a node of Yarn; the first one follows the entry, others begin with a hub."""
        self.ways.node = node
        self._name(node)
        first = self.block(node.body, self.ways.end())
        is_first = not self.entry.ways
        if not is_first or node.title in self.ways.hubs:
            hub = self.ways.hub(node.title)
            hub.ways[OUTPUT] = first
            first = hub
        if is_first:
            self.entry.ways[OUTPUT] = first
        self._comment(node, self.entry if is_first else first)

    def roots(self) -> list[Made]:
        """Where the flow is read from: everything can be reached from there."""
        exits = [self.ways.known_exit(key) for key in self.unit.exits if self.unit.own and key]
        return [self.entry, *self.ways.hubs.values(), *self._loose, *exits]

    @property
    def title(self) -> str:
        """The node that is being built."""
        return self.ways.node.title if self.ways.node else self.unit.title

    @property
    def file(self) -> str:
        """The file of the node that is being built."""
        return self.ways.node.file if self.ways.node else ""

    def place(self, line: int) -> str:
        """A line for notes."""
        return f"{self.file} line {line}"

    def site(self, line: int) -> Site:
        """A place for expressions."""
        return Site(self.desk.world, line)

    def key(self, line: Line) -> str:
        """A name for a line: its id, or else its node and its text."""
        return self._keys.get(line.line) or f"{self.title}_{line.line}"

    def ordinal(self, statement: Once | Group) -> str:
        """A name for something without a text: its node, and its place among its like."""
        kind = type(statement).__name__.lower()
        return f"{self.title}_{kind}_{self._ordinals.get(statement.line, 0)}"

    def _name(self, node: Node) -> None:
        """Name everything in a node, in the order in which it stands there."""
        taken, count = Unique(LONGEST_ID), 0
        self._keys.clear()
        self._ordinals.clear()
        for statement in each(node.body):
            if isinstance(statement, Once | Group):
                count += 1
                self._ordinals[statement.line] = count
            for line in lines_in(statement):
                plain = "".join([x if isinstance(x, str) else x.text for x in line.parts])
                digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
                wanted = line.tag("line") or f"{node.title}_{digest}"
                self._keys[line.line] = taken.take(wanted)

    def _comment(self, node: Node, made: Made) -> None:
        """Headers and tags that Storyarn has no place for."""
        kept = [f"{x.key}: {x.value}" for x in node.headers if x.key not in _READ_HEADERS]
        kept += [f"#{x}" for x in node.tags]
        if kept:
            what = "headers and tags of nodes are kept in annotations"
            self.desk.notes.add(what, [self.place(node.line)])
            made.comments.append("\n".join(kept))

    # Blocks

    def block(self, block: Block, after: Made) -> Made:
        """A block's first node; ``after`` follows its last one."""
        target = after
        place = len(block) - 1
        while place >= 0:
            first = _first(block, place)
            if _leaves(block[place]) and target is not after:
                self._loose.append(target)
                what = "lines behind a jump, return or stop are kept, but no way leads there"
                self.desk.notes.add(what, [self.place(block[place + 1].line)])
            try:
                target = self._statement(block[first : place + 1], target)
            except ScriptError as error:
                self.desk.problems.add(self.file, error.line, error.reason)
            place = first - 1
        return target

    def _statement(self, found: Sequence[Statement], after: Made) -> Made:
        statement = found[-1]
        made = after
        match statement:
            case Line():
                made = self.line(statement, after)
            case Options():
                line = found[0] if isinstance(found[0], Line) else None
                made = menu(self, line, statement, after)
            case Group():
                made = lines_group(self, statement, after)
            case If(line, arms):
                for term, body in reversed(arms):
                    first = self.block(body, after)
                    made = first if term is None else self._if(term, line, first, made)
            case Once():
                made = self._once(statement, after)
            case Set():
                sets = [x for x in found if isinstance(x, Set)]
                steps = [step for x in sets for step in changed(self.site(x.line), x)]
                made = self.steps(steps, after)
            case Change(_, assignments):
                made = does(assignments, after)
            case Command(line, text):
                made = self._command(line, text, after)
            case Visit():
                made = self._visit(statement, after)
            case _:
                made = self.ways.out(statement, statement.line, after)
        return made

    def line(self, line: Line, after: Made, first: Instruction = ()) -> Made:
        """A line, perhaps under a condition; ``first`` are assignments in front of it."""
        site = self.site(line.line)
        once = self.desk.once(self.key(line)) if line.when and line.when.once else None
        condition = site.when(line.when, once)
        data, texts, comments = self.desk.speech.dialogue(
            line, site, self.key(line), self.place(line.line)
        )
        made = Made("dialogue", data, {OUTPUT: after}, comments, list(texts))
        if once is not None:
            first = (Assignment(once, "set_true"), *first)
        made = does(first, made) if first else made
        return self.steps(site.steps, self.check(condition, line.line, made, after))

    def _if(self, term: Term, line: int, yes: Made, no: Made) -> Made:
        """A condition; what cannot be asked is asked the other way round."""
        site = self.site(line)
        try:
            made = self._fork(site.condition(term), line, yes, no)
        except ScriptError as error:
            site = self.site(line)
            try:
                made = self._fork(site.condition(term, denied=True), line, no, yes)
            except ScriptError:
                raise error from None
        return self.steps(site.steps, made)

    def _once(self, once: Once, after: Made) -> Made:
        ref = self.desk.once(self.ordinal(once))
        body = does((Assignment(ref, "set_true"),), self.block(once.body, after))
        otherwise = self.block(once.otherwise, after)
        site = self.site(once.line)
        when = site.condition(once.term) if once.term else ALWAYS
        inner = self.check(when, once.line, body, otherwise)
        made = self.check(Rule(ref, "is_false"), once.line, inner, otherwise)
        return self.steps(site.steps, made)

    def _command(self, line: int, text: str, after: Made) -> Made:
        what = "commands for the game are kept as instructions that do nothing"
        self.desk.notes.add(what, [self.place(line)])
        data: dict[str, Any] = {"assignments": [], "description": f"<<{text}>>"}
        return Made("instruction", data, {OUTPUT: after})

    def _visit(self, visit: Visit, after: Made) -> Made:
        """A call in an export of ours, whose ways on depend on the exit."""
        made, unit = self.ways.called(visit.target)
        bodies = {key: self.block(body, after) for key, body in visit.outcomes}
        otherwise = self.block(visit.otherwise, after)
        for key, row in unit.returns.items():
            made.ways[f"exit_{row['id']}"] = bodies.get(key, otherwise)
        if visit.otherwise and unit.returns.keys() <= bodies.keys():
            made.ways[OUTPUT] = otherwise
        self._loose += [body for key, body in bodies.items() if key not in unit.returns]
        return made

    # Steps and conditions

    def check(self, condition: Condition, line: int, yes: Made, no: Made) -> Made:
        """A condition node; nothing if the condition always holds."""
        if condition == ALWAYS:
            return yes
        return self._fork(condition, line, yes, no)

    def _fork(self, condition: Condition, line: int, yes: Made, no: Made) -> Made:
        return fork(self.desk.speech.structure(condition, line), yes, no)

    def check_any(self, conditions: Sequence[Condition], line: int, yes: Made, no: Made) -> Made:
        """Whether any of some conditions holds: one node, or one for each if that is too much."""
        try:
            whole = AnyOf(tuple(conditions)) if len(conditions) > 1 else conditions[0]
            return self.check(whole, line, yes, no)
        except ScriptError:
            for condition in reversed(conditions):
                no = self.check(condition, line, yes, no)
            return no

    def steps(self, steps: Sequence[Step], after: Made) -> Made:
        """Steps as nodes; assignments side by side are one node."""
        target = after
        waiting: list[Assignment] = []
        for step in reversed(steps):
            if isinstance(step, Do):
                waiting = [*step.assignments, *waiting]
                continue
            target = does(tuple(waiting), target) if waiting else target
            waiting = []
            yes, no = self.steps(step.yes, target), self.steps(step.no, target)
            target = self.check(step.condition, 0, yes, no)
        return does(tuple(waiting), target) if waiting else target


def _first(block: Block, place: int) -> int:
    """Where the statements begin that are built together with the one at a place."""
    statement = block[place]
    if isinstance(statement, Options):
        before = block[place - 1] if place else None
        return place - 1 if isinstance(before, Line) and before.when is None else place
    while isinstance(statement, Set) and place and isinstance(block[place - 1], Set):
        place -= 1
    return place


def _leaves(statement: Statement) -> bool:
    """Whether nothing is run behind a statement."""
    if isinstance(statement, Jump):
        return not statement.detour
    return isinstance(statement, Return | Stop | Leave | DeadEnd | Goto)
