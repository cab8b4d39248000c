"""Yarn's expressions as a tree.

``and``, ``or`` and ``xor`` stand on one level and group from the left; ``not`` and the minus
sign bind tighter than anything else.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

IDENTIFIER_HEAD = (
    r"[A-Za-z_\u00a8\u00aa\u00ad\u00af\u00b2-\u00b5\u00b7-\u00ba\u00bc-\u00be\u00c0-\u00d6"
    r"\u00d8-\u00f6\u00f8-\u167f\u1681-\u180d\u180f-\u1fff\u200b-\u200d\u202a-\u202e\u203f\u2040"
    r"\u2054\u2060-\u218f\u2460-\u24ff\u2776-\u2793\u2c00-\u2dff\u2e80-\u2fff\u3004-\u3007"
    r"\u3021-\u302f\u3031-\ud7ff\uf900-\ufd3d\ufd40-\ufdcf\ufdf0-\ufe44\ufe47-\ufffd"
    r"\U00010000-\U000efffd]"
)
IDENTIFIER = rf"{IDENTIFIER_HEAD}(?:{IDENTIFIER_HEAD}|[0-9])*"
"""A name in Yarn: no dot, dash or blank."""

MAX_LENGTH = 65_536
MAX_DEPTH = 100
"""How deep an expression may be nested, so that programs may walk it by recursion."""

_BLANKS = re.compile(r"[ \t]*")
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"\\]|\\["\\])*")|(?P<number>[0-9]+(?:\.[0-9]+)?)"""
    rf"""|(?P<variable>\${IDENTIFIER})|(?P<word>{IDENTIFIER})"""
    r"""|(?P<sign>[-+*/%<>=!]=|&&|\|\||[-+*/%<>=!^(),.])"""
)
_WORDS = {
    "to": "=", "is": "==", "eq": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">",
    "gte": ">=", "and": "and", "or": "or", "xor": "xor", "not": "not",
}  # fmt: skip
_SIGNS = {"&&": "and", "||": "or", "^": "xor", "!": "not"}
_LEVELS = {
    "and": 1, "or": 1, "xor": 1, "==": 2, "!=": 2, "<": 3, ">": 3, "<=": 3, ">=": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip


class TermError(Exception):
    """A text that is no expression; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class Lit:
    """A number, a text, true or false."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, with its dollar sign."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A case of an enum, which may leave the enum's name out."""

    owner: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function's result."""

    name: str
    args: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or ``-`` before a part."""

    op: str
    part: "Expr"


@dataclass(frozen=True, slots=True)
class Chain:
    """``and``, ``or`` or ``xor`` between two parts or more."""

    op: str
    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison or a calculation."""

    op: str
    left: "Expr"
    right: "Expr"


Expr: TypeAlias = Lit | Var | Member | Call | Unary | Chain | Pair


@dataclass(frozen=True, slots=True)
class Term:
    """An expression with the text that it was read from."""

    tree: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is text, number, variable, word or sign; ``text`` as it is written."""

    kind: str
    text: str


def tokens_until(text: str, at: int, close: str) -> tuple[list[Token], int]:
    """The tokens up to ``close``, which is passed; without ``close`` up to the end."""
    found: list[Token] = []
    start = at
    while True:
        blanks = _BLANKS.match(text, at)
        at = blanks.end() if blanks else at
        if close and text.startswith(close, at):
            return found, at + len(close)
        if at >= len(text) or (not close and text.startswith("//", at)):
            if close:
                raise TermError(f"an expression has no closing {close}")
            return found, len(text)
        if at - start > MAX_LENGTH:
            raise TermError(f"an expression has more than {MAX_LENGTH:,} characters")
        match = _TOKEN.match(text, at)
        if match is None:
            said = "a text without its closing quote" if text[at] == '"' else f"'{text[at]}'"
            raise TermError(f"{said} is no part of an expression")
        found.append(Token(str(match.lastgroup), match[0]))
        at = match.end()


def tree_of(tokens: list[Token]) -> Expr:
    """The expression that tokens make; all of them are used."""
    reader = _Reader(tokens)
    tree = reader.binary(1, 0)
    if reader.at < len(tokens):
        raise TermError(f"'{tokens[reader.at].text}' is left over after the expression")
    return tree


def term_until(text: str, at: int, close: str) -> tuple[Term, int]:
    """An expression up to ``close``, and where the text goes on."""
    tokens, end = tokens_until(text, at, close)
    return Term(tree_of(tokens), text[at : end - len(close)].strip()), end


class _Reader:
    """Reads by precedence."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def binary(self, least: int, depth: int) -> Expr:
        left = self._unary(depth + 1)
        count = 0
        while (op := self._operator()) and _LEVELS.get(op, 0) >= least:
            self.at += 1
            right = self.binary(_LEVELS[op] + 1, depth + 1)
            if _LEVELS[op] == 1:
                same = isinstance(left, Chain) and left.op == op and op != "xor" and count
                left = Chain(op, (*left.parts, right) if same else (left, right))  # type: ignore[union-attr]  # a chain
                count += 0 if same else 1
            else:
                left = Pair(op, left, right)
                count += 1
            if depth + count > MAX_DEPTH:
                raise TermError(f"an expression is nested deeper than {MAX_DEPTH} levels")
        return left

    def _operator(self) -> str:
        """The operator that stands next, by its first name."""
        if self.at >= len(self._tokens):
            return ""
        token = self._tokens[self.at]
        if token.kind == "word":
            return _WORDS.get(token.text, "")
        return _SIGNS.get(token.text, token.text) if token.kind == "sign" else ""

    def _unary(self, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise TermError(f"an expression is nested deeper than {MAX_DEPTH} levels")
        op = self._operator()
        if op in ("not", "-"):
            self.at += 1
            part = self._unary(depth + 1)
            if op == "-" and isinstance(part, Lit) and type(part.value) is float:
                return Lit(-part.value)
            return Unary(op, part)
        if op == "(":
            self.at += 1
            inner = self.binary(1, depth + 1)
            self._close()
            return inner
        return self._value(depth)

    def _close(self) -> None:
        if self._operator() != ")":
            raise TermError("'(' has no ')'")
        self.at += 1

    def _value(self, depth: int) -> Expr:
        if self.at >= len(self._tokens):
            raise TermError("an expression ends too soon" if self._tokens else "it has no value")
        token = self._tokens[self.at]
        self.at += 1
        match token.kind:
            case "number":
                return Lit(float(token.text))
            case "text":
                return Lit(re.sub(r'\\(["\\])', r"\1", token.text[1:-1]))
            case "variable":
                return Var(token.text)
            case "sign" if token.text == ".":
                return Member(None, self._name())
            case "word" if token.text in ("true", "false"):
                return Lit(token.text == "true")
            case "word" if token.text not in _WORDS:
                return self._named(token.text, depth)
        raise TermError(f"'{token.text}' stands where a value is expected")

    def _named(self, name: str, depth: int) -> Expr:
        if self._operator() == ".":
            self.at += 1
            return Member(name, self._name())
        if self._operator() != "(":
            raise TermError(f"'{name}' is no value: a text has quotes, a variable has $")
        self.at += 1
        args: list[Expr] = []
        while self._operator() != ")":
            if args:
                if self._operator() != ",":
                    break
                self.at += 1
            args.append(self.binary(1, depth + 1))
        self._close()
        return Call(name, tuple(args))

    def _name(self) -> str:
        if self.at < len(self._tokens) and self._tokens[self.at].kind == "word":
            self.at += 1
            return self._tokens[self.at - 1].text
        raise TermError("'.' has no name after it")


def walk(tree: Expr) -> list[Expr]:
    """An expression and all of its parts."""
    found, waiting = [], [tree]
    while waiting:
        part = waiting.pop()
        found.append(part)
        match part:
            case Call(_, parts) | Chain(_, parts):
                waiting.extend(reversed(parts))
            case Unary(_, inner):
                waiting.append(inner)
            case Pair(_, left, right):
                waiting += [right, left]
    return found
