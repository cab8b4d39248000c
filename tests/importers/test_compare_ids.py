"""Ids do not count: a project says the same under any numbers."""

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .documents import Document, Renumbered, at, compared, invented, load, told

seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("name", ["mini.json", "mini-trash.json"])
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_a_golden_file_under_other_ids_is_the_same(name: str, seed: int) -> None:
    document = load(name)
    assert told(document, Renumbered(document, random.Random(seed)).document) == []


@given(seed=seeds)
@example(seed=11_159)  # equal nodes that only the exits of another flow tell apart
@settings(max_examples=150, deadline=None)
def test_any_project_under_other_ids_in_another_order_is_the_same(seed: int) -> None:
    rng = random.Random(seed)
    document = invented(rng)
    assert told(document, Renumbered(document, rng).document) == []


@given(seed=seeds)
@settings(max_examples=50, deadline=None)
def test_every_row_has_its_counterpart_whatever_the_ids(seed: int) -> None:
    rng = random.Random(seed)
    document = invented(rng)
    other = Renumbered(document, rng).document
    matches = compared(document, other, all_pairs=True)
    pairs = [pair for match in matches for pair in match.pairs]
    rows = sum(len(list(match.before.walk())) for match in matches if match.before)
    assert all(match.is_same for match in matches)
    assert len(pairs) == rows == _rows(document)


def _rows(value: object) -> int:
    """The rows of a document, which are all objects with ids."""
    if isinstance(value, dict):
        own = isinstance(value.get("id"), str)
        return own + sum(_rows(x) for x in value.values())
    return sum(_rows(x) for x in value) if isinstance(value, list) else 0


def test_all_pairs_of_a_file_with_itself_are_rows_of_equal_ids() -> None:
    document = load("mini.json")
    for match in compared(document, document, all_pairs=True):
        for before, after in match.pairs:
            assert before.pointer == after.pointer


def _exit_pin(document: Document) -> None:
    pins = [x for x in at(document, "flows", 1, "connections") if x["id"] == "709"]
    pins[0]["source_handle"] = "exit_623"


def _mention(document: Document) -> None:
    block = at(document, "pages", 2, "blocks", 2)
    block["value"]["content"] = block["value"]["content"].replace('"203"', '"202"')


def _hidden(document: Document) -> None:
    at(document, "pages", 1)["hidden_inherited_block_ids"] = ["302"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(
            _exit_pin,
            "~ act1.tavern/connections/subflow@1100,300 exit_act1.fight/nodes/exit@500,300 Won -> "
            'exit@1300,300 source_handle "exit_act1.fight/nodes/exit@500,300 Won" -> '
            '"exit_act1.fight/nodes/exit@500,500 Lost"',
            id="exit pin",
        ),
        pytest.param(
            _mention,
            r'~ mc.mira/blocks/bio value.content "<p>Met <span class=\"mention\" '
            r'data-type=\"sheet\" data-id=\"npc.bob\">Bob</span></p>" -> "<p>Met <span '
            r'class=\"mention\" data-type=\"sheet\" data-id=\"mc.mira\">Bob</span></p>"',
            id="mention",
        ),
        pytest.param(
            _hidden,
            '~ npc.bob hidden_inherited_block_ids ["characters/blocks/health"] -> '
            '["mc.mira/blocks/title"]',
            id="hidden block",
        ),
    ],
)
def test_an_id_that_names_another_row_is_a_difference_told_by_names(
    change: Callable[[Document], None], line: str
) -> None:
    before, after = load("mini.json"), load("mini.json")
    change(after)
    assert told(before, Renumbered(after, random.Random(5)).document) == [line]
