"""Assignments as what engines can do: put a value into a variable, perhaps under a condition."""

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Assignment, Literal, Ref
from storyarn_pipelines.expressions.emitters.domains import (
    TEXT_TYPES,
    Domain,
    constant,
    is_tri_state,
    kind_of,
)
from storyarn_pipelines.expressions.emitters.facts import Facts
from storyarn_pipelines.expressions.emitters.formulas import (
    TRUE,
    CannotSayError,
    Compare,
    Copied,
    Fixed,
    Formula,
    IsNil,
    Put,
    Sum,
    Truth,
    either,
    every,
    no,
)
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.limits import bound, limited
from storyarn_pipelines.expressions.values import leading_number

_NEED_A_VALUE = frozenset({"set", "add", "subtract", "set_if_unset"})


class ChangeReader:
    """Turns assignments into puts; what it must tell goes to ``findings``."""

    def __init__(self, facts: Facts, findings: Findings) -> None:
        self._facts, self._findings = facts, findings

    def puts(self, assignment: Assignment) -> list[Put]:
        """The puts that do what the assignment does; none if Storyarn skips it.

        Raises CannotSayError.
        """
        name, value = assignment.target.full_name, assignment.value
        variable = self._facts.variables.get(name)
        if variable is None:
            self._findings.add("EX0402", f"{name} does not exist: the assignment is skipped")
            return []
        source = None
        if isinstance(value, Ref):
            source = self._facts.variables.get(value.full_name)
            if source is None:
                message = f"{value.full_name} does not exist: the assignment of {name} is skipped"
                self._findings.add("EX0402", message)
                return []
        elif assignment.operator in _NEED_A_VALUE and (value is None or not value.text):
            return []
        if variable.type == "formula":
            self._findings.add("EX0410", f"{name} is worked out: assigning to it has no effect")
            return []
        return self._changed(assignment, variable, source)

    def _changed(
        self, assignment: Assignment, variable: Variable, source: Variable | None
    ) -> list[Put]:
        operator, value = assignment.operator, assignment.value
        match operator:
            case "set_true" | "set_false":
                return [self._fixed(variable, operator == "set_true")]
            case "toggle":
                return [self._toggled(variable)]
            case "set_if_unset":
                return self._if_unset(assignment, variable, source)
            case "clear" if source is None or variable.type in ("text", "rich_text"):
                alone = Assignment(assignment.target, "clear", None if source else value)
                return [self._fixed(variable, constant(alone, variable))]
            case "add" | "subtract" if variable.type == "number":
                return [self._sum(assignment, variable, source)]
        if source is None:
            return [self._fixed(variable, constant(assignment, variable))]
        return self._copied(variable, source, is_number=operator != "clear")

    def _fixed(self, variable: Variable, value: Value, when: Formula = TRUE) -> Put:
        kind = kind_of(value)
        if not self._facts.can_hold(variable, kind):
            value = self._instead(variable, kind)
        elif variable.type == "date" and kind == "text" and value:
            self._findings.add("EX0408", f"{variable.full_name} gets a text that is no plain date")
        return Put(variable, Fixed(self._facts.kept(variable, value)), when)

    def _instead(self, variable: Variable, kind: str) -> Value:
        """What a variable gets that cannot take a value of this kind."""
        name = variable.full_name
        if kind != "nil":
            raise CannotSayError(f"a {variable.type} variable cannot take a {kind} there")
        if variable.type not in ("number", "boolean"):
            raise CannotSayError(f"a {variable.type} variable cannot be nil there")
        value = limited(variable, 0) if variable.type == "number" else False
        self._findings.add("EX0407", f"{name} cannot be nil there: it becomes {value}".lower())
        return value

    def _toggled(self, variable: Variable) -> Put:
        if not self._facts.can_hold(variable, "boolean"):
            raise CannotSayError(f"a {variable.type} variable cannot be true or false there")
        domain = self._facts.domain(variable)
        if domain <= {"boolean", "nil"}:
            return Put(variable, Truth(Compare(variable, "!=", True)))
        nil = [IsNil(variable)] if "nil" in domain else []
        return Put(variable, Truth(either(*nil, Compare(variable, "==", False))))

    def _if_unset(
        self, assignment: Assignment, variable: Variable, source: Variable | None
    ) -> list[Put]:
        """Only nil is unset; a first value beyond the limits is brought inside them."""
        puts: list[Put] = []
        first = limited(variable, variable.initial)
        if first != variable.initial:
            nearest = self._facts.kept(variable, first)
            beyond = self._facts.kept(variable, variable.initial)
            if beyond is not None and nearest is not None:
                puts.append(Put(variable, Fixed(nearest), Compare(variable, "==", beyond)))
        if "nil" not in self._facts.domain(variable):
            if variable.type not in self._facts.nil_types:
                name = variable.full_name
                self._findings.add("EX0407", f"{name} cannot be nil there: it is always set")
            return puts
        when = IsNil(variable)
        if source is None:
            alone = Assignment(assignment.target, "set", assignment.value)
            return [*puts, self._fixed(variable, constant(alone, variable), when)]
        # What follows a copy keeps limits; what was set before is within them.
        first_put, *more = self._copied(variable, source, is_number=True, is_unset=True)
        only = Put(variable, first_put.worth, every(when, first_put.when))
        return [*puts, only, *more]

    def _sum(self, assignment: Assignment, variable: Variable, source: Variable | None) -> Put:
        domain = self._facts.domain(variable)
        amount: float | Variable = 0
        unsure = False
        if source is not None:
            kinds = self._facts.domain(source)
            if kinds & {"text", "date"}:
                raise CannotSayError("no number can be read from a text there")
            if "number" in kinds:
                self._only_numbers(source, kinds)
                amount, unsure = source, "nil" in kinds
        elif isinstance(assignment.value, Literal):
            amount = leading_number(assignment.value.text) or 0
        self._only_numbers(variable, domain)
        least, most = (bound(variable.config.get(name)) for name in ("min", "max"))
        return Put(
            variable,
            Sum(
                variable,
                "+" if assignment.operator == "add" else "-",
                amount,
                may_be_nil="nil" in domain,
                amount_may_be_nil=unsure,
                least=least,
                most=most,
            ),
        )

    def _only_numbers(self, variable: Variable, domain: Domain) -> None:
        foreign = " or ".join(sorted(domain - {"number", "nil"}))
        if foreign:
            message = f"{variable.full_name} may hold a {foreign}, which cannot be calculated with"
            self._findings.add("EX0406", message)

    def _copied(
        self, variable: Variable, source: Variable, *, is_number: bool, is_unset: bool = False
    ) -> list[Put]:
        """The value of another variable, and then the limits, where they may be passed.

        ``is_unset``: the first put runs only if the variable is nil, all others always.
        """
        kinds = self._facts.domain(source)
        if variable.type == "number" and is_number:
            if kinds & {"text", "date"}:
                raise CannotSayError("no number can be read from a text there")
            if "number" not in kinds:
                return [self._fixed(variable, None)]
        if kinds == {"nil"}:
            return [self._fixed(variable, limited(variable, None))]
        put = Put(variable, self._copy(variable, source, kinds))
        if isinstance(put.worth, Copied) and put.worth.as_text and "nil" in kinds:
            copy = Put(variable, put.worth, no(IsNil(source)))
            nothing = Put(variable, Fixed(self._facts.kept(variable, None)), IsNil(source))
            return [copy] if is_unset else [copy, nothing]
        if variable.full_name == source.full_name:
            kinds = kinds | self._facts.domain(variable)
        return [put, *self._limits(variable, source, kinds)]

    def _copy(self, variable: Variable, source: Variable, kinds: Domain) -> Copied:
        foreign = [x for x in sorted(kinds - {"nil"}) if not self._facts.can_hold(variable, x)]
        is_text = variable.type in TEXT_TYPES
        lists = (variable.type == "multi_select") != (source.type == "multi_select")
        if lists and not (is_text and "list" in kinds and kinds <= {"list", "nil"}):
            raise CannotSayError("lists and other values are kept in different ways there")
        if lists:
            message = f"{variable.full_name} gets a list of {source.full_name}, kept as a text"
            self._findings.add("EX0406", message)
            return Copied(source)
        numbers = is_text and bool(kinds & {"number", "boolean"})
        if numbers and not kinds <= {"number", "boolean", "nil"}:
            raise CannotSayError(f"a {variable.type} variable cannot take what may be a number")
        if foreign and not numbers:
            raise CannotSayError(f"a {variable.type} variable cannot take a {foreign[0]} there")
        if numbers:
            message = f"{variable.full_name} gets {source.full_name} as a text, 50.0 being 50"
            self._findings.add("EX0406", message)
        if "nil" in kinds and not self._facts.can_hold(variable, "nil"):
            raise CannotSayError(f"a {variable.type} variable cannot be nil there")
        return Copied(source, as_text=numbers)

    def _limits(self, variable: Variable, source: Variable, kinds: Domain) -> list[Put]:
        """Puts that bring a copied value inside the limits."""
        config, present = variable.config, no(IsNil(variable)) if "nil" in kinds else TRUE
        match variable.type:
            case "number":
                return self._number_limits(variable, kinds, present)
            case "boolean" if "nil" in kinds and not is_tri_state(variable):
                return [Put(variable, Fixed(False), IsNil(variable))]
            case "date":
                return self._date_limits(variable, kinds, present)
        name = {"text": "max_length", "multi_select": "max_options"}.get(variable.type)
        most = bound(config.get(name)) if name else None
        if most is not None and most > 0 and not _within(variable, source):
            message = f"{variable.full_name} is not cut to its {name} of {most} there"
            self._findings.add("EX0405", message)
        return []

    def _number_limits(self, variable: Variable, kinds: Domain, present: Formula) -> list[Put]:
        ends = ((sign, bound(variable.config.get(x))) for x, sign in (("min", "<"), ("max", ">")))
        puts = []
        for sign, end in ends:
            if end is None:
                continue
            if kinds & {"text", "date", "list"}:
                raise CannotSayError("numbers and texts cannot be told apart there")
            guards = [Compare(variable, "!=", x) for x in (True, False) if "boolean" in kinds]
            beyond = every(present, *guards, Compare(variable, sign, end))
            puts.append(Put(variable, Fixed(end), beyond))
        return puts

    def _date_limits(self, variable: Variable, kinds: Domain, present: Formula) -> list[Put]:
        puts = []
        filled = Compare(variable, "!=", "") if "text" in kinds else TRUE
        for name, sign in (("min_date", "<"), ("max_date", ">")):
            end = variable.config.get(name)
            if isinstance(end, str) and end:
                beyond = Compare(variable, sign, end, is_date=True)
                puts.append(Put(variable, Fixed(end), every(present, filled, beyond)))
        return puts


def _within(variable: Variable, source: Variable) -> bool:
    """Whether the limits of one variable keep those of the other."""
    same = source.type == variable.type and source.config == variable.config
    return same and limited(source, source.initial) == source.initial
