"""Unusual things that real projects have: nothing stops the import, nothing is lost in silence."""

import json
from itertools import pairwise
from typing import Any

import pytest

from .conftest import Drafted, Drafter, Importer
from .documents import ENTITIES, FLOW, Document, folder_of_x, hexadecimal

LOCATIONS, DOCUMENTS, JOURNEYS = 0x030000003140D3AC, 0x03000000103AA2F0, 0x03000000236F7272
FORMS = ("2.2", "2.4", "3.1", "4.0", "none", "json", "x")


def files_of(document: Document, form: str) -> Any:
    """A project in one of articy's forms."""
    if form == "json":
        return json.dumps(document.json())
    return folder_of_x(document) if form == "x" else document.xml(form)


def notes_of(made: Drafted, flow: str = "Notes from articy") -> str:
    """The text of all annotations of a flow."""
    return "\n".join(x["data"]["text"] for x in made.nodes(flow, "annotation"))


def odd() -> Document:
    """One flow with most that is odd about names, speakers and texts."""
    document = Document()
    document.sets = {"S": {"n": ("Integer", "x"), "b": ("Boolean", "maybe"), "o": ("Money", "5")}}
    ann = document.add("Entity", ENTITIES, name="", technical="Chr_Ann")
    document.add("Entity", ENTITIES, name="Ann", technical="Chr_Ann")
    document.add("Entity", ENTITIES, name="Ann", technical="")
    top = document.add("Dialogue", name="")
    same = [document.fragment(top, x, technical="Same") for x in ("One", "Two")]
    bare = document.fragment(top, "", stage="only shrugs")
    silent = document.fragment(top, "", technical="DFr_Silent")
    told = document.fragment(top, "Asked", speaker=ann, asked="S.n > 1 // at night\n/* twice */")
    document.add("Hub", top, name="", technical="Hub")
    document.add("Hub", top, name="", technical="Hub")
    chain = [top, *same, bare, silent, told, top]
    for begin, end in pairwise(chain):
        document.lead(begin, end, label="a label" if begin == same[0] else "")
    document.add("Document", DOCUMENTS, name="Design", text="All of it")
    document.add("Journey", JOURNEYS, name="A walk")
    return document


@pytest.mark.parametrize("form", FORMS)
def test_odd_projects_come_in_whole_in_every_form(
    draft: Drafter, importer: Importer, form: str
) -> None:
    made = draft(files_of(odd(), form))
    flow = made.document["flows"][0]
    lines = [x["data"] for x in flow["nodes"] if x["type"] == "dialogue"]
    assert [x["text"] for x in lines] == ["<p>One</p>", "<p>Two</p>", "", "", "<p>Asked</p>"]
    assert lines[2]["stage_directions"] == "only shrugs"
    assert len({x["localization_id"] for x in lines}) == 5
    assert [x["label"] for x in flow["connections"] if x["label"]] == ["a label"]
    assert len({x["data"]["hub_id"] for x in flow["nodes"] if x["type"] == "hub"}) == 2
    beside = "\n".join(x["data"]["text"] for x in flow["nodes"] if x["type"] == "annotation")
    assert "// at night" in beside
    assert "// twice" in beside
    rest = notes_of(made)
    assert "All of it" in rest
    assert "A walk" in rest
    told = "\n".join(made.notes)
    for what in ("values that their type does not have", "of an unknown type", "kept as notes"):
        assert what in told
    shortcuts = [x["shortcut"] for x in made.document["pages"]]
    assert len(set(shortcuts)) == len(shortcuts) == 4
    imported = importer(made.path)
    assert imported.report.errors == []
    assert imported.report.warnings == []


def test_features_of_everything_are_kept_where_they_have_no_field(draft: Drafter) -> None:
    document = Document()
    other = document.add("Entity", ENTITIES, name="Other")
    strip = f'<Reference IdRef="{hexadecimal(other)}"/><Reference IdRef="0x01FF000000000001"/>'
    inner = (
        '<Features Count="1"><Feature Name="Odd"><Properties Count="6">'
        '<String Name="Plain">told</String><Number Name="Size">2.5</Number>'
        f'<References Name="Strip" Count="2">{strip}</References>'
        f'<NamedReference Name="Slot" IdRef="{hexadecimal(other)}"/>'
        '<Matrix Name="New"><Row>1</Row><Row>2</Row></Matrix>'
        '<Script Name="When">S.n &gt; 1</Script></Properties></Feature></Features>'
        f'<References Count="1"><Reference IdRef="{hexadecimal(other)}"/></References>'
        "<ExternalId>outside</ExternalId>"
    )
    more: dict[str, Any] = {"inner": inner, "template": "Odd_Template"}
    holder = document.add("Entity", ENTITIES, name="Holder", **more)
    top = document.add("Dialogue", name="Top", **more)
    line = document.fragment(top, "Line", speaker=holder, **more)
    document.lead(top, line)
    outer = document.add("FlowFragment", name="Outer")
    document.add("Dialogue", outer, name="Inner", **more)
    place = document.add("Location", LOCATIONS, name="Place", **more)
    document.add("Zone", place, name="No corners", **more)
    document.add("Spot", place, name="Here", **more)
    made = draft(document.xml())
    facts = (
        "told",
        "2.5",
        "Entity Other",
        "0x01ff000000000001, not in the export",
        "1 2",
        "S.n > 1",
    )
    for flow in ("Top", "Outer", "Notes from articy"):
        said = notes_of(made, flow)
        for fact in (*facts, "Attachment: Entity Other"):
            assert fact in said, (flow, fact)
    blocks = {x["config"]["label"]: x for x in made.sheet("Holder")["blocks"]}
    assert {"Odd.Plain", "Odd.Size", "Odd.Strip", "Odd.Slot", "Odd.New", "Odd.When"} <= set(blocks)
    assert {"Attachment", "Template", "External id"} <= set(blocks)
    rest = notes_of(made)
    for kind in ("Location: Place", "Zone: No corners", "Spot: Here"):
        assert kind in rest


def test_texts_that_lack_a_language_are_not_lost(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    texts: list[Any] = [
        {"en": "Hello", "de": "Hallo"},
        {"de": "Nur deutsch"},
        {"en": "", "fr": "Oui"},
        {},
    ]
    chain = [top, *(document.fragment(top, x) for x in texts)]
    for begin, end in pairwise(chain):
        document.lead(begin, end)
    setup = (
        "<ProjectSettings><LanguageSetup>"
        "<Language><IsoName>en</IsoName><IsPrimary>1</IsPrimary><IsVoiceOver>1</IsVoiceOver></Language>"
        "<Language><IsoName>de</IsoName><IsVoiceOver>1</IsVoiceOver></Language>"
        "</LanguageSetup></ProjectSettings>"
    )
    made = draft(document.xml(languages=setup))
    lines = [x["data"]["text"] for x in made.nodes("Top", "dialogue")]
    assert lines == ["<p>Hello</p>", "<p>Nur deutsch</p>", "<p>Oui</p>", ""]
    assert [x["locale_code"] for x in made.document["localization"]["languages"]] == [
        "en", "de", "fr",
    ]  # fmt: skip
    assert any("lacks are taken from another: 2" in x for x in made.notes)


def test_the_languages_of_x_are_told_without_a_first_one(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Key.Name")
    line = document.fragment(top, "Key.Text", stage="not localised")
    document.lead(top, line)
    texts = {"Key.Name": {"de-DE": {"Text": "Oben"}}, "Key.Text": {"de-DE": {"Text": "Hallo"}}}
    files = folder_of_x(document, texts)
    files["manifest.json"] = files["manifest.json"].replace(
        '"IsVoiceOver": false', '"IsVoiceOver": true'
    )
    made = draft(files)
    languages = [
        (x["locale_code"], x["is_source"]) for x in made.document["localization"]["languages"]
    ]
    assert languages == [("de-de", True), ("en", False)]
    assert made.nodes("Oben", "dialogue")[0]["data"]["stage_directions"] == "not localised"


@pytest.mark.parametrize(
    "script",
    ["random(1, 6) > 3", "seen", "unseen", "!seen", "self", "speaker == getObj(\"Chr_Ann\")",
     'getProp(self, "Odd.Size") == 2', "fallback()", "S.n > 1 &&\n  random(2) == 1 // mostly",
     "isInRange(S.n, 1, 3)", "S.missing == 2"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["4.0", "json"])
def test_scripts_that_storyarn_lacks_stand_beside_and_are_told(
    draft: Drafter, form: str, script: str
) -> None:
    document = Document()
    document.sets = {"S": {"n": ("Integer", "0")}}
    top = document.add("Dialogue", name="Top")
    one = document.fragment(top, "One", asked=script)
    two = document.add("Condition", top, expression=script)
    three = document.add("Instruction", top, expression=f"S.n = 1;\n{script}; // why")
    for begin, end in ((top, one), (one, two), (two, three), (three, top)):
        document.lead(begin, end)
    made = draft(files_of(document, form))
    beside = notes_of(made, "Top")
    assert beside.count(script.partition("\n")[0]) >= 3
    assert "// why" in beside
    assert any("conditions that cannot be held count as true: 2" in x for x in made.notes)
    assert any("instructions that cannot be held are left out: 1" in x for x in made.notes)
    assert len(made.nodes("Top", "instruction")[0]["data"]["assignments"]) == 1


def test_a_container_whose_exit_nothing_leads_to_has_it_all_the_same(draft: Drafter) -> None:
    document = Document()
    outer = document.add("FlowFragment", name="Outer")
    inner = document.add("Dialogue", outer, name="Inner")
    line, after = document.fragment(inner, "In"), document.fragment(outer, "After")
    for begin, end in ((outer, inner), (inner, line), (inner, after)):
        document.lead(begin, end)
    made = draft(document.xml())
    exits = {f"exit_{x['id']}" for x in made.nodes("Inner", "exit")}
    pins = {x["source_handle"] for x in made.flow("Outer")["connections"]}
    assert pins & exits
    assert all(x in exits for x in pins if x.startswith("exit_"))


def test_corners_of_x_stand_where_their_object_does(draft: Drafter) -> None:
    document = Document()
    place = document.add("Location", LOCATIONS, name="Inn")
    corners = [{"x": x, "y": y} for x, y in ((0, 0), (10, 0), (10, 10))]
    for number, left in enumerate((0.0, 90.0)):
        moved = {"Translation": {"x": left, "y": 0.0}}
        if number:
            moved["Matrix"] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, left, 0.0, 1.0]  # type: ignore[assignment]  # JSON
        members = {"Vertices": corners, "Transform": moved}
        document.add("Zone", place, name=f"Z{number}", y=0.0, more=members)
    zones = draft(folder_of_x(document)).document["maps"][0]["zones"]
    assert [x["vertices"][0]["x"] for x in zones] == [0.0, 90.0]
    assert zones[1]["vertices"][1]["x"] == 100.0


def test_hundreds_of_languages_that_are_none_get_private_names(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", FLOW, name="Top")
    line = document.fragment(top, {f"?{x}": f"Text {x}" for x in range(300)})
    document.lead(top, line)
    made = draft(document.xml())
    codes = [x["locale_code"] for x in made.document["localization"]["languages"]]
    assert len(codes) == len(set(codes)) >= 300


@pytest.mark.parametrize("number", ["1e300", "-1e16", "nan", "inf", "1,5", "", "far away"])
def test_positions_that_make_no_sense_do_not_stop_an_import(
    draft: Drafter, importer: Importer, number: str
) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    document.lead(top, document.fragment(top, "Line", x="HERE"))
    made = draft(document.xml().replace("HERE", number))
    x = made.nodes("Top", "dialogue")[0]["position_x"]
    assert x == (1.5 if number == "1,5" else 0.0)
    assert importer(made.path).report.errors == []


def test_recorded_voices_of_texts_are_told(draft: Drafter) -> None:
    document = Document()
    top = document.add("Dialogue", name="Top")
    document.lead(top, document.fragment(top, {"en": "Line"}))
    voiced = document.xml().replace(
        'Lang="en"', 'Lang="en" VoiceOverReference="0x0100000000000999"'
    )
    none = document.xml().replace('Lang="en"', 'Lang="en" VoiceOverReference="0x0000000000000000"')
    assert any("voice-overs of texts are not read: 1 (1 texts)" in x for x in draft(voiced).notes)
    assert not any("voice-overs" in x for x in draft(none).notes)
