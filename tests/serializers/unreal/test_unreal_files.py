"""The files of an export for Unreal: golden, stable, and safe whatever an author typed.

``REWRITE_GOLDEN=1`` makes the golden files anew from mini.sql.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.serializers.unreal.cells import fits_string_table, table_string
from storyarn_pipelines.serializers.unreal.names import cased, part_name
from storyarn_pipelines.serializers.unreal.texts import spoken_line
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.story.text import line_text
from tests.serializers.unreal.loader import Archive, Text, sequential
from tests.serializers.unreal.memory import ToldStory, export, exported, translation
from tests.serializers.unreal.projects import WORDS, telling_story
from tests.story.builders import blank, block, flow, line, node, number, response, sheet, wire
from tests.story.test_stored_stories import reader

GOLDEN = Path(__file__).parent / "data"
STUBS = """
#define USTRUCT(...)
#define UPROPERTY(...)
#define GENERATED_BODY()
struct FName {}; struct FString {}; struct FText {}; typedef int int32;
template <class T> struct TArray {}; template <class K, class V> struct TMap {};
template <class T> struct TSoftObjectPtr {}; class USoundBase; class UTexture2D;
struct FTableRowBase {};
"""


@pytest.fixture
def mini(mini_url: str, tmp_path: Path) -> Archive:
    """The export of mini.sql."""
    (tmp_path / "snapshot").mkdir()
    snapshot = reader(mini_url, "mini", tmp_path / "snapshot")
    return Archive(export(snapshot, tmp_path)[0])


def test_the_export_of_mini_sql_is_the_golden_files(mini: Archive) -> None:
    if os.environ.get("REWRITE_GOLDEN"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name, content in mini.parts.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_bytes(content)
    files = {
        x.relative_to(GOLDEN).as_posix(): x.read_bytes() for x in GOLDEN.rglob("*") if x.is_file()
    }
    assert sorted(mini.parts) == sorted(files)
    for name, content in mini.parts.items():
        assert content.decode().splitlines() == files[name].decode().splitlines(), name
        assert content == files[name], name


@pytest.mark.parametrize(
    "name", ["DT_DialogueLines", "DT_Choices", "DT_Characters", "DT_Variables"]
)
def test_the_json_of_a_table_says_what_its_csv_says(mini: Archive, name: str) -> None:
    assert mini.json_table(name) == mini.tables[name]
    assert mini.tables[name]


def test_compact_files_say_the_same(tmp_path: Path) -> None:
    story = ToldStory(tmp_path, *_story(7))
    pretty, compact = (Archive(export(story, tmp_path, pretty_print=x)[0]) for x in (True, False))
    assert pretty.graph == compact.graph
    assert compact.parts["Conversations.json"].count(b"\n") == 1
    assert pretty.json_table("DT_Choices") == compact.json_table("DT_Choices")


def _story(seed: int) -> tuple[Any, ...]:
    return telling_story(Random(seed))


def test_the_same_story_gives_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    code = (
        "import hashlib, sys; from pathlib import Path; from random import Random\n"
        "from tests.serializers.unreal.memory import ToldStory, export\n"
        "from tests.serializers.unreal.projects import telling_story\n"
        "story = ToldStory(Path(sys.argv[1]), *telling_story(Random(7)))\n"
        "print(hashlib.sha256(export(story, Path(sys.argv[1]))[0]).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler is installed")
def test_the_header_is_cpp(mini: Archive, tmp_path: Path) -> None:
    source = mini.parts["StoryarnRows.h"].decode()
    kept = [x for x in source.splitlines() if not x.startswith(("#include", "#pragma"))]
    (tmp_path / "rows.cpp").write_text(STUBS + "\n".join(kept))
    subprocess.run(["g++", "-std=c++17", "-fsyntax-only", str(tmp_path / "rows.cpp")], check=True)


@pytest.mark.parametrize("text", [*WORDS, "\n", "a\\\nb", "\\\t", "\r\n", "a\\\\", ",;", " x "])
def test_a_text_says_itself_in_the_string_table_or_beside_it(text: str, tmp_path: Path) -> None:
    story = line(node(1, "dialogue", stage_directions=text))
    archive, found = exported(tmp_path, story)
    said = archive.tables["DT_DialogueLines"]["DLG_~1"]["StageDirections"]
    assert said == Text("ST_Storyarn", "DLG_~1.stage", text)
    is_flaw = "\\n" in text
    assert [x.code for x in found if x.code.startswith("XP02")] == ["XP0202"] * is_flaw
    assert ("DLG_~1.stage" in archive.strings) is not is_flaw


@pytest.mark.parametrize("letter", ["n", "r", "t", "'", '"'])
def test_what_does_not_fit_would_really_be_read_as_something_else(letter: str) -> None:
    assert not fits_string_table(f"\\{letter}")
    for attempt in (f"\\{letter}", f"\\\\{letter}", table_string(f"\\{letter}")):
        assert {sequential(attempt), sequential(attempt, backwards=True)} != {f"\\{letter}"}


def test_cells_that_spreadsheets_would_compute_stay_as_they_are(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@A1"]
    archive, _ = exported(
        tmp_path, line(*[node(i, "dialogue", text=x) for i, x in enumerate(texts, 1)])
    )
    assert [x["SourceText"] for x in archive.tables["DT_DialogueLines"].values()] == texts


def test_names_are_told_apart_without_their_case() -> None:
    words = ["a", "A", "ab", "Ab", "aB", "AB", "none", "None", "x-1", "X-1", "a_b", "A_B"]
    names = [cased(x).lower() for x in words]
    assert len(set(names)) == len(words)
    odd: list[object] = ["", " ", "a b", "é", None, 7, "7", 7.0, True, [], {}, "x" * 101, "a.2"]
    assert len({part_name(x).lower() for x in odd}) == len(odd)


def test_rows_keep_their_names_whatever_comes_before_them(tmp_path: Path) -> None:
    says = node(50, "dialogue", localization_id="intro", responses=[response("a"), response("b")])
    other = node(7, "dialogue", localization_id="other", responses=[response("a")])
    alone, _ = exported(tmp_path, line(says))
    both, _ = exported(tmp_path, line(other, key=2), line(other, says))
    for name in ("DT_DialogueLines", "DT_Choices"):
        assert alone.tables[name].keys() <= both.tables[name].keys()
    assert set(alone.tables["DT_Choices"]) == {"CHC_intro.a", "CHC_intro.b"}


def test_a_second_dialogue_of_one_localization_id_goes_by_its_number(tmp_path: Path) -> None:
    archive, found = exported(
        tmp_path,
        line(node(1, "dialogue", localization_id="x"), node(2, "dialogue", localization_id="x")),
    )
    assert list(archive.tables["DT_DialogueLines"]) == ["DLG_x", "DLG_~2"]
    assert [x.code for x in found if "localization_id" in x.message] == ["XP0201"]


def test_shortcuts_of_any_kind_make_row_names_that_unreal_keeps(tmp_path: Path) -> None:
    shortcuts = ["None", "a b", "a,b", "A_b", 'q"', "project", "VAR_s", "sheet~9", None, "é", "e"]
    sheets = [sheet(i, x, name="N") for i, x in enumerate(shortcuts, 1)]
    flows = [flow([], key=i, shortcut=x) for i, x in enumerate(shortcuts, 1)]
    archive, _ = exported(tmp_path, *flows, sheets=sheets)
    assert len(archive.tables["DT_Characters"]) == len(shortcuts)
    names = {x["name"].lower() for x in archive.graph["conversations"]}
    assert len(names - {"none"}) == len(shortcuts)


@pytest.mark.parametrize(
    ("html", "plain", "rich"),
    [
        ("<p>a</p>", "a", ""),
        ("<p>a <b>b</b></p>", "a b", "a <b>b</>"),
        ("<i>x<b>y</b></i> &lt;b&gt;", "xy <b>", "<i>x</><b_i>y</> &lt;b&gt;"),
        ("<b>{v.n}</b>|{ {no}", "{v.n}`|`{ [no]", "<b>{v.n}</>`|`{ [no]"),
        ("{ ` } |", "{ ` } |", ""),
        ("<p>a<br> b</p><p></p><p>c </p>", "a\nb\n\nc", ""),
    ],
)
def test_markup_and_patterns(html: str, plain: str, rich: str) -> None:
    spoken = spoken_line({"": html}, {"v.n"}, str)
    assert spoken.texts[""] == plain
    assert spoken.rich.get("", "") == rich


def test_simple_lines_are_read_as_all_others() -> None:
    for html in (
        "",
        " a ",
        "<p> a\t</p>",
        "<p></p>",
        "<p>a<br><br> b </p><p></p><p>c</p>",
        "a > b",
    ):
        assert spoken_line({"": html}, (), str).texts[""] == line_text(html, {})


def test_cultures_get_a_po_and_recordings(tmp_path: Path) -> None:
    sound = blank(Media, id=5, filename="hola.wav", content_type="audio/wav", key="k")
    said = translation("flow_node", 1, "text", **{"pt-br": "Oi {v.n}", "de": ""})
    spoken = [replace_voice(x, 5) for x in said.translations]
    story = line(node(1, "dialogue", text="Hi", localization_id="hi"))
    archive, _ = exported(
        tmp_path,
        story,
        sheets=[sheet(1, "v", number("n"))],
        strings=[said.__class__(**{**fields(said), "translations": tuple(spoken)})],
        media=[sound],
    )
    assert archive.graph["cultures"] == ["de", "pt-BR"]
    assert archive.translations("pt-BR")["ST_Storyarn", "DLG_hi.text"] == ("Hi", "Oi {v.n}")
    assert archive.translations("de")["ST_Storyarn", "DLG_hi.text"] == ("Hi", "")
    assert archive.tables["DT_DialogueLines"]["DLG_hi"]["Arguments"] == ["v.n"]
    assert archive.tables["DT_VoiceOver"]["DLG_hi.pt-BR"] == {
        "Line": "DLG_hi", "Culture": "pt-BR", "AudioCue": "/Game/Storyarn/Audio/hola.hola",
    }  # fmt: skip


def fields(struct: Any) -> dict[str, Any]:
    """The members of a struct."""
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def replace_voice(told: Any, number_: int) -> Any:
    """A translation with an approved recording."""
    return told.__class__(**{**fields(told), "vo_status": "approved", "vo_asset_id": number_})


def test_languages_that_are_not_asked_for_get_no_po(tmp_path: Path) -> None:
    texts = [translation("flow_node", 1, "text", es="Hola", de="Hallo")]
    story = ToldStory(tmp_path, [line(node(1, "dialogue", text="Hi"))], strings=texts)
    archive = Archive(export(story, tmp_path, languages="es")[0])
    assert archive.graph["cultures"] == ["es"]


@pytest.mark.parametrize("mode", ["references", "bundled", "embedded"])
def test_media_travel_as_asked(
    mode: str, mini_copy: str, make_settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    made = make_settings(mini_copy)
    key = "projects/7/assets/a3/thème.mp3"
    source = tmp_path / "sound"
    source.write_bytes(b"sound" * 100_000)
    store = open_store(made.media_url)
    store.put_file(key, source)
    (tmp_path / "snapshot").mkdir()
    snapshot = reader(mini_copy, "mini", tmp_path / "snapshot")
    snapshot.media_source = store
    content, found = export(snapshot, tmp_path, include_assets=mode)
    archive = Archive(content)
    lost = [x.where for x in found if x.code == "XP0301"]
    name = "Content/Storyarn/Audio/theme.mp3"
    assert len(lost) == (0 if mode == "references" else 3)
    assert (name in archive.parts) is (mode == "bundled")
    if mode == "bundled":
        assert archive.parts[name] == source.read_bytes()
        assert archive.tables["DT_Media"]["media~103"]["File"] == name
    if mode == "embedded":
        items = {x["Name"]: x for x in json.loads(archive.parts["Media.json"])}
        assert base64.b64decode(items["media~103"]["Data"]) == source.read_bytes()
        assert "Data" not in items["media~101"]


def test_odd_flows_load_and_are_told(tmp_path: Path) -> None:
    loop = flow(
        [node(1, "entry"), node(2, "hub", hub_id="h"), node(3, "jump", target_hub_id="h"),
         node(4, "dialogue", text="lost")],
        [wire(1, 2), wire(2, 3)],
    )  # fmt: skip
    empty = flow([], key=2)
    ends = line(node(21, "dialogue", text="x" * 100_000), key=3)
    archive, found = exported(
        tmp_path, loop, empty, ends, sheets=[sheet(1, "s", block("t", "text"))]
    )
    assert len(archive.tables["DT_DialogueLines"]["DLG_~21"]["SourceText"]) == 100_000
    told = {(x.code, x.where) for x in found}
    assert ("XP0103", "flow 1 (flow 1), hub 2") in told
    assert ("XP0104", "flow 1 (flow 1)") in told
    assert ("XP0101", "flow 2 (flow 2)") in told
    assert ("XP0105", "flow 3 (flow 3), dialogue 21") in told
