"""Random trees, variables and stored data."""

from typing import Any

from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    CHANGES_WITHOUT_VALUE,
    NIL,
    ORDER,
    TESTS,
    TESTS_WITHOUT_VALUE,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.evaluate import World
from storyarn_pipelines.expressions.values import NUMBER

NAMES = ("health", "nil_value", "1st", "stats.con.value", "x-y", "or", "5", "b-", "höhe")
SHEETS = ("mc", "mc.jaime", "12", "true", "a-b", "not.contains")
characters = st.characters(codec="utf-8", exclude_characters="\0")
words = st.text(characters, min_size=1, max_size=6)
refs = st.builds(Ref, st.sampled_from(SHEETS) | words, st.sampled_from(NAMES) | words)
numbers = st.from_regex(NUMBER, fullmatch=True).map(lambda text: Literal(text, "number"))
texts = st.text(characters, max_size=8).map(Literal) | st.sampled_from(
    [Literal(x) for x in ("50", "true", "nil", "2024-01-31", 'q"u\\', "a\nb", "// no", "{a.b}")]
)
booleans = st.sampled_from([Literal("true", "boolean"), Literal("false", "boolean")])
literals = numbers | texts | booleans | st.just(NIL)
rules = st.builds(Rule, refs, st.sampled_from(sorted(TESTS_WITHOUT_VALUE))) | st.builds(
    Rule, refs, st.sampled_from(sorted(TESTS - TESTS_WITHOUT_VALUE)), literals
)


def groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """All or any of some parts; a group of one does not exist."""
    several = st.lists(parts, min_size=2, max_size=4).map(tuple) | st.just(())
    return st.builds(AllOf, several) | st.builds(AnyOf, several)


positive: st.SearchStrategy[Condition] = st.recursive(rules, groups, max_leaves=12)
conditions: st.SearchStrategy[Condition] = st.recursive(
    rules, lambda parts: groups(parts) | st.builds(Not, parts), max_leaves=12
)
left_over = st.sampled_from(['["a"]', "5", "true", "{}", "1.5"]).map(lambda x: Literal(x, "json"))
changes = (
    st.builds(
        Assignment,
        refs,
        st.sampled_from(["set", "add", "subtract", "set_if_unset"]),
        refs | numbers | texts,
    )
    | st.builds(Assignment, refs, st.sampled_from(sorted(CHANGES_WITHOUT_VALUE)), refs | st.none())
    | st.builds(Assignment, refs, st.just("clear"), numbers | texts | left_over)
)
instructions: st.SearchStrategy[Instruction] = st.lists(changes, max_size=4).map(tuple)

# A story with one variable of each type, and rules about it that are not nonsense only.
TYPED: dict[str, st.SearchStrategy[Value]] = {
    "text": st.sampled_from(["", "50", "hero", "nil"]) | st.none(),
    "rich_text": st.sampled_from(["<p>hero</p>", ""]),
    "number": st.sampled_from([0, 50, 50.0, -3.5]),
    "select": st.sampled_from(["hero", None]),
    "multi_select": st.sampled_from([None, [], ["hero"], ["hero", "50"]]),
    "boolean": st.sampled_from([True, False, None]),
    "date": st.sampled_from([None, "2024-01-31", "2024-02-01"]),
    "formula": st.sampled_from([5, 50.0, None]),
}
VARIABLES = {f"mc.{kind}": Variable("mc", kind, kind) for kind in TYPED}
values = st.sampled_from(["50", "hero", "", "true", "2024-01-31", "2024-02-01", "-3.5", "h"])
typed_rules = st.builds(
    lambda kind, operator, value: Rule(
        Ref("mc", kind),
        operator,
        None
        if operator in TESTS_WITHOUT_VALUE
        else Literal(value, "number" if NUMBER.fullmatch(value) else "text"),
    ),
    st.sampled_from(sorted(TYPED)),
    st.sampled_from(sorted(TESTS)),
    values,
)
typed_positive: st.SearchStrategy[Condition] = st.recursive(typed_rules, groups, max_leaves=14)


def _deniable(rule: Rule) -> bool:
    """Whether the stored form has an exact opposite for all values above."""
    kind = rule.ref.name
    if rule.operator in ("starts_with", "ends_with"):
        return kind not in ("text", "rich_text")
    if rule.operator == "contains":
        return kind not in ("text", "rich_text")
    if rule.operator == "is_nil":
        return kind not in ("text", "rich_text", "date")
    if rule.operator in ORDER and kind == "number":
        return rule.value is not None and rule.value.kind == "number"
    if rule.operator in ("before", "after") and kind == "date":
        return rule.value is not None and rule.value.text.startswith("2024")
    return not (rule.operator in ("is_true", "is_false") and kind != "boolean")


deniable = typed_rules.filter(_deniable)
typed_conditions: st.SearchStrategy[Condition] = st.recursive(
    deniable, lambda parts: groups(parts) | st.builds(Not, parts), max_leaves=10
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The story above, with values drawn."""
    world = World(VARIABLES)
    world.values = {f"mc.{kind}": draw(values) for kind, values in TYPED.items()}
    return world


# Anything that a jsonb column may hold, with the words of conditions in it.
_KEYS = (
    "logic", "blocks", "type", "rules", "sheet", "variable", "operator", "value", "id",
    "value_type", "value_sheet", "label", "instruction", "instruction_assignments",
)  # fmt: skip
_WORDS = ("all", "any", "block", "group", "equals", "is_true", "greater_than", "set", "clear",
          "add", "variable_ref", "literal", "mc", "number", "text", "", "50")  # fmt: skip
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(_WORDS) | st.text(characters, max_size=4),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=7),
    max_leaves=30,
)  # fmt: skip
_rule = st.fixed_dictionaries(
    {},
    optional={
        "sheet": st.sampled_from(["mc", "", None, 5]),
        "variable": st.sampled_from([*TYPED, "", "gone", None]),
        "operator": st.sampled_from([*sorted(TESTS), "between", "", None, 3]),
        "value": json_values,
    },
)
_logic = {"logic": st.sampled_from(["all", "any", "odd", None])}
_block = st.fixed_dictionaries(
    {"type": st.sampled_from(["block", "block", "block", "x"])},
    optional={**_logic, "rules": st.lists(_rule | json_values, max_size=3), "id": json_values},
)
_inner = st.recursive(
    _block,
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("group"), "blocks": st.lists(inner, max_size=3)}, optional=_logic
    ),
    max_leaves=8,
)
stored_conditions = json_values | st.fixed_dictionaries(
    {},
    optional={
        **_logic,
        "blocks": st.lists(_inner | json_values, max_size=3) | json_values,
        "rules": st.lists(_rule, max_size=2) | json_values,
    },
)
