"""Formulas as docs/formats/unreal.md tells them, by recursive descent."""

import math
import re
from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|[a-z_][a-z0-9_]*|[-+*/^(),])")
_CALLS: Mapping[str, tuple[int, Callable[..., float]]] = {
    "sqrt": (1, math.sqrt), "abs": (1, abs), "min": (2, min), "max": (2, max),
    "floor": (1, math.floor), "ceil": (1, math.ceil),
    "round": (1, lambda x: math.copysign(math.floor(abs(x) + 0.5), x)),
}  # fmt: skip


def formula_value(text: str, values: Mapping[str, float]) -> float | None:
    """The value, None for any error."""
    try:
        reader = _Reader(text.strip(), values)
        found = reader.sum()
        if reader.tokens or not math.isfinite(found):
            return None
    except (ArithmeticError, ValueError, LookupError, TypeError):
        return None
    return float(found)


class _Reader:
    def __init__(self, text: str, values: Mapping[str, float]) -> None:
        self.values = values
        self.tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(text[at:])
            self.tokens.append(found[1])
            at = found.end()

    def take(self, signs: str) -> str:
        if self.tokens and self.tokens[0] in signs:
            return self.tokens.pop(0)
        return ""

    def sum(self) -> float:
        left = self.product()
        while sign := self.take("+-"):
            right = self.product()
            left = left + right if sign == "+" else left - right
        return left

    def product(self) -> float:
        left = self.power()
        while sign := self.take("*/"):
            right = self.power()
            left = left * right if sign == "*" else left / right
        return left

    def power(self) -> float:
        base = self.signed()
        return math.pow(base, self.power()) if self.take("^") else base

    def signed(self) -> float:
        return -self.signed() if self.take("-") else self.one()

    def one(self) -> float:
        token = self.tokens.pop(0)
        if token == "(":
            found = self.sum()
        elif token[0].isdigit():
            return float(token)
        elif self.take("("):
            count, function = _CALLS[token]
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            if len(arguments) != count:
                raise ValueError(token)
            found = function(*arguments)
        else:
            return self.values[token]
        if not self.take(")"):
            raise ValueError(token)
        return found
