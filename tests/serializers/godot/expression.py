"""A small model of Godot's Expression: typed, strict, and without shortcuts of its own."""

import math
import operator
import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(
    r'\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>==|!=|<=|>=|[-+*/<>()\[\],.]))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r"}


class ExpressionError(Exception):
    """The engine would print an error."""


def literal(value: object) -> str:
    """A value as Godot writes it into an expression."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def shown(value: object) -> str:
    """A value as Godot's ``str`` writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def evaluated(source: str) -> Any:
    """The value of an expression whose variables are put in already."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position, source = 0, source.strip()
        while position < len(source):
            found = _TOKEN.match(source, position)
            if found is None:
                raise ExpressionError(f"cannot read {source[position:]!r}")
            kind = found.lastgroup or ""
            self.tokens.append((kind, found[kind]))
            position = found.end()
        self.position = 0

    def whole(self) -> Any:
        value = self.either()
        if self.position != len(self.tokens):
            raise ExpressionError(f"the rest is dropped: {self.tokens[self.position :]}")
        return value

    def peek(self) -> str:
        if self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            return text if kind in ("mark", "word") else ""
        return ""

    def take(self, *texts: str) -> str:
        found = self.peek()
        if found and found in texts:
            self.position += 1
            return found
        return ""

    def need(self, text: str) -> None:
        if not self.take(text):
            raise ExpressionError(f"{text} is missing")

    def either(self) -> Any:
        value = self.both()
        while self.take("or"):
            other = self.both()  # no shortcut: an error on the right counts
            value = bool(value) or bool(other)
        return value

    def both(self) -> Any:
        value = self.denied()
        while self.take("and"):
            other = self.denied()
            value = bool(value) and bool(other)
        return value

    def denied(self) -> Any:
        return not self.denied() if self.take("not") else self.compared()

    def compared(self) -> Any:
        value = self.sum()
        while sign := self.take("==", "!=", "<=", ">=", "<", ">", "in"):
            value = _compare(sign, value, self.sum())
        return value

    def sum(self) -> Any:
        value = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            texts = isinstance(value, str), isinstance(other, str)
            if sign == "+" and all(texts):
                value = value + other
            else:
                _check_numbers(value, other)
                value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Any:
        value = self.signed()
        while sign := self.take("*", "/"):
            other = self.signed()
            _check_numbers(value, other)
            value = value * other if sign == "*" else _divided(value, other)
        return value

    def signed(self) -> Any:
        if self.take("-"):
            value = self.signed()
            _check_numbers(value, 0)
            return -value
        return self.reached()

    def reached(self) -> Any:
        value = self.single()
        while True:
            if self.take("["):
                index = self.either()
                self.need("]")
                value = value[index]
            elif self.take("."):
                name = self.peek()
                self.position += 1
                self.need("(")
                value = _METHODS[name](value, *self.arguments(")"))
            else:
                return value

    def arguments(self, end: str) -> list[Any]:
        found: list[Any] = []
        while not self.take(end):
            if found:
                self.need(",")
            found.append(self.either())
        return found

    def single(self) -> Any:
        if self.position >= len(self.tokens):
            raise ExpressionError("a value is missing")
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "number":
            return int(text) if text.isdigit() else float(text)
        if kind == "text":
            return _ESCAPE.sub(_unescaped, text[1:-1])
        if text in ("true", "false"):
            return text == "true"
        if text == "(":
            value = self.either()
            self.need(")")
            return value
        if text == "[":
            return self.arguments("]")
        if text in _FUNCTIONS and self.take("("):
            return _FUNCTIONS[text](*self.arguments(")"))
        raise ExpressionError(f"unknown name {text}")


def _unescaped(found: re.Match[str]) -> str:
    mark = found[1]
    return chr(int(mark[1:], 16)) if len(mark) > 1 else _PLAIN.get(mark, mark)


def _check_numbers(*values: object) -> None:
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in values):
        raise ExpressionError(f"numbers are needed, not {values}")


def _compare(sign: str, left: Any, right: Any) -> bool:
    if sign == "in":
        if not (isinstance(left, str) and isinstance(right, str)):
            raise ExpressionError("in: two texts are needed")
        return left in right
    kinds = {bool if isinstance(x, bool) else str if isinstance(x, str) else float
             for x in (left, right)}  # fmt: skip
    if len(kinds) > 1:
        raise ExpressionError(f"{left!r} {sign} {right!r}")
    return bool(_SIGNS[sign](left, right))


def _divided(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return math.trunc(left / right)
    if right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    return left / right


def _slice(text: str, delimiter: str, index: int) -> str:
    parts = text.split(delimiter)
    return parts[index] if index < len(parts) else ""


def _pow(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
    "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_METHODS: dict[str, Callable[..., Any]] = {
    "begins_with": str.startswith,
    "ends_with": str.endswith,
    "get_slice": _slice,
    "trim_prefix": str.removeprefix,
    "trim_suffix": str.removesuffix,
    "replace": str.replace,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "str": shown, "int": int, "float": float, "abs": abs,
    "is_finite": math.isfinite, "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)), "pow": _pow,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "round": lambda x: math.copysign(math.floor(abs(x) + 0.5), x),
}  # fmt: skip
