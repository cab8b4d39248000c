"""Makes the tree of a condition or an assignment from what the grammar has found."""

import re
from dataclasses import dataclass

import msgspec
from lark import Token, Tree

from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    MAX_DEPTH,
    NEVER,
    NIL,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names, read_ref
from storyarn_pipelines.expressions.trouble import misplaced
from storyarn_pipelines.expressions.values import day

_SYMBOLS = {
    "==": "equals", "!=": "not_equals", ">": "greater_than", ">=": "greater_than_or_equal",
    "<": "less_than", "<=": "less_than_or_equal",
}  # fmt: skip
_TURNED = {
    "equals": "equals", "not_equals": "not_equals",
    "greater_than": "less_than", "greater_than_or_equal": "less_than_or_equal",
    "less_than": "greater_than", "less_than_or_equal": "greater_than_or_equal",
    "before": "after", "after": "before",
}  # fmt: skip
_CHANGES = {"=": "set", "+=": "add", "-=": "subtract", "?=": "set_if_unset"}
_ON_DATES = {
    "less_than": ("before",), "greater_than": ("after",),
    "less_than_or_equal": ("before", "equals"), "greater_than_or_equal": ("after", "equals"),
}  # fmt: skip
_DOUBLE_ESCAPE, _SINGLE_ESCAPE = re.compile(r"\\([\"\\])"), re.compile(r"\\(['\\])")


@dataclass(frozen=True, slots=True)
class ConditionBuilder:
    """Builds conditions of one text."""

    text: str
    names: Names | None
    findings: Findings

    def condition(self, tree: Tree[Token], depth: int = 1) -> Condition:
        """The tree of a condition, which is ``depth`` levels below the top."""
        if depth >= MAX_DEPTH:
            raise ExpressionError(f"the condition has more than {MAX_DEPTH} levels: flatten it")
        children = tree.children
        match tree.data:
            case "any":
                return AnyOf(tuple([self.condition(x, depth + 1) for x in _trees(children)]))
            case "all":
                return AllOf(tuple([self.condition(x, depth + 1) for x in _trees(children)]))
            case "no":
                return self.negation(_trees(children)[0], depth)
        tokens = _tokens(children)
        match tree.data:
            case "bare":
                return Rule(self.ref(tokens[0]), "is_true")
            case "test":
                return Rule(self.ref(tokens[0]), str(tokens[1]))
            case "constant":
                return ALWAYS if tokens[0] == "true" else NEVER
        return self.comparison(str(tree.data), *tokens)

    def negation(self, tree: Tree[Token], depth: int) -> Condition:
        """``!x`` asks for false; before anything else ``!`` denies."""
        if tree.data == "bare":
            return Rule(self.ref(_tokens(tree.children)[0]), "is_false")
        return Not(self.condition(tree, depth + 1))

    def comparison(self, form: str, left: Token, sign: Token, right: Token) -> Condition:
        """A variable compared with a literal, in either order."""
        if form == "two_variables":
            hint = "conditions compare a variable with a value, not with another variable"
            raise misplaced(self.text, right, hint)
        if form == "two_values":
            raise misplaced(self.text, left, "one side of a comparison must be a variable")
        operator = _SYMBOLS.get(sign, str(sign))
        if form == "turned":
            if operator not in _TURNED:
                raise misplaced(self.text, left, f"the variable stands before {operator}")
            left, right, operator = right, left, _TURNED[operator]
        return self.rule(self.ref(left), operator, right, is_symbol=sign in _SYMBOLS)

    def rule(self, ref: Ref, operator: str, right: Token, *, is_symbol: bool) -> Condition:
        """A rule; symbols are read by the value and by the type of the variable."""
        if right.type == "NIL":
            if not is_symbol or operator not in ("equals", "not_equals"):
                raise misplaced(self.text, right, "nil is compared with == or != only")
            unset = Rule(ref, "is_nil")
            return unset if operator == "equals" else Not(unset)
        value = literal(right)
        if (
            is_symbol
            and operator in _ON_DATES
            and value.kind == "text"
            and self._is_date(ref, value)
        ):
            self.findings.add("EX0301", f"{ref.full_name}: {operator} is asked of dates by day")
            asked = tuple(Rule(ref, name, value) for name in _ON_DATES[operator])
            return asked[0] if len(asked) == 1 else AnyOf(asked)
        return Rule(ref, operator, value)

    def ref(self, token: Token) -> Ref:
        """The variable that a token names."""
        return read_ref(str(token), self.names, self.findings)

    def _is_date(self, ref: Ref, value: Literal) -> bool:
        kind = self.names.type_of(ref) if self.names else None
        return kind == "date" if kind else day(value.text) is not None


def build_statement(
    tree: Tree[Token], text: str, names: Names | None, findings: Findings
) -> Assignment:
    """One assignment."""
    first, second, *rest = _tokens(tree.children)
    if tree.data == "command":
        target = read_ref(str(second), names, findings)
        return Assignment(target, str(first), _extra(first, rest, text, names, findings))
    target, value = read_ref(str(first), names, findings), rest[0]
    operator = _CHANGES[second]
    if value.type == "REF":
        return Assignment(target, operator, read_ref(str(value), names, findings))
    if operator == "set" and value.type == "BOOLEAN":
        return Assignment(target, f"set_{value}")
    if value.type == "NIL":
        if operator != "set":
            raise misplaced(text, value, "nil can only be assigned with =")
        return Assignment(target, "clear")
    written = literal(value)
    if written.text == "":
        findings.add("EX0203", f"{target.full_name}: Storyarn skips an empty text; use clear")
    if value.type == "BOOLEAN":
        findings.add("EX0302", f"{target.full_name}: {second} {value} assigns it as a text")
        written = Literal(written.text)
    return Assignment(target, operator, written)


def _extra(
    command: Token, rest: list[Token], text: str, names: Names | None, findings: Findings
) -> Literal | Ref | None:
    """What follows ``with``: a variable that must exist, or what ``clear`` leaves behind."""
    if not rest:
        return None
    value = rest[0]
    if value.type == "REF":
        return read_ref(str(value), names, findings)
    if command != "clear" or value.type in ("BOOLEAN", "NIL"):
        raise misplaced(text, value, f"{command} takes a variable here, or nothing")
    if value.type == "JSON":
        return _json(rest[1], text)
    return literal(value)


def _json(token: Token, text: str) -> Literal:
    """A value that Storyarn stored as no text; it is kept as it is written."""
    written = literal(token).text
    try:
        msgspec.json.decode(written)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise misplaced(text, token, "this is no JSON") from None
    return Literal(written, "json")


def literal(token: Token) -> Literal:
    """The value that a token writes."""
    if token.type == "TEXT":
        escape = _DOUBLE_ESCAPE if token[0] == '"' else _SINGLE_ESCAPE
        return Literal(escape.sub(r"\1", token[1:-1]))
    if token.type == "NUMBER":
        return Literal(str(token), "number")
    return Literal(str(token), "boolean") if token.type == "BOOLEAN" else NIL


def _trees(children: list[Token | Tree[Token]]) -> list[Tree[Token]]:
    return [child for child in children if isinstance(child, Tree)]


def _tokens(children: list[Token | Tree[Token]]) -> list[Token]:
    return [child for child in children if isinstance(child, Token)]
