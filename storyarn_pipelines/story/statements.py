"""Statements: a flow as languages have it that are read from top to bottom.

A flow is a list of sections, a section a block, a block a list of statements. What stands in a
block is done in its order. After the last statement of a body inside a choice, branch or call,
play goes on behind that statement: it *falls through*. A section never falls through: each of
its ways comes to an ``End``, a ``Return`` or a ``Jump``. Jumps lead to the beginnings of sections
and nowhere else, so a section may be a stitch of Ink, a node of Yarn, a label of Dialogic.

Every node that can be reached stands in exactly one place, as a ``Pass``, ``Line``, ``Run``,
``Choice``, ``Branch`` or ``Call``. Every way out of a node falls through, opens a body, or is
one of the three others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.expressions.ast import Condition
from storyarn_pipelines.story.trace import EndReason

Label: TypeAlias = int
"""The id of the node with which a section begins."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Goes to the section of that label, and leaves all blocks."""

    label: Label


@dataclass(frozen=True, slots=True)
class End:
    """The whole story is over, callers included.

    Reason and node are those of the player's trace. ``pin`` is the pin that has no wire, or
    whose wire leads to a node that does not exist (which is then ``node_id``); else None.
    """

    reason: EndReason
    node_id: int
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Back to the caller by an exit; without one the story ends (``returned_to_nobody``)."""

    node_id: int


@dataclass(frozen=True, slots=True)
class Pass:
    """A node that does nothing itself.

    An entry, hub, jump, exit, a node of an unknown type, a switch without cases, or a call that
    cannot work.
    """

    node: Node


@dataclass(frozen=True, slots=True)
class Line:
    """A dialogue without responses."""

    node: Node


@dataclass(frozen=True, slots=True)
class Run:
    """An instruction: its assignments."""

    node: Node


@dataclass(frozen=True, slots=True)
class Option:
    """A response, as it is stored. Its assignments run before its body."""

    response: Mapping[str, Any]
    body: "Block"


@dataclass(frozen=True, slots=True)
class Choice:
    """A dialogue with responses: its line, then what of them is valid.

    If none is, the story ends (``no_valid_response``); a single one is taken without asking.
    """

    node: Node
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """One case of a branch, with the pin that it leaves by."""

    condition: Condition
    pin: str
    body: "Block"


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition: the body of the first arm that holds, else ``otherwise``.

    A boolean condition has one arm, a switch one for each case, in their order.
    """

    node: Node
    arms: tuple[Arm, ...]
    otherwise: "Block"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows when a called flow returned by the exit of that id."""

    exit_id: int
    body: "Block"


@dataclass(frozen=True, slots=True)
class Call:
    """Enters another flow: a subflow, or an exit in the mode ``flow_reference``.

    ``otherwise`` follows when the flow returned by any other exit; it is None if it has no other.
    Without outcomes and ``otherwise``, play goes on behind the call whatever the exit.
    """

    node: Node
    flow_id: int
    outcomes: tuple[Outcome, ...] = ()
    otherwise: "Block | None" = None


Placed: TypeAlias = Pass | Line | Run | Choice | Branch | Call
Statement: TypeAlias = Placed | Jump | End | Return
Block: TypeAlias = list[Statement]


@dataclass(frozen=True, slots=True)
class Section:
    """A block that begins with some node. ``label`` is None if nothing jumps to it."""

    label: Label | None
    body: Block


@dataclass(frozen=True, slots=True)
class SilentLoop:
    """Nodes that can be walked in a circle without any line, by id.

    ``endless``: no way leads out of it, so a play that comes there never ends.
    """

    node_ids: tuple[int, ...]
    endless: bool


@dataclass(frozen=True, slots=True)
class Structure:
    """A flow as sections; the first is where it begins. There is none if it has no entry.

    ``unreachable`` names the nodes that no play comes to, by id; annotations and sequences, which
    are never played, are not among them.
    """

    flow_id: int
    sections: tuple[Section, ...]
    unreachable: tuple[int, ...]
    silent_loops: tuple[SilentLoop, ...]


def bodies(statement: Statement) -> tuple[Block, ...]:
    """The blocks inside a statement, in their order."""
    match statement:
        case Choice(options=options):
            return tuple(option.body for option in options)
        case Branch(arms=arms, otherwise=otherwise):
            return (*(arm.body for arm in arms), otherwise)
        case Call(outcomes=outcomes, otherwise=otherwise):
            found = tuple(outcome.body for outcome in outcomes)
            return found if otherwise is None else (*found, otherwise)
    return ()


def walk(block: Block) -> Iterator[tuple[int, Statement]]:
    """All statements from top to bottom, each with the number of bodies that it stands in."""
    waiting = [(0, statement) for statement in reversed(block)]
    while waiting:
        depth, statement = waiting.pop()
        yield depth, statement
        for body in reversed(bodies(statement)):
            waiting.extend((depth + 1, inner) for inner in reversed(body))
