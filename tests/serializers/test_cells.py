"""Columns become the JSON that PostgreSQL and orjson would write, value by value."""

import json
from datetime import UTC, datetime

import orjson
import psycopg
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain.columns import TIME_INFINITY, TIME_MINUS_INFINITY, Kind
from storyarn_pipelines.serializers.storyarn.cells import json_texts, time_text

# What PostgreSQL can hold: no NUL, no lone surrogates.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(st.lists(texts | st.none(), min_size=1))
def test_texts_escape_only_what_json_demands(values: list[str | None]) -> None:
    made = json_texts(pa.array(values, pa.string()), Kind.TEXT).to_pylist()
    assert made == [orjson.dumps(value).decode() for value in values]


def test_every_control_character_is_escaped_as_postgresql_does(mini_url: str) -> None:
    controls = [chr(code) for code in range(1, 128)]
    with psycopg.connect(mini_url) as connection:
        rows = connection.execute("SELECT to_jsonb(x)::text FROM unnest(%s::text[]) x", (controls,))
        expected = [text for (text,) in rows]
    assert json_texts(pa.array(controls), Kind.TEXT).to_pylist() == expected


moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(st.lists(moments | st.none(), min_size=1))
def test_times_are_iso_8601_in_utc(values: list[datetime | None]) -> None:
    made = json_texts(pa.array(values, pa.timestamp("us")), Kind.TIME).to_pylist()
    assert made == ["null" if x is None else f'"{x.isoformat()}Z"' for x in values]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (TIME_INFINITY, "infinity"),
        (TIME_MINUS_INFINITY, "-infinity"),
        (1_500_000, "1970-01-01T00:00:01.5Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (253_402_300_800_000_000, "10000-01-01T00:00:00Z"),
        (-62_135_596_800_000_001, "0000-12-31T23:59:59.999999Z"),
    ],
)
def test_times_beyond_the_calendar_keep_their_value(number: int, text: str) -> None:
    column = pa.array([number, 0], pa.int64()).cast(pa.timestamp("us"))
    assert json_texts(column, Kind.TIME).to_pylist() == [f'"{text}"', '"1970-01-01T00:00:00Z"']


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (Kind.ID, [1, None, 2**62], ['"1"', "null", '"4611686018427387904"']),
        (Kind.ID, ["a-b", 'x"'], ['"a-b"', '"x\\""']),
        (Kind.INTEGER, [0, -5, None], ["0", "-5", "null"]),
        (Kind.BOOLEAN, [True, False, None], ["true", "false", "null"]),
        (Kind.NUMBER, ["1.500", "NaN", "-Infinity", None, "1e400"],
         ["1.500", '"NaN"', '"-Infinity"', "null", "1e400"]),
        (Kind.JSON, ['{"a": 1.50}', "null", None], ['{"a": 1.50}', "null", "null"]),
        (Kind.FLOAT, ["1e-05", "-0", "Infinity", None], ["1e-05", "-0", '"Infinity"', "null"]),
        (Kind.IDS, [[1, 2], [], None, [None, 3]], ['["1","2"]', "[]", "null", '[null,"3"]']),
    ],
)  # fmt: skip
def test_every_kind_has_its_form(kind: Kind, values: list[object], expected: list[str]) -> None:
    assert json_texts(pa.array(values), kind).to_pylist() == expected
    if kind is not Kind.NUMBER:
        assert all(json.loads(text) is not Ellipsis for text in expected)


def test_far_times_are_as_postgresql_counts_them(mini_url: str) -> None:
    with psycopg.connect(mini_url) as connection:
        row = connection.execute(
            "SELECT (extract(epoch FROM timestamp '12000-02-29 23:59:58') * 1000000)::bigint"
        ).fetchone()
    assert row is not None
    assert time_text(row[0]) == "12000-02-29T23:59:58Z"
    assert time_text(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 10**6).startswith("2026")
