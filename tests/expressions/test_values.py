"""Values are read and written as Storyarn's runtime does."""

import pytest

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.values import (
    as_text,
    day,
    format_value,
    leading_number,
    number_text,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("80 coins", 80.0),
        ("80", 80.0),
        ("-5", -5.0),
        ("+5", 5.0),
        ("1e3x", 1000.0),
        ("1.5.2", 1.5),
        ("1e", 1.0),
        ("5.", 5.0),
        (" 80", None),
        (".5", None),
        ("", None),
        ("--5", None),
        ("many", None),
        ("1e999", None),
        ("٣", None),
    ],
)
def test_a_number_is_the_float_that_a_text_begins_with(text: str, number: float | None) -> None:
    assert leading_number(text) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (50, "50"),
        (50.0, "50.0"),
        (100.0, "100.0"),
        (1000.0, "1.0e3"),
        (1200.0, "1.2e3"),
        (1234.0, "1234.0"),
        (12340.0, "12340.0"),
        (123400.0, "1.234e5"),
        (1e5, "1.0e5"),
        (12345678900.0, "12345678900.0"),
        (9007199254740991.0, "9007199254740991.0"),
        (9007199254740992.0, "9.007199254740992e15"),
        (1e22, "1.0e22"),
        (-0.0, "-0.0"),
        (-2.5, "-2.5"),
        (0.001, "0.001"),
        (0.0001, "0.0001"),
        (0.00001, "1.0e-5"),
        (5e-324, "5.0e-324"),
    ],
)
def test_floats_are_written_in_erlangs_shortest_form(number: float, text: str) -> None:
    assert number_text(number) == text
    assert float(text) == number


@pytest.mark.parametrize(
    ("value", "compared", "shown"),
    [
        (None, "", "nil"),
        (True, "true", "true"),
        (50.0, "50.0", "50.0"),
        (7, "7", "7"),
        ("x", "x", "x"),
        (["a", 'b"'], '["a", "b\\""]', 'a, b"'),
        ([], "[]", ""),
        (["a"] * 51, '["a"' + ', "a"' * 49 + ", ...]", ", ".join(["a"] * 51)),
    ],
)
def test_values_as_texts(value: Value, compared: str, shown: str) -> None:
    assert as_text(value) == compared
    assert format_value(value) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", (2024, 2, 29)),
        ("0000-02-29", (0, 2, 29)),
        ("-0001-12-31", (-1, 12, 31)),
        ("+2024-01-01", (2024, 1, 1)),
        ("2023-02-29", None),
        ("2024-13-01", None),
        ("2024-00-10", None),
        ("2024-01-00", None),
        ("2024-1-1", None),
        ("2024-01-01T00:00", None),
        ("", None),
        (None, None),
        (20240101, None),
    ],
)
def test_dates_are_days(text: object, expected: object) -> None:
    assert day(text) == expected
