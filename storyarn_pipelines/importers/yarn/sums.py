"""Calculations with plus and minus, which Storyarn does in steps: ``$a - $b + 3``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storyarn_pipelines.expressions.ast import Assignment, Literal, Ref
from storyarn_pipelines.importers.yarn.terms import Call, Chain, Expr, Lit, Member, Pair, Unary, Var

MOST_TIMES = 16
"""How often a variable is added at most: ``$a * 3`` adds it three times."""


class UnsayableError(Exception):
    """Something that Storyarn cannot do; the message says what."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Variables, each times a number, and a number."""

    terms: Mapping[Ref, float]
    rest: float

    def times(self, factor: float) -> "Sum":
        """All of it, multiplied."""
        return Sum({ref: x * factor for ref, x in self.terms.items()}, self.rest * factor)

    def plus(self, other: "Sum") -> "Sum":
        """Both together; what adds up to nothing goes."""
        terms = dict(self.terms)
        for ref, factor in other.terms.items():
            terms[ref] = terms.get(ref, 0.0) + factor
        return Sum({ref: x for ref, x in terms.items() if x}, self.rest + other.rest)


Known = Callable[[Expr], Sum | None]
"""What the world says of a variable, an enum's case or a call; None for no sum."""


def sum_of(tree: Expr, known: Known) -> Sum:
    """A calculation as a sum. Raises UnsayableError."""
    match tree:
        case Lit(float() as value):
            return Sum({}, value)
        case Unary("-", part):
            return sum_of(part, known).times(-1.0)
        case Pair(op, left, right) if op in "+-":
            one, other = sum_of(left, known), sum_of(right, known)
            return one.plus(other if op == "+" else other.times(-1.0))
        case Pair("*", left, right):
            one, other = sum_of(left, known), sum_of(right, known)
            if not one.terms or not other.terms:
                factor = other.rest if one.terms else one.rest
                return (one if one.terms else other).times(factor)
            raise UnsayableError("variables are multiplied with each other")
        case Pair("/", left, right):
            one, other = sum_of(left, known), sum_of(right, known)
            if not one.terms and not other.terms and other.rest:
                return Sum({}, one.rest / other.rest)
            raise UnsayableError("a value is divided")
        case Var() | Member() | Call():
            found = known(tree)
            if found is not None:
                return found
        case Chain():
            pass
    raise UnsayableError(_why(tree))


def _why(tree: Expr) -> str:
    match tree:
        case Pair("%"):
            return "the rest of a division is asked for"
        case Call(name):
            return why_not(name)
    return "a number is expected"


def why_not(function: str) -> str:
    """Why a function cannot be asked."""
    if function in ("random", "random_range", "random_range_float", "dice"):
        return f"{function}() is up to chance"
    return f"Storyarn has no {function}()"


def fill(target: Ref, value: Sum, spare: Callable[[], Ref]) -> list[Assignment]:
    """Assignments that give ``target`` a sum. ``spare`` gives a variable to calculate in.

    Raises UnsayableError for factors that are no small whole numbers.
    """
    for factor in value.terms.values():
        if not factor.is_integer() or abs(factor) > MOST_TIMES:
            shown = number_text(factor)
            raise UnsayableError(f"a variable is multiplied by {shown}")
    own = value.terms.get(target, 0.0)
    if own not in (0.0, 1.0):
        helper = spare()
        return [*fill(helper, value, spare), Assignment(target, "set", helper)]
    others = {ref: factor for ref, factor in value.terms.items() if ref != target}
    found: list[Assignment] = []
    rest = value.rest
    if not own:
        first = next((ref for ref, factor in others.items() if factor > 0), None)
        if first is None:
            found.append(Assignment(target, "set", number(rest)))
            rest = 0.0
        else:
            found.append(Assignment(target, "set", first))
            others[first] -= 1.0
    for ref, factor in others.items():
        operator = "add" if factor > 0 else "subtract"
        found += [Assignment(target, operator, ref)] * int(abs(factor))
    if rest:
        operator = "add" if rest > 0 else "subtract"
        found.append(Assignment(target, operator, number(abs(rest))))
    return found


def number(value: float) -> Literal:
    """A number as rules and assignments keep it."""
    return Literal(number_text(value), "number")


def number_text(value: float) -> str:
    """A number in its shortest form."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
