"""Rules as formulas: what Storyarn's player asks, type by type, in terms that engines know."""

import json
from collections.abc import Callable

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.expressions.ast import ORDER, AllOf, AnyOf, Condition, Rule
from storyarn_pipelines.expressions.emitters.domains import Domain
from storyarn_pipelines.expressions.emitters.facts import NIL_TEXT, Facts
from storyarn_pipelines.expressions.emitters.formulas import (
    FALSE,
    TRUE,
    Compare,
    Const,
    Find,
    Formula,
    IsNil,
    Member,
    Search,
    either,
    every,
    no,
)
from storyarn_pipelines.expressions.evaluate import World, holds
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.values import (
    NUMBER,
    as_text,
    day,
    leading_number,
    number_text,
)

_SIGNS = {
    "greater_than": ">", "greater_than_or_equal": ">=", "less_than": "<",
    "less_than_or_equal": "<=", "before": "<", "after": ">",
}  # fmt: skip
_TEXTS = frozenset({"text", "rich_text"})
_SEARCHES: dict[Search, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_FIRST_DAY, _LAST_DAY = "0000-01-01", "9999-12-31"
_NOBODY = World({})
_WHOLE_RESULTS = 1e15  # up to here a formula's result is an integer, where there is no fraction
# What tests of texts, and tests of numbers, cannot tell from what they are about.
_STRANGE = {False: frozenset({"number"}), True: frozenset({"text", "date", "list"})}


class RuleReader:
    """Turns conditions into formulas; what it must tell goes to ``findings``."""

    def __init__(self, facts: Facts, findings: Findings) -> None:
        self._facts, self._findings = facts, findings

    def formula(self, condition: Condition, *, plain: bool = False) -> Formula:
        """A condition as a formula.

        ``plain``: an error counts as false here, so numbers that are hardly ever nil need no
        guard while the story's instructions are not known.
        """
        match condition:
            case Rule():
                return self._rule(condition, plain=plain and not self._facts.are_sure)
            case AllOf(parts):
                return every(*[self.formula(part, plain=plain) for part in parts])
            case AnyOf(parts):
                return either(*[self.formula(part) for part in parts])
        return no(self.formula(condition.part))

    def _rule(self, rule: Rule, *, plain: bool) -> Formula:
        variable = self._facts.variables.get(rule.ref.full_name)
        if variable is None:
            result = Const(holds(rule, _NOBODY))
            counts = "holds" if result.value else "does not hold"
            name = rule.ref.full_name
            self._findings.add("EX0401", f"{name} does not exist: `{rule.operator}` {counts}")
            return result
        text = rule.value.text if rule.value else ""
        domain = self._facts.domain(variable)
        special = _SPECIAL.get((rule.operator, variable.type)) or _SPECIAL.get((rule.operator, ""))
        if special is not None:
            return special(self, variable, domain, text)
        if rule.operator in ORDER and variable.type == "number":
            found = leading_number(text)
            if found is None:
                return FALSE
            asked = Compare(variable, _SIGNS[rule.operator], found)
            return (
                asked
                if plain and domain == {"number", "nil"}
                else self._guarded(variable, domain, asked)
            )
        if rule.operator in ("before", "after") and variable.type == "date":
            return self._order_of_days(variable, domain, _SIGNS[rule.operator], text)
        return FALSE

    def _guarded(
        self, variable: Variable, domain: Domain, *asked: Compare | Find | Member
    ) -> Formula:
        """Tests, asked only of values for which they make sense."""
        guards: list[Formula] = [no(IsNil(variable))] if "nil" in domain else []
        if "boolean" in domain:
            guards += [Compare(variable, "!=", True), Compare(variable, "!=", False)]
        about_numbers = isinstance(asked[0], Compare) and not isinstance(asked[0].value, str)
        foreign = domain & _STRANGE[about_numbers]
        if foreign:
            kinds = " or ".join(sorted(foreign))
            message = f"{variable.full_name} may hold a {kinds}, which is not told apart there"
            self._findings.add("EX0406", message)
        return every(*guards, *asked)

    def is_true(self, variable: Variable, domain: Domain, _text: str) -> Formula:
        """Exactly true."""
        return self._is(variable, domain, True)

    def is_false(self, variable: Variable, domain: Domain, _text: str) -> Formula:
        """Exactly false."""
        return self._is(variable, domain, False)

    def _is(self, variable: Variable, domain: Domain, value: bool) -> Formula:
        # Where types mix freely the question costs nothing, whatever is known of the story.
        odd = self._facts.any_kind and not self._facts.are_sure
        return Compare(variable, "==", value) if odd or "boolean" in domain else FALSE

    def is_nil(self, variable: Variable, domain: Domain, _text: str) -> Formula:
        """Exactly nil."""
        if "nil" in domain:
            return IsNil(variable)
        if variable.type not in self._facts.nil_types:
            self._findings.add("EX0407", f"{variable.full_name} cannot be nil there: it never is")
        return FALSE

    def equals_text(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Equal as texts, whatever the variable holds."""
        ways: list[Formula] = []
        if "nil" in domain and text == "":
            ways.append(IsNil(variable))
        if domain & {"text", "date"}:
            kept = self._facts.kept(variable, text)
            assert kept is not None
            ways.append(Compare(variable, "==", kept))
        if "boolean" in domain and text in ("true", "false"):
            ways.append(Compare(variable, "==", text == "true"))
        if "number" in domain:
            ways.append(_same_number(variable, text))
        if "list" in domain:
            items = _list_of(text)
            if items is not None:
                ways.append(Compare(variable, "==", self._facts.kept_list(items)))
        return either(*ways)

    def differs_as_text(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Different as texts."""
        return no(self.equals_text(variable, domain, text))

    def equals_number(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Equal as numbers; two values that are no numbers are equal."""
        found = leading_number(text)
        if found is not None:
            return Compare(variable, "==", found)
        ways: list[Formula] = [IsNil(variable)] if "nil" in domain else []
        if "boolean" in domain:
            ways += [Compare(variable, "==", True), Compare(variable, "==", False)]
        return either(*ways)

    def differs_as_number(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Different as numbers."""
        return no(self.equals_number(variable, domain, text))

    def same_day(self, variable: Variable, _domain: Domain, text: str) -> Formula:
        """The same day; what is no date is never the same."""
        return Compare(variable, "==", _plain_day(text)) if day(text) is not None else FALSE

    def other_day(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Another day, or no day at all."""
        return no(self.same_day(variable, domain, text))

    def _order_of_days(self, variable: Variable, domain: Domain, sign: str, text: str) -> Formula:
        """Days are ordered as their texts are; texts that are no dates lie outside the bounds."""
        if day(text) is None or text.startswith("-"):
            if day(text) is not None:
                self._findings.add("EX0408", f"{text} has a sign: compared with it nothing holds")
            return FALSE
        asked = [Compare(variable, sign, _plain_day(text), is_date=True)]
        if "text" in domain:
            name = variable.full_name
            self._findings.add("EX0408", f"{name} may hold a text that is no plain date")
            bound, edge = (">=", _FIRST_DAY) if sign == "<" else ("<=", _LAST_DAY)
            asked.append(Compare(variable, bound, edge, is_date=True))
        return self._guarded(variable, domain, *asked)

    def contains(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """Part of a text."""
        return self._found(variable, domain, "contains", text) if text else FALSE

    def starts_with(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """The start of a text."""
        return self._found(variable, domain, "starts_with", text) if text else TRUE

    def ends_with(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """The end of a text."""
        return self._found(variable, domain, "ends_with", text) if text else TRUE

    def _found(self, variable: Variable, domain: Domain, how: Search, text: str) -> Formula:
        """A search in texts; true and false are searched as the words that they are shown as."""
        ways: list[Formula] = []
        if domain & {"text", "date"}:
            ways.append(self._guarded(variable, domain, Find(variable, how, text)))
            # Kept with an unseen character at its end, "nil" itself no longer ends as it does.
            nil = self._facts.kept_text(NIL_TEXT)
            if how == "ends_with" and nil != NIL_TEXT and NIL_TEXT.endswith(text):
                ways.append(Compare(variable, "==", nil))
        if "boolean" in domain:
            words = ((True, "true"), (False, "false"))
            ways += [Compare(variable, "==", x) for x, word in words if _SEARCHES[how](word, text)]
        return either(*ways)

    def is_empty(self, variable: Variable, domain: Domain, _text: str) -> Formula:
        """Nil or the empty text."""
        nil = IsNil(variable) if "nil" in domain else FALSE
        return either(nil, Compare(variable, "==", "") if "text" in domain else FALSE)

    def is_empty_list(self, variable: Variable, domain: Domain, _text: str) -> Formula:
        """Nil or a list of nothing."""
        nil = IsNil(variable) if "nil" in domain else FALSE
        return either(nil, Compare(variable, "==", "") if "list" in domain else FALSE)

    def has_item(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """A list with this item."""
        if "list" not in domain:
            return FALSE
        return self._guarded(variable, domain, Member(variable, text))

    def lacks_item(self, variable: Variable, domain: Domain, text: str) -> Formula:
        """No list, or one without this item."""
        return no(self.has_item(variable, domain, text))


_Special = Callable[[RuleReader, Variable, Domain, str], Formula]
_SPECIAL: dict[tuple[str, str], _Special] = {
    ("is_true", ""): RuleReader.is_true,
    ("is_false", ""): RuleReader.is_false,
    ("is_nil", ""): RuleReader.is_nil,
    ("equals", ""): RuleReader.equals_text,
    ("not_equals", ""): RuleReader.differs_as_text,
    ("equals", "number"): RuleReader.equals_number,
    ("not_equals", "number"): RuleReader.differs_as_number,
    ("equals", "date"): RuleReader.same_day,
    ("not_equals", "date"): RuleReader.other_day,
    ("contains", "multi_select"): RuleReader.has_item,
    ("not_contains", "multi_select"): RuleReader.lacks_item,
    ("is_empty", "multi_select"): RuleReader.is_empty_list,
    **{("contains", kind): RuleReader.contains for kind in _TEXTS},
    **{("starts_with", kind): RuleReader.starts_with for kind in _TEXTS},
    **{("ends_with", kind): RuleReader.ends_with for kind in _TEXTS},
    **{("is_empty", kind): RuleReader.is_empty for kind in _TEXTS},
}
"""Readers by operator and type of the variable; without a type: for all others."""


def _same_number(variable: Variable, text: str) -> Formula:
    """A number that is written like the text; engines do not tell 50 from 50.0."""
    found = leading_number(text) if NUMBER.fullmatch(text) else None
    if found is None:
        return FALSE
    spellings = {str(int(found))} if found.is_integer() else set[str]()
    if variable.type != "formula" or not found.is_integer() or abs(found) > _WHOLE_RESULTS:
        spellings.add(number_text(found))
    return Compare(variable, "==", found) if text in spellings else FALSE


def _list_of(text: str) -> list[str] | None:
    """The list that is written as this text, if there is one."""
    if not text.startswith("["):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return None
    return items if as_text(items) == text else None


def _plain_day(text: str) -> str:
    return text.removeprefix("+")
