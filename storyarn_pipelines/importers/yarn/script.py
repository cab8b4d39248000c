"""A Yarn script as a tree of statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.importers.yarn.terms import Term

Parts: TypeAlias = tuple[str | Term, ...]
"""A text with the expressions in it; ``\\[``, ``\\]`` and ``\\:`` are still escaped."""


@dataclass(frozen=True, slots=True)
class When:
    """What must hold for a line, an option or a node: ``once``, a term, or both."""

    once: bool
    term: Term | None


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said, or the text of an option. ``follow`` are more lines of one text."""

    line: int
    parts: Parts
    when: When | None
    tags: tuple[str, ...]
    follow: tuple["Line", ...] = ()

    def tag(self, name: str) -> str:
        """What stands behind ``name:`` in a tag, empty if there is no such tag."""
        found = (x.removeprefix(f"{name}:") for x in self.tags if x.startswith(f"{name}:"))
        return next(found, "")


@dataclass(frozen=True, slots=True)
class Item:
    """An option, or a line of a group, with what follows it."""

    said: Line
    body: "Block"


@dataclass(frozen=True, slots=True)
class Options:
    """Options that are offered together. ``stuck``: nothing follows if none is on offer."""

    line: int
    items: tuple[Item, ...]
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of which one is said."""

    line: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class If:
    """Arms of which the first that holds is run; the last may have no term (``else``)."""

    line: int
    arms: tuple[tuple[Term | None, "Block"], ...]


@dataclass(frozen=True, slots=True)
class Once:
    """A block that runs once; ``otherwise`` runs from then on."""

    line: int
    term: Term | None
    body: "Block"
    otherwise: "Block"


@dataclass(frozen=True, slots=True)
class Set:
    """A new value for a variable. ``text`` is the command as it is written."""

    line: int
    name: str
    op: str
    value: Term
    text: str


@dataclass(frozen=True, slots=True)
class Declare:
    """A variable with its first value, or an expression for a smart variable."""

    line: int
    name: str
    value: Term
    kind: str | None


@dataclass(frozen=True, slots=True)
class Enum:
    """A type with named values."""

    line: int
    name: str
    cases: tuple[tuple[str, float | str | None], ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """On to another node; ``detour`` comes back. ``target`` is None where it is worked out."""

    line: int
    target: str | None
    detour: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Back to who made the detour."""

    line: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of the dialogue."""

    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the game."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Assignments of Storyarn, as the metadata of an export keep them."""

    line: int
    assignments: Instruction


@dataclass(frozen=True, slots=True)
class Leave:
    """An exit of Storyarn, by the id that it had."""

    line: int
    exit_id: str


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A way that was not connected in Storyarn."""

    line: int


@dataclass(frozen=True, slots=True)
class Goto:
    """On to another node of the same flow."""

    line: int
    title: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of a flow, with what follows by the exit that it came back from."""

    line: int
    target: str
    outcomes: tuple[tuple[str, "Block"], ...]
    otherwise: "Block"


Statement: TypeAlias = (
    Line | Options | Group | If | Once | Set | Declare | Enum | Jump | Return | Stop | Command
    | Change | Leave | DeadEnd | Goto | Visit
)  # fmt: skip
Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """One line above a node's body."""

    line: int
    key: str
    value: str


@dataclass(slots=True)
class Node:
    """A node. ``tags`` are those of its file, if it is the first in it; ``whens`` are its
    ``when:`` headers, None for ``always``."""

    file: str
    line: int
    title: str
    headers: list[Header]
    tags: tuple[str, ...] = ()
    whens: list[When | None] = field(default_factory=list)
    body: Block = ()

    def header(self, key: str) -> str | None:
        """The first header of that name."""
        return next((x.value for x in self.headers if x.key == key), None)


def each(block: Sequence[Statement]) -> Iterator[Statement]:
    """All statements of a block and of the blocks in it, in the order of the script."""
    waiting: list[Iterator[Statement]] = [iter(block)]
    while waiting:
        statement = next(waiting[-1], None)
        if statement is None:
            waiting.pop()
            continue
        yield statement
        inner = blocks_in(statement)
        waiting += [iter(x) for x in reversed(inner)]


def blocks_in(statement: Statement) -> list[Block]:
    """The blocks of one statement."""
    match statement:
        case Options(items=items) | Group(items=items):
            return [item.body for item in items]
        case If(_, arms):
            return [body for _, body in arms]
        case Once(_, _, body, otherwise):
            return [body, otherwise]
        case Visit(_, _, outcomes, otherwise):
            return [*(body for _, body in outcomes), otherwise]
    return []


def lines_in(statement: Statement) -> list[Line]:
    """The lines and options that a statement itself says."""
    match statement:
        case Line():
            return [statement]
        case Options(items=items) | Group(items=items):
            return [item.said for item in items]
    return []


def terms_in(statement: Statement) -> list[Term]:
    """The expressions that a statement itself holds, but for the values of ``set``."""
    found: list[Term | None] = []
    for line in lines_in(statement):
        found += [x for x in line.parts if isinstance(x, Term)]
        found.append(line.when.term if line.when else None)
    match statement:
        case If(_, arms):
            found += [term for term, _ in arms]
        case Once(_, term):
            found.append(term)
        case Declare(_, _, term) | Set(_, _, _, term):
            found.append(term)
    return [x for x in found if x is not None]


def conditions_in(statement: Statement) -> list[Term]:
    """The expressions of a statement that must be true or false."""
    found = [line.when.term for line in lines_in(statement) if line.when]
    match statement:
        case If(_, arms):
            found += [term for term, _ in arms]
        case Once(_, term):
            found.append(term)
    return [x for x in found if x is not None]
