"""Pieces of JSON, however they are cut, make the document that one writer would make."""

import json
from io import BytesIO
from itertools import pairwise
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream, _indented_deep

short = st.text(max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=12,
)
Call = tuple[str, tuple[Any, ...]]
objects = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=4)


def dumped(value: object) -> bytes:
    """Compact JSON."""
    return orjson.dumps(value)


def written(pretty: bool, *calls: Call) -> bytes:
    """The document that some calls write."""
    out = BytesIO()
    stream = JsonStream(out, pretty=pretty)
    for name, arguments in calls:
        getattr(stream, name)(*arguments)
    return out.getvalue()


def expected(pretty: bool, value: object) -> bytes:
    """The same document by one writer."""
    return msgspec.json.format(dumped(value), indent=2) if pretty else dumped(value)


@pytest.mark.parametrize("pretty", [False, True])
@given(rows=st.lists(objects, max_size=6), cuts=st.lists(st.integers(0, 6)))
def test_rows_may_come_in_any_portions(
    pretty: bool, rows: list[dict[str, Any]], cuts: list[int]
) -> None:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    portions = [
        b"".join(b"," + dumped(row) for row in rows[start:stop]) for start, stop in pairwise(edges)
    ]
    calls: list[Call] = [("begin", (b"{",)), ("begin", (b"[", "rows"))]
    calls += [("many", (memoryview(portion),)) for portion in portions]
    calls += [("end", ()), ("end", ())]
    assert written(pretty, *calls) == expected(pretty, {"rows": rows})


@pytest.mark.parametrize("pretty", [False, True])
@given(head=objects, inner=values, key=st.text(max_size=5).filter(lambda text: text != ""))
def test_an_object_may_be_opened_with_its_first_members(
    pretty: bool, head: dict[str, Any], inner: object, key: str
) -> None:
    head.pop(key, None)
    if not head:
        return
    calls = [("begin", (dumped(head)[:-1],)), ("value", (dumped(inner), key)), ("end", ())]
    assert written(pretty, *calls) == expected(pretty, {**head, key: inner})


@pytest.mark.parametrize("pretty", [False, True])
@given(
    groups=st.dictionaries(
        st.text(max_size=4), st.dictionaries(st.text(max_size=3), objects, min_size=1), min_size=1
    ),
    cut=st.integers(0, 20),
)
def test_groups_may_be_cut_between_any_two_rows(
    pretty: bool, groups: dict[str, dict[str, Any]], cut: int
) -> None:
    led: list[bytes] = []
    for name, rows in groups.items():
        for number, (key, row) in enumerate(rows.items()):
            lead = b"," if number or not led else b"}},"
            opener = b"" if number else dumped(name) + b':{"n":1,"rows":{'
            led.append(lead + opener + dumped(key) + b":" + dumped(row))
    cut = min(cut, len(led) - 1)
    calls: list[Call] = [("begin", (b"{",))]
    for part, before in ((led[: cut + 1], 1), (led[cut + 1 :], 3)):
        if part:
            calls.append(("splice", (b"".join(part), b"{{{", before, 3)))
    calls += [("splice", (b"}}", b"{{{", 3, 1)), ("end", ())]
    value = {name: {"n": 1, "rows": rows} for name, rows in groups.items()}
    assert written(pretty, *calls) == expected(pretty, value)


@pytest.mark.parametrize("pretty", [False, True])
def test_numbers_and_strings_stay_as_they_were_written(pretty: bool) -> None:
    raw = b'{"n": 12345678901234567890.10, "e": 1e400, "s": "\\u00e9\\/", "o": {}, "l": []}'
    made = written(pretty, ("begin", (b"{",)), ("value", (raw, "x")), ("end", ()))
    for token in (b"12345678901234567890.10", b"1e400", b'"\\u00e9\\/"', b"{}", b"[]"):
        assert token in made


@given(value=values)
def test_deep_values_are_indented_like_all_others(value: object) -> None:
    assert _indented_deep(dumped(value)) == expected(True, value)


def test_a_thousand_levels_are_no_obstacle() -> None:
    deep = b"[" * 1500 + b'"a, [b"' + b"]" * 1500
    made = written(True, ("begin", (b"{",)), ("value", (deep, "x")), ("end", ()))
    assert b"".join(made.split()) == b'{"x":' + deep.replace(b" ", b"") + b"}"


def test_long_texts_are_written_in_pieces() -> None:
    calls = [("begin", (b"{",)), ("text_member", ("data", [b"YW", b"Jj"])), ("end", ())]
    assert json.loads(written(True, *calls)) == {"data": "YWJj"}
