"""Lines and responses as plain text."""

import html
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.story.markup import tokens
from storyarn_pipelines.story.text import line_text, response_text, shown_whole

VALUES: dict[str, Value] = {
    "mc.gold": 50.0, "mc.name": "Ann & <b>Bob</b>", "mc.tags": ["a", "b"], "mc.alive": True,
    "mc.love": None, "mc.count": 7, "mc.loop": "{mc.count}", "mc.first-name": "Ann", "one": "1",
    "mc.big": 1000.0, "mc.bio": "line one\nline two",
}  # fmt: skip


def inline(name: str, inner: str = "x") -> str:
    """An inline variable as the editor writes it."""
    return f'<span class="variable-ref" data-ref="{name}">{inner}</span>'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("<p>Hello</p>", "Hello"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"),
        ("<p>one</p><p></p><p>two</p>", "one\n\ntwo"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "a\nb\nc"),
        ("<blockquote><p>q</p></blockquote>x", "q\nx"),
        ("<h1>T</h1><div>d</div><pre>p</pre>z", "T\nd\np\nz"),
        ("<p>a<br></p><p>b</p>", "a\n\nb"),
        ("<p> a  b </p>\n<p>&nbsp;c&nbsp;</p>", "a  b\n\nc"),
        ("a&nbsp;b\N{NO-BREAK SPACE}c", "a b c"),
        ("Tom &amp; J&eacute;r&ocirc;me &lt;3 &#128077;", "Tom & Jérôme <3 👍"),
        ("&amp;lt;", "&lt;"),
        ("<em>a</em><strong>b</strong><a href='x>y'>c</a>", "abc"),
        ("<custom>a</custom><!-- b --><!DOCTYPE c><?d ?>e", "ae"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("3 < 4 and <3", "3 < 4 and <3"),
        ("a <unclosed", "a <unclosed"),
        ('<a title="never closed>b</a>', "b"),
        ("a<!-- open", "a<!-- open"),
        ("a<!-- open >b", "ab"),
        ("one\r\ntwo", "one\ntwo"),
        # variables
        ("{mc.gold} {mc.count} {mc.tags} {mc.alive} {mc.love}", "50.0 7 a, b true nil"),
        ("{mc.big}", "1.0e3"),
        ("{mc.name}", "Ann & <b>Bob</b>"),
        ("{one} {two} {mc.nobody}", "1 [two] [mc.nobody]"),
        ("{mc.first-name} { mc.count } {} {{mc.count}}", "{mc.first-name} { mc.count } {} {7}"),
        ("{mc.<b>count</b>}", "{mc.count}"),
        ("{mc.<font>count</font>}{mc.<!-- x -->count}", "77"),
        ("&#123;mc.count}", "7"),
        ("{mc.bio}", "line one\nline two"),
        # inline variables
        (inline("mc.count"), "7"),
        (inline("mc.first-name"), "Ann"),
        (inline("mc.nobody"), "[mc.nobody]"),
        (inline("mc.name"), "Ann & <b>Bob</b>"),
        (inline("mc.loop"), "7"),
        (inline("mc.count", ""), "7"),
        (inline("mc.count", "<b>x</b>"), "x"),
        (inline("", "x"), "x"),
        (f"{{mc.{inline('mc.count')}}}", "{mc.7}"),
        ("<span data-ref='mc.count' class=variable-ref>x</span>", "7"),
        ('<span data-ref="mc.count">x</span>', "x"),
        ('<span data-ref="mc.count">variable-ref</span>', "7"),
        ('<span class="variable-ref" data-ref="mc.count">x', "x"),
    ],
)
def test_a_line_is_plain_text_with_its_variables(source: str, text: str) -> None:
    assert line_text(source, VALUES) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("$mc.gold coins", "50.0 coins"),
        ("$mc.count.", "7."),
        ("I have $100 and $mc", "I have $100 and $mc"),
        ("$mc.nobody", "[$mc.nobody]"),
        ("$mc.first-name", "[$mc.first]-name"),
        ("$1.x $_a.b", "$1.x [$_a.b]"),
        ("$mc.name", "Ann & <b>Bob</b>"),
        ("{mc.count} <b>&amp;</b>", "{mc.count} <b>&amp;</b>"),
        ("$mc.loop", "{mc.count}"),
    ],
)
def test_a_response_is_plain_already(source: str, text: str) -> None:
    assert response_text(source, VALUES) == text


def test_whole_numbers_have_no_fraction() -> None:
    assert line_text("{mc.gold} {mc.big}", VALUES, shown_whole) == "50 1000"
    assert response_text("$mc.gold", VALUES, shown_whole) == "50"


@given(st.text(alphabet="<>/!-&;\"'= pbr{}.a\n", max_size=60))
def test_no_html_raises_and_two_texts_never_touch(source: str) -> None:
    line_text(source, VALUES)
    kinds = [type(token).__name__ for token in tokens(source)]
    assert ("Text", "Text") not in pairwise(kinds)


@given(st.text(alphabet="abc <>&\"' \t", max_size=40))
def test_escaped_text_comes_back(text: str) -> None:
    assert line_text(f"<p>{html.escape(text)}</p>", {}) == text.strip()


@pytest.mark.parametrize(
    "piece",
    ["<", "<!--", "<!", "<a ", "<a '", '<a "', "<a '>", "&", "<a x='\">", "</", "{a.", "<p>"],
)
def test_hostile_html_is_read_in_one_pass(piece: str) -> None:
    """A reader that starts over at every piece would take minutes."""
    started = time.process_time()
    line_text(piece * 100_000 + ">", VALUES)
    assert time.process_time() - started < 5
