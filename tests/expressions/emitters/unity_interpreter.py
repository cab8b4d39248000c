"""A model of the small Lua interpreter that the Dialogue System for Unity brings along.

It is no Lua 5.1. What differs and matters here:

- At an operator followed by a tighter one, all that follows becomes its right side:
  ``a == 1 and b == 2 or c == 3`` is ``a == 1 and (b == 2 or c == 3)``, ``10 - 2 * 3 - 1`` is 5.
- ``not`` of anything but true and false is nil.
- Operators on values of the wrong type give no value at all; using that is an error.
- ``string.find`` takes its text as plain and gives a table; ``string.sub`` fails when the range
  passes the end; there are no patterns, and ``tonumber`` of a number is nil.
- Texts know the escapes of C for single characters, and no numbers.

Only what expressions and formulas need is here: conditions, assignments, ``if``.
"""

import math
import re
from typing import Any

NIL = object()
NOTHING = object()

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<sign>\.\.|==|~=|<=|>=|[-+*/%^<>=()\[\].,;])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "r": "\r", "n": "\n", "t": "\t", "v": "\v",
            "a": "\a", "b": "\b", "f": "\f", "0": "\0"}  # fmt: skip
_RANKS = {"or": 0, "and": 1, "==": 2, "~=": 2, ">": 3, ">=": 3, "<": 3, "<=": 3, "..": 4,
          "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "not": 7, "^": 8}  # fmt: skip
_WORDS = {"and", "or", "not", "if", "then", "end", "true", "false", "nil", "else", "elseif"}


class UnityError(Exception):
    """The interpreter gives up."""


def check(condition: str, variables: dict[str, Any]) -> bool:
    """A condition as the plugin takes it: only true, or the text of it, lets an entry pass.

    Variables that are None are not in the table.
    """
    machine = _Machine(condition, variables)
    value = machine.expression()
    machine.take("end")
    return value is True or (isinstance(value, str) and value.lower() == "true")


def run(script: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The variables after a script; those that are nil are gone."""
    machine = _Machine(script, variables)
    machine.block(running=True)
    machine.take("end")
    return {name: value for name, value in machine.table.items() if value is not NIL}


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnityError(f"not readable: {text[position : position + 20]!r}")
        kind = match.lastgroup or ""
        word = match[kind]
        found.append(("word" if word in _WORDS else kind, word))
        position = match.end()
    return [*found, ("end", "")]


class _Machine:
    """Evaluates while it reads; what must not run is read only."""

    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        self._tokens, self._at = _tokens(text), 0
        self.table = {name: x for name, x in variables.items() if x is not None}

    def sees(self, kind: str, word: str = "") -> bool:
        """Whether this token is next."""
        found = self._tokens[self._at]
        return found[0] == kind and (not word or found[1] == word)

    def take(self, kind: str, word: str = "") -> str:
        """The next token, which must be of a kind."""
        if not self.sees(kind, word):
            raise UnityError(f"{word or kind} expected, {self._tokens[self._at][1]!r} found")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def block(self, *, running: bool) -> None:
        """Statements up to ``end``."""
        while not self.sees("end") and not self.sees("word", "end"):
            if self.sees("word", "if"):
                self.take("word", "if")
                condition = self._tree()
                self.take("word", "then")
                self.block(running=running and _truth(self._value(condition)))
                self.take("word", "end")
            else:
                index = self._index()
                self.take("sign", "=")
                value = self._tree()
                if running:
                    result = self._value(value)
                    if result is NOTHING:
                        raise UnityError("no value is assigned")
                    self.table[index] = result
            if self.sees("sign", ";"):
                self.take("sign", ";")

    def expression(self) -> Any:
        """The value of an expression."""
        return self._value(self._tree())

    def _index(self) -> str:
        self.take("name", "Variable")
        self.take("sign", "[")
        name = _text(self.take("text"))
        self.take("sign", "]")
        return name

    def _tree(self) -> Any:
        """An expression; operators are grouped in the interpreter's own way."""
        lead = self._unary()
        first, rest = self._term(), []
        while self._tokens[self._at][1] in _RANKS and self._tokens[self._at][0] != "text":
            operator = self._tokens[self._at][1]
            self._at += 1
            inner = self._unary()
            term = self._term()
            rest += [operator, (inner, None, term) if inner else term]
        if lead:
            return _grouped(None, [lead, first, *rest])
        return _grouped(first, rest) if rest else first

    def _unary(self) -> str:
        for kind, word in (("word", "not"), ("sign", "-")):
            if self.sees(kind, word):
                self._at += 1
                return word
        return ""

    def _term(self) -> Any:
        kind, word = self._tokens[self._at]
        if kind == "number":
            self._at += 1
            return ("value", float(word))
        if kind == "text":
            self._at += 1
            return ("value", _text(word))
        if kind == "word" and word in ("true", "false", "nil"):
            self._at += 1
            return ("value", {"true": True, "false": False, "nil": NIL}[word])
        if self.sees("sign", "("):
            self.take("sign", "(")
            inner = self._tree()
            self.take("sign", ")")
            return inner
        if self.sees("name", "Variable"):
            return ("variable", self._index())
        return self._call()

    def _call(self) -> Any:
        name = self.take("name")
        if self.sees("sign", "."):
            self.take("sign", ".")
            name = f"{name}.{self.take('name')}"
        self.take("sign", "(")
        arguments = [self._tree()]
        while self.sees("sign", ","):
            self.take("sign", ",")
            arguments.append(self._tree())
        self.take("sign", ")")
        return ("call", name, arguments)

    def _value(self, tree: Any) -> Any:
        match tree:
            case ("value", value):
                return value
            case ("variable", name):
                return self.table.get(name, NIL)
            case ("call", name, arguments):
                return _FUNCTIONS[name](*[self._value(x) for x in arguments])
            case ("not", None, part):
                value = self._value(part)
                return (not value) if isinstance(value, bool) else NIL
            case ("-", None, part):
                value = self._value(part)
                return -value if _is_number(value) else NIL
        operator, left, right = tree
        first = self._value(left)
        if operator in ("and", "or"):
            return self._value(right) if _truth(first) == (operator == "and") else first
        return _operate(operator, first, self._value(right))


def _grouped(left: Any, rest: list[Any]) -> Any:
    operator, right = rest[0], rest[1]
    if len(rest) == 2:
        return (operator, left, right)
    if _RANKS[operator] >= _RANKS[rest[2]]:
        return _grouped((operator, left, right), rest[2:])
    return (operator, left, _grouped(right, rest[2:]))


def _truth(value: Any) -> bool:
    if value is NOTHING:
        raise UnityError("an operation gave no value, and it is used")
    return value is not NIL and value is not False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _operate(operator: str, left: Any, right: Any) -> Any:
    numbers = _is_number(left) and _is_number(right)
    texts = isinstance(left, str) and isinstance(right, str)
    if operator in ("==", "~="):
        if left is NOTHING:
            raise UnityError("an operation gave no value, and it is compared")
        same = left == right if numbers else type(left) is type(right) and left == right
        return same == (operator == "==")
    if operator == "..":
        return left + right if texts else NOTHING
    if operator in ("<", ">", "<=", ">="):
        if not (numbers or texts):
            return NOTHING
        return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[
            operator
        ]
    if not numbers:
        return NOTHING
    if operator == "/":
        return left / right if right else math.copysign(math.inf, left)
    if operator == "^":
        return float(left) ** right
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _text(token: str) -> str:
    def escape(found: re.Match[str]) -> str:
        if found[1] not in _ESCAPES:
            raise UnityError(f"the escape {found[0]} is not known")
        return _ESCAPES[found[1]]

    return re.sub(r"\\(.)", escape, token[1:-1], flags=re.DOTALL)


def _needs(kind: type, value: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise UnityError(f"a function got {value!r}")


def _find(text: Any, part: Any, *_: Any) -> Any:
    _needs(str, text)
    _needs(str, part)
    return NIL if part not in text else {1: float(text.index(part) + 1)}


def _sub(text: Any, first: Any, last: Any = -1.0) -> str:
    _needs(str, text)
    start, end = int(first), int(last)
    start = len(text) + start + 1 if start < 0 else start
    end = len(text) + end + 1 if end < 0 else end
    if start < 1 or end < start - 1 or end > len(text):
        raise UnityError("string.sub passes the end of the text")
    return str(text[start - 1 : end])


def _length(text: Any) -> float:
    _needs(str, text)
    return float(len(text))


def _extreme(choose: Any) -> Any:
    def chosen(*numbers: Any) -> Any:
        for number in numbers:
            _needs((int, float), number)  # type: ignore[arg-type]  # isinstance takes it
        return choose(numbers)

    return chosen


def _calculated(function: Any) -> Any:
    def result(number: Any) -> float:
        _needs((int, float), number)  # type: ignore[arg-type]  # isinstance takes it
        return float(function(number))

    return result


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return str(int(value)) if float(value).is_integer() else repr(value)
    return "nil" if value is NIL else str(value)


_FUNCTIONS: dict[str, Any] = {
    "string.find": _find,
    "string.sub": _sub,
    "string.len": _length,
    "math.max": _extreme(max),
    "math.min": _extreme(min),
    "math.abs": _calculated(abs),
    "math.ceil": _calculated(math.ceil),
    "math.floor": _calculated(math.floor),
    "math.sqrt": _calculated(math.sqrt),
    "tostring": _shown,
}
