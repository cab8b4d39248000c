"""Odd stories and odd texts still load, and say what the author typed."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.text import line_text
from tests.node.judge import Judge
from tests.reference.projects import Generator
from tests.serializers.articy.comparing import dialogue_id, export, models, told
from tests.serializers.articy.conftest import WHEN
from tests.serializers.articy.xml_model import Model
from tests.story.builders import (
    assign,
    block,
    condition,
    flow,
    formula,
    line,
    node,
    number,
    response,
    rule,
    sheet,
    table,
    wire,
)

NASTY = [
    "if x then", "- a", "jump", "[[wait]]", "<<set $x>>", "-> a", "{", "]]>", "=1+1", '"quoted"',
    "<b>&amp;", "&#38;", "<html><body>", "\u202e\u05e9\u05dc\u05d5\u05dd", "a\r\nb",
    "  two  blanks ", "", "x" * 100_000, "\u0001control\uffff",
    "[lua(os.exit())]", "a|b", "[s.n]", "{0}", "'; x //",
]  # fmt: skip
_SHOWN = str.maketrans("[]|\x01\uffff", "\uff3b\uff3d\uff5c\ufffd\ufffd")


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_whatever_an_author_typed_is_said_and_nothing_else(
    judge: Judge, tmp_path: Path, text: str
) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    nodes = [
        node(1, "entry"),
        node(2, "dialogue", text=f"<p>{escaped}</p>", speaker_sheet_id=1, stage_directions=text,
             menu_text=text, technical_id=text, localization_id=text,
             responses=[response("a", text), response(text, text)]),
    ]  # fmt: skip
    made = told(tmp_path, flow(nodes, [wire(1, 2)]), sheets=[sheet(1, "s", number(), name=text)])
    model = Model(made.directory / "articy.xml")
    assert model.problems == []
    asked = [{"start": dialogue_id(1), "seed": 1}]
    answer = judge.ask("articy", file=str(made.directory / "articy.json"), plays=asked)
    for result in (answer["results"][0], model.play(dialogue_id(1), 1)):
        said = result["steps"][1]
        line_said = line_text(f"<p>{escaped}</p>", {}).translate(_SHOWN)
        assert said["text"].replace("\r", "") == line_said.replace("\r", "")
        options = {x["menu"].replace("\r", "") for x in said["options"]}
        assert options == {(text or "take a").translate(_SHOWN).replace("\r\n", "\n")} or not text
    if text.translate(_SHOWN) != text:
        assert "XP0202" in {x.code for x in made.found}


def test_styles_are_html_in_the_xml_and_plain_in_the_json(tmp_path: Path) -> None:
    text = "<p>Not <strong>that</strong> &amp; <em>this</em><br>two</p>"
    made = told(tmp_path, line(node(2, "dialogue", text=text)))
    key = next(x for x, one in models(made).items() if one["Type"] == "DialogueFragment")
    assert models(made)[key]["Properties"]["Text"] == "Not that & this\ntwo"
    model = Model(made.directory / "articy.xml")
    assert model.texts(key, "Text") == {"en": "Not that & this\ntwo"}
    raw = model.objects[key].findtext(".//{*}LocalizedString")
    assert "#s1 {font-weight:bold;}" in raw
    assert '<span id="s1">that</span>' in raw
    assert "XP0203" in {x.code for x in made.found}


@pytest.mark.parametrize("word", ["limit", "once", "visited", "random", "eval", "value", "a"])
def test_no_name_of_a_variable_stops_a_script(judge: Judge, tmp_path: Path, word: str) -> None:
    change = node(2, "instruction", assignments=[assign(word, word, "add", "3")])
    made = told(tmp_path, line(change), sheets=[sheet(1, word, number(word))])
    asked = [{"start": dialogue_id(1), "seed": 1}]
    answer = judge.ask("articy", file=str(made.directory / "articy.json"), plays=asked)
    held = answer["results"][0]["variables"]
    assert [x for name, inner in held.items() if "Calls" not in name for x in inner.values()] == [3]


def test_values_stand_in_texts_as_articys_importers_put_them_in(tmp_path: Path) -> None:
    made = told(
        tmp_path, line(node(2, "dialogue", text="{s.n} and {no.one}")),
        sheets=[sheet(1, "s", number())],
    )  # fmt: skip
    found = [x["Properties"]["Text"] for x in models(made).values()]
    assert "[s_.n_] and \uff3bno.one\uff3d" in found
    assert next(x.where for x in made.found if x.code == "XP0202").endswith("dialogue 2")


def test_an_assignment_to_what_is_unset_becomes_a_condition_in_the_flow(
    judge: Judge, tmp_path: Path
) -> None:
    change = assign("s", "t", "set_if_unset", "new")
    nodes = [
        node(1, "entry"), node(2, "instruction", assignments=[change]),
        node(3, "instruction", assignments=[assign("s", "t", "set_if_unset", "newer")]),
    ]  # fmt: skip
    made = told(
        tmp_path, flow(nodes, [wire(1, 2), wire(2, 3)]),
        sheets=[sheet(1, "s", block("t", "select", None))],
    )  # fmt: skip
    assert "EX0404" not in {x.code for x in made.found}
    asked = [{"start": dialogue_id(1), "seed": 1}]
    answer = judge.ask("articy", file=str(made.directory / "articy.json"), plays=asked)
    for result in (
        answer["results"][0],
        Model(made.directory / "articy.xml").play(dialogue_id(1), 1),
    ):
        assert result["variables"]["s_"]["t_"] == "new"


@pytest.mark.parametrize(
    ("expression", "value"),
    [("a + 2 * b", 13), ("max(a, b) - min(a, b)", 2), ("abs(b - 2 * a)", 1), ("a / 2", None)],
)
def test_formulas_are_worked_out_again_where_whole_numbers_do(
    judge: Judge, tmp_path: Path, expression: str, value: int | None
) -> None:
    cells = {"r": {"f": formula(expression, a="s.n", b="s.m")}}
    sheets = [sheet(1, "s", number("n", 0), number("m", 5), table("t", {"f": "formula"}, cells))]
    made = told(
        tmp_path, line(node(2, "instruction", assignments=[assign("s", "n", "add", "3")])),
        sheets=sheets,
    )  # fmt: skip
    asked = [{"start": dialogue_id(1), "seed": 1}]
    answer = judge.ask("articy", file=str(made.directory / "articy.json"), plays=asked)
    held = answer["results"][0]["variables"]["s_"]
    if value is None:
        assert any(x.code == "XP0204" and x.where.endswith("instruction 2") for x in made.found)
    else:
        assert held["t_r_f"] == value
        assert "XP0204" not in {x.code for x in made.found}


@pytest.mark.parametrize(
    ("flows", "code"),
    [
        ([flow([node(1, "dialogue", text="x")])], "XP0101"),
        ([line(node(2, "subflow", referenced_flow_id=7))], "XP0102"),
        ([line(node(2, "dialogue", text="x"))], "XP0105"),
        ([line(node(2, "jump", target_hub_id="no"))], "XP0105"),
        ([flow([node(1, "entry"), node(2, "hub")], [wire(1, 2), wire(2, 2)])], "XP0103"),
        ([flow([node(4, "entry"), node(5, "hub")])], "XP0104"),
        ([flow([])], "XP0101"),
        ([line(node(2, "subflow", referenced_flow_id=7)),
          flow([node(70, "exit", exit_mode="caller_return")], key=7)], "XP0101"),
    ],
)  # fmt: skip
def test_what_is_odd_is_told_and_still_loads(
    judge: Judge, tmp_path: Path, flows: list[Flow], code: str
) -> None:
    made = told(tmp_path, *flows)
    assert code in {x.code for x in made.found}
    model = Model(made.directory / "articy.xml")
    assert model.problems == []
    asked = [{"start": dialogue_id(1), "seed": 1}]
    answer = judge.ask("articy", file=str(made.directory / "articy.json"), plays=asked)
    assert "error" not in answer["results"][0]
    assert model.play(dialogue_id(1), 1)["steps"]


@pytest.mark.parametrize("seed", range(2))
def test_projects_that_nobody_would_write_still_load(
    new_database: Callable[[], str], tmp_path: Path, seed: int
) -> None:
    url = new_database()
    with psycopg.connect(url) as connection:
        projects = Generator(connection).fill(seed)
    for index, key in enumerate(projects):
        directory = tmp_path / str(index)
        (directory / "snapshot").mkdir(parents=True)
        options = parse_options({"include_trash": True, "localization_policy": "preview"})
        collect(url, key, options, directory / "snapshot", collected_at=WHEN)
        made = export(
            StoryReader(directory / "snapshot"), directory / "made", localization_policy="preview"
        )
        assert Model(made.directory / "articy.xml").problems == []
        assert models(made)


def test_original_expressions_stand_beside_the_emitted_ones(tmp_path: Path) -> None:
    asked = condition(rule("s", "n", "greater_than", "3"))
    chosen = response("a", "go", assign("s", "n", "add", "1"), when=asked)
    made = told(
        tmp_path,
        line(node(2, "condition", condition=asked), node(3, "dialogue", responses=[chosen])),
        sheets=[sheet(1, "s", number())],
    )
    found = {x["Properties"]["TechnicalName"]: x for x in models(made).values()}
    assert found["Cnd_2"]["Properties"]["Text"] == "s.n > 3"
    assert found["Cnd_2"]["Properties"]["Expression"] == "s_.n_ > 3"
    kept = next(x for x in found.values() if x["Type"] == "StoryarnResponse")
    assert kept["Template"]["StoryarnResponse"]["Condition"] == "s.n > 3"
    assert kept["Template"]["StoryarnResponse"]["Instruction"] == "s.n += 1"
