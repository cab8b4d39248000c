"""What cannot be imported is refused with its file, its line and the reason; the rest is told."""

from pathlib import Path
from time import perf_counter

import pytest

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.yarn import is_yarn
from tests.imports.yarn.drafting import Drafted, MemoryTree, said, script

DEEP = "\n".join(f"{' ' * depth}-> option {depth}" for depth in range(10_000))
REFUSED = {
    "no end": ("title: Start\n---\nHello\n", "line 1: the node Start has no '===' line"),
    "no end before the next node": (
        "title: A\n---\nHello\ntitle: B\n---\nHi\n===\n",
        "line 5: '---' inside of the node A: the '===' above is missing",
    ),
    "no body": ("title: A\nHello there\n===\n", "line 2: it is no header (name: value)"),
    "headers to the end": ("title: A\n", "line 1: the node A has no '---' line"),
    "an end without a body": ("title: A\n===\n", "line 2: '===' stands where no node is open"),
    "no title": ("tags: x\n---\nHello\n===\n" + script("x"), "line 1: the node has no title"),
    "two nodes of one title": (
        script("a") + script("b"),
        "line 5: the title Start stands in a.yarn line 1 already",
    ),
    "a group where one asks nothing": (
        script("a", headers="when: always\n") + script("b"),
        "not every node of that title has a 'when:'",
    ),
    "a jump to nowhere": (script("<<jump Nowhere>>"), "line 3: there is no node Nowhere to go to"),
    "a detour to nowhere": (script("<<detour Nowhere>>"), "there is no node Nowhere"),
    "a jump that is worked out": (script("<<jump {$where}>>"), "where to go is worked out"),
    "an open if": (script("<<if true>>\nHi"), "line 3: <<if>> has no <<endif>> in its node"),
    "an open once": (script("<<once>>\nHi"), "line 3: <<once>> has no <<endonce>> in its node"),
    "an end of nothing": (script("Hi\n<<endif>>"), "line 4: <<endif>> without an open <<if>>"),
    "two elses": (script("<<if true>>\n<<else>>\n<<else>>\n<<endif>>"), "<<else>> behind <<else>>"),
    "a wrong type in set": (
        script("<<declare $n = 1>>\n<<set $n to true>>"),
        "line 4: `true` is a bool where a number is expected",
    ),
    "a wrong type in a condition": (
        script('<<declare $n = 1>>\n<<if $n == "a">>\n<<endif>>'),
        "line 4: '==' between a number and a string",
    ),
    "a condition that is a number": (
        script("<<declare $n = 1>>\n<<if $n>>\n<<endif>>"),
        "`$n` is a number where a bool is expected",
    ),
    "a type that does not exist": (
        script("<<declare $n = 1 as colour>>"), "there is no type colour",
    ),
    "another type than its value": (
        script('<<declare $n = "a" as number>>'),
        "$n is declared as number, but its value is a string",
    ),
    "two declarations": (
        script("<<declare $n = 1>>\n<<declare $n = 2>>"),
        "line 4: $n is declared in a.yarn line 3 already",
    ),
    "a type that cannot be told": (script("{$what}"), "the type of $what cannot be told"),
    "a smart variable that is set": (
        script("<<declare $a = 1>>\n<<declare $b = $a + 1>>\n<<set $b to 3>>"),
        "$b is a smart variable and cannot be set",
    ),
    "smart variables in a circle": (
        script("<<declare $a = $b + 1>>\n<<declare $b = $a + 1>>\n<<if $a > 3>>\n<<endif>>"),
        "is declared by way of itself",
    ),
    "chance": (script("<<if random() > 0.5>>\n<<endif>>"), "random() is up to chance"),
    "chance in a text": (
        script("You rolled {dice(6)}"), "line 3: Storyarn cannot show `{dice(6)}`",
    ),
    "chance in a response's effect": (
        script("<<declare $n = 0>>\n-> roll\n    <<set $n to dice(6)>>"),
        "line 5: Storyarn cannot do `<<set $n to dice(6)>>`: dice() is up to chance",
    ),
    "a function of the game": (
        script("<<if is_night()>>\n<<endif>>"), "Storyarn has no is_night()",
    ),
    "a product": (
        script("<<declare $a = 1>>\n<<set $a to $a * $a>>"),
        "variables are multiplied with each other",
    ),
    "a quotient": (script("<<declare $a = 1>>\n<<set $a /= 2>>"), "a value is divided"),
    "texts put together": (
        script('<<declare $t = "a">>\n<<set $t += "b">>'),
        "texts are joined",
    ),
    "two texts compared": (
        script('<<declare $t = "a">>\n<<declare $u = "a">>\n<<if $t == $u>>\n<<endif>>'),
        "two texts that may change are compared",
    ),
    "a text picked by a value": (
        script('<<declare $n = 1>>\n[plural value=1 one="a" other="b"/]'),
        "the markup [plural] picks a text by a value",
    ),
    "an id twice": (
        script("a #line:1\nb #line:1"),
        "line 4: the id #line:1 stands in a.yarn line 3 already",
    ),
    "two ids": (script("a #line:1 #line:2"), "a line has two ids, #line:1 and #line:2"),
    "a wrong escape": (script("a \\n b"), "line 3: '\\n' is no escape"),
    "an option without a text": (script("-> <<if true>>"), "'->' needs text before its condition"),
    "a command behind a line": (script("Hi <<wait 1>>"), "must stand on a line of its own"),
    "an open command": (script("<<wait 1"), "a command has no closing >>"),
    "an open expression": (script("Hi {$x"), "an expression has no closing }"),
    "deep options": (script(DEEP), "nested deeper than 100 levels"),
    "deep ifs": (script("<<if true>>\n" * 10_000), "nested deeper than 100 levels"),
    "deep parentheses": (script(f"<<if {'(' * 9_000}true>>"), "nested deeper than 100 levels"),
    "a NUL character": (script("a\0b"), "line 3: there is a NUL character"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    text, reason = REFUSED[name]
    with pytest.raises(ImportFileError) as caught:
        Drafted({"a.yarn": text}, tmp_path)
    message = str(caught.value)
    assert reason in message
    assert all(line.startswith("import: ") for line in message.split("\n"))
    assert len(message.split("\n")) <= 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (script("Hi").encode().replace(b"Hi", b"H\xe4"), "line 3: it is no UTF-8"),
        (script("Hi").encode("utf-16"), "it is text in UTF-16; save it as UTF-8"),
        (script("x" * (5 << 20)).encode(), "line 3: the line is longer than 4 MiB"),
    ],
    ids=["Latin-1", "UTF-16", "a huge line"],
)
def test_bytes_that_are_no_script_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ImportFileError, match=reason):
        Drafted({"a.yarn": content, "b.yarn": script("b", "B")}, tmp_path)


def test_twenty_reasons_are_told_and_the_others_counted(tmp_path: Path) -> None:
    body = "\n".join(f"<<jump Nowhere{number}>>" for number in range(50))
    with pytest.raises(ImportFileError) as caught:
        Drafted({"a.yarn": script(body)}, tmp_path)
    lines = str(caught.value).split("\n")
    assert len(lines) == 21
    assert lines[-1] == "import: and 30 more problems"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_line_ends_and_a_byte_order_mark_do_not_count(
    tmp_path: Path, end: str, mark: bytes
) -> None:
    text = script("Hello\n-> a\n    b\n-> c")
    drafted = Drafted({"a.yarn": mark + text.replace("\n", end).encode()}, tmp_path)
    assert said(drafted.play()) == ["Hello", "a | c", "b"]


def test_options_without_bodies_lead_on(tmp_path: Path) -> None:
    drafted = Drafted({"a.yarn": script("Q\n-> a\n-> b\nbehind")}, tmp_path)
    for choice in (0, 1):
        assert said(drafted.play(None, choice)) == ["Q", "a | b", "behind"]


def test_a_tab_counts_as_eight_blanks_and_a_mixture_is_told(tmp_path: Path) -> None:
    text = script("Q\n-> a\n\tin a\n        in a too\n-> b\n  \tin b\nend")
    drafted = Drafted({"a.yarn": text}, tmp_path)
    assert said(drafted.play(None, 0)) == ["Q", "a | b", "in a", "in a too", "end"]
    assert any("tabs and blanks" in line for line in drafted.notes)


def test_a_line_of_a_hundred_thousand_characters_comes_whole(tmp_path: Path) -> None:
    long = "word " * 20_000
    drafted = Drafted({"a.yarn": script(f"{long}\n-> {long}\n-> b")}, tmp_path)
    assert said(drafted.play())[0] == long.strip()


def test_a_story_of_many_arms_and_lines_needs_no_stack(tmp_path: Path) -> None:
    arms = "\n".join(f"<<elseif $n == {number}>>\nline {number}" for number in range(5_000))
    text = script(f"<<declare $n = 4999>>\n<<if $n < 0>>\nx\n{arms}\n<<endif>>\n" + "y\n" * 5_000)
    assert said(Drafted({"a.yarn": text}, tmp_path).play())[0] == "line 4999"


@pytest.mark.parametrize("text", [" " * 100_000, "[a/]" * 25_000, "\\\\" * 50_000, "a:" * 50_000])
def test_hostile_lines_take_no_long_time(tmp_path: Path, text: str) -> None:
    started = perf_counter()
    Drafted({"a.yarn": script(f"x{text}x\n-> x{text}x")}, tmp_path)
    assert perf_counter() - started < 5


@pytest.mark.parametrize("kind", ["options", "ifs", "onces", "groups", "parentheses", "nots"])
def test_what_is_just_deep_enough_is_read(tmp_path: Path, kind: str) -> None:
    depth = 99
    text = {
        "options": "\n".join(f"{' ' * x}-> option {x}" for x in range(depth)),
        "groups": "\n".join(f"{' ' * x}=> line {x}" for x in range(depth)),
        "ifs": "<<if $a>>\n" * depth + "<<endif>>\n" * depth,
        "onces": "<<once>>\n" * depth + "<<endonce>>\n" * depth,
        "parentheses": f"<<if {'(' * 40}$a{')' * 40}>>\n<<endif>>",
        "nots": f"<<if {'not ' * 90}$a>>\n<<endif>>",
    }[kind]
    assert said(Drafted({"a.yarn": script(f"{text}\nend")}, tmp_path).play())[-1] == "end"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.yarn": script("Hi")}, True),
        ({"story.txt": script("Hi")}, True),
        ({"x/a.yarn": "// comment\n#tag\ntags: a\ntitle: A\n---\n===\n"}, True),
        ({"a.yarn": "title: A\n"}, True),
        ({"a.yarn": '{"project": {}}'}, False),
        ({"a.yarn": b"\x89PNG\r\n\x1a\n"}, False),
        ({"a.xml": "<ArticyData/>"}, False),
        ({"a.txt": "Dear reader, title: x"}, False),
        ({}, False),
    ],
)
def test_scripts_are_told_by_what_stands_in_them(files: dict[str, str], expected: bool) -> None:
    assert is_yarn(MemoryTree(files)) is expected
