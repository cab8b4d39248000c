"""Formula cells: their language, what they are bound to, and when they are worked out."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.story.formulas import FormulaError, compute, parse
from tests.story.builders import (
    Trace,
    assign,
    events,
    formula,
    line,
    node,
    number,
    play,
    sheet,
    story,
    table,
)  # fmt: skip

VALUES = {"a": 7.0, "b": 2.0, "con_2": -1.5, "_x": 0.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("  1 + 2 * 3\n", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("16 / 4 / 2", 2),
        ("2 ^ 3 ^ 2", 512),
        ("-2^2", 4),
        ("-(2^2)", -4),
        ("2^-1", 0.5),
        ("2^-1^2", 2),
        ("--a", 7),
        ("2 - -3", 5),
        ("a/b", 3.5),
        ("con_2 + _x", -1.5),
        ("007", 7),
        ("1.50", 1.5),
        ("sqrt(9) + abs(0 - 4)", 7),
        ("floor(-1.5)", -2),
        ("ceil(-1.5)", -1),
        ("round(0.5) + round(-0.5)", 0),
        ("round(2.5)", 3),
        ("round(0.49999999999999994)", 0),
        ("min(a, b) + max(a, b * 2)", 9),
        ("max(1, (2))", 2),
        ("0.1 + 0.2", 0.30000000000000004),
        ("10 ^ 15", 10**15),
        ("10 ^ 15 + 1", 1e15 + 1),
        ("10 ^ 300", 1e300),
    ],
)
def test_a_formula_has_a_value(text: str, value: float) -> None:
    found = compute(text, VALUES)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", ".5", "5.", "1.2.3", "1e3", "+1", "1 +", "* 2", "1 2", "a b", "(1", "1)", "()",
        "a(1)", "sum(1)", "sqrt()", "sqrt(1, 2)", "min(1)", "max(1, 2, 3)", "min(1 2)", "1, 2",
        "(1, 2)", "A", "aB", "a $ b", "unknown", "sqrt(-1)", "1 / 0", "1 / (a - 7)", "0 ^ -1",
        "(-8) ^ 0.5", "10 ^ 400", "10 ^ 300 * 10 ^ 300", "9" * 400, "sqrt", "-", "a,", "min(,1)",
    ],
)  # fmt: skip
def test_anything_else_is_nil(text: str) -> None:
    assert compute(text, VALUES) is None


@given(st.text(alphabet="()+-*/^,.0123456789ab_ sqrtmin\tA", max_size=40))
def test_no_text_raises_anything_but_a_formula_error(text: str) -> None:
    value = compute(text, VALUES)
    assert value is None or math.isfinite(value)


EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "2.5", "0", "a", "b"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda x: f"({x[0]}) {x[1]} ({x[2]})"),
        inner.map(lambda x: f"-({x})"),
        st.tuples(inner, inner).map(lambda x: f"max({x[0]}, {x[1]})"),
    ),
)


@given(EXPRESSIONS)
def test_arithmetic_is_pythons(text: str) -> None:
    try:
        expected = eval(text, {"max": max}, {name: float(x) for name, x in VALUES.items()})
    except ZeroDivisionError:
        expected = None
    assert compute(text, VALUES) == expected


@pytest.mark.parametrize("depth", [100_000])
@pytest.mark.parametrize("shape", ["{0}1{1}", "{2}1", "1{3}"])
def test_depth_costs_no_stack(shape: str, depth: int) -> None:
    text = shape.format("(" * depth, ")" * depth, "-" * depth, "^1" * depth)
    assert compute(text, {}) == 1


def test_what_is_wrong_is_told_inside() -> None:
    with pytest.raises(FormulaError, match="not closed"):
        parse("(1")


def cell(expression: object, **bindings: object) -> object:
    """The value of ``s.t.r.f`` at the start, in a table with other columns, on a sheet ``s``."""
    columns = {"v": "number", "w": "text", "x": "boolean", "f": "formula"}
    cells = {"v": "12", "w": "3 apples", "x": True, "f": formula(expression, **bindings)}
    told = story(line(), sheets=[sheet(1, "s", table("t", columns, {"r": cells}), number("n", 4))])
    return play(told)["variables"]["s.t.r.f"]


@pytest.mark.parametrize(
    ("expression", "bindings", "value"),
    [
        ("a + b", {"a": "@v", "b": "s.n"}, 16),
        ("a", {"a": "@missing"}, 0),
        ("a", {"a": "s.nobody"}, 0),
        ("a", {"a": 5}, 0),
        ("a", {"a": None}, 0),
        ("a", {"a": "@x"}, 0),
        ("a", {"a": "@w"}, 3),
        ("a", {}, None),
        ("1 / a", {"a": "@x"}, None),
        (5, {}, None),
        ("", {}, None),
        ("2 +", {}, None),
    ],
)
def test_a_formula_is_bound_to_its_row_and_to_variables(
    expression: object, bindings: dict[str, object], value: object
) -> None:
    assert cell(expression, **bindings) == value


def test_its_own_row_is_not_found_on_a_sheet_with_a_dot() -> None:
    rows = {"r": {"v": "12", "f": formula("a + 1", a="@v")}}
    told = story(
        line(), sheets=[sheet(1, "mc.jaime", table("t", {"v": "number", "f": "formula"}, rows))]
    )
    assert play(told)["variables"]["mc.jaime.t.r.f"] == 1


@pytest.mark.parametrize("stored", ["text", 7, True, None])
def test_a_formula_cell_that_is_no_formula_is_an_ordinary_value(stored: object) -> None:
    told = story(line(), sheets=[sheet(1, "s", table("t", {"f": "formula"}, {"r": {"f": stored}}))])
    assert play(told)["variables"] == {"s.t.r.f": stored}


def changed(rows: dict[str, Any], *does: dict[str, object]) -> Trace:
    """A play of one instruction on a sheet with a number ``s.n`` and formulas ``s.t.<row>.f``."""
    cells = {key: {"f": value} for key, value in rows.items()}
    sheets = [sheet(1, "s", number("n", 2), table("t", {"f": "formula"}, cells))]
    return play(story(line(node(2, "instruction", assignments=list(does))), sheets=sheets))


def test_formulas_follow_what_they_build_on_in_any_order() -> None:
    rows = {
        "a": formula("x * 10", x="s.t.z.f"),
        "m": formula("x + 1", x="s.n"),
        "z": formula("x + y", x="s.t.m.f", y="s.n"),
    }
    trace = changed(rows, assign("s", "n", "add", "1"))
    assert events(trace, "set") == [{"s.n": 3, "s.t.a.f": 70, "s.t.m.f": 4, "s.t.z.f": 7}]


def test_assigning_to_a_formula_has_no_effect() -> None:
    trace = changed({"a": formula("x + 1", x="s.n")}, assign("s", "t.a.f", "set", "99"))
    assert events(trace, "set") == []
    assert trace["variables"]["s.t.a.f"] == 3
    assert type(trace["variables"]["s.t.a.f"]) is int


def test_a_formula_of_itself_goes_on_with_every_instruction() -> None:
    trace = changed({"a": formula("x + 1", x="s.t.a.f")})
    assert events(trace, "set") == [{"s.t.a.f": 2}]


def test_two_symbols_for_one_formula_put_it_behind_in_the_order_of_names() -> None:
    """As Storyarn counts: b, which builds on c, is worked out before it."""
    twice = formula("x + y", x="s.t.d.f", y="s.t.d.f")
    rows = {"b": formula("x", x="s.t.c.f"), "c": twice, "d": formula("x", x="s.n")}
    trace = changed(rows, assign("s", "n", "add", "1"))
    assert trace["variables"] == {"s.n": 3, "s.t.b.f": 4, "s.t.c.f": 6, "s.t.d.f": 3}
