"""What each thing of articy becomes."""

import hashlib
import json

import pytest

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.importers.articy.expresso import read_condition, read_instruction

from .conftest import Drafted, Drafter
from .documents import ENTITIES, Document, folder_of_x

_LOCATIONS, _ASSETS = 0x030000003140D3AC, 0x030000004C3DAF54
_NAMES = {
    f"s.{name}": Variable("s", name, kind, "")
    for name, kind in (("b", "boolean"), ("c", "boolean"), ("n", "number"), ("m", "number"),
                       ("t", "text"))
}  # fmt: skip


def story() -> Document:
    """A dialogue with a choice of two."""
    document = Document()
    document.sets = {"Game_State": {"b": ("Boolean", "True"), "n": ("Integer", "7"),
                                    "t": ("String", " a ")}}  # fmt: skip
    ann = document.add("Entity", ENTITIES, name="Ann", technical="Chr_Ann")
    top = document.add("Dialogue", name="Top")
    ask = document.fragment(top, "Ask [Game_State.n]", speaker=ann, stage="softly")
    yes = document.fragment(top, "Yes", menu="Y", asked="Game_State.b", y=900.0)
    no = document.fragment(top, "No", done="Game_State.n += 1", y=500.0)
    document.lead(top, ask)
    for one in (yes, no):
        document.lead(ask, one)
        document.lead(one, top)
    return document


def check_story(made: Drafted) -> None:
    """The choice is there, from the top of the page to its bottom."""
    asked = next(x for x in made.nodes("Top", "dialogue") if x["data"]["responses"])
    assert asked["data"]["text"] == "<p>Ask {game.state.n}</p>"
    assert asked["data"]["stage_directions"] == "softly"
    assert made.document["pages"][asked["data"]["speaker_sheet_id"] - 1]["name"] == "Ann"
    assert [x["text"] for x in asked["data"]["responses"]] == ["No", "Y"]
    assert '"is_true"' in asked["data"]["responses"][1]["condition"]
    values = [x["value"]["content"] for x in made.sheet("Game_State")["blocks"]]
    assert values == [True, 7, " a "]


@pytest.mark.parametrize("version", ["2.4", "3.1", "4.0", "none"])
def test_every_version_of_xml_is_read(draft: Drafter, version: str) -> None:
    check_story(draft(story().xml(version)))


def test_xml_of_2_2_has_no_places_and_other_nodes(draft: Drafter) -> None:
    made = draft(story().xml("2.2"))
    assert len(made.nodes("Top", "dialogue")) == 3


def test_json_of_3_and_the_folder_of_x_are_read(draft: Drafter) -> None:
    check_story(draft(json.dumps(story().json())))
    check_story(draft(folder_of_x(story())))
    check_story(draft({f"deep/in/{x}": y for x, y in folder_of_x(story()).items()}))


def test_texts_of_x_come_in_all_languages(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    line = document.fragment(top, "DFr_1.Text")
    document.lead(top, line)
    texts = {"DFr_1.Text": {"en": {"Text": "Hello"}, "de-DE": {"Text": "Hallo"}, "Context": "x"}}
    made = draft(folder_of_x(document, texts))
    assert [x["locale_code"] for x in made.document["localization"]["languages"]] == ["en", "de-de"]
    data = made.nodes("Top", "dialogue")[0]["data"]
    assert data["text"] == "<p>Hello</p>"
    key = f"flow_node.{data['localization_id']}.text"
    found = made.document["localization"]["strings"][key]["translations"]["de-de"]
    assert (found["text"], found["status"]) == ("<p>Hallo</p>", "final")
    assert found["source_text_hash"] == hashlib.sha256(b"<p>Hello</p>").hexdigest()


@pytest.mark.parametrize(
    "script",
    ["random(1, 2) == 1", "seen", "self", 'getProp(self, "x")', "S.n == S.m", "S.n % 2 == 0",
     "S.n > 1 || fallback()", "S.b &&", "(" * 200, "!" * 500, "x" * 100_000, "No.such"],
)  # fmt: skip
def test_conditions_that_cannot_be_held_are_none(script: str) -> None:
    assert read_condition(script, _NAMES) is None


@pytest.mark.parametrize(
    ("script", "changes", "lost"),
    [
        ("S.n = S.n + 1; S.b = !S.b", ["add", "toggle"], []),
        ("S.n++; S.n -= S.m", ["add", "subtract"], []),
        ("S.n = (S.m - 2) + 3", ["set", "subtract", "add"], []),
        ('S.t = "a;b"; S.t = ""', ["set", "clear"], []),
        ('setProp(self, "x", 1); S.b = true', ["set_true"], ['setProp(self, "x", 1)']),
        ("S.n *= 2", [], ["S.n *= 2"]),
        ("S.b = S.n > 1", [], ["S.b = S.n > 1"]),
        ("// nothing\n/* at all */;", [], []),
        ("S.n = = 1", [], ["S.n = = 1"]),
    ],
)
def test_instructions_keep_what_can_be_held(
    script: str, changes: list[str], lost: list[str]
) -> None:
    found = read_instruction(script, _NAMES)
    assert ([x.operator for x in found.changes], found.lost) == (changes, lost)


def test_what_cannot_be_held_stands_in_a_note_beside_it(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    line = document.fragment(top, "Line", asked="random(1, 2) == 1", done='print("x")')
    document.lead(top, line)
    made = draft(document.xml())
    notes = [x["data"]["text"] for x in made.nodes("Top", "annotation")]
    assert any("random(1, 2) == 1" in x for x in notes)
    assert any('print("x")' in x for x in notes)
    assert any("count as true: 1" in x for x in made.notes)
    assert any("are left out: 1" in x for x in made.notes)


def test_a_container_in_a_container_is_a_subflow_whose_exit_leads_on(draft: Drafter) -> None:
    document = Document()
    outer = document.add("FlowFragment", name="Outer")
    inner = document.add("Dialogue", outer, name="Inner")
    line, after = document.fragment(inner, "In"), document.fragment(outer, "After")
    for begin, end in ((outer, inner), (inner, line), (line, inner), (inner, after)):
        document.lead(begin, end)
    made = draft(document.xml())
    call = made.nodes("Outer", "subflow")[0]
    assert call["data"]["referenced_flow_id"] == int(made.flow("Inner")["id"])
    exit_node = made.nodes("Inner", "exit")[0]
    pins = [x["source_handle"] for x in made.flow("Outer")["connections"]]
    assert f"exit_{exit_node['id']}" in pins
    assert made.flow("Inner")["parent_id"] == made.flow("Outer")["id"]


def test_locations_assets_and_what_has_no_place(draft: Drafter) -> None:
    document = Document()
    place = document.add("Location", _LOCATIONS, name="Inn")
    corners = [{"x": x, "y": y} for x, y in ((0.0, 0.0), (200.0, 0.0), (200.0, 100.0))]
    document.add("Zone", place, name="Bar", more={"Vertices": corners})
    document.add("Spot", place, name="Door", x=100.0, y=50.0)
    document.add("Asset", _ASSETS, name="Pic", more={"Filename": "pic.png"})
    document.add("Document", _LOCATIONS, name="Script", text="Kept")
    png = b"\x89PNG\r\n\x1a\nrest"
    made = draft({"p.json": json.dumps(document.json()), "p/Assets/pic.png": png})
    scene = made.document["maps"][0]
    assert (scene["width"], scene["height"]) == (200, 100)
    assert (scene["pins"][0]["position_x"], scene["pins"][0]["position_y"]) == (50.0, 50.0)
    assert scene["zones"][0]["vertices"][2] == {"x": 100.0, "y": 100.0}
    digest = hashlib.sha256(png).hexdigest()
    assert made.media == {f"assets/{digest}.png": "p/Assets/pic.png"}
    notes = made.nodes("Notes from articy", "annotation")
    assert any("Kept" in x["data"]["text"] for x in notes)
