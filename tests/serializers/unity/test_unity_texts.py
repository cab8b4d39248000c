"""What authors type is shown and never obeyed; formulas are worked out as Storyarn does."""

from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.emitters.domains import story_domains
from storyarn_pipelines.expressions.emitters.lua import LuaEmitter
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.unity.formulas import FormulaScripts
from storyarn_pipelines.serializers.unity.markup import Texts, acts, culture
from storyarn_pipelines.story.recompute import Formula
from storyarn_pipelines.story.text import line_text, response_text, shown_whole
from storyarn_pipelines.story.variables import StoryVariables
from tests.serializers.unity.json_utility import NotReadError, read_database
from tests.serializers.unity.lua import Machine, PluginLua, RealLua
from tests.serializers.unity.memory import ToldStory, export
from tests.serializers.unity.runtime import Conversations, Shown
from tests.story.builders import line, node, sheet

VARIABLES = {
    name: Variable(name.partition(".")[0], name.partition(".")[2], kind, value)
    for name, kind, value in (
        ("s.n", "number", 7), ("s.t", "text", "word"), ("s.b", "boolean", True),
        ("s.l", "multi_select", ["a", "b"]), ("s.x", "select", None),
        ("s.o-p", "text", "odd"), ("?q.r", "text", "ask"),
    )
}  # fmt: skip
EMITTER = LuaEmitter.for_story(VARIABLES)
TEXTS = Texts(EMITTER, ())
VALUES: dict[str, Value] = {name: x.initial for name, x in VARIABLES.items()}
_LOOK_ALIKES = str.maketrans("\uff3b\uff5c\uff1c", "[|<")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello</p>", "Hello"),
        ("  <p> a </p> ", "a"),
        ("<p>a</p><p>b<br>c</p>", "a\nb\nc"),
        ("<b>a</b> <em>b</em> <u>c</u>", "[em1]a[/em1] [em2]b[/em2] [em3]c[/em3]"),
        ("{s.n} {no.such}", "[var=s.n] [no.such]"),
        ("<b>{s.n}</b>", "[em1][var=s.n][/em1]"),
        ('<span class="variable-ref" data-ref="s.o-p">x</span>', "[var=s.o_p]"),
        ('<span class="variable-ref" data-ref="?q.r">x</span>', "[var= ?q.r]"),
        ("[f]", "\uff3bf]"),
        ("{f} {A}", "\uff3bf] \uff3bA]"),
        ("[var=x][lua(y)][em1]", "\uff3bvar=x]\uff3blua(y)]\uff3bem1]"),
        ("[va<s>r=x</s>]", "\uff3bvar=x]"),
        ("[pic={s.n}]", "\uff3bpic=[var=s.n]]"),
        ("[{s.t}] [{s.n}]", "\uff3b[var=s.t]] [[var=s.n]]"),
        ("[sighs] [] a[0]", "[sighs] [] a[0]"),
        ("a|b", "a\uff5cb"),
        ("&lt;b&gt; a &lt; b &lt;3", "\uff1cb> a < b <3"),
        ("&lt;{s.t}&gt;", "\uff1c[var=s.t]>"),
        ("", ""),
    ],
)
def test_lines_in_the_plugins_markup(html: str, text: str) -> None:
    assert TEXTS.line(html).text == text


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ("$s.n coins, $100", "[var=s.n] coins, $100"),
        ("<p> [a]", "\uff1cp> \uff3ba]"),
        (" a ", " a "),
    ],
)
def test_responses_in_the_plugins_markup(plain: str, text: str) -> None:
    assert TEXTS.response(plain).text == text


def test_what_is_not_shown_as_written_is_told() -> None:
    assert TEXTS.line("fine").lost == ()
    assert TEXTS.line("[f]").lost
    assert TEXTS.line("<s>x</s>").lost
    assert TEXTS.line("{s.t}" * 101).lost
    assert Texts(EMITTER, {"s.n"}).line("{s.n}").lost


_HTML = st.lists(
    st.sampled_from((
        "[", "]", "|", "&lt;", "&gt;", "<", ">", "f", "a", "var=", "lua(", ")", "em1", "/", "pic=2",
        "<b>", "</b>", "<s>", "</s>", "{s.n}", "{s.t}", "{a}", "{", "}", " ", "x", "<p>", "</p>",
        "position 1", "panel=1", "auto", "nosubtitle", "?", "\ufdd0", "\ufdd1", "$s.t", "&#91;f]",
    ))
).map("".join)  # fmt: skip


class _Filled:
    """A machine with the variables of these tests."""

    def __init__(self) -> None:
        machine = RealLua()
        machine.fill({EMITTER.identifiers.of(name): EMITTER.kept(x, x.initial)
                      for name, x in VARIABLES.items()})  # fmt: skip
        self.world = Conversations.__new__(Conversations)
        self.world.machine = machine


FILLED = _Filled().world


def shows(text: str) -> str:
    """What the plugin makes of a text; it must not obey anything in it."""
    shown = Shown()
    result = FILLED._text(text, shown)
    assert not shown.marks
    assert not shown.pictures
    return result.translate(_LOOK_ALIKES).replace("\ufdd0", "").replace("\ufdd1", "")


@settings(max_examples=400, deadline=None)
@given(_HTML)
def test_whatever_is_typed_is_shown(html: str) -> None:
    clean = html.replace("\ufdd0", "").replace("\ufdd1", "")
    assert shows(TEXTS.line(html).text) == line_text(clean, VALUES, shown_whole)
    assert shows(TEXTS.response(html).text) == response_text(clean, VALUES, shown_whole)


def test_values_that_would_act_are_known() -> None:
    assert acts("a|b")
    assert acts("[f]")
    assert not acts("[x] a < b")


@pytest.mark.parametrize(
    ("locale", "code"), [("es", "es"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW")]
)
def test_locales_are_written_as_dot_net_has_them(locale: str, code: str) -> None:
    assert culture(locale) == code


# Formulas

_NUMBERS = ("0", "1", "2", "2.5", "0.5", "10")


def _expression(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.3:
        return random.choice((*_NUMBERS, "a", "b", "a", "b"))
    inner = [_expression(random, depth - 1) for _ in range(2)]
    match random.choice(("sign", "call", "pair", "minus", "group")):
        case "sign":
            return f"({inner[0]} {random.choice('+-*/^')} {inner[1]})"
        case "call":
            return f"{random.choice(('sqrt', 'abs', 'floor', 'ceil', 'round'))}({inner[0]})"
        case "pair":
            return f"{random.choice(('min', 'max'))}({inner[0]}, {inner[1]})"
        case "minus":
            return f"-({inner[0]})"
    return f"({inner[0]})"


@pytest.mark.parametrize("machine", [RealLua(), PluginLua()])
def test_formulas_give_what_they_give_in_storyarn(machine: Machine) -> None:
    sources = {name: Variable("s", name, "number", 0) for name in "ab"}
    target = Variable("s", "f", "formula")
    variables = {x.full_name: x for x in (*sources.values(), target)}
    emitter = LuaEmitter.for_story(variables, story_domains(variables, []))
    random = Random(7)
    nothing = 0
    for _ in range(400):
        text = _expression(random, 3)
        cell = {"expression": text, "bindings": {x: {"type": "variable", "ref": f"s.{x}"}
                                                 for x in "ab"}}  # fmt: skip
        formula = Formula.read("s.f", cell)
        assert formula is not None
        told = Told()
        scripts = FormulaScripts(StoryVariables(variables, (formula,)), emitter, told)
        if told.found:
            continue
        values: dict[str, Value] = {
            f"s.{x}": random.choice((0, 1, -2, 3.5, -0.5, 100)) for x in "ab"
        }
        machine.fill({**values, "s.f": 1})
        for statement in scripts.after(["s.a", "s.b"]):
            machine.run(statement)
        expected = formula.value(values)
        nothing += expected is None
        left = machine.value("s.f")
        same = left is None if expected is None else left == pytest.approx(expected, rel=1e-12)
        assert same, (text, values, left, expected)
    assert 10 < nothing < 300


def test_formulas_in_a_circle_keep_their_value_and_are_told() -> None:
    def formula(name: str, source: str) -> Formula:
        cell = {"expression": "x + 1", "bindings": {"x": {"type": "variable", "ref": source}}}
        found = Formula.read(name, cell)
        assert found is not None
        return found

    told = Told()
    names = ("s.f", "s.g", "s.h")
    variables = {name: Variable("s", name[2:], "formula") for name in names}
    circle = (formula("s.f", "s.g"), formula("s.g", "s.f"), formula("s.h", "s.f"))
    FormulaScripts(StoryVariables(variables, circle), LuaEmitter.for_story(variables), told)
    assert [(x.code, x.where) for x in told.found] == [("XP0204", name) for name in names]


# The strict reader


def _change(path: list[Any], value: Any) -> Any:
    def change(database: Any) -> None:
        for step in path[:-1]:
            database = database[step]
        database[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _change(["unknown"], 1),
        _change(["baseID"], "1"),
        _change(["actors", 0, "id"], 2),
        _change(["actors", 0, "fields", 0, "value"], 5),
        _change(["actors", 0, "fields", 0, "type"], 9),
        _change(["conversations", 0, "dialogueEntries", 0, "id"], 2**31),
        _change(["conversations", 0, "dialogueEntries", 0, "isGroup"], 0),
        _change(["conversations", 0, "dialogueEntries", 0, "fields", 0, "value"], "<START>"),
        _change(["conversations", 0, "dialogueEntries", 0, "fields", 1, "value"], "77"),
        _change(["conversations", 0, "dialogueEntries", 0, "falseConditionAction"], "block"),
        _change(
            ["conversations", 0, "dialogueEntries", 0, "outgoingLinks", 0, "destinationDialogueID"],
            9,
        ),
        lambda database: database.pop("syncInfo"),
    ],
)
def test_the_strict_reader_refuses_what_unity_would_pass_over(change: Any, tmp_path: Any) -> None:
    content, _ = export(ToldStory(tmp_path, [line(node(2, "dialogue"))], [sheet(1, "s")]), tmp_path)
    database = read_database(content)
    change(database)
    with pytest.raises(NotReadError):
        read_database(orjson.dumps(database))
