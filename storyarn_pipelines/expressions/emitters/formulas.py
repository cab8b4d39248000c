"""Conditions and assignments in terms that engines know: typed comparisons, joined.

What Storyarn means is settled before (see ``tests`` and ``changes``), so a language only has
to write these few forms.
"""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from storyarn_pipelines.domain.variables import Variable


class CannotSayError(Exception):
    """A test or an assignment that has no form in a language; the message says why."""


Scalar = bool | int | float | str
Search = OneOf["contains", "starts_with", "ends_with"]


@dataclass(frozen=True, slots=True)
class Const:
    """Always, or never."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Compare:
    """A variable beside a value of the kind that it holds: ``== != > >= < <=``.

    The order of texts is asked of dates only (``is_date``), which are ``YYYY-MM-DD``.
    """

    variable: Variable
    operator: str
    value: Scalar
    is_date: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class IsNil:
    """The variable holds nothing."""

    variable: Variable


@dataclass(frozen=True, slots=True, eq=False)
class Find:
    """A text that holds another, which is not empty, anywhere, at its start or at its end."""

    variable: Variable
    how: Search
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A list that has an item."""

    variable: Variable
    item: str


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """All parts hold, asked from left to right."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Any:
    """Any part holds, asked from left to right."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True, eq=False)
class No:
    """The part does not hold."""

    part: "Formula"


Atom: TypeAlias = Compare | IsNil | Find | Member
Formula: TypeAlias = Const | Atom | All | Any | No

TRUE, FALSE = Const(True), Const(False)


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A value that is known; None is nil."""

    value: Scalar | None


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """What another variable holds; ``as_text`` if a number or boolean must become a text."""

    source: Variable
    as_text: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """A number variable with a number, or another number variable, added or taken away.

    Where ``may_be_nil`` says so, nil counts as 0. ``least`` and ``most`` bound the result.
    """

    variable: Variable
    sign: OneOf["+", "-"]
    amount: float | Variable
    may_be_nil: bool = False
    amount_may_be_nil: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Whether a formula holds."""

    formula: Formula


Worth: TypeAlias = Fixed | Copied | Sum | Truth


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """Store a value in a variable, where ``when`` holds."""

    variable: Variable
    worth: Worth
    when: Formula = TRUE


def every(*parts: Formula) -> Formula:
    """All of the parts, as short as it goes."""
    left: list[Formula] = []
    for part in parts:
        if isinstance(part, Const):
            if not part.value:
                return FALSE
        elif isinstance(part, All):
            left.extend(part.parts)
        else:
            left.append(part)
    return TRUE if not left else left[0] if len(left) == 1 else All(tuple(left))


def either(*parts: Formula) -> Formula:
    """Any of the parts, as short as it goes."""
    left: list[Formula] = []
    for part in parts:
        if isinstance(part, Const):
            if part.value:
                return TRUE
        elif isinstance(part, Any):
            left.extend(part.parts)
        else:
            left.append(part)
    return FALSE if not left else left[0] if len(left) == 1 else Any(tuple(left))


_OPPOSITE = {"==": "!=", "!=": "=="}


def no(part: Formula) -> Formula:
    """The opposite, as short as it goes."""
    match part:
        case Const(value):
            return Const(not value)
        case No(inner):
            return inner
        case Compare(variable, operator, value) if operator in _OPPOSITE:
            return Compare(variable, _OPPOSITE[operator], value)
    return No(part)


def levels(formula: Formula) -> int:
    """How deep a formula is."""
    match formula:
        case All(parts) | Any(parts):
            return 1 + max(levels(part) for part in parts)
        case No(part):
            return 1 + levels(part)
    return 0
