"""Values of a file become fields of COPY, or are refused with their place."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.content.json_text import Latest
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.cells import NULL, cell_for
from storyarn_pipelines.importers.fields import RowFields, field_maker
from storyarn_pipelines.importers.identity import UNKNOWN, Identities, RefList, plain_digits
from storyarn_pipelines.store.target import TargetColumn

_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def column(kind: Kind, type_name: str, **facts: Any) -> TargetColumn:
    told = {
        "refers_to": None,
        "max_length": None,
        "not_null": False,
        "default": None,
        "has_default": False,
        **facts,
    }
    return TargetColumn("c", "c", kind, type_name, **told)


def fields_of(wanted: TargetColumn) -> RowFields:
    return RowFields([field_maker(wanted, cell_for(wanted, Latest()), "shown")])


def raws(**values: str) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(text.encode()) for name, text in values.items()}


def read_by_copy(field: bytes) -> str:
    """A field as COPY reads it, which must stand on one line and in one column."""
    text = field.decode()
    assert not set("\n\t\r") & set(text)
    return re.sub(r"\\(.)", lambda found: _ESCAPED[found[1]], text)


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.booleans(),
    st.sampled_from([None, 255]),
)
def test_a_text_arrives_however_json_spells_it(
    text: str, in_ascii: bool, max_length: int | None
) -> None:
    fields = fields_of(column(Kind.TEXT, "text", max_length=max_length))
    values = raws(c=json.dumps(text, ensure_ascii=in_ascii))
    for _ in range(2):
        if max_length is not None and len(text) > max_length:
            with pytest.raises(ImportFileError, match="/here/shown: it has"):
                fields.of(values, "/here")
        else:
            assert read_by_copy(fields.of(values, "/here")[0]) == text


SHORT = column(Kind.TEXT, "varchar", max_length=5)
REFUSED = [
    (SHORT, '"abcdef"', "it has 6 characters, 5 are allowed"),
    (SHORT, '"äbcdef"', "it has 6 characters, 5 are allowed"),
    (SHORT, "12", "it must be a text"),
    (SHORT, '"\\u0000"', "NUL"),
    (column(Kind.TEXT, "text"), '["x"]', "it must be a text"),
    (column(Kind.INTEGER, "int4"), "2147483648", "whole number"),
    (column(Kind.BOOLEAN, "bool"), "1", "true or false"),
    (column(Kind.JSON, "jsonb"), '"\\u0000"', "NUL"),
    (column(Kind.TIME, "timestamp"), '"2025-02-30T00:00:00Z"', "no such time"),
    (column(Kind.INTEGER, "int4", not_null=True), "null", "it must not be null"),
]


@pytest.mark.parametrize(("wanted", "raw", "reason"), REFUSED)
def test_a_bad_value_is_refused_with_its_place_each_time(
    wanted: TargetColumn, raw: str, reason: str
) -> None:
    fields = fields_of(wanted)
    for _ in range(2):
        with pytest.raises(ImportFileError, match=f"/here/shown: .*{reason}"):
            fields.of(raws(c=raw), "/here")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (column(Kind.INTEGER, "int4"), NULL),
        (column(Kind.INTEGER, "int4", default="7", has_default=True, not_null=True), b"7"),
        (column(Kind.TEXT, "text", default="a\tb", has_default=True), b"a\\tb"),
        (column(Kind.ID, "int8", has_default=True, not_null=True), NULL),
        (column(Kind.TIME, "timestamp", default="2025-01-01T00:00:00Z", not_null=True), None),
    ],
)
def test_what_a_row_does_not_have_is_the_columns_default(
    wanted: TargetColumn, field: bytes | None
) -> None:
    assert fields_of(wanted).of({}, "/here") == [field or b"2025-01-01T00:00:00Z"]


def test_a_value_that_must_be_there_is_missed_by_its_name() -> None:
    with pytest.raises(ImportFileError, match="/here/shown: it is missing"):
        fields_of(column(Kind.TEXT, "text", not_null=True)).of({}, "/here")


def test_null_is_a_value_where_json_must_be_there() -> None:
    kept, lost = (column(Kind.JSON, "jsonb", not_null=x) for x in (True, False))
    assert fields_of(kept).of(raws(c="null"), "") == [b"null"]
    assert fields_of(lost).of(raws(c="null"), "") == [NULL]


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        (b'"7"', b"7"),
        (b'"999999999999999999"', b"999999999999999999"),
        (b'"1000000000000000000"', None),
        (b'"0"', None),
        (b'"07"', None),
        (b'""', None),
        (b"123", None),
        (b'"-1"', None),
        ('"٣"'.encode(), None),
        (b'"\\u0031"', None),
        (b"null", None),
        (b"", None),
    ],
)
def test_ids_are_taken_as_they_stand_only_where_they_are_plain(
    raw: bytes, digits: bytes | None
) -> None:
    assert plain_digits(raw) == digits


def test_a_row_of_a_table_that_the_file_has_no_rows_of_is_unknown() -> None:
    assert Identities({t.BLOCKS: RefList()}, {}).of(t.BLOCKS, "12") == UNKNOWN
