"""The parts of a Yarn export, byte for byte and claim by claim.

``REWRITE_GOLDEN=1`` makes the golden files anew from mini.sql.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.expressions.emitters.yarn import FUNCTIONS
from storyarn_pipelines.serializers.engines.speech import Break, Piece, Put, Said
from storyarn_pipelines.serializers.yarn.functions import ALL_FUNCTIONS, csharp, definitions
from storyarn_pipelines.serializers.yarn.text import cut, script_line, table_line, tag
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from tests.serializers.yarn.engine import Exported, Yarn, assert_compiles, exported
from tests.serializers.yarn.test_yarn_plays import WHEN

GOLDEN = Path(__file__).with_name("golden")
Export = Callable[..., Exported]


@pytest.fixture
def mini(mini_url: str, tmp_path: Path) -> Export:
    """Exports of mini.sql."""

    def run(**options: object) -> Exported:
        parsed = parse_options(options)
        directory = tmp_path / parsed.digest()
        directory.mkdir()
        collect(mini_url, "mini", parsed, directory, collected_at=WHEN)
        return exported(StoryReader(directory), directory, parsed)

    return run


def test_the_export_of_mini_sql_is_the_golden_files(mini: Export) -> None:
    made = mini().parts
    if os.environ.get("REWRITE_GOLDEN"):
        for old in GOLDEN.glob("*"):
            old.unlink()
        GOLDEN.mkdir(exist_ok=True)
        for name, content in made.items():
            (GOLDEN / name).write_bytes(content)
    assert sorted(made) == sorted(path.name for path in GOLDEN.iterdir())
    for name, content in made.items():
        golden = (GOLDEN / name).read_bytes()
        assert content.decode().splitlines() == golden.decode().splitlines()
        assert content == golden


def test_the_export_has_the_same_bytes_again(mini: Export, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    assert mini().parts == mini(languages="all", validate_before_export=False).parts


@pytest.mark.parametrize(
    "options",
    [{"pretty_print": False}, {"include_trash": True}, {"include_localization": False},
     {"localization_policy": "preview"}, {"include_assets": "embedded"},
     {"include_assets": "bundled"}],
    ids=str,
)  # fmt: skip
def test_mini_sql_compiles_with_all_options(
    yarn: Yarn, mini: Export, options: dict[str, Any]
) -> None:
    assert_compiles(yarn, mini(**options))


@pytest.mark.parametrize(
    "body",
    ["a \\n b #line:1", "no id", "<<jump nowhere>>", "<<if 1>>\nx #line:1\n<<endif>>",
     "<<set $x to 1>>", "a #line:1\nb #line:1", "<<if true>>\nx #line:1"],
)  # fmt: skip
def test_the_model_refuses_what_yarn_spinner_does(yarn: Yarn, body: str) -> None:
    found = yarn.load({"a.yarn": f"title: a\n---\n{body}\n===\n"})
    assert found["errors"] or found["warnings"]


def test_the_project_file_names_files_that_exist(mini: Export) -> None:
    story = mini()
    assert story.project["projectFileVersion"] == 3
    assert story.project["baseLanguage"] in story.project["localisation"]
    tables = [x["strings"] for x in story.project["localisation"].values() if "strings" in x]
    assert tables
    assert set(tables) <= story.parts.keys()


LINES = [
    ([Said("plain")], "", "plain", "plain"),
    ([Said("plain")], "Ann", "Ann: plain", "Ann: plain"),
    ([], "", '{""}', "{0}"),
    ([], "Ann", 'Ann: {""}', "Ann: {0}"),
    ([Said("a: b")], "", "a\\: b", "a\\: b"),
    ([Said("a: b")], "Ann", "Ann: a: b", "Ann: a: b"),
    ([Said("\\ { } #x [y] <<z>> http://q a/b a<b")], "",
     "\\\\ \\{ \\} \\#x \\[y\\] \\<\\<z>> http\\:\\/\\/q a/b a<b",
     "\\ { } #x \\[y\\] <<z>> http\\://q a/b a<b"),
    ([Said("-> x")], "", '{"->"} x', "{0} x"),
    ([Said("=>")], "", '{"=>"}', "{0}"),
    ([Said("===")], "", '{"==="}', "{0}"),
    ([Said("-"), Said("> x")], "", '{"->"} x', "{0} x"),
    ([Said("=== "), Put("v")], "", '{"==="} {$v}', "{0} {1}"),
    ([Said("x")], "-> Ann", '{"->"} Ann: x', "{0} Ann: x"),
    ([Said("a", frozenset({"bold", "italic"})), Put("v", frozenset({"bold"}))], "",
     "[b][i]a[/i][/b][b]{$v}[/b]", "[b][i]a[/i][/b][b]{0}[/b]"),
    ([Said("{0} "), Put("v")], "", "\\{\u20600\\} {$v}", "{\u20600} {0}"),
    ([Said("a\u2028b\0c\rd")], "", "a b c d", "a b c d"),
]  # fmt: skip


@pytest.mark.parametrize(("pieces", "speaker", "script", "table"), LINES)
def test_a_line_is_written_so_that_nothing_in_it_is_markup(
    pieces: list[Piece], speaker: str, script: str, table: str
) -> None:
    written = script_line(pieces, lambda name: f"${name}", speaker)
    assert (written.script, written.table) == (script, table)


def test_a_translation_has_the_values_of_its_line_in_any_order() -> None:
    line = script_line([Said("-> "), Put("a"), Put("b")], str)
    assert line.places == {"a": 1, "b": 2}
    pieces: list[Piece] = [Put("b"), Said(" [x] "), Put("a"), Put("c")]
    assert table_line(pieces, line.places, "Ana") == "Ana: {2} \\[x\\] {1}\\[c\\]"


def test_a_text_of_several_lines_is_cut() -> None:
    assert cut([Said("a"), Break(), Break(), Said("b")]) == [[Said("a")], [], [Said("b")]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("npc.inn-keeper", " #speaker:npc.inn-keeper"), ("a #b<$>", " #speaker:a_b_"), ("", "")],
)
def test_a_tag_has_no_blanks(text: str, expected: str) -> None:
    assert tag("speaker", text) == expected


def test_every_function_is_written_in_csharp_with_its_types() -> None:
    written = csharp(ALL_FUNCTIONS.values())
    assert written.count("[YarnFunction(") == len(ALL_FUNCTIONS)
    assert {x.name for x in FUNCTIONS} <= ALL_FUNCTIONS.keys()
    assert "public static bool StringContains(string text, string part)" in written
    assert "public static float FormulaDivide(float x, float y)" in written
    assert '"YarnName": "string_compare"' in definitions(ALL_FUNCTIONS.values())
