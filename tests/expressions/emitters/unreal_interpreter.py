"""The interpreter that the texts of ``emitters.unreal`` are made for, as its docstring tells it."""

import re
from collections.abc import Callable
from typing import Any

Value = None | bool | float | str
Run = Callable[[dict[str, Value]], Value]

_TOKEN = re.compile(
    r"""[ ]*(?:
      (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<text>"(?:[^"\\\r\n]|\\["\\nr])*")
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)
    | (?P<sign>==|!=|<=|>=|\+=|-=|[-+<>=(),])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", '"': '"', "\\": "\\"}
_WORDS = {"AND", "OR", "NOT", "IF", "THEN", "true", "false", "None"}
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "None": None}


class BadText(Exception):
    """A text that is not of the language."""


def holds(text: str, values: dict[str, Value]) -> bool:
    """A condition: true, and nothing else, holds."""
    return _Reader(text, set(values)).whole()(values) is True


def execute(text: str, values: dict[str, Value]) -> None:
    """The statements, one a line."""
    for line in text.split("\n") if text else []:
        _Reader(line, set(values)).statement()(values)


class _Reader:
    def __init__(self, text: str, names: set[str]) -> None:
        self.names, self.tokens, self.at = names, list[tuple[str, str]](), 0
        position = 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise BadText(f"no token at {text[position:]!r}")
            kind = found.lastgroup or ""
            word = found[kind]
            self.tokens.append(("word" if kind == "name" and word in _WORDS else kind, word))
            position = found.end()

    def take(self, *words: str) -> str:
        """The next token if it is one of these signs or words, else an empty text."""
        if self.at < len(self.tokens):
            kind, word = self.tokens[self.at]
            if kind in ("sign", "word") and word in words:
                self.at += 1
                return word
        return ""

    def need(self, word: str) -> None:
        if not self.take(word):
            raise BadText(f"{word} expected at {self.tokens[self.at :]}")

    def whole(self) -> Run:
        found = self.any_of()
        if self.at != len(self.tokens):
            raise BadText(f"left over: {self.tokens[self.at :]}")
        return found

    def statement(self) -> Run:
        when = self.any_of() if self.take("IF") else _always
        if when is not _always:
            self.need("THEN")
        kind, name = self.tokens[self.at]
        if kind != "name" or name not in self.names:
            raise BadText(f"no variable: {name}")
        self.at += 1
        sign = self.take("=", "+=", "-=")
        if not sign:
            raise BadText(f"no assignment of {name}")
        worth = self.whole()

        def run(values: dict[str, Value]) -> None:
            if when(values) is True:
                new = worth(values)
                values[name] = new if sign == "=" else _sum(sign[0], values[name], new)

        return run

    def any_of(self) -> Run:
        left = self.all_of()
        while self.take("OR"):
            left = _logic(left, self.all_of(), decides=True)
        return left

    def all_of(self) -> Run:
        left = self.one()
        while self.take("AND"):
            left = _logic(left, self.one(), decides=False)
        return left

    def one(self) -> Run:
        if self.take("NOT"):
            inner = self.one()
            return lambda values: inner(values) is not True
        left = self.sum()
        sign = self.take("==", "!=", "<", "<=", ">", ">=")
        if not sign:
            return left
        right = self.sum()
        return lambda values: _compare(sign, left(values), right(values))

    def sum(self) -> Run:
        left = self.value()
        while sign := self.take("+", "-"):
            left = _added(sign, left, self.value())
        return left

    def value(self) -> Run:
        if self.take("("):
            found = self.any_of()
            self.need(")")
            return found
        if self.at >= len(self.tokens):
            raise BadText("the text ends too soon")
        kind, word = self.tokens[self.at]
        self.at += 1
        constant: Value
        if kind == "number":
            constant = float(word)
        elif kind == "text":
            constant = re.sub(r"\\(.)", lambda x: _ESCAPES[x[1]], word[1:-1])
        elif kind == "word" and word in _CONSTANTS:
            constant = _CONSTANTS[word]
        elif kind == "name" and self.take("("):
            return self.call(word)
        elif kind == "name" and word in self.names:
            return lambda values: values[word]
        else:
            raise BadText(f"no value: {word}")
        return lambda _: constant

    def call(self, name: str) -> Run:
        if name not in _FUNCTIONS:
            raise BadText(f"no function: {name}")
        arguments = [self.any_of()]
        while self.take(","):
            arguments.append(self.any_of())
        self.need(")")
        return lambda values: _FUNCTIONS[name](*[run(values) for run in arguments])


def _always(_: dict[str, Value]) -> Value:
    return True


def _logic(left: Run, right: Run, *, decides: bool) -> Run:
    if decides:
        return lambda values: left(values) is True or right(values) is True
    return lambda values: left(values) is True and right(values) is True


def _added(sign: str, left: Run, right: Run) -> Run:
    return lambda values: _sum(sign, left(values), right(values))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sum(sign: str, left: Value, right: Value) -> float:
    first, second = _number(left), _number(right)
    return first + second if sign == "+" else first - second


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _compare(sign: str, left: Any, right: Any) -> bool:
    alike = type(left) is type(right) or (_is_number(left) and _is_number(right))
    if sign in ("==", "!="):
        return (alike and left == right) is (sign == "==")
    if not alike or left is None or isinstance(left, bool):
        return False
    return bool(
        {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    )


def _on_texts(test: Callable[[str, str], bool]) -> Callable[..., Value]:
    return lambda a, b: isinstance(a, str) and isinstance(b, str) and test(a, b)


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return value


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "Contains": _on_texts(lambda a, b: b in a),
    "StartsWith": _on_texts(str.startswith),
    "EndsWith": _on_texts(str.endswith),
    "Has": _on_texts(lambda a, b: b in a.split(", ")),
    "Min": lambda a, b: min(_number(a), _number(b)),
    "Max": lambda a, b: max(_number(a), _number(b)),
    "Text": _text,
}
