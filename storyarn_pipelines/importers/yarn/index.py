"""The first pass over a story: what every part of it has to know of the others."""

import re
from dataclasses import dataclass, field

from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.importers.tree import Tree
from storyarn_pipelines.importers.yarn.parsing import nodes_of
from storyarn_pipelines.importers.yarn.problems import Problems, ScriptError
from storyarn_pipelines.importers.yarn.script import (
    Block,
    DeadEnd,
    Declare,
    Enum,
    Goto,
    Group,
    If,
    Jump,
    Leave,
    Node,
    Once,
    Options,
    Return,
    Stop,
    Visit,
    When,
    each,
    lines_in,
    terms_in,
)
from storyarn_pipelines.importers.yarn.terms import Call, Lit, Term, walk
from storyarn_pipelines.importers.yarn.types import Types

_POSITION = re.compile(r"\s*(-?[0-9]{1,6}(?:\.[0-9]*)?)\s*,\s*(-?[0-9]{1,6}(?:\.[0-9]*)?)\s*")
_VISITS = ("visited", "visited_count")


@dataclass(slots=True)
class NodeFacts:
    """A node. ``key`` is its title, with a number behind it for further members of a group.

    ``returns``: a play can come to its end, or to a ``<<return>>``. ``only_jump`` is where a node
    leads that does nothing else, ``is_silent`` one that only declares.
    """

    key: str
    title: str
    file: str
    line: int
    whens: tuple[When | None, ...]
    returns: bool
    position: tuple[float, float] | None
    only_jump: str | None = None
    is_silent: bool = False


@dataclass(slots=True)
class Index:
    """Nodes by title, in the order of the files; several of one title are a group.

    ``targets`` are the nodes that others go to, ``called`` those that a detour leads to,
    ``counted`` those whose visits are asked for.
    """

    types: Types = field(default_factory=Types)
    nodes: dict[str, list[NodeFacts]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)

    def is_group(self, title: str) -> bool:
        """Whether a title stands for nodes of which one is chosen."""
        return bool(self.nodes[title][0].whens)


def read_index(tree: Tree, files: list[str], problems: Problems, notes: Notes) -> Index:
    """Read all files once. What is wrong goes to ``problems``."""
    index = Index()
    jumps: dict[str, tuple[str, int]] = {}
    line_ids: dict[str, str] = {}
    for file in files:
        for node in nodes_of(tree, file, problems, notes):
            _add_node(index, node, problems)
            for statement in each(node.body):
                try:
                    match statement:
                        case Declare():
                            index.types.declare(statement, file)
                        case Enum():
                            index.types.enum(statement)
                        case Jump(line, target, detour) if target is not None:
                            jumps.setdefault(target, (file, line))
                            index.targets.add(target)
                            if detour:
                                index.called.add(target)
                except ScriptError as error:
                    problems.add(file, error.line, error.reason)
                index.types.learn(statement, file)
                for said in lines_in(statement):
                    _add_line_id(line_ids, said.tags, file, said.line, problems)
                for term in terms_in(statement):
                    _note_visits(index, term)
            for when in node.whens:
                if when is not None and when.term is not None:
                    index.types.learn(If(node.line, ((when.term, ()),)), file)
                    _note_visits(index, when.term)
    index.types.settle()
    _check(index, jumps, problems)
    return index


def _add_node(index: Index, node: Node, problems: Problems) -> None:
    known = index.nodes.setdefault(node.title, [])
    if known and not (node.whens and known[0].whens):
        first = known[0]
        reason = f"the title {node.title} stands in {first.file} line {first.line} already"
        if node.whens or first.whens:
            reason = f"{reason}, and not every node of that title has a 'when:'"
        problems.add(node.file, node.line, reason)
        return
    key = f"{node.title}_{len(known) + 1}" if node.whens else node.title
    falls, returns = ways_out(node.body)
    only = node.body[0] if len(node.body) == 1 else None
    known.append(
        NodeFacts(
            key, node.title, node.file, node.line, tuple(node.whens), falls or returns,
            _position(node), only.target if isinstance(only, Jump) else None,
            all(isinstance(x, Declare | Enum) for x in node.body),
        )
    )  # fmt: skip


def _position(node: Node) -> tuple[float, float] | None:
    found = _POSITION.fullmatch(node.header("position") or "")
    return (float(found[1]), float(found[2])) if found else None


def ways_out(block: Block) -> tuple[bool, bool]:
    """Whether a play may come to the end of a block, and whether it may return from inside."""
    returns = False
    for statement in block:
        bodies: list[Block] = []
        is_whole = False  # one of the bodies is always run
        match statement:
            case Jump(detour=False) | Stop() | Leave() | DeadEnd() | Goto():
                return False, returns
            case Return():
                return False, True
            case If(_, arms):
                bodies, is_whole = [body for _, body in arms], arms[-1][0] is None
            case Once(_, _, body, otherwise):
                bodies, is_whole = [body, otherwise], True
            case Visit(outcomes=outcomes, otherwise=otherwise):
                bodies = [*(body for _, body in outcomes), otherwise]
            case Options(_, items):
                bodies = [item.body for item in items]
                is_whole = any(item.said.when is None for item in items)
            case Group(_, items):
                bodies = [item.body for item in items]
        found = [ways_out(body) for body in bodies]
        returns = returns or any(x for _, x in found)
        if is_whole and not any(falls for falls, _ in found):
            return False, returns
    return True, returns


def _add_line_id(
    known: dict[str, str], tags: tuple[str, ...], file: str, line: int, problems: Problems
) -> None:
    ids = [x for x in tags if x.startswith("line:")]
    if len(ids) > 1:
        problems.add(file, line, f"a line has two ids, #{ids[0]} and #{ids[1]}")
    for line_id in ids[:1]:
        if line_id in known:
            problems.add(file, line, f"the id #{line_id} stands in {known[line_id]} already")
        known[line_id] = f"{file} line {line}"


def _note_visits(index: Index, term: Term) -> None:
    for part in walk(term.tree):
        if isinstance(part, Call) and part.name in _VISITS and part.args:
            first = part.args[0]
            if isinstance(first, Lit) and isinstance(first.value, str):
                index.counted.add(first.value)


def _check(index: Index, jumps: dict[str, tuple[str, int]], problems: Problems) -> None:
    for target, (file, line) in jumps.items():
        if target not in index.nodes:
            problems.add(file, line, f"there is no node {target} to go to")
    types = index.types
    for name, (file, line) in types.used.items():
        if name not in types.found:
            reason = f"the type of {name} cannot be told: declare it"
            problems.add(file, line, reason)
    for name, (declared, file) in types.declared.items():
        try:
            kind = types.check(declared.value, None, declared.line) if name in types.found else ""
        except (ScriptError, KeyError):
            kind = ""  # told where it is used
        if kind and declared.kind and kind not in (types.found[name], "any"):
            reason = f"{name} is declared as {declared.kind}, but its value is a {kind}"
            problems.add(file, declared.line, reason)
        if declared.kind and types.named(declared.kind) is None:
            problems.add(file, declared.line, f"there is no type {declared.kind}")
