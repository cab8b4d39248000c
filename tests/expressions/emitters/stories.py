"""A story of one or two variables of each type, with conditions and instructions about it."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    CHANGES_WITHOUT_VALUE,
    ORDER,
    TESTS,
    TESTS_WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.values import NUMBER, as_text

NASTY = ('q"u', "]]--", "a\nb\\", "<<if", "{mc.text}", "$x", "%d.*", "len(", "é界🍺", "a, b", "nil")
TEXTS: st.SearchStrategy[str] = st.sampled_from(("", "50", "hero", "her", "o", "true", *NASTY))
DATES: st.SearchStrategy[str] = st.sampled_from(("2024-01-31", "2024-02-01", "1999-12-31"))
NUMBERS: st.SearchStrategy[int | float] = st.sampled_from((0, 50, 50.5, -3, 1e21, 0.1, 1e-9))
ITEMS = st.lists(st.sampled_from(("hero", "50", "", "a, b", "é")), max_size=3)

VALUES: Mapping[str, st.SearchStrategy[Value]] = {
    "text": TEXTS | st.none(),
    "rich_text": TEXTS,
    "number": NUMBERS | st.none(),
    "select": TEXTS | st.none(),
    "multi_select": ITEMS | st.none(),
    "boolean": st.booleans(),
    "date": DATES | st.none(),
    "formula": st.sampled_from((5, 2.5, None)),
}
"""What variables of each type hold in a story that is not odd."""

CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "mc.number": {"min": -5, "max": "60"},
    "mc.text": {"max_length": 30},
    "mc.date": {"min_date": "2000-01-01"},
    "b.boolean": {"mode": "tri_state"},
}
VARIABLES = {
    f"{sheet}.{kind}": Variable(sheet, kind, kind, None, CONFIGS.get(f"{sheet}.{kind}", {}))
    for sheet in ("mc", "b")
    for kind in VALUES
}
refs = st.sampled_from(sorted(VARIABLES)).map(lambda name: Ref(*name.split(".")))


def literal(text: str) -> Literal:
    """A literal as Storyarn stores it."""
    return Literal(text, "number" if NUMBER.fullmatch(text) else "text")


words = TEXTS | DATES | st.sampled_from(("-3", "50.5", "80 coins", "many", '["hero"]', "[]", "5"))
literals = words.map(literal)
_ANY = ("equals", "not_equals", "is_true", "is_false", "is_nil")
_TEXT = ("contains", "starts_with", "ends_with", "is_empty")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": _TEXT,
    "rich_text": _TEXT,
    "number": tuple(sorted(ORDER)),
    "multi_select": ("contains", "not_contains", "is_empty"),
    "date": ("before", "after"),
}
"""The operators that make sense for a type, besides those that all types have."""


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule; most of them make sense."""
    ref = draw(refs)
    kind = ref.name
    usual = (*_ANY, *OPERATORS.get(kind, ()) * 2)
    operator = draw(st.sampled_from(usual * 3 + tuple(sorted(TESTS))))
    if operator in TESTS_WITHOUT_VALUE:
        return Rule(ref, operator)
    fitting = {"number": NUMBERS.map(repr), "date": DATES, "multi_select": ITEMS.map(as_text)}
    text = draw(fitting.get(kind, TEXTS) | words)
    return Rule(ref, operator, literal(text))


def _groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)


conditions: st.SearchStrategy[Condition] = st.recursive(rules(), _groups, max_leaves=8)
_changes = ("set", "add", "subtract", "set_if_unset")
assignments = st.builds(Assignment, refs, st.sampled_from(_changes), literals | refs) | st.builds(
    Assignment, refs, st.sampled_from(sorted(CHANGES_WITHOUT_VALUE)), refs | st.none()
)
instructions = st.lists(assignments, max_size=3).map(tuple)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Value]:
    """A value for each variable."""
    return {name: draw(VALUES[variable.type]) for name, variable in VARIABLES.items()}
