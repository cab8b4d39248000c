"""Scripts of articy as the trees that Storyarn's structure can hold.

What it cannot hold is not guessed: functions, arithmetic, comparisons of two variables. Such a
condition is None, and such a statement is left out; both are told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Ref,
    Rule,
)
from storyarn_pipelines.importers.articy.logic import negated, tidied
from storyarn_pipelines.importers.articy.scripts import is_blank, parsed, without_remarks

_TESTS = {
    "==": "equals", "!=": "not_equals", "<": "less_than", "<=": "less_than_or_equal",
    ">": "greater_than", ">=": "greater_than_or_equal",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Names = Mapping[str, Variable]
"""The variables by articy's names, ``Set.variable`` in small letters."""


class _CannotHoldError(Exception):
    """The structure has no form for this; the message says for what."""


@dataclass(slots=True)
class Script:
    """What an instruction does. ``lost`` are statements that are left out, as written."""

    changes: tuple[Assignment, ...] = ()
    lost: list[str] = field(default_factory=list)


def read_condition(script: str, names: Names) -> Condition | None:
    """A condition, None for what cannot be held. A blank one always holds."""
    if is_blank(script):
        return ALWAYS
    try:
        return tidied(_Reader(names).condition(parsed("condition", _one(script))))
    except (_CannotHoldError, ExpressionError, UnexpectedInput):
        return None


def read_instruction(script: str, names: Names) -> Script:
    """The assignments of an instruction, and what is left out of it."""
    if is_blank(script):
        return Script()
    try:
        tree = parsed("instruction", script)
    except (ExpressionError, UnexpectedInput):
        return Script((), [script])
    found = Script()
    reader = _Reader(names)
    changes: list[Assignment] = []
    for statement in tree.children:
        try:
            changes += reader.statement(statement)
        except _CannotHoldError:
            found.lost.append(_written(statement, script))
    found.changes = tuple(changes)
    return found


def _one(script: str) -> str:
    """A condition without the semicolon that some authors end it with."""
    return without_remarks(script).rstrip().removesuffix(";")


def _written(statement: Tree[Token] | Token, script: str) -> str:
    if isinstance(statement, Token):
        return str(statement)
    meta = statement.meta
    return script if meta.empty else script[meta.start_pos : meta.end_pos]


class _Reader:
    """Reads the trees of one script."""

    def __init__(self, names: Names) -> None:
        self._names = names

    # -- conditions

    def condition(self, tree: Tree[Token] | Token) -> Condition:
        if isinstance(tree, Token) or tree.data == "lone":
            value = self._literal(tree)
            if value is None or value.kind != "boolean":
                raise _CannotHoldError("a value that is no condition")
            return ALWAYS if value.text == "true" else NEVER
        match tree.data:
            case "either":
                return AnyOf(tuple(self.condition(x) for x in tree.children))
            case "both":
                return AllOf(tuple(self.condition(x) for x in tree.children))
            case "no":
                return negated(self.condition(tree.children[-1]))
            case "variable":
                return Rule(self._ref(tree, "boolean"), "is_true")
            case "equal" | "order" if len(tree.children) == 3:
                left, sign, right = tree.children
                return self._compared(left, str(sign), right)
        raise _CannotHoldError("something that is neither a test nor a variable")

    def _compared(
        self, left: Tree[Token] | Token, sign: str, right: Tree[Token] | Token
    ) -> Condition:
        if self._literal(left) is not None:
            left, right, sign = right, left, _TURNED[sign]
        value = self._literal(right)
        if not isinstance(left, Tree) or left.data != "variable":
            return self._between(left, sign, value)
        if value is None:
            return self._alike(left, sign, right)
        variable = self._variable(left)
        kind = {"text": "text", "number": "number", "boolean": "boolean"}[value.kind]
        if variable.type != kind:
            raise _CannotHoldError("a comparison of two types")
        ref = Ref(variable.sheet, variable.name)
        if kind == "boolean":
            if sign not in ("==", "!="):
                raise _CannotHoldError("an order of true and false")
            return Rule(ref, "is_true" if (value.text == "true") is (sign == "==") else "is_false")
        if kind == "text" and sign not in ("==", "!="):
            raise _CannotHoldError("an order of texts")
        return Rule(ref, _TESTS[sign], value)

    def _alike(self, left: Tree[Token], sign: str, right: Tree[Token] | Token) -> Condition:
        """Two variables compared, which only those of true and false can be."""
        if sign not in ("==", "!=") or not self._is_variable(right):
            raise _CannotHoldError("a comparison with something that is no fixed value")
        assert isinstance(right, Tree)
        one, other = (Rule(self._ref(x, "boolean"), "is_true") for x in (left, right))
        if sign == "!=":
            return AnyOf((AllOf((one, negated(other))), AllOf((negated(one), other))))
        return AnyOf((AllOf((one, other)), AllOf((negated(one), negated(other)))))

    def _between(self, left: Tree[Token] | Token, sign: str, value: Literal | None) -> Condition:
        """A test of two fixed values, or of a test with true or false."""
        if value is not None and value.kind == "boolean" and sign in ("==", "!="):
            found = self.condition(left)
            return found if (value.text == "true") is (sign == "==") else negated(found)
        raise _CannotHoldError("a comparison of two fixed values")

    # -- statements

    def statement(self, tree: Tree[Token] | Token) -> list[Assignment]:
        if isinstance(tree, Token):
            raise _CannotHoldError("a value alone")
        match tree.data:
            case "assign":
                target, sign, value = tree.children
                return self._assigned(self._named(str(target)), str(sign), value)
            case "step":
                return self._stepped(str(tree.children[0]), str(tree.children[1]))
            case "step_before":
                return self._stepped(str(tree.children[1]), str(tree.children[0]))
        raise _CannotHoldError("a function")

    def _stepped(self, target: str, sign: str) -> list[Assignment]:
        ref = self._typed(self._named(target), "number")
        return [Assignment(ref, "add" if sign == "++" else "subtract", Literal("1", "number"))]

    def _assigned(
        self, target: Variable, sign: str, value: Tree[Token] | Token
    ) -> list[Assignment]:
        ref = Ref(target.sheet, target.name)
        if sign in ("+=", "-="):
            self._typed(target, "number")
            return [self._changed(ref, "add" if sign == "+=" else "subtract", value)]
        if sign != "=":
            raise _CannotHoldError("arithmetic")
        if isinstance(value, Tree) and value.data == "no" and target.type == "boolean":
            inner = value.children[-1]
            same = self._is_variable(inner) and self._variable(inner) == target
            if same:
                return [Assignment(ref, "toggle")]
        if isinstance(value, Tree) and value.data == "sum" and target.type == "number":
            return self._summed(target, value)
        if self._is_variable(value):
            assert isinstance(value, Tree)
            return [Assignment(ref, "set", self._ref(value, target.type))]
        fixed = self._literal(value)
        if fixed is None or fixed.kind != target.type:
            raise _CannotHoldError("a value that is not fixed, or of another type")
        if fixed.kind == "boolean":
            return [Assignment(ref, f"set_{fixed.text}")]
        # Storyarn skips the assignment of an empty text; cleared, a text reads the same.
        return [Assignment(ref, "clear") if fixed.text == "" else Assignment(ref, "set", fixed)]

    def _summed(self, target: Variable, value: Tree[Token]) -> list[Assignment]:
        """``x = y + 1 - z``: set to the first, then add and subtract the others."""
        ref = Ref(target.sheet, target.name)
        (first_sign, first), *rest = _terms(value)
        itself = [
            sign
            for sign, part in ((first_sign, first), *rest)
            if self._is_variable(part) and self._variable(part) == target
        ]
        if first_sign == "-" or len(itself) > 1:
            raise _CannotHoldError("a sum that begins with less than nothing")
        changes: list[Assignment] = []
        if not (self._is_variable(first) and self._variable(first) == target):
            if itself:
                raise _CannotHoldError("a sum of a variable with itself behind another")
            changes.append(self._changed(ref, "set", first))
        for sign, part in rest:
            changes.append(self._changed(ref, "add" if sign == "+" else "subtract", part))
        return changes

    def _changed(self, ref: Ref, operator: str, value: Tree[Token] | Token) -> Assignment:
        if self._is_variable(value):
            assert isinstance(value, Tree)
            return Assignment(ref, operator, self._ref(value, "number"))
        fixed = self._literal(value)
        if fixed is None or fixed.kind != "number":
            raise _CannotHoldError("a sum of something that is no number")
        return Assignment(ref, operator, fixed)

    # -- names and values

    def _is_variable(self, tree: Tree[Token] | Token) -> bool:
        return isinstance(tree, Tree) and tree.data == "variable"

    def _variable(self, tree: Tree[Token] | Token) -> Variable:
        assert isinstance(tree, Tree)
        return self._named(str(tree.children[0]))

    def _named(self, name: str) -> Variable:
        found = self._names.get(re.sub(r"\s", "", name).casefold())
        if found is None:
            raise _CannotHoldError("a variable that the project does not have")
        return found

    def _ref(self, tree: Tree[Token], kind: str) -> Ref:
        return self._typed(self._variable(tree), kind)

    def _typed(self, variable: Variable, kind: str) -> Ref:
        if variable.type != kind:
            raise _CannotHoldError("a variable of another type")
        return Ref(variable.sheet, variable.name)

    def _literal(self, tree: Tree[Token] | Token) -> Literal | None:
        """A fixed value, None for anything else."""
        if isinstance(tree, Tree):
            if tree.data == "lone":
                tree = tree.children[0]
            elif tree.data == "signed" and str(tree.children[0]) == "-":
                inner = self._literal(tree.children[1])
                is_plain = inner is not None and inner.kind == "number" and inner.text[0] != "-"
                return Literal(f"-{inner.text}", "number") if inner and is_plain else None
        if not isinstance(tree, Token):
            return None
        match tree.type:
            case "NUMBER":
                return Literal(str(tree), "number")
            case "BOOLEAN":
                return Literal(str(tree).lower(), "boolean")
            case "TEXT":
                return Literal(_ESCAPE.sub(_unescaped, str(tree)[1:-1]))
        return None


def _terms(value: Tree[Token] | Token) -> list[tuple[str, Tree[Token] | Token]]:
    """The parts of a sum with their signs, sums in it opened."""
    if not isinstance(value, Tree) or value.data != "sum":
        return [("+", value)]
    first, *rest = value.children
    found = _terms(first)
    for sign, part in zip(rest[::2], rest[1::2], strict=True):
        inner = _terms(part)
        if sign == "-":
            inner = [("-" if x == "+" else "+", y) for x, y in inner]
        found += inner
    return found


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1])
