"""Texts are read as the specification and Storyarn's code view mean them, or refused clearly."""

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    ALWAYS,
    NEVER,
    NIL,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Literal,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import MAX_LENGTH, parse_condition, parse_instruction
from storyarn_pipelines.expressions.printer import print_condition, print_instruction


def ref(name: str) -> Ref:
    sheet, _, last = name.rpartition(".")
    return Ref(sheet, last)


def num(name: str, operator: str, value: str) -> Rule:
    return Rule(ref(name), operator, Literal(value, "number"))


def txt(name: str, operator: str, value: str) -> Rule:
    return Rule(ref(name), operator, Literal(value))


def yes(name: str) -> Rule:
    return Rule(ref(name), "is_true")


def no(name: str) -> Rule:
    return Rule(ref(name), "is_false")


HEALTH = num("mc.health", "greater_than", "50")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        # Read as Storyarn's own code view reads it.
        ("", ALWAYS),
        ("   ", ALWAYS),
        ("mc.health > 50", HEALTH),
        ('mc.name == "Alice"', txt("mc.name", "equals", "Alice")),
        ("mc.alive", yes("mc.alive")),
        ("!mc.dead", no("mc.dead")),
        ("mc.health > 50 && mc.alive", AllOf((HEALTH, yes("mc.alive")))),
        ("mc.health > 50 || mc.mana > 30",
         AnyOf((HEALTH, num("mc.mana", "greater_than", "30")))),
        ('mc.name starts_with "Al"', txt("mc.name", "starts_with", "Al")),
        ("mc.flag == true", Rule(ref("mc.flag"), "equals", Literal("true", "boolean"))),
        ('a.b == ""', txt("a.b", "equals", "")),
        ('a.b == "q\\"u \\\\ n\\n"', txt("a.b", "equals", 'q"u \\ n\\n')),
        ("a.b.c.d == 1", num("a.b.c.d", "equals", "1")),
        ("a-b.c-d == 01", num("a-b.c-d", "equals", "01")),
        ("a . b == 1", num("a.b", "equals", "1")),
        ('a.b == "one\ntwo"', txt("a.b", "equals", "one\ntwo")),
        ("a.b // note\n&& a.c", AllOf((yes("a.b"), yes("a.c")))),
        # Storyarn reads these as something else, or loses a part.
        ("mc.weapon == nil", Rule(ref("mc.weapon"), "is_nil")),
        ("mc.weapon != nil", Not(Rule(ref("mc.weapon"), "is_nil"))),
        ("!(mc.health > 50)", Not(HEALTH)),
        ("!(a.b == 1)", Not(num("a.b", "equals", "1"))),
        ("!a.b == 1", Not(num("a.b", "equals", "1"))),
        ("!!a.b", Not(no("a.b"))),
        ("!(a.b)", no("a.b")),
        ('!(a.b contains "x")', Not(txt("a.b", "contains", "x"))),
        ('!(a.b starts_with "x")', Not(txt("a.b", "starts_with", "x"))),
        ("a.b && a.c || a.d", AnyOf((AllOf((yes("a.b"), yes("a.c"))), yes("a.d")))),
        ("a.b || (a.c && a.d)", AnyOf((yes("a.b"), AllOf((yes("a.c"), yes("a.d")))))),
        ("(a.b == 1 || a.c == 2)", AnyOf((num("a.b", "equals", "1"), num("a.c", "equals", "2")))),
        ("(a.b || a.c == 2)", AnyOf((yes("a.b"), num("a.c", "equals", "2")))),
        ("5 > a.b", num("a.b", "less_than", "5")),
        ('"x" == a.b', txt("a.b", "equals", "x")),
        ('a.b < "2024-01-01"', txt("a.b", "before", "2024-01-01")),
        # Storyarn refuses these.
        ("a.b > -5", num("a.b", "greater_than", "-5")),
        ("a.b == 1e3", num("a.b", "equals", "1e3")),
        ("a.b == 'x \\' \\\\ \"'", txt("a.b", "equals", "x ' \\ \"")),
        ("a.b is_empty", Rule(ref("a.b"), "is_empty")),
        ("not a.b", no("a.b")),
        ("a.b and not a.c or a.d", AnyOf((AllOf((yes("a.b"), no("a.c"))), yes("a.d")))),
        ("a.nil_value && a.contains_x && a.trueish && true.b && not.in",
         AllOf(tuple(map(yes, ("a.nil_value", "a.contains_x", "a.trueish", "true.b", "not.in"))))),
        ("a.1st > 2", num("a.1st", "greater_than", "2")),
        ("12.health == 12.5", num("12.health", "equals", "12.5")),
        ("1.5.x", yes("1.5.x")),
        ("éa.ñb", yes("éa.ñb")),
        ('אב.גד == "ש"', txt("אב.גד", "equals", "ש")),
        # The specification's form, and the rest of ours.
        ("{mc.jaime.health} > 50", num("mc.jaime.health", "greater_than", "50")),
        ("{ mc.jaime.class } == 'warrior'", txt("mc.jaime.class", "equals", "warrior")),
        ("#mc.jaime.health > 50", num("mc.jaime.health", "greater_than", "50")),
        ("{mc.jaime:stats.con.value} > 50",
         Rule(Ref("mc.jaime", "stats.con.value"), "greater_than", Literal("50", "number"))),
        ('{"a b":"c.}\\""}', Rule(Ref("a b", 'c.}"'), "is_true")),
        ("a.b is_true", yes("a.b")),
        ("!(a.b is_true)", Not(yes("a.b"))),
        ("a.b is_nil", Rule(ref("a.b"), "is_nil")),
        ("a.b == null", Rule(ref("a.b"), "is_nil")),
        ("a.b == ?", Rule(ref("a.b"), "equals", NIL)),
        ('a.b before "2024-01-31"', txt("a.b", "before", "2024-01-31")),
        ("a.b less_than_or_equal 5", num("a.b", "less_than_or_equal", "5")),
        ("a.b not_equals 5", num("a.b", "not_equals", "5")),
        ('a.b less_than "2024-01-01"', txt("a.b", "less_than", "2024-01-01")),
        ('"2024-01-31" before a.b', txt("a.b", "after", "2024-01-31")),
        ("true", ALWAYS),
        ("false || a.b", AnyOf((NEVER, yes("a.b")))),
        ("true == a.b", Rule(ref("a.b"), "equals", Literal("true", "boolean"))),
        ("a.b>=-1&&a.c<+2.5",
         AllOf((num("a.b", "greater_than_or_equal", "-1"), num("a.c", "less_than", "+2.5")))),
    ],
)  # fmt: skip
def test_a_condition_text_means_this(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition
    assert parse_condition(print_condition(condition)) == condition


ONE = Literal("1", "number")


@pytest.mark.parametrize(
    ("text", "assignments"),
    [
        # Read as Storyarn's own code view reads it.
        ("", ()),
        ("mc.health = 100", (Assignment(ref("mc.health"), "set", Literal("100", "number")),)),
        ("a.b += 1\na.b -= 1",
         (Assignment(ref("a.b"), "add", ONE), Assignment(ref("a.b"), "subtract", ONE))),
        ("a.b = true; a.c = false",
         (Assignment(ref("a.b"), "set_true"), Assignment(ref("a.c"), "set_false"))),
        ("mc.health = stats.max_hp", (Assignment(ref("mc.health"), "set", ref("stats.max_hp")),)),
        ('mc.name = "Alice"', (Assignment(ref("mc.name"), "set", Literal("Alice")),)),
        ("a.b ?= 1", (Assignment(ref("a.b"), "set_if_unset", ONE),)),
        ("a.b ?= true", (Assignment(ref("a.b"), "set_if_unset", Literal("true")),)),
        ("a.b ?= c.d", (Assignment(ref("a.b"), "set_if_unset", ref("c.d")),)),
        ("a.b += true", (Assignment(ref("a.b"), "add", Literal("true")),)),
        ('a.b = ""', (Assignment(ref("a.b"), "set", Literal("")),)),
        ("a.b = x.y.z", (Assignment(ref("a.b"), "set", ref("x.y.z")),)),
        ('a.b = "x;y" // note', (Assignment(ref("a.b"), "set", Literal("x;y")),)),
        ("\n// note\n\na.b = 1\n", (Assignment(ref("a.b"), "set", ONE),)),
        # Storyarn reads these as something else, or refuses them.
        ("a.b = nil", (Assignment(ref("a.b"), "clear"),)),
        ("a.b-=1", (Assignment(ref("a.b"), "subtract", ONE),)),
        ("toggle a.b", (Assignment(ref("a.b"), "toggle"),)),
        ("clear a.b", (Assignment(ref("a.b"), "clear"),)),
        ("set_true a.b", (Assignment(ref("a.b"), "set_true"),)),
        ("set_false a.b;", (Assignment(ref("a.b"), "set_false"),)),
        ("a.b = -5", (Assignment(ref("a.b"), "set", Literal("-5", "number")),)),
        (";;a.b = 1;", (Assignment(ref("a.b"), "set", ONE),)),
        ("a.b = 1\r\na.b = 1", (Assignment(ref("a.b"), "set", ONE),) * 2),
        ("a.b = 'one\ntwo'", (Assignment(ref("a.b"), "set", Literal("one\ntwo")),)),
        # The specification's form, and the rest of ours.
        ("{flags.met_jaime} = true", (Assignment(ref("flags.met_jaime"), "set_true"),)),
        ("{mc.jaime.health} -= 10",
         (Assignment(ref("mc.jaime.health"), "subtract", Literal("10", "number")),)),
        ("toggle a.b with c.d", (Assignment(ref("a.b"), "toggle", ref("c.d")),)),
        ("clear a.b with 1", (Assignment(ref("a.b"), "clear", ONE),)),
        ("clear a.b with json '[1]'", (Assignment(ref("a.b"), "clear", Literal("[1]", "json")),)),
    ],
)  # fmt: skip
def test_an_instruction_text_means_this(text: str, assignments: tuple[Assignment, ...]) -> None:
    assert parse_instruction(text) == assignments
    assert parse_instruction(print_instruction(assignments)) == assignments


@pytest.mark.parametrize(
    ("text", "line", "column", "found", "words"),
    [
        ("mc.health >", 1, 12, "the end", "a number"),
        ("a.b = 1", 1, 5, "`=`", "conditions compare with =="),
        ("a.b;", 1, 4, "`;`", "expected"),
        ("&& a.b", 1, 1, "`&&`", "a variable such as"),
        ("a", 1, 1, "`a`", "a variable is written sheet.name"),
        ("{a}", 1, 1, "`{`", "{sheet.name}"),
        ("a..b", 1, 1, "`a..b`", "expected"),
        ("a.b > 1.", 1, 8, "`.`", "expected ||, && or the end"),
        ("a.b + 1 > 2", 1, 5, "`+`", "no arithmetic"),
        ("(a.b", 1, 5, "the end", '")"'),
        ("a.b)", 1, 4, "`)`", "the end"),
        ("a.b\n  && )", 2, 6, "`)`", "a variable such as"),
        ('a.b == "abc', 1, 8, 'an unfinished `"abc`', "a quoted text"),
        ("a.b == 'abc\"", 1, 8, "an unfinished `'abc\"`", "a quoted text"),
        ("a.b == c.d", 1, 8, "`c.d`", "not with another variable"),
        ("5 == 5", 1, 1, "`5`", "one side of a comparison must be a variable"),
        ("a.b == (5)", 1, 8, "`(`", "a number"),
        ('"x" contains a.b', 1, 1, '`"x"`', "the variable stands before contains"),
        ("a.b > nil", 1, 7, "`nil`", "nil is compared with == or != only"),
        ("nil", 1, 4, "the end", "a comparison"),
        ("a.b == 'x' a.c", 1, 12, "`a.c`", "expected ||, && or the end"),
        ('a.b == "\0"', 1, 9, "a NUL character", "may not hold"),
        ("a.b \u202e", 1, 5, "`\\u202e`", "expected"),
    ],
)
def test_a_condition_that_cannot_be_read_says_where_and_why(
    text: str, line: int, column: int, found: str, words: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_condition(text)
    error = caught.value
    assert (error.line, error.column, error.found) == (line, column, found)
    first, shown, caret = str(error).split("\n")
    assert first.startswith(f"line {line}, column {column}: found {found}")
    assert words in first
    assert shown.isprintable()
    assert caret == " " * (column + 1) + "^"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("a.b =", 6, "a quoted text"),
        ("a.b", 4, "="),
        ("b = 1", 1, "a variable is written sheet.name"),
        ("a.b *= 2", 5, "no arithmetic"),
        ("a.b = 1.", 8, '";"'),
        ("a.b = c.d + 1", 11, "no arithmetic"),
        ("a.b == 1", 5, "instructions assign with ="),
        ("a.b = (1)", 7, "expected"),
        ("a.b = !c.d", 7, "expected"),
        ("a.b = c.d && c.e", 11, "expected"),
        ("a.b = c.d == 1", 11, "expected"),
        ("a.b = 1 a.c = 2", 9, "a new line"),
        ("a.b +=\n1", 7, "a number"),
        ("a.b += nil", 8, "nil can only be assigned with ="),
        ("toggle 5", 8, "a variable"),
        ("toggle a.b with 5", 17, "toggle takes a variable here"),
        ("clear a.b with true", 16, "clear takes a variable here"),
        ("clear a.b with json '[1'", 21, "this is no JSON"),
    ],
)
def test_an_instruction_that_cannot_be_read_says_where_and_why(
    text: str, column: int, words: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_instruction(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert words in str(caught.value).split("\n")[0]


def test_a_long_line_is_shown_around_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_condition("a.b && " * 200 + "@ " + "&& a.b" * 200)
    assert len(str(caught.value)) < 500
    _, shown, caret = str(caught.value).split("\n")
    assert len(shown) < 130
    assert shown[caret.index("^")] == "@"


STORY = Names(
    Variable(sheet, name, kind)
    for sheet, name, kind in (
        ("mc", "born", "date"),
        ("mc", "name", "text"),
        ("mc.jaime", "health", "number"),
        ("mc.jaime", "stats.con.value", "number"),
        ("x", "y.z", "text"),
        ("x.y", "z", "number"),
    )
)


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("mc.jaime.health", Ref("mc.jaime", "health"), []),
        ("mc.jaime.stats.con.value", Ref("mc.jaime", "stats.con.value"), []),
        ("{mc.jaime.stats.con.value}", Ref("mc.jaime", "stats.con.value"), []),
        ("{mc:jaime.health}", Ref("mc", "jaime.health"), []),
        ("x.y.z", Ref("x.y", "z"), ["EX0201"]),
        ("mc.jaime.gone", Ref("mc.jaime", "gone"), ["EX0201", "EX0202"]),
        ("mc.gone", Ref("mc", "gone"), ["EX0202"]),
        ("no.sheet.at.all", Ref("no.sheet.at", "all"), ["EX0202"]),
    ],
)
def test_names_are_split_by_the_longest_known_sheet(text: str, name: Ref, told: list[str]) -> None:
    found: list[Diagnostic] = []
    assert parse_condition(text, STORY, "here", found) == Rule(name, "is_true")
    assert [finding.code for finding in found] == told
    found.clear()
    assert parse_instruction(f"toggle {text}", STORY, "here", found)[0].target == name
    assert [finding.code for finding in found] == told


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('mc.born < "2024-01-31"', 'mc.born before "2024-01-31"'),
        ('mc.born > "soon"', 'mc.born after "soon"'),
        ('mc.born <= "2024-01-31"', 'mc.born before "2024-01-31" || mc.born == "2024-01-31"'),
        ("mc.born < 5", "mc.born < 5"),
        ('mc.name < "2024-01-31"', 'mc.name less_than "2024-01-31"'),
        ('mc.born less_than "2024-01-31"', 'mc.born less_than "2024-01-31"'),
    ],
)
def test_symbols_are_read_by_the_type_of_the_variable(text: str, printed: str) -> None:
    found: list[Diagnostic] = []
    assert print_condition(parse_condition(text, STORY, "", found)) == printed
    assert [x.code for x in found] == (
        ["EX0301"] if "before" in printed or "after" in printed else []
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [('a.b = ""', "EX0203"), ("a.b ?= true", "EX0302"), ("a.b += false", "EX0302")],
)
def test_assignments_that_surprise_are_told(text: str, told: str) -> None:
    found: list[Diagnostic] = []
    parse_instruction(text, None, "node 1", found)
    assert [(x.code, x.where) for x in found] == [(told, "node 1")]


ABSURD = {
    "opened": "(" * 10_000,
    "nested": "(" * 10_000 + "a.b" + ")" * 10_000,
    "denied": "!" * 10_000 + "a.b",
    "denied in words": "not " * 10_000 + "a.b",
    "denied in words and parentheses": "not (" * 10_000,
    "denied around comments": "! //\n" * 10_000 + "a.b",
    "alternating": "(a.b || a.c && " * 150 + "a.b" + ")" * 150,
    "1 MB": "a.b && " * 150_000,
    "quotes": '"' * 60_001,
    "escapes": 'a.b == "' + "\\" * 60_000,
    "braces": "{" * 60_000,
    "quoted braces": '{"' * 30_000,
    "colons": "{" + ":" * 60_000,
    "dots": "a." * 30_000,
    "hyphens": "a-" * 30_000,
    "hyphens only": "a" + "-" * 60_000,
    "digits": "1" * 60_000,
    "exponents": "1e" * 30_000,
    "blanks": " " * 60_000,
    "blanks before a dot": "a" + " " * 60_000 + "!",
    "blanks in braces": "{" + " " * 60_000,
    "dots and blanks in braces": "{" + ". " * 30_000,
    "unfinished escaped quotes": '"' + '\\"' * 29_000 + "(" * 300 + "\\",
    "blanks at dots": "a" + " ." * 30_000,
    "unfinished names": "{a." * 20_000,
    "unfinished quoted names": '{"a":"' * 10_000,
    "deep and unfinished": ("{" + "(" * 300) * 100,
    "slashes": "/" * 60_000,
    "lines": "\n;" * 30_000,
    "NUL": "\0" * 60_000,
    "right to left": "\u202e" * 60_000,
    "halves of characters": "\ud800" * 60_000,
}


@pytest.mark.parametrize("text", ABSURD.values(), ids=ABSURD.keys())
def test_absurd_texts_are_answered_at_once(text: str) -> None:
    for parse in (parse_condition, parse_instruction):
        started = time.process_time()
        with suppress(ExpressionError):
            parse(text)
        assert time.process_time() - started < 3


def test_nesting_up_to_the_limit_is_read() -> None:
    text = "(a.b || " * 190 + "a.c" + ")" * 190
    assert print_condition(parse_condition(text)) == text[1:-1]
    assert parse_condition("!" * 150 + "(a.b == 1)") != ALWAYS
    with pytest.raises(ExpressionError, match="at most 200 levels"):
        parse_condition("(" * 201 + "a.b" + ")" * 201)


def test_parentheses_inside_texts_and_comments_do_not_nest() -> None:
    text = f'a.b == "{"(" * 500}" // {"(" * 500}'
    assert parse_condition(text) == txt("a.b", "equals", "(" * 500)


def test_the_longest_text_is_read() -> None:
    condition = parse_condition(("a.b && " * (MAX_LENGTH // 7 - 1) + "a.b").ljust(MAX_LENGTH))
    assert isinstance(condition, AllOf)
    with pytest.raises(ExpressionError, match="at most 65,536"):
        parse_condition(" " * (MAX_LENGTH + 1))


PIECES = (
    "a.b", "{a.b}", "#a.b", "5", "-5", '"x"', "'", '"', "true", "nil", "?", "==", "=", "<", "+=",
    "contains", "is_nil", "before", "&&", "or", "not", "!", "(", ")", ";", "\n", "toggle",
    "clear", "with", "json", "//", "{", "}", " ", "a", ".", "-", "é", "\0",
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES))


@given(pieces.map(" ".join) | pieces.map("".join) | st.text())
def test_any_text_is_read_or_refused_and_what_is_read_can_be_printed(text: str) -> None:
    for parse, write in (
        (parse_condition, print_condition),
        (parse_instruction, print_instruction),
    ):
        read: Any = None
        with suppress(ExpressionError):
            read = parse(text)
        if read is not None:
            assert parse(write(read)) == read
