"""Values as literals of a language: texts, numbers, true, false and nil."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from storyarn_pipelines.expressions.emitters.formulas import CannotSayError, Scalar


class Literals:
    """How a language writes values, as a table. The base is a language of C's family."""

    nil: ClassVar[str | None] = None
    """None: nil is kept as a text in variables of ``nil_types``, and nowhere else."""
    true: ClassVar[str] = "true"
    false: ClassVar[str] = "false"
    exponents: ClassVar[bool] = True
    """Whether numbers may be written as 1e+300."""
    quote: ClassVar[str] = '"{}"'
    escapes: ClassVar[Mapping[str, str]] = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"}
    refused: ClassVar[re.Pattern[str]] = re.compile("[\0\ud800-\udfff]")
    """Characters that no text may have."""

    def value(self, value: Scalar | None) -> str:
        """A value as a literal. Raises CannotSayError."""
        match value:
            case None:
                if self.nil is None:
                    raise CannotSayError("there is no nil")
                return self.nil
            case bool():
                return self.true if value else self.false
            case str():
                return self.text(value)
        return self.number(value)

    def text(self, text: str) -> str:
        """A text as a literal. Raises CannotSayError."""
        bad = self.refused.search(text)
        if bad is not None:
            shown = " ".join([f"U+{ord(x):04X}" for x in bad[0]])
            raise CannotSayError(f"the character {shown} cannot be written there")
        return self.quote.format(self.escaped(text))

    def escaped(self, text: str) -> str:
        """A text as it stands between quotes."""
        return "".join([self.escapes.get(x, x) for x in text])

    def number(self, number: float) -> str:
        """A number as a literal that is read as the same double; negative ones in parentheses."""
        try:
            double = float(number)
        except OverflowError:
            double = math.inf
        if not math.isfinite(double):
            raise CannotSayError("the number is too large")
        shortest = repr(double)
        if double.is_integer() and abs(double) < 2**53:
            text = str(int(double))
        elif "e" not in shortest or (self.exponents and not 1e-7 <= abs(double) < 1e21):
            text = shortest
        else:
            text = format(Decimal(shortest), "f")
        return f"({text})" if text.startswith("-") else text


def is_number(value: object) -> bool:
    """Whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
