"""Emitters that can say a thing and still have something to tell about it."""

import struct
from decimal import Decimal
from typing import ClassVar

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters.base import Emitted, Emitter
from storyarn_pipelines.expressions.emitters.formulas import CannotSayError, Put, Sum
from storyarn_pipelines.expressions.findings import Findings

_SURE_DIGITS = 6
"""As many decimal digits always come back from a single float."""


class NotingEmitter(Emitter):
    """An emitter whose methods may call ``note`` while they write."""

    increment: ClassVar[str] = ""
    """A sum that needs no limits within itself; empty: it is assigned like any value."""

    _notes: list[tuple[str, str]]

    def condition(self, condition: Condition, where: str = "") -> Emitted:
        """A condition in the target's language."""
        self._notes = []
        return self._with_notes(super().condition(condition, where), where)

    def instruction(self, instruction: Instruction, where: str = "") -> Emitted:
        """Assignments in the target's language, in their order."""
        self._notes = []
        return self._with_notes(super().instruction(instruction, where), where)

    def note(self, code: str, message: str) -> None:
        """Tell something about the expression that is being written."""
        self._notes.append((code, message))

    def _with_notes(self, emitted: Emitted, where: str) -> Emitted:
        if not self._notes:
            return emitted
        found: list[Diagnostic] = list(emitted.diagnostics)
        findings = Findings(where, found)
        for code, message in dict.fromkeys(self._notes):
            findings.add(code, message)
        return Emitted(emitted.text, tuple(found), emitted.source)

    def assigned(self, put: Put) -> str:
        """The assignment alone, as short as the language has it."""
        worth = put.worth
        if not self.increment or not isinstance(worth, Sum):
            return super().assigned(put)
        is_bounded = worth.least is not None or worth.most is not None
        if is_bounded and (self.at_least or self.at_most):
            return super().assigned(put)
        amount = worth.amount
        sign = worth.sign
        if isinstance(amount, Variable):
            right = self.reference(amount)
        else:
            if amount < 0:
                sign, amount = "-" if sign == "+" else "+", -amount
            right = self.number(amount)
        return self.increment.format(variable=self.reference(put.variable), sign=sign, value=right)


class SingleEmitter(NotingEmitter):
    """A language that counts in single floats, and perhaps in ``whole_bits`` wide integers."""

    whole_bits: ClassVar[int] = 0

    def number(self, number: float) -> str:
        """A number as a literal; tells if the target would read another one."""
        double = float(super().number(number).strip("()"))
        is_whole = double.is_integer() and abs(double) < 2.0 ** (self.whole_bits - 1)
        if is_whole:
            text = str(int(abs(double)))
        else:
            text = format(Decimal(repr(abs(double))), "f")
            text += "" if "." in text else ".0"
            self._check(double)
        return f"(-{text})" if double < 0 else text

    def _check(self, double: float) -> None:
        try:
            (single,) = struct.unpack("f", struct.pack("f", double))
        except OverflowError:
            raise CannotSayError(f"the number {double!r} is too large") from None
        if single == double:
            return
        digits = len(Decimal(repr(double)).normalize().as_tuple().digits)
        if digits > _SURE_DIGITS or single == 0:
            message = f"{double!r} is kept as {single!r}, the nearest number that the engine has"
            self.note("EX0412", message)
