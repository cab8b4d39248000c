"""JSON of jsonb columns is exact, and what the database would refuse is refused before."""

import json
import sys
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.content.json_text import (
    MAX_DEPTH,
    JsonTextError,
    Latest,
    check,
    decode,
    encode,
    parse,
)

BACKSLASH = "\\"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("raw", "value", "written"),
    [
        ("12345678901234567890.10", Decimal("12345678901234567890.10"), None),
        ("1E+400", Decimal("1E+400"), None),
        ("0.0000001", Decimal("1E-7"), "1E-7"),
        ("1.50", Decimal("1.50"), None),
        ("-0.0", Decimal("-0.0"), None),
        ("123456789012345678901234567890", 123456789012345678901234567890, None),
        ("7", 7, None),
        ('"\\u00e9 \\ud83c\\udfb2"', "é 🎲", '"é 🎲"'),
        ('{"b":1,"a":[true,null,{}]}', {"b": 1, "a": [True, None, {}]}, None),
        (f'"{BACKSLASH * 2}u0000"', f"{BACKSLASH}u0000", None),
    ],
)
def test_values_are_exact(raw: str, value: Any, written: str | None) -> None:
    found = decode(raw)
    assert found == value
    assert type(found) is type(value)
    assert str(found) == str(value)
    check(found)
    assert encode(found).decode() == (written or raw)


plain_texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | plain_texts,
    lambda inner: st.lists(inner) | st.dictionaries(plain_texts, inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    check(value)
    found = decode(encode(value))
    assert found == value
    # A second time to the digit: only a Decimal without fraction has become an integer.
    assert repr(decode(encode(found))) == repr(found)


REFUSED = [
    ("1" * 5000, "4,299 digits"),
    ("-1.5e4299", "4,299 digits"),
    ("1e131072", "4,299 digits"),
    ("1e-16384", "range"),
    ("1e99999999999999999999", "range"),
    ('"a\\u0000"', "NUL"),
    ('{"\\u0000": 1}', "NUL"),
    (f'"{BACKSLASH * 3}u0000"', "NUL"),
    ('"\\ud800"', "surrogate"),
    ('"\\ud800x"', "surrogate"),
    ('"\\udc00\\ud800"', "surrogate"),
    ('{"a": "\\ud83d"}', "surrogate"),
    (nested(MAX_DEPTH + 1), "nested"),
    ("[" * 100_000, "nested"),
    ('{"a":' * 100_000, "nested"),
    ("NaN", "valid JSON"),
    ("{1: 2}", "valid JSON"),
    ("", "valid JSON"),
    ("1 2", "valid JSON"),
    ('"\x01"', "valid JSON"),
    ('"' + '\\"' * 50_000 + "[" * 1000, "valid JSON"),
]


@given(st.lists(values, min_size=1))
def test_the_latest_text_is_remembered_as_what_it_says(several: list[Any]) -> None:
    latest = Latest()
    for value in several:
        raw = latest.encode(value)
        assert raw == encode(value)
        assert latest.decode(raw) is value
        for other in several:
            assert latest.decode(encode(other)) == decode(encode(other))


@pytest.mark.parametrize("raw", [b"", b"{", b'"\\u0000"'])
def test_the_latest_text_is_refused_as_often_as_it_comes(raw: bytes) -> None:
    latest = Latest()
    for _ in range(2):
        with pytest.raises(JsonTextError):
            latest.decode(raw)
        assert latest.decode(b"1") == 1


@pytest.mark.parametrize(("raw", "reason"), REFUSED, ids=lambda x: ascii(x)[:20])
def test_what_a_jsonb_column_refuses_is_refused_with_its_reason(raw: str, reason: str) -> None:
    with pytest.raises(JsonTextError, match=reason):
        decode(raw.encode())
    with pytest.raises(JsonTextError, match=reason):
        decode(raw)


# 4,299 digits and 900 levels are limits of ours; PostgreSQL's own lie beyond.
OURS = {"1" * 5000, "-1.5e4299", nested(MAX_DEPTH + 1)}


def test_postgresql_agrees(mini_url: str) -> None:
    accepted = [
        "-1.5e4298", "-1e-16383", "0e0", "0e1000000", "0." + "1" * 16383, '"\\ud83c\\udfb2"',
        f'"{BACKSLASH * 2}u0000"', nested(MAX_DEPTH), '{"a": 1, "a": 2}', "-" + "1" * 4299, '"[[["',
    ]  # fmt: skip
    refused = [raw for raw, _ in REFUSED if raw not in OURS]
    with psycopg.connect(mini_url, autocommit=True) as connection:
        for raw in accepted:
            row = connection.execute("SELECT %s::jsonb::text", (raw,)).fetchone()
            assert row is not None
            assert decode(row[0]) == decode(raw)
        for raw in refused:
            with pytest.raises(psycopg.Error):
                connection.execute("SELECT %s::jsonb", (raw,))
        for raw in OURS:
            connection.execute("SELECT %s::jsonb", (raw,))


def test_broken_bytes_are_refused() -> None:
    for raw in (b'"\xff"', b'"\xed\xa0\x80"', b"\xef\xbb\xbf1"):
        with pytest.raises(JsonTextError):
            decode(raw)
    with pytest.raises(JsonTextError, match="UTF-8"):
        decode('"\ud800"')


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "float"),
        ({"a": [float("nan")]}, "float"),
        (Decimal("NaN"), "no number"),
        (Decimal("Infinity"), "no number"),
        (Decimal("1E+4299"), "digits"),
        (Decimal("1E-16384"), "range"),
        (10**5000, "digits"),
        (-(10**5000), "digits"),
        ({1: 2}, "key"),
        ({"a\0": 2}, "NUL"),
        (["a\0"], "NUL"),
        ({"\ud800": 1}, "surrogate"),
        ("\udfff", "surrogate"),
        (object(), "object"),
        ((1,), "tuple"),
    ],
    ids=lambda x: x if isinstance(x, str) and x.isascii() else type(x).__name__,
)
def test_values_from_elsewhere_are_checked(value: Any, reason: str) -> None:
    with pytest.raises(JsonTextError, match=reason):
        check(value)


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\ud800": 1}, "\0", {"a": "\0"}, 10**5000, object()],
    ids=lambda x: type(x).__name__,
)
def test_what_cannot_be_written_is_refused(value: Any) -> None:
    with pytest.raises(JsonTextError):
        encode(value)


def test_a_value_in_a_circle_ends() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(JsonTextError, match="nested"):
        check(circle)
    with pytest.raises(JsonTextError):
        encode(circle)


def test_depth_does_not_hang_on_the_callers_stack() -> None:
    """The same text is read whether the stack is empty or nearly full."""

    def read_below(frames: int) -> Any:
        return read_below(frames - 1) if frames else encode(decode(nested(MAX_DEPTH)))

    frame, used = sys._getframe(), 0
    while frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    assert read_below(sys.getrecursionlimit() - used - 60) == nested(MAX_DEPTH).encode()


def test_json_inside_of_a_text_may_hold_nul() -> None:
    assert parse('"a\\u0000"') == "a\0"


@given(st.text())
def test_any_text_is_read_or_refused(raw: str) -> None:
    try:
        found = decode(raw)
    except JsonTextError:
        return
    check(found)
    assert found == json.loads(raw, parse_float=Decimal)
