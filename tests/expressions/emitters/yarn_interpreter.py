"""A model of Yarn Spinner 3's expressions and of the commands set, if and endif.

Written from its published grammar: ``and``, ``or`` and ``xor`` stand on one level and group from
the left, ``not`` binds tighter than a comparison, types are checked before anything runs, both
sides of and/or are evaluated in order until one decides, and numbers are single floats.
"""

import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Value = bool | float | str

_TOKEN = re.compile(
    r"""[ \t]*(?:
      (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<string>"(?:[^"\\\r\n]|\\["\\])*")
    | (?P<variable>\$[^\W\d]\w*)
    | (?P<word>[^\W\d]\w*)
    | (?P<symbol><=|>=|==|!=|&&|\|\||\+=|-=|[-+*/%<>!^=(),])
    )""",
    re.VERBOSE,
)
_WORDS = {"and": "&&", "or": "||", "xor": "^", "not": "!", "is": "==", "eq": "==", "neq": "!=",
          "gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "to": "="}  # fmt: skip
_LEVELS = {"&&": 1, "||": 1, "^": 1, "==": 2, "!=": 2, "<": 3, ">": 3, "<=": 3, ">=": 3,
           "+": 4, "-": 4, "*": 5, "/": 5, "%": 5}  # fmt: skip


class YarnError(Exception):
    """What Yarn Spinner's compiler would refuse."""


@dataclass(frozen=True)
class Function:
    """A function with the types of its arguments and its result."""

    takes: tuple[str, ...]
    gives: str
    run: Callable[..., Value]


def single(number: float) -> float:
    """The nearest single float; too large ones are infinite."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


LIBRARY = {
    "min": Function(("number", "number"), "number", min),
    "max": Function(("number", "number"), "number", max),
    "format_invariant": Function(("number",), "string", lambda number: f"{number:.7g}"),
}


def tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip(" \t"):
        match = _TOKEN.match(text, position)
        if match is None:
            raise YarnError(f"no token at {text[position : position + 20]!r}")
        kind = match.lastgroup or ""
        written = match[kind]
        if kind == "word" and written in _WORDS:
            kind, written = "symbol", _WORDS[written]
        found.append((kind, written))
        position = match.end()
    return found


class Program:
    """Types and functions; it compiles and runs expressions and lines of commands."""

    def __init__(
        self, types: Mapping[str, str], functions: Mapping[str, Function] | None = None
    ) -> None:
        self.types = types
        self.functions = {**LIBRARY, **(functions or {})}

    def condition(self, text: str, values: Mapping[str, Value]) -> bool:
        kind, run = self._whole(tokens(text))
        if kind != "bool":
            raise YarnError(f"a condition is a {kind}: {text}")
        return bool(run(values))

    def run(self, text: str, values: dict[str, Value]) -> None:
        """Run commands, one a line; everything is compiled first."""
        steps = [self._command(line.strip()) for line in text.split("\n") if text]
        active = [True]
        for word, run in steps:
            if word == "if":
                active.append(active[-1] and bool(run(values)))
            elif word == "endif":
                active.pop()
            elif active[-1]:
                run(values)
        assert len(active) == 1, text

    def _command(self, line: str) -> tuple[str, Callable[[Any], Any]]:
        if not (line.startswith("<<") and line.endswith(">>")):
            raise YarnError(f"no command: {line}")
        if not re.fullmatch(r'(?:[^"<>]|"(?:[^"\\]|\\.)*"|<=|>=|[<>](?![<>]))*', line[2:-2]):
            raise YarnError(f"a command ends too soon: {line}")
        word, _, rest = line[2:-2].strip().partition(" ")
        if word == "endif" and not rest:
            return word, lambda _: None
        found = tokens(rest)
        if word == "if":
            kind, run = self._whole(found)
            if kind != "bool":
                raise YarnError(f"<<if>> of a {kind}")
            return word, run
        if word != "set" or len(found) < 3 or found[0][0] != "variable":
            raise YarnError(f"unknown command {line}")
        name, sign = found[0][1], found[1][1]
        if sign not in ("=", "+=", "-="):
            raise YarnError(f"{sign} does not set")
        right = found[2:]
        if sign != "=":
            right = [found[0], ("symbol", sign[0]), ("symbol", "("), *right, ("symbol", ")")]
        kind, run = self._whole(right)
        if kind != self._type(name):
            raise YarnError(f"a {kind} does not fit into {name}")

        def store(values: dict[str, Value]) -> None:
            values[name] = run(values)

        return word, store

    def _type(self, name: str) -> str:
        if name not in self.types:
            raise YarnError(f"{name} is not declared")
        return self.types[name]

    def _whole(self, found: list[tuple[str, str]]) -> tuple[str, Callable[[Any], Value]]:
        reader = _Reader(self, found)
        tree = reader.binary(1)
        if reader.position != len(found):
            raise YarnError(f"left over: {found[reader.position :]}")
        return tree


class _Reader:
    def __init__(self, program: Program, found: list[tuple[str, str]]) -> None:
        self.program, self.found, self.position = program, found, 0

    def next(self) -> tuple[str, str]:
        if self.position >= len(self.found):
            raise YarnError("the expression ends too soon")
        self.position += 1
        return self.found[self.position - 1]

    def peek(self) -> str:
        return self.found[self.position][1] if self.position < len(self.found) else ""

    def is_symbol(self, sign: str) -> bool:
        return self.position < len(self.found) and self.found[self.position] == ("symbol", sign)

    def binary(self, level: int) -> tuple[str, Callable[[Any], Value]]:
        kind, left = self.unary()
        while (
            self.position < len(self.found)
            and self.found[self.position][0] == "symbol"
            and _LEVELS.get(self.peek(), 0) >= level
        ):
            sign = self.next()[1]
            other, right = self.binary(_LEVELS[sign] + 1)
            if kind != other:
                raise YarnError(f"{sign} between a {kind} and a {other}")
            kind, left = _joined(sign, kind, left, right)
        return kind, left

    def unary(self) -> tuple[str, Callable[[Any], Value]]:
        kind, text = self.next()
        if (kind, text) in (("symbol", "!"), ("symbol", "-")):
            of, run = self.unary()
            wanted = "bool" if text == "!" else "number"
            if of != wanted:
                raise YarnError(f"{text} before a {of}")
            if text == "!":
                return "bool", lambda values: not run(values)
            return "number", lambda values: -run(values)  # type: ignore[operator]  # a number
        if (kind, text) == ("symbol", "("):
            tree = self.binary(1)
            self.expect(")")
            return tree
        if kind == "number":
            value = single(float(text))
            return "number", lambda _: value
        if kind == "string":
            inner = re.sub(r"\\(.)", r"\1", text[1:-1])
            return "string", lambda _: inner
        if kind == "variable":
            return self.program._type(text), lambda values: values[text]
        if text in ("true", "false"):
            return "bool", lambda _: text == "true"
        if kind == "word":
            return self.call(text)
        raise YarnError(f"{text} where a value is expected")

    def expect(self, sign: str) -> None:
        if not self.is_symbol(sign):
            raise YarnError(f"{sign} expected, not {self.peek()!r}")
        self.position += 1

    def call(self, name: str) -> tuple[str, Callable[[Any], Value]]:
        function = self.program.functions.get(name)
        if function is None:
            raise YarnError(f"{name} is no function")
        self.expect("(")
        arguments: list[tuple[str, Callable[[Any], Value]]] = []
        while not self.is_symbol(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.binary(1))
        self.expect(")")
        if tuple(kind for kind, _ in arguments) != function.takes:
            raise YarnError(f"{name} takes {function.takes}")
        runs = [run for _, run in arguments]
        return function.gives, lambda values: function.run(*[run(values) for run in runs])


def _joined(
    sign: str, kind: str, left: Callable[[Any], Any], right: Callable[[Any], Any]
) -> tuple[str, Callable[[Any], Value]]:
    if sign in ("&&", "||", "^"):
        if kind != "bool":
            raise YarnError(f"{sign} between {kind}s")
        return "bool", {
            "&&": lambda values: left(values) and right(values),
            "||": lambda values: left(values) or right(values),
            "^": lambda values: left(values) != right(values),
        }[sign]
    if sign in ("==", "!="):
        equal = sign == "=="
        return "bool", lambda values: (left(values) == right(values)) is equal
    if kind != "number" and not (sign == "+" and kind == "string"):
        raise YarnError(f"{sign} between {kind}s")
    if kind == "string":
        return "string", lambda values: left(values) + right(values)
    if sign in ("<", ">", "<=", ">="):
        return "bool", {
            "<": lambda values: left(values) < right(values),
            ">": lambda values: left(values) > right(values),
            "<=": lambda values: left(values) <= right(values),
            ">=": lambda values: left(values) >= right(values),
        }[sign]
    return "number", {
        "+": lambda values: single(left(values) + right(values)),
        "-": lambda values: single(left(values) - right(values)),
        "*": lambda values: single(left(values) * right(values)),
        "/": lambda values: single(left(values) / right(values)),
        "%": lambda values: single(math.fmod(left(values), right(values))),
    }[sign]
