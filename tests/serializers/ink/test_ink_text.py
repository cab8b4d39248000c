"""Whatever an author types is said, and nothing of it is markup."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyarn_pipelines.serializers.engines.speech import Said
from storyarn_pipelines.serializers.ink.text import content, escaped, line, tag
from tests.serializers.ink.engine import Ink, fold

MARKS = st.text(alphabet="\\{}|#[]<>-~/*+=(:!&\"' \tnaVART\n\r", max_size=12)
WORDS = st.sampled_from(
    ("VAR x", "TODO: a", "return", "INCLUDE b", "->", "//", "/*", "é界🍺", "\u2028")
)
texts = st.lists(
    MARKS | WORDS | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6),
    max_size=4,
).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=st.lists(texts, min_size=1, max_size=8))
def test_every_text_is_said_as_it_was_typed(ink: Ink, said: list[str]) -> None:
    """As a line, in a branch, as a choice, and as a tag of each."""
    pieces = [[Said(text)] for text in said]
    tags = [tag("stage", text) for text in said]
    source = ["=== knot"]
    for number, (piece, more) in enumerate(zip(pieces, tags, strict=True)):
        source += [f"{line(piece, str)} #line:{number}{more}", "{", "- true:"]
        source += [f"    {line(piece, str)} #line:{number}", "}"]
    source += [
        f"+ [{content(x, str)} #line:0{more}] -> END" for x, more in zip(pieces, tags, strict=True)
    ]
    assert ink.compile("\n".join([*source, ""])) == []
    events = ink.play("knot")["events"]
    lines = [x for x in events if "line" in x]
    assert [fold(x["line"]) for x in lines] == [fold(x) for text in said for x in (text, text)]
    staged = [[f"stage:{fold(text)}"] if fold(text) else [] for text in said]
    assert [[fold(x) for x in found["tags"][1:]] for found in lines[::2]] == staged
    options = next(x["options"] for x in events if "options" in x)
    assert [fold(x["text"]) for x in options] == [fold(text) for text in said]
    assert [[fold(x) for x in found["tags"][1:]] for found in options] == staged


def test_plain_texts_stay_as_they_are() -> None:
    assert escaped("Well, well: 3 > 2, isn't it?") == "Well, well: 3 > 2, isn't it?"
    assert escaped("a -> b // c") == "a \\-> b \\/\\/ c"
    assert line([], str) == line([Said("")], str) == '{""}'


def test_a_line_of_100_kilobytes_is_said_whole(ink: Ink) -> None:
    text = "a{b} # c -> d // " * 6_000
    assert ink.compile(f"=== knot\n{line([Said(text)], str)} #line:1\n-> END\n") == []
    (event,) = ink.play("knot")["events"]
    assert event["line"] == fold(text)
