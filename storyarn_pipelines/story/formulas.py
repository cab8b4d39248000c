"""The language of formula cells: ``+ - * / ^``, parentheses, names and a few functions.

::

    sum     = product { ("+" | "-") product }
    product = power { ("*" | "/") power }
    power   = signed [ "^" power ]
    signed  = "-" signed | number | name | function "(" sum { "," sum } ")" | "(" sum ")"

So ``-2^2`` is 4 and ``2^3^2`` is 512. Nothing here recurses: a formula of any depth and length
is turned into a list of steps for a stack, and those are run one after the other.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FUNCTIONS: Mapping[str, int] = {
    "sqrt": 1, "abs": 1, "floor": 1, "ceil": 1, "round": 1, "min": 2, "max": 2,
}  # fmt: skip
"""The functions with the number of their arguments."""

_TOKEN = re.compile(
    r"[ \t\n\r]*(?:(?P<number>[0-9][0-9.]*)|(?P<name>[a-z_][a-z0-9_]*)|(?P<mark>[-+*/^(),]))"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SIGN = "negate"
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3, _SIGN: 4}
_LARGEST_INTEGER = 1e15


class FormulaError(ValueError):
    """A text that is no formula, or one that has no value. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A number, a name, an operator or a call with ``count`` arguments."""

    kind: str
    text: str = ""
    number: float = 0.0
    count: int = 0


Program = tuple[_Step, ...]
"""A formula that was read, in the order in which a stack works it out."""


@dataclass(slots=True)
class _Open:
    """A parenthesis that waits to be closed; of a function, if it has a name."""

    function: str = ""
    count: int = 1


def parse(text: str) -> Program:
    """Read a formula; raises FormulaError."""
    return _Parser().parse(text.strip())


class _Parser:
    """Dijkstra's shunting yard, with a switch between "a value must follow" and "it was there"."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self.waiting: list[str | _Open] = []
        self.wants_value = True

    def parse(self, text: str) -> Program:
        position, function = 0, ""
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None:
                raise FormulaError(f"unexpected {text[position]!r}")
            position = token.end()
            if function:
                self._name(function, is_call=token["mark"] == "(")
                function = ""
            if token["name"] is not None:
                self._expect(value=True)
                function = token["name"]
            elif token["number"] is not None:
                self._number(token["number"])
            else:
                self._mark(token["mark"])
        if function:
            self._name(function, is_call=False)
        self._expect(value=False)
        while self.waiting:
            if isinstance(self.waiting[-1], _Open):
                raise FormulaError("a parenthesis is not closed")
            self._operate()
        return tuple(self.steps)

    def _expect(self, *, value: bool) -> None:
        if self.wants_value is not value:
            raise FormulaError("two values, or none, beside an operator")

    def _number(self, text: str) -> None:
        self._expect(value=True)
        number = float(text) if _NUMBER.fullmatch(text) else math.inf
        if math.isinf(number):
            raise FormulaError(f"{text[:40]} is not a number")
        self.steps.append(_Step("number", number=number))
        self.wants_value = False

    def _name(self, name: str, *, is_call: bool) -> None:
        if not is_call:
            self.steps.append(_Step("name", name))
            self.wants_value = False
        elif name in FUNCTIONS:
            self.waiting.append(_Open(name, 0))  # its own parenthesis comes next and counts one
        else:
            raise FormulaError(f"{name} is not a function")

    def _mark(self, mark: str) -> None:
        match mark:
            case "(":
                self._expect(value=True)
                last = self.waiting[-1] if self.waiting else None
                if isinstance(last, _Open) and last.count == 0:
                    last.count = 1
                else:
                    self.waiting.append(_Open())
            case ")":
                self._close()
            case ",":
                self._expect(value=False)
                opened = self._unwind()
                if not opened.function:
                    raise FormulaError("a comma outside a function")
                opened.count += 1
                self.wants_value = True
            case "-" if self.wants_value:
                self.waiting.append(_SIGN)
            case _:
                self._binary(mark)

    def _binary(self, mark: str) -> None:
        self._expect(value=False)
        level = _PRECEDENCE[mark] + (mark == "^")  # "^" takes from the right
        while self.waiting:
            last = self.waiting[-1]
            if isinstance(last, _Open) or _PRECEDENCE[last] < level:
                break
            self._operate()
        self.waiting.append(mark)
        self.wants_value = True

    def _close(self) -> None:
        self._expect(value=False)
        opened = self._unwind()
        self.waiting.pop()
        if opened.function:
            self.steps.append(_Step("call", opened.function, count=opened.count))

    def _unwind(self) -> _Open:
        """Work off operators back to the open parenthesis, which stays."""
        while self.waiting:
            last = self.waiting[-1]
            if isinstance(last, _Open):
                return last
            self._operate()
        raise FormulaError("a parenthesis is not open")

    def _operate(self) -> None:
        self.steps.append(_Step("operator", str(self.waiting.pop())))


def evaluate(program: Program, values: Mapping[str, float]) -> int | float:
    """The value of a formula; whole results up to 1e15 are integers.

    Raises FormulaError for names without a value, division by zero, roots of negative numbers,
    a wrong number of arguments, and results that no float can hold.
    """
    stack: list[float] = []
    for step in program:
        match step.kind:
            case "number":
                stack.append(step.number)
            case "name":
                if step.text not in values:
                    raise FormulaError(f"{step.text} has no value")
                stack.append(values[step.text])
            case "operator" if step.text == _SIGN:
                stack.append(-stack.pop())
            case "operator":
                right, left = stack.pop(), stack.pop()
                stack.append(_finite(_OPERATORS[step.text], left, right))
            case _:
                if step.count != FUNCTIONS[step.text]:
                    raise FormulaError(f"{step.text} takes {FUNCTIONS[step.text]} arguments")
                arguments = stack[-step.count :]
                del stack[-step.count :]
                stack.append(_finite(_CALLS[step.text], *arguments))
    result = stack.pop()
    if result.is_integer() and abs(result) <= _LARGEST_INTEGER:
        return int(result)
    return result


def compute(text: str, values: Mapping[str, float]) -> int | float | None:
    """Read a formula and work it out; None for any error."""
    try:
        return evaluate(parse(text), values)
    except FormulaError:
        return None


def _finite(function: Callable[..., float], *arguments: float) -> float:
    try:
        result = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        raise FormulaError(str(error)) from error
    if not math.isfinite(result):
        raise FormulaError("too large")
    return result


def _round(number: float) -> float:
    """To the nearest whole number, halves away from zero."""
    whole = math.trunc(number)
    if abs(number - whole) >= 0.5:
        whole += 1 if number > 0 else -1
    return float(whole)


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": math.pow,
}
_CALLS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "floor": lambda number: float(math.floor(number)),
    "ceil": lambda number: float(math.ceil(number)),
    "round": _round,
    "min": min,
    "max": max,
}
