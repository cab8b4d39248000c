"""The tree that every reader makes and every writer takes. All of it is frozen and hashable.

A condition is a ``Rule``, ``AllOf``, ``AnyOf`` or ``Not``; an instruction is a tuple of
``Assignment``. Operators keep the names by which Storyarn stores them. What an operator means
depends on the type of its variable, which the tree does not hold: see ``evaluate``.
"""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

MAX_DEPTH = 200
"""How deep a tree may be, so that programs may walk it by recursion."""

Kind = OneOf["text", "number", "boolean", "nil", "json"]

ORDER = frozenset({"greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal"})
TESTS_WITHOUT_VALUE = frozenset({"is_empty", "is_true", "is_false", "is_nil"})
TESTS = TESTS_WITHOUT_VALUE | ORDER | {
    "equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with",
    "before", "after",
}  # fmt: skip
"""All operators of rules."""

CHANGES_WITHOUT_VALUE = frozenset({"set_true", "set_false", "toggle", "clear"})
CHANGES = CHANGES_WITHOUT_VALUE | {"set", "add", "subtract", "set_if_unset"}
"""All operators of assignments."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A variable by the two names that Storyarn stores. Both may hold dots, and any character."""

    sheet: str
    name: str

    @property
    def full_name(self) -> str:
        """The name by which the story knows the variable; the split does not count."""
        return f"{self.sheet}.{self.name}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written. ``text`` is what Storyarn stores and the player reads.

    ``kind`` tells what was written: a quoted ``text``, a bare ``number`` (``text`` is its
    spelling), a ``boolean`` (``true`` or ``false``), ``nil`` (``text`` is empty). ``json`` is
    a value that Storyarn stored as something other than a text, which only ``clear`` can keep
    (``text`` is its JSON).
    """

    text: str
    kind: Kind = "text"


NIL = Literal("", "nil")


@dataclass(frozen=True, slots=True)
class Rule:
    """One test of one variable. ``value`` is None if, and only if, the operator needs none."""

    ref: Ref
    operator: str
    value: Literal | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds if all parts hold. Readers make it with two parts or more, or with none."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if any part holds. Readers make it with two parts or more, or with none."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if its part does not. Only texts have it; Storyarn's structure does not."""

    part: "Condition"


Condition: TypeAlias = Rule | AllOf | AnyOf | Not

ALWAYS = AllOf(())
"""No condition at all."""
NEVER = AnyOf(())


@dataclass(frozen=True, slots=True)
class Assignment:
    """One change of one variable.

    ``value`` is a literal or another variable; None where the operator needs none. An operator
    that needs none may have a variable all the same: then it runs only if that variable exists.
    ``clear`` may have a literal, which every type but text takes as its value.
    """

    target: Ref
    operator: str
    value: Literal | Ref | None = None


Instruction: TypeAlias = tuple[Assignment, ...]


def all_of(parts: tuple[Condition, ...]) -> Condition:
    """All of the parts; the part itself if it is the only one."""
    return parts[0] if len(parts) == 1 else AllOf(parts)


def any_of(parts: tuple[Condition, ...]) -> Condition:
    """Any of the parts; the part itself if it is the only one."""
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def rules_of(condition: Condition) -> list[Rule]:
    """All rules of a condition, in their order."""
    found: list[Rule] = []
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Rule):
            found.append(part)
        elif isinstance(part, Not):
            waiting.append(part.part)
        else:
            waiting.extend(reversed(part.parts))
    return found
