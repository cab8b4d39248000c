"""The emitter that every language is a difference from.

What Storyarn means by an operator is settled in ``rules`` and ``changes``; a language says how
a few forms are written: as data, and where data does not do by another method. What has no form
is told as a diagnostic, and stands as what is safe: a test fails, an assignment is left out.
So an emitted condition never holds where the story's does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Assignment, Condition, Instruction
from storyarn_pipelines.expressions.emitters.changes import ChangeReader
from storyarn_pipelines.expressions.emitters.domains import TEXT_TYPES, Domain
from storyarn_pipelines.expressions.emitters.facts import Facts, kept_item
from storyarn_pipelines.expressions.emitters.formulas import (
    FALSE,
    TRUE,
    All,
    Any,
    CannotSayError,
    Compare,
    Const,
    Copied,
    Find,
    Fixed,
    Formula,
    IsNil,
    Member,
    No,
    Put,
    Scalar,
    Sum,
    Truth,
    either,
    every,
    levels,
    no,
)
from storyarn_pipelines.expressions.emitters.identifiers import Identifiers, NameRules
from storyarn_pipelines.expressions.emitters.literals import Literals, is_number
from storyarn_pipelines.expressions.emitters.rules import RuleReader
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.printer import print_condition, print_instruction

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Emitted:
    """An expression in the target's language, what it lost, and the original as text."""

    text: str
    diagnostics: tuple[Diagnostic, ...]
    source: str


class Emitter(Literals):
    """Writes conditions and instructions of one story in one language.

    Make it with ``for_story``. The class attributes are the table of a language; the base is a
    language of C's family without nil, whose variables keep their types.
    """

    language: ClassVar[str]
    prelude: ClassVar[str] = ""
    """What the artifact must bring along for the expressions to work."""
    names: ClassVar[NameRules]
    """How variables may be called."""

    # Values; how they are written is in `literals`
    nil_types: ClassVar[frozenset[str]] = TEXT_TYPES | {"multi_select"}
    any_kind: ClassVar[bool] = False
    """Whether a variable may hold values of other types than its own."""

    # Conditions
    variable: ClassVar[str] = "{}"
    signs: ClassVar[Mapping[str, str]] = {x: x for x in ("==", "!=", ">", ">=", "<", "<=")}
    comparison: ClassVar[str] = "{left} {sign} {right}"
    dates_have_order: ClassVar[bool] = False
    """Whether texts are ordered by their characters, as dates are compared."""
    all_joint: ClassVar[str] = " && "
    any_joint: ClassVar[str] = " || "
    denial: ClassVar[str] = "!({})"
    finds: ClassVar[Mapping[str, str]] = {}
    """How a text (``right``) is found in a variable (``left``): contains, starts_with, ends_with;
    ``member`` for an item (``right``) of a list that is kept as ``a, b``."""
    error_is_false: ClassVar[bool] = False
    """Whether a condition that fails counts as false."""
    max_levels: ClassVar[int] = 150

    # Instructions
    assignment: ClassVar[str] = "{variable} = {value}"
    separator: ClassVar[str] = "\n"
    conditional: ClassVar[str] = ""
    """A statement (``change``) that runs if ``condition`` holds; empty: there is none."""
    sum: ClassVar[str] = "{left} {sign} {right}"
    nil_as_zero: ClassVar[str] = ""
    """A number, or 0 for nil."""
    at_least: ClassVar[str] = ""
    at_most: ClassVar[str] = ""
    """The greater or lesser of ``value`` and ``limit``; empty: by a conditional statement."""
    number_as_text: ClassVar[str] = ""
    """A number or boolean as a text; empty: impossible."""

    def __init__(
        self,
        variables: Mapping[str, Variable],
        identifiers: Identifiers,
        domains: Mapping[str, Domain] | None = None,
    ) -> None:
        """``identifiers`` has all of ``variables``; for ``domains`` see ``story_domains``."""
        self.variables, self.identifiers = variables, identifiers
        self.facts = Facts(
            variables,
            domains,
            nil_types=self.nil_types,
            real_nil=self.nil is not None,
            any_kind=self.any_kind,
        )
        self._names = Names(variables.values())

    @classmethod
    def for_story(
        cls, variables: Mapping[str, Variable], domains: Mapping[str, Domain] | None = None
    ) -> Self:
        """An emitter that gives all variables their names in the target."""
        return cls(variables, Identifiers(variables, cls.names), domains)

    def kept(self, variable: Variable, value: Value) -> Scalar | None:
        """A value as the target's variable holds it, at the start for instance; None is nil.

        Lists are texts there, nil is one where the language has none.
        """
        return self.facts.kept(variable, value)

    def condition(self, condition: Condition, where: str = "") -> Emitted:
        """A condition in the target's language."""
        found: list[Diagnostic] = []
        findings = Findings(where, found)
        source = print_condition(condition, self._names)
        reader = RuleReader(self.facts, findings)
        formula = reader.formula(condition, plain=self.error_is_false)
        if levels(formula) > self.max_levels:
            message = f"`{_short(source)}` has more than {self.max_levels} levels: it counts as"
            findings.add("EX0411", f"{message} false")
            formula = FALSE
        text = self._formula(formula, findings, source)
        return Emitted(text, tuple(dict.fromkeys(found)), source)

    def instruction(self, instruction: Instruction, where: str = "") -> Emitted:
        """Assignments in the target's language, in their order."""
        found: list[Diagnostic] = []
        findings = Findings(where, found)
        statements: list[str] = []
        for assignment in instruction:
            statements += self._statements(assignment, findings)
        source = print_instruction(instruction, self._names)
        text = self.separator.join(statements)
        return Emitted(text, tuple(dict.fromkeys(found)), source)

    def _statements(self, assignment: Assignment, findings: Findings) -> list[str]:
        """One assignment; all of it or nothing."""
        try:
            puts = ChangeReader(self.facts, findings).puts(assignment)
            return [statement for put in puts for statement in self.put(put)]
        except CannotSayError as reason:
            source = _short(print_instruction((assignment,), self._names))
            findings.add("EX0404", f"`{source}` is left out: {reason}")
            return []

    # -- conditions

    def _formula(self, formula: Formula, findings: Findings, source: str) -> str:
        """A formula with stand-ins for what cannot be said."""
        texts: dict[int, str] = {}

        def sayable(part: Formula, *, denied: bool) -> Formula:
            match part:
                case All(parts):
                    return every(*[sayable(x, denied=denied) for x in parts])
                case Any(parts):
                    return either(*[sayable(x, denied=denied) for x in parts])
                case No(inner):
                    return no(sayable(inner, denied=not denied))
                case Const():
                    return part
            try:
                texts[id(part)] = self.test(part)
            except CannotSayError as reason:
                findings.add("EX0403", f"`{_short(source)}`: {reason}; this test counts as failed")
                return TRUE if denied else FALSE
            return part

        return self._written(sayable(formula, denied=False), texts)

    def _written(self, formula: Formula, texts: Mapping[int, str] | None = None) -> str:
        """A formula as text; every operand of a junction stands in parentheses."""
        match formula:
            case Const(value):
                return self.true if value else self.false
            case All(parts):
                return self.all_joint.join([f"({self._written(x, texts)})" for x in parts])
            case Any(parts):
                return self.any_joint.join([f"({self._written(x, texts)})" for x in parts])
            case No(IsNil() as part):
                return self.is_nil(part.variable, denied=True)
            case No(part):
                return self.denial.format(self._written(part, texts))
        written = texts.get(id(formula)) if texts else None
        return self.test(formula) if written is None else written

    def test(self, atom: Compare | IsNil | Find | Member) -> str:
        """One test, as it stands alone. Raises CannotSayError."""
        match atom:
            case Compare():
                return self.compared(atom)
            case IsNil(variable):
                return self.is_nil(variable, denied=False)
            case Find(variable, how, text):
                return self.found(variable, how, text)
        return self.member(atom.variable, atom.item)

    def compared(self, atom: Compare) -> str:
        """A variable compared with a value of its kind."""
        if atom.is_date and not self.dates_have_order:
            raise CannotSayError("dates have no order there")
        return self.comparison.format(
            left=self.reference(atom.variable),
            sign=self.signs[atom.operator],
            right=self.value(atom.value),
        )

    def is_nil(self, variable: Variable, *, denied: bool) -> str:
        """Whether a variable holds nothing; ``denied``: holds something."""
        nil = self.facts.kept(variable, None)
        return self.comparison.format(
            left=self.reference(variable),
            sign=self.signs["!=" if denied else "=="],
            right=self.value(nil),
        )

    def found(self, variable: Variable, how: str, text: str) -> str:
        """Whether a text is part of a variable that is a text."""
        template = self.finds.get(how)
        if template is None:
            raise CannotSayError(f"{how} has no form there")
        return template.format(left=self.reference(variable), right=self.text(text))

    def member(self, variable: Variable, item: str) -> str:
        """Whether a list, kept as its items with commas between, has an item."""
        template = self.finds.get("member")
        if template is None:
            raise CannotSayError("items of lists cannot be asked for there")
        return template.format(
            left=self.reference(variable), right=self.text(f", {kept_item(item)}, ")
        )

    def reference(self, variable: Variable) -> str:
        """A variable as it stands in an expression."""
        return self.variable.format(self.identifiers.of(variable.full_name))

    # -- instructions

    def put(self, put: Put) -> list[str]:
        """A change as statements. Raises CannotSayError."""
        statements = [self.assigned(put)]
        worth = put.worth
        if isinstance(worth, Sum):
            if worth.least is not None and not self.at_least:
                statements += self._bounded(worth.variable, "<", worth.least)
            if worth.most is not None and not self.at_most:
                statements += self._bounded(worth.variable, ">", worth.most)
        if put.when == TRUE:
            return statements
        if not self.conditional:
            raise CannotSayError("nothing can depend on a condition there")
        condition = self._written(put.when)
        return [self.conditional.format(condition=condition, change=x) for x in statements]

    def _bounded(self, variable: Variable, sign: str, limit: float) -> list[str]:
        return self.put(Put(variable, Fixed(limit), Compare(variable, sign, limit)))

    def assigned(self, put: Put) -> str:
        """The assignment alone."""
        return self.assignment.format(
            variable=self.reference(put.variable), value=self.worth(put.worth)
        )

    def worth(self, worth: Fixed | Copied | Sum | Truth) -> str:
        """What a variable gets, as an expression."""
        match worth:
            case Fixed(value):
                return self.value(value).strip("()") if is_number(value) else self.value(value)
            case Copied(source, as_text):
                if as_text and not self.number_as_text:
                    raise CannotSayError("a number cannot be made a text there")
                written = self.reference(source)
                return self.number_as_text.format(written) if as_text else written
            case Truth(formula):
                return self._written(formula)
        return self.summed(worth)

    def summed(self, worth: Sum) -> str:
        """A sum within its limits."""
        amount = worth.amount
        right = (
            self._or_zero(amount, worth.amount_may_be_nil)
            if isinstance(amount, Variable)
            else self.number(amount)
        )
        left = self._or_zero(worth.variable, worth.may_be_nil)
        text = self.sum.format(left=left, sign=worth.sign, right=right)
        if worth.least is not None and self.at_least:
            text = self.at_least.format(value=text, limit=self.number(worth.least))
        if worth.most is not None and self.at_most:
            text = self.at_most.format(value=text, limit=self.number(worth.most))
        return text

    def _or_zero(self, variable: Variable, may_be_nil: bool) -> str:
        written = self.reference(variable)
        return self.nil_as_zero.format(written) if may_be_nil and self.nil_as_zero else written


def _short(source: str) -> str:
    return source if len(source) <= _SHOWN else f"{source[: _SHOWN - 1]}…"
