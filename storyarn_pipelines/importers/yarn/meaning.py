"""What Yarn's conditions and calculations mean in Storyarn.

Storyarn compares one variable with a value. So a comparison of two variables, or with a
calculation, is worked out beforehand: steps put the difference into a helper variable.
"""

from dataclasses import dataclass
from typing import TypeAlias

from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    Assignment,
    Condition,
    Literal,
    Ref,
    Rule,
    all_of,
    any_of,
)
from storyarn_pipelines.importers.yarn.index import Index
from storyarn_pipelines.importers.yarn.metadata import Metadata
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import When
from storyarn_pipelines.importers.yarn.stock import Stock
from storyarn_pipelines.importers.yarn.sums import (
    Sum,
    UnsayableError,
    fill,
    number,
    sum_of,
    why_not,
)
from storyarn_pipelines.importers.yarn.terms import (
    Call,
    Chain,
    Expr,
    Lit,
    Member,
    Pair,
    Term,
    Unary,
    Var,
)
from storyarn_pipelines.importers.yarn.types import BOOL, NUMBER, STRING

_ORDER = {
    "<": ("less_than", "greater_than_or_equal"), "<=": ("less_than_or_equal", "greater_than"),
    ">": ("greater_than", "less_than_or_equal"), ">=": ("greater_than_or_equal", "less_than"),
    "==": ("equals", "not_equals"), "!=": ("not_equals", "equals"),
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_SEARCHES = {
    "string_contains": "contains", "string_starts_with": "starts_with",
    "string_ends_with": "ends_with",
}  # fmt: skip
_MOST_EXPANDED = 100


@dataclass(frozen=True, slots=True)
class Do:
    """Assignments, in their order."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Steps that depend on a condition."""

    condition: Condition
    yes: tuple["Step", ...]
    no: tuple["Step", ...]


Step: TypeAlias = Do | Check


@dataclass(slots=True)
class World:
    """What expressions speak of. ``flow`` is the first node of the flow that is being read."""

    index: Index
    stock: Stock
    own: Metadata | None
    flow: str = ""


class Site:
    """One place of a flow, with the steps that must run before it (``steps``)."""

    def __init__(self, world: World, line: int) -> None:
        self.world, self.line = world, line
        self.types, self.stock = world.index.types, world.stock
        self._spares = {NUMBER: 0, BOOL: 0}
        self.expanded = 0
        self.steps: list[Step] = []

    # Conditions

    def condition(self, term: Term, *, denied: bool = False) -> Condition:
        """A term that must be true, or false. Raises ScriptError for what cannot be asked."""
        self.expanded = 0
        own = self.world.own.condition(self.world.flow, term.text) if self.world.own else None
        if own is not None and not denied:
            return own
        self.types.check(term, BOOL, self.line)
        try:
            return self.asked(term.tree, positive=not denied)
        except UnsayableError as error:
            reason = f"Storyarn cannot ask `{term.text}`: {error}"
            raise ScriptError(self.line, reason) from None

    def when(self, when: When | None, once: Ref | None) -> Condition:
        """What must hold for a line; ``once`` tells whether it was said."""
        parts: list[Condition] = [] if once is None else [Rule(once, "is_false")]
        if when is not None and when.term is not None:
            parts.append(self.condition(when.term))
        return _every(parts)

    def asked(self, tree: Expr, *, positive: bool) -> Condition:
        """An expression that must be true, or false. Raises UnsayableError."""
        match tree:
            case Lit(bool() as value):
                return ALWAYS if value is positive else NEVER
            case Unary("not", part):
                return self.asked(part, positive=not positive)
            case Chain("xor", (left, right)):
                return self._different(left, right, positive=positive)
            case Chain(op, parts):
                asked = [self.asked(part, positive=positive) for part in parts]
                return _every(asked) if (op == "and") is positive else _some(asked)
            case Var(name):
                return self._flag(name, positive=positive)
            case Pair(op, left, right):
                return self._compared(op, left, right, positive=positive)
            case Call():
                return self._called(tree, positive=positive)
        raise UnsayableError("it is neither true nor false")

    def _flag(self, name: str, *, positive: bool) -> Condition:
        smart = self.smart(name)
        if smart is not None:
            return self.asked(smart, positive=positive)
        return Rule(self.stock.ref(name), "is_true" if positive else "is_false")

    def _called(self, call: Call, *, positive: bool) -> Condition:
        match call:
            case Call("visited", (Lit(str() as title),)):
                operator = "greater_than" if positive else "equals"
                return Rule(self._visits(title), operator, number(0.0))
            case Call(name, (Var(variable), Lit(str() as part))) if name in _SEARCHES and part:
                if positive and not self.types.is_smart(variable):
                    return Rule(self.stock.ref(variable), _SEARCHES[name], Literal(part))
                raise UnsayableError("no operator says the opposite of a search")
        raise UnsayableError(why_not(call.name))

    def _different(self, left: Expr, right: Expr, *, positive: bool) -> Condition:
        def both(one: bool, other: bool) -> Condition:
            return _every([self.asked(left, positive=one), self.asked(right, positive=other)])

        return _some([both(True, not positive), both(False, positive)])

    def _compared(self, op: str, left: Expr, right: Expr, *, positive: bool) -> Condition:
        kind = self.types.of(left) or self.types.of(right)
        if kind == BOOL:
            return self._different(left, right, positive=positive is (op == "!="))
        if kind == STRING:
            return self._compared_texts(op, left, right, positive=positive)
        difference = self.sum(left).plus(self.sum(right).times(-1.0))
        place = 0 if positive else 1
        if not difference.terms:
            holds = _holds(op, difference.rest)
            return ALWAYS if holds is positive else NEVER
        if len(difference.terms) == 1:
            ((ref, factor),) = difference.terms.items()
            bound = -difference.rest / factor
            if bound * factor == -difference.rest:
                asked = op if factor > 0 else _TURNED[op]
                return Rule(ref, _ORDER[asked][place], number(bound + 0.0))
        helper = self.spare(NUMBER)
        self.steps.append(Do(tuple(fill(helper, difference, lambda: self.spare(NUMBER)))))
        return Rule(helper, _ORDER[op][place], number(0.0))

    def _compared_texts(self, op: str, left: Expr, right: Expr, *, positive: bool) -> Condition:
        one, other = self.text(left), self.text(right)
        same = (op == "==") is positive
        if isinstance(one, str) and isinstance(other, str):
            return ALWAYS if (one == other) is same else NEVER
        ref, text = (one, other) if isinstance(one, Ref) else (other, one)
        if isinstance(ref, Ref) and isinstance(text, str):
            return Rule(ref, "equals" if same else "not_equals", Literal(text))
        raise UnsayableError("two texts that may change are compared")

    def text(self, tree: Expr) -> str | Ref:
        """A text, or the variable that holds it. Raises UnsayableError."""
        match tree:
            case Lit(str() as value):
                return value
            case Member():
                return str(self.types.member(tree))
            case Var(name):
                smart = self.smart(name)
                return self.stock.ref(name) if smart is None else self.text(smart)
            case Pair("+", left, right):
                one, other = self.text(left), self.text(right)
                if isinstance(one, str) and isinstance(other, str):
                    return one + other
                raise UnsayableError("texts are joined")
            case Call(name):
                raise UnsayableError(why_not(name))
        raise UnsayableError("it is no text")

    # Numbers

    def sum(self, tree: Expr) -> Sum:
        """A calculation. Raises UnsayableError."""
        return sum_of(tree, self._known)

    def _known(self, tree: Expr) -> Sum | None:
        match tree:
            case Var(name):
                smart = self.smart(name)
                return Sum({self.stock.ref(name): 1.0}, 0.0) if smart is None else self.sum(smart)
            case Member():
                value = self.types.member(tree)
                return Sum({}, value) if isinstance(value, float) else None
            case Call("visited_count", (Lit(str() as title),)):
                return Sum({self._visits(title): 1.0}, 0.0)
        return None

    def _visits(self, title: str) -> Ref:
        """How often a node was left."""
        if title not in self.world.index.nodes or self.world.index.is_group(title):
            raise UnsayableError(f"there is no single node {title}")
        return self.stock.helper(NUMBER, f"visits_{title}")

    def smart(self, name: str) -> Expr | None:
        """What a smart variable stands for; None for one that holds a value."""
        if not self.types.is_smart(name) or self._is_own(name):
            return None
        self.expanded += 1
        if self.expanded > _MOST_EXPANDED:
            raise UnsayableError(f"{name} is declared by way of itself, or of too many others")
        return self.types.declared[name][0].value.tree

    def _is_own(self, name: str) -> bool:
        return self.world.own is not None and name in self.world.own.variables

    def spare(self, kind: str) -> Ref:
        """A helper variable that nothing else of this place uses."""
        self._spares[kind] += 1
        name = "number" if kind == NUMBER else "flag"
        return self.stock.helper(kind, f"{name}_{self._spares[kind]}")


def _every(parts: list[Condition]) -> Condition:
    kept = tuple([x for x in parts if x != ALWAYS])
    return NEVER if NEVER in kept else all_of(kept)


def _some(parts: list[Condition]) -> Condition:
    kept = tuple([x for x in parts if x != NEVER])
    return ALWAYS if ALWAYS in kept else any_of(kept)


def _holds(op: str, difference: float) -> bool:
    return {
        "<": difference < 0, "<=": difference <= 0, ">": difference > 0, ">=": difference >= 0,
        "==": difference == 0, "!=": difference != 0,
    }[op]  # fmt: skip
