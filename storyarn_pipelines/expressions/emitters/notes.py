"""Emitters that can say a thing and still have something to tell about it, and say it shortly."""

import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import ClassVar

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import Condition, Instruction
from storyarn_pipelines.expressions.emitters.base import Emitted, Emitter
from storyarn_pipelines.expressions.emitters.domains import Domain
from storyarn_pipelines.expressions.emitters.facts import NIL_TEXT
from storyarn_pipelines.expressions.emitters.formulas import (
    All,
    CannotSayError,
    Compare,
    Find,
    Formula,
    IsNil,
    Member,
    No,
    Put,
    Search,
    Sum,
    every,
)
from storyarn_pipelines.expressions.emitters.identifiers import Identifiers
from storyarn_pipelines.expressions.findings import Findings

_SEARCHES: dict[Search, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_SURE_DIGITS = 6
"""As many decimal digits always come back from a single float."""


class NotingEmitter(Emitter):
    """An emitter whose methods may call ``note`` while they write."""

    increment: ClassVar[str] = ""
    """A sum that needs no limits within itself; empty: it is assigned like any value."""

    def __init__(
        self,
        variables: Mapping[str, Variable],
        identifiers: Identifiers,
        domains: Mapping[str, Domain] | None = None,
    ) -> None:
        super().__init__(variables, identifiers, domains)
        self._notes: list[tuple[str, str]] = []

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

    def fails_alone(self, part: Formula) -> Variable | None:
        """The variable of a test that is false for nil and for strange kinds, without a guard.

        Here: what is not found in the text that stands for nil.
        """
        match part:
            case Member(variable):
                return variable
            case Find(variable, how, text):
                return None if _SEARCHES[how](NIL_TEXT, text) else variable
        return None

    def _written(self, formula: Formula, texts: Mapping[int, str] | None = None) -> str:
        if isinstance(formula, All):
            alone = {x.full_name for part in formula.parts if (x := self.fails_alone(part))}
            formula = every(*[x for x in formula.parts if not _is_guard(x, alone)])
        return super()._written(formula, texts)

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


def _is_guard(part: Formula, alone: set[str]) -> bool:
    match part:
        case No(IsNil(variable)) | Compare(variable, "!=", bool()):
            return variable.full_name in alone
    return False


class SingleEmitter(NotingEmitter):
    """A language that counts in single floats, and perhaps in integers of 32 bits."""

    has_integers: ClassVar[bool] = False

    def number(self, number: float) -> str:
        """A number as a literal; tells if the target would read another one."""
        double = float(super().number(number).strip("()"))
        is_integer = self.has_integers and double.is_integer() and abs(double) < 2**31
        text = str(int(abs(double))) if double.is_integer() else _plain(abs(double))
        if self.has_integers and double.is_integer() and not is_integer:
            text += ".0"
        if not is_integer:
            self._check(double)
        return f"(-{text})" if double < 0 else text

    def _check(self, double: float) -> None:
        try:
            (single,) = struct.unpack("<f", struct.pack("<f", double))
        except OverflowError:
            raise CannotSayError(f"the number {double!r} is too large") from None
        if single == double:
            return
        digits = len(Decimal(repr(double)).normalize().as_tuple().digits)
        if digits > _SURE_DIGITS or single == 0:
            message = f"{double!r} is kept as {single!r}, the nearest number that the engine has"
            self.note("EX0412", message)


def _plain(number: float) -> str:
    return format(Decimal(repr(number)), "f")
