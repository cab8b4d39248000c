"""Numbers that stand for rows in both files."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.tokens import SOME_ROW, Tokens, moved_ids

refs = st.one_of(st.integers(1, 2**63 - 1).map(str), st.text(min_size=1, max_size=5))


def tokens(ids: dict[str, int]) -> Tokens:
    made = Tokens()
    for ref, number in ids.items():
        made.add(t.SHEETS, ref, number)
    made.settle(t.SHEETS)
    return made


@given(st.dictionaries(refs, st.integers(1, 10**9)), refs)
def test_every_row_is_found_by_its_id_and_no_other(ids: dict[str, int], stranger: str) -> None:
    found = tokens(ids)
    assert {ref: found.find(t.SHEETS, ref) for ref in ids} == ids
    assert found.find(t.SHEETS, stranger) == ids.get(stranger)


def test_rows_of_tables_that_are_not_settled_are_some_row_unless_they_are_known_exits() -> None:
    made = Tokens()
    made.add(t.FLOW_NODES, "5", 1)
    made.add_exit("7", 2)
    assert [made.find(t.FLOW_NODES, x) for x in ("5", "6", "7")] == [SOME_ROW, SOME_ROW, 2]
    made.add(t.FLOW_NODES, "7", 2)
    made.settle(t.FLOW_NODES)
    assert [made.find(t.FLOW_NODES, x) for x in ("5", "6", "7")] == [1, None, 2]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({"1": 1, "2": 2}, {"2": 2, "1": 1}, set()),
        ({"1": 1, "2": 2}, {"1": 2, "2": 1}, {b"1", b"2"}),
        ({"1": 1, "2": 2}, {"1": 1}, {b"2"}),
        ({"1": 1}, {"1": 1, "3": 3}, {b"3"}),
        ({"a": 1}, {"a": 1}, set()),
        ({"a": 1}, {"b": 1}, None),  # ids that are no numbers cannot be looked for in a text
    ],
)
def test_ids_that_stand_for_other_rows_are_known(
    before: dict[str, int], after: dict[str, int], moved: set[bytes] | None
) -> None:
    found = moved_ids(tokens(before), tokens(after), 10)
    assert found == (None if moved is None else frozenset(moved))


def test_more_moved_ids_than_the_limit_are_not_listed() -> None:
    ids = [str(x) for x in random.Random(1).sample(range(1000), 50)]
    before = tokens({ref: n for n, ref in enumerate(ids, 1)})
    after = tokens({ref: n for n, ref in enumerate(ids, 2)})
    assert moved_ids(before, after, 10) is None
    assert len(moved_ids(before, after, 100) or ()) == 50
