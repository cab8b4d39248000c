"""What becomes of each part of a script."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.story.player import Player
from tests.imports.yarn.drafting import Drafted, said, script


def drafted(tmp_path: Path, body: str, headers: str = "", **files: str) -> Drafted:
    return Drafted({"a.yarn": script(body, headers=headers), **files}, tmp_path)


def test_lines_become_dialogues_with_their_speakers_and_ids(tmp_path: Path) -> None:
    found = drafted(tmp_path, "Old Bob: [b]Hi[/b] & <bye> #line:0a #angry\nnobody \\{x\\}")
    first, second = found.nodes("start", "dialogue")
    assert first["text"] == "<p><strong>Hi</strong> &amp; &lt;bye&gt;</p>"
    assert first["localization_id"] == "0a"
    assert first["stage_directions"] == "#angry"
    sheet = next(x for x in found.document["pages"] if int(x["id"]) == first["speaker_sheet_id"])
    assert (sheet["name"], sheet["shortcut"]) == ("Old Bob", "old-bob")
    assert second["text"] == "<p>nobody {<span></span>x}</p>"
    assert second["speaker_sheet_id"] is None
    assert second["localization_id"].startswith("Start_")


def test_ids_do_not_depend_on_what_stands_before(tmp_path: Path) -> None:
    (tmp_path / "2").mkdir()
    first = drafted(tmp_path, "a\n-> x\n-> y\nb\nb\n<<once>>\nc\n<<endonce>>")
    second = drafted(tmp_path / "2", "new\na\n-> z\n-> x\n-> y\nb\nb\nb\n<<once>>\nc\n<<endonce>>")
    keys = [{x["localization_id"] for x in y.nodes("start", "dialogue")} for y in (first, second)]
    assert keys[0] < keys[1]
    assert first.variables().items() <= second.variables().items()


def test_effects_of_options_are_effects_of_responses(tmp_path: Path) -> None:
    body = (
        "<<declare $n = 1>>\n-> a <<if $n > 0>> #line:x\n    <<set $n += 2>>\n    <<set $n to 7>>"
    )
    (dialogue,) = drafted(tmp_path, body).nodes("start", "dialogue")
    (response,) = dialogue["responses"]
    assert (response["id"], response["text"]) == ("x", "a")
    rules = json.loads(response["condition"])["blocks"][0]["rules"]
    assert [(x["sheet"], x["variable"], x["operator"], x["value"]) for x in rules] == [
        ("yarn", "n", "greater_than", "0")
    ]
    assert [(x["operator"], x["value"]) for x in response["instruction_assignments"]] == [
        ("add", "2"), ("set", "7"),
    ]  # fmt: skip


def test_commands_headers_and_odd_markup_are_kept_and_told(tmp_path: Path) -> None:
    found = drafted(
        tmp_path,
        "<<wait 1>>\n<<give {$x} sword>>\n<<call shake(3)>>\na [wave]b[/wave]\n<<declare $x = 1>>",
        headers="tags: night inn\ncolor: red\nposition: 40,-20\n",
    )
    assert [x["description"] for x in found.nodes("start", "instruction")] == [
        "<<wait 1>>", "<<give {$x} sword>>", "<<call shake(3)>>",
    ]  # fmt: skip
    notes = [x["text"] for x in found.nodes("start", "annotation")]
    assert notes == ["tags: night inn\ncolor: red", "a [wave]b[/wave]"]
    assert said(found.play()) == ["a b"]
    entry = found.flow("start")["nodes"][0]
    assert (entry["type"], entry["position_x"]) == ("entry", 40)
    assert len(found.notes) == 3


def test_jumps_are_exits_detours_are_calls_and_loops_are_hubs(tmp_path: Path) -> None:
    found = Drafted(
        {
            "a.yarn": script("<<detour B>>\n-> again\n    <<jump Start>>\n-> on\n    <<jump B>>"),
            "b.yarn": script("b\n-> stop\n    <<stop>>\n-> return\n    <<return>>", "B"),
        },
        tmp_path,
    )
    target = int(found.flow("b")["id"])
    assert found.nodes("start", "subflow") == [{"referenced_flow_id": target}]
    assert found.nodes("start", "jump") == [{"target_hub_id": "Start"}]
    (hub,) = found.nodes("start", "hub")
    assert hub["hub_id"] == "Start"
    modes = [(x["exit_mode"], x["referenced_flow_id"]) for x in found.nodes("start", "exit")]
    assert modes == [("flow_reference", target)]
    assert {x["exit_mode"] for x in found.nodes("b", "exit")} == {"terminal", "caller_return"}
    pins = {x["source_handle"] for x in found.flow("start")["connections"]}
    back = next(x["id"] for x in found.flow("b")["nodes"] if x["data"].get("label") == "Return")
    assert f"exit_{back}" in pins


def test_variables_have_their_types_and_first_values(tmp_path: Path) -> None:
    found = drafted(
        tmp_path,
        '<<declare $a = 2.5>>\n<<declare $B = true>>\n<<declare $c = "x" as string>>\n'
        "<<declare $b = -3>>\n<<set $late to 4>>",
    )
    values = found.variables()
    assert values["yarn.a"] == 2.5
    assert values["yarn.c"] == "x"
    assert values["yarn.late"] == 0
    assert sorted(map(str, (y for x, y in values.items() if x.startswith("yarn.b")))) == [
        "-3",
        "True",
    ]
    types = {x["variable_name"]: x["type"] for x in found.document["pages"][0]["blocks"]}
    assert types["a"] == "number"


def test_nodes_of_a_flow_do_not_lie_upon_each_other(tmp_path: Path) -> None:
    options = "\n".join(f"-> {x}\n    a {x}\n    -> deep {x}\n    -> other {x}" for x in range(9))
    found = drafted(
        tmp_path, f"<<if $x>>\nyes #tag\n<<else>>\nno\n<<endif>>\n<<wait 1>>\nQ\n{options}"
    )
    places = [(x["position_x"], x["position_y"], x) for x in found.flow("start")["nodes"]]
    for x, y, node in places:
        height = 80 if node["type"] == "annotation" else 160
        height += 44 * len(node["data"].get("responses", ()))
        for other_x, other_y, other in places:
            if other is not node and other_x == x:
                assert not y <= other_y < y + height, (node["data"], other["data"])
    order = {x["id"]: x["position_x"] for x in found.flow("start")["nodes"]}
    for wire in found.flow("start")["connections"]:
        assert order[wire["source_node_id"]] < order[wire["target_node_id"]]


LOCK = hashlib.sha256(b"Bob: Hello {0}").hexdigest()[:8]
PROJECT = json.dumps({
    "projectFileVersion": 3, "sourceFiles": ["**/*.yarn"], "baseLanguage": "en-US",
    "excludeFiles": ["old/*.yarn"],
    "localisation": {"en-US": {}, "de": {"strings": "de.csv"}, "pt_BR": {"strings": "pt.csv"}},
})  # fmt: skip
GERMAN = (
    "language,id,text,file,node,lineNumber,lock,comment\r\n"
    f'de,line:1,"Robert: Hallo, [i]{{0}}[/i]!",a,Start,1,{LOCK},\r\n'
    "de,line:2,Weiter \\[x\\],a,Start,2,00000000,\r\n"
    "de,line:3,Left,a,Start,3,,not translated\r\n"
)


@pytest.fixture
def translated(tmp_path: Path) -> Drafted:
    body = "<<declare $n = 1>>\nBob: Hello {$n} #line:1\n-> Go on #line:2\n-> Left #line:3"
    files = {
        "p/story.yarnproject": PROJECT, "p/x/a.yarn": script(body), "p/de.csv": GERMAN,
        "p/pt.csv": "id,text\nline:1,Bob: Oi {0}\nline:9,nothing\n",
        "p/old/b.yarn": script("left out"),
    }  # fmt: skip
    return Drafted(files, tmp_path)


def test_string_tables_become_translations(translated: Drafted) -> None:
    languages = translated.document["localization"]["languages"]
    assert [(x["locale_code"], x["is_source"]) for x in languages] == [
        ("en-us", True), ("de", False), ("pt-br", False),
    ]  # fmt: skip
    strings: dict[str, Any] = translated.document["localization"]["strings"]
    assert "flow_node.1.text" not in strings, "digits alone would be taken for a row's id"
    line = strings["flow_node.line_1.text"]["translations"]
    assert line["de"]["text"] == "<p>Hallo, <em>{yarn.n}</em>!</p>"
    assert (line["de"]["status"], line["pt-br"]["status"]) == ("final", "final")
    option = strings["flow_node.line_1.response.line_2.text"]["translations"]["de"]
    assert (option["text"], option["status"]) == ("Weiter [x]", "review")
    assert "flow_node.line_1.response.line_3.text" not in strings
    trace = Player(translated.story("de")).play()
    assert said(trace)[0] == "Robert: Hallo, 1!"
    assert any("no part of the project" in x for x in translated.notes)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("key,value\n1,2\n", "a string table has the columns id and text, this one has key, value"),
        ("id,text\nline:1\n", "the row has not as many cells"),
        ('id,text\nline:1,"open\n', "it is no valid CSV"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, table: str, reason: str) -> None:
    files = {"s.yarnproject": PROJECT, "a.yarn": script("Hi"), "de.csv": GERMAN, "pt.csv": table}
    with pytest.raises(ImportFileError, match=reason):
        Drafted(files, tmp_path)


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        (PROJECT, "the table de.csv of the language de is not in the upload"),
        ("[]", "it is no JSON object"),
        ("{", "it is no valid JSON"),
        ('{"sourceFiles": ["x/*.yarn"]}', "none of its sourceFiles is in the upload"),
        ('{"localisation": {"?": {"strings": "x.csv"}}}', "is no language"),
    ],
)
def test_a_wrong_project_is_refused(tmp_path: Path, project: str, reason: str) -> None:
    with pytest.raises(ImportFileError, match=reason):
        Drafted({"s.yarnproject": project, "a.yarn": script("Hi")}, tmp_path)


def test_voice_overs_beside_scripts_come_along(tmp_path: Path) -> None:
    project = json.loads(PROJECT)
    project["localisation"] = {"en": {"assets": "voices"}}
    project["baseLanguage"] = "en"
    found = Drafted(
        {
            "s.yarnproject": json.dumps(project), "a.yarn": script("Bob: Hi #line:hello"),
            "voices/hello.ogg": b"OggS...",
        },
        tmp_path,
    )  # fmt: skip
    (asset,) = found.document["assets"]["items"]
    assert found.media == {asset["file"]: "voices/hello.ogg"}
    assert found.nodes("start", "dialogue")[0]["audio_asset_id"] == int(asset["id"])


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        body = '=> a\n=> b <<once>>\n-> x <<if visited("Start")>>\n{$n + 1}\n<<set $n to 2>>'
        made.append(drafted(tmp_path / name, body).path.read_bytes())
    assert made[0] == made[1]
