"""Two names never become one, and names do not change when unrelated ones come or go."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storyarn_pipelines.expressions.emitters import EMITTERS, LANGUAGES
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
    ascii_path,
)

WORDS = NameRules(ascii_identifier, frozenset({"end", "not"}), ignore_case=True, max_length=16)
PATHS = NameRules(ascii_path, tree=True)
names = st.lists(
    st.text(st.sampled_from("abAB._- 1é"), min_size=1, max_size=24) | st.text(min_size=1),
    max_size=12,
)


@given(names)
@example(["a.b", "a_b", "a-b", "A_B", "a_b_"])
def test_two_names_never_become_one(given_names: list[str]) -> None:
    chosen = Identifiers(given_names, WORDS).mapping()
    assert list(chosen) == sorted(set(given_names))
    assert len({x.casefold() for x in chosen.values()}) == len(chosen)
    for name in chosen.values():
        assert name.isascii()
        assert name.isidentifier()
        assert len(name) <= 16
        assert name.casefold() not in WORDS.reserved


@given(names)
@example(["a.b", "a.b.c", "a.b.c.d"])
def test_no_name_is_a_folder_too(given_names: list[str]) -> None:
    chosen = list(Identifiers(given_names, PATHS).mapping().values())
    assert len(set(chosen)) == len(chosen)
    for name in chosen:
        assert not any(other.startswith(f"{name}.") for other in chosen)


@given(names, names)
def test_names_stay_when_unrelated_ones_come(first: list[str], second: list[str]) -> None:
    before = Identifiers(first, WORDS).mapping()
    unrelated = [x for x in second if ascii_identifier(x)[:8].casefold() not in
                 {ascii_identifier(y)[:8].casefold() for y in first}]  # fmt: skip
    after = Identifiers([*first, *unrelated], WORDS).mapping()
    assert {name: after[name] for name in before} == dict(before)


@given(names)
def test_the_order_of_names_does_not_matter(given_names: list[str]) -> None:
    turned = Identifiers(reversed(given_names), WORDS)
    assert Identifiers(given_names, WORDS).mapping() == turned.mapping()


def test_names_that_would_be_the_same_get_a_suffix_and_a_diagnostic() -> None:
    chosen = Identifiers(["a.b", "a-b", "a_b", "c.d", "x.end", "end"], WORDS, "the story")
    found = dict(chosen.mapping())
    assert found.pop("a.b").startswith("a_b_")
    assert found.pop("a-b").startswith("a_b_")
    assert found == {"a_b": "a_b", "c.d": "c_d", "x.end": "x_end", "end": "end_"}
    assert [(x.code, x.where) for x in chosen.diagnostics] == [("EX0409", "the story")] * 2
    with pytest.raises(KeyError):
        chosen.of("no.such")


def test_a_name_that_is_a_folder_too_gets_a_suffix() -> None:
    chosen = Identifiers(["mc.stats", "mc.stats.con"], PATHS)
    assert chosen.of("mc.stats").startswith("mc.stats_")
    assert chosen.of("mc.stats.con") == "mc.stats.con"
    assert [x.code for x in chosen.diagnostics] == ["EX0409"]


def test_every_format_with_expressions_has_an_emitter() -> None:
    assert set(LANGUAGES.values()) == set(EMITTERS)
    assert {name: emitter.language for name, emitter in EMITTERS.items()} == {
        x: x for x in EMITTERS
    }


@pytest.mark.parametrize("language", EMITTERS)
@given(given_names=names)
def test_no_language_makes_two_names_one(language: str, given_names: list[str]) -> None:
    rules = EMITTERS[language].names
    full = [f"{x}.{x}" for x in given_names]
    chosen = Identifiers(full, rules).mapping()
    assert len({rules.key(x) for x in chosen.values()}) == len(set(full))
