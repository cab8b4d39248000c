"""What an author changes in our own export in articy counts; all else stays as Storyarn had it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from storyarn_pipelines.serializers.articy.ids import Places
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player
from tests.serializers.articy.comparing import export
from tests.serializers.articy.memory import ToldStory
from tests.story.builders import (
    assign,
    block,
    condition,
    flow,
    node,
    response,
    rule,
    sheet,
    story,
    wire,
)  # fmt: skip

from .conftest import Drafted, Drafter, Importer

NS = "{http://www.articy.com/schemas/articydraft/4.0/XmlContentExport_FullProject.xsd}"
CAST = sheet(
    7,
    "mc",
    block("luck", "number", 3, id=71),
    block("mood", "select", "a", id=72, config={"options": [{"key": "a", "value": "A"}]}),
)
OTHER = sheet(8, "ann", name="Ann")
TOLD = flow(
    [
        node(11, "entry"),
        node(
            12, "dialogue", text="<p>Hello</p>", stage_directions="low", menu_text="Hi",
            speaker_sheet_id=7, localization_id="d12", technical_id="T12",
            responses=[
                response("r1", "Yes", assign("mc", "luck", "add", "1"),
                         when=condition(rule("mc", "luck", "greater_than", "2"))),
                response("r2", "No"),
            ],
        ),
        node(13, "condition", condition=condition(rule("mc", "mood", "equals", "a"))),
        node(14, "instruction", assignments=[assign("mc", "luck", "set", "5")]),
        node(15, "subflow", referenced_flow_id=2),
        node(16, "exit", exit_mode="terminal", label="Done"),
        node(17, "hub", hub_id="h", label="Hub"),
    ],
    [
        wire(11, 12), wire(12, 13, "r1"), wire(12, 16, "r2"), wire(13, 14, "true"),
        wire(13, 16, "false"), wire(14, 15), wire(15, 17, "exit_22"), wire(17, 16),
    ],
    1,
    "main",
)  # fmt: skip
CALLED = flow(
    [node(21, "entry"), node(22, "exit", exit_mode="caller_return")], [wire(21, 22)], 2, "called"
)
Edit = Callable[[Any], None]


def found(root: Any, name: str) -> Any:
    """The object with a technical name."""
    return next(x for x in root.iter() if x.findtext(f"{NS}TechnicalName") == name)


def say(name: str, member: str, text: str) -> Edit:
    """Another text."""

    def edit(root: Any) -> None:
        found(root, name).find(f"{NS}{member}/{NS}LocalizedString").text = text

    return edit


def script(name: str, text: str, pin: int | None = None) -> Edit:
    """Another script, of an object or of one of its pins."""

    def edit(root: Any) -> None:
        thing = found(root, name)
        holder = thing if pin is None else thing.find(f"{NS}Pins")[pin]
        holder.find(f"{NS}Expression").text = text

    return edit


def aim(source: str, output: int, target: str) -> Edit:
    """A connection that leads elsewhere."""

    def edit(root: Any) -> None:
        pins = [x for x in found(root, source).iter(f"{NS}Pin") if x.get("Semantic") == "Output"]
        goal = found(root, target)
        ends = next(
            x.find(f"{NS}Target")
            for x in root.iter(f"{NS}Connection")
            if x.find(f"{NS}Source").get("PinRef") == pins[output].get("Id")
        )
        ends.set("IdRef", goal.get("Id"))
        ends.set("PinRef", goal.find(f"{NS}Pins")[0].get("Id"))

    return edit


def speaker(root: Any) -> None:
    goal = found(root, "Ntt_ann").get("Id")
    found(root, "DFr_12").find(f"{NS}Speaker").set("IdRef", goal)


def moved(root: Any) -> None:
    found(root, "DFr_12").find(f"{NS}Position").set("X", "444")


def more_health(root: Any) -> None:
    for one in root.iter(f"{NS}Variable"):
        if one.findtext(f"{NS}TechnicalName") == "luck":
            one.find(f"{NS}DefaultValue").text = "9"


def lone(root: Any) -> None:
    """A hub that the author has added."""
    made = found(root, "Hub_17")
    copied = etree.fromstring(etree.tostring(made))
    copied.set("Id", "0x0100000000009999")
    for place, pin in enumerate(copied.iter(f"{NS}Pin")):
        pin.set("Id", f"0x010000000000999{place}")
    copied.find(f"{NS}TechnicalName").text = "Hub_new"
    made.getparent().append(copied)
    parent = next(x for x in root.iter(f"{NS}Node") if x.get("IdRef") == made.get("Id"))
    etree.SubElement(parent.getparent(), f"{NS}Node", IdRef=copied.get("Id"), Type="Hub")


def exported(directory: Path) -> Path:
    told = ToldStory(directory, [TOLD, CALLED], [CAST, OTHER])
    return export(told, directory / "made").directory / "articy.xml"


@pytest.fixture
def edited(draft: Drafter, tmp_path: Path) -> Callable[..., Drafted]:
    """The draft of an export that was edited."""

    def run(*edits: Edit) -> Drafted:
        tree = etree.parse(str(exported(tmp_path)))
        for edit in edits:
            edit(tree.getroot())
        return draft(etree.tostring(tree, xml_declaration=True, encoding="utf-8"))

    return run


def spoken(told: Story, flow_id: str, seed: int) -> list[Any]:
    """Lines and choices of a play, and how it ends."""
    events = Player(told).play(flow_id, SeededChoices(seed))["events"]
    said = [x["say"]["text"] if "say" in x else x["choose"]["options"]
            for x in events if "say" in x or "choose" in x]  # fmt: skip
    return [*said, events[-1]["end"]]


def by_id(drafted: Drafted) -> dict[str, Any]:
    """The nodes of the main flow."""
    return {x["id"]: x for x in drafted.flow("flow 1")["nodes"]}


def wires(drafted: Drafted) -> set[tuple[str, str, str]]:
    return {
        (x["source_node_id"], x["source_handle"], x["target_node_id"])
        for x in drafted.flow("flow 1")["connections"]
    }


def test_without_an_edit_every_row_is_the_original(edited: Callable[..., Drafted]) -> None:
    drafted = edited()
    nodes = by_id(drafted)
    assert {int(x): y["data"] for x, y in nodes.items()} == {x.id: x.data for x in TOLD.nodes}
    assert wires(drafted) == {
        (str(x.source_node_id), x.source_pin, str(x.target_node_id)) for x in TOLD.connections
    }
    blocks = {x["id"]: x for x in drafted.sheet("mc")["blocks"]}
    assert blocks["72"]["config"] == CAST.blocks[1].config
    assert [x["shortcut"] for x in drafted.document["pages"]] == ["mc", "ann"]
    assert drafted.notes == []


SAME_MAKE: list[tuple[str, Edit, str, Callable[[dict[str, Any]], Any], Any]] = [
    ("text", say("DFr_12", "Text", "Changed"), "12", lambda x: x["text"], "<p>Changed</p>"),
    ("menu", say("DFr_12", "MenuText", "Other"), "12", lambda x: x["menu_text"], "Other"),
    ("stage", say("DFr_12", "StageDirections", "loud"), "12", lambda x: x["stage_directions"],
     "loud"),
    ("speaker", speaker, "12", lambda x: x["speaker_sheet_id"], 8),
    ("condition", script("Cnd_13", 'mc.mood == "b"'), "13",
     lambda x: x["condition"]["blocks"][0]["rules"][0]["value"], "b"),
    ("instruction", script("Ins_14", "mc.luck = 8;"), "14",
     lambda x: x["assignments"][0]["value"], "8"),
    ("hub", say("Hub_17", "DisplayName", "Place"), "17", lambda x: x["label"], "Place"),
    ("exit", say("Hub_16", "DisplayName", "Over"), "16", lambda x: x["label"], "Over"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "key", "fact", "wanted"), [x[1:] for x in SAME_MAKE], ids=[x[0] for x in SAME_MAKE]
)
def test_an_edit_changes_its_fact_and_nothing_else(
    edited: Callable[..., Drafted], edit: Edit, key: str, fact: Any, wanted: Any
) -> None:
    plain, drafted = by_id(edited()), edited(edit)
    nodes = by_id(drafted)
    assert fact(nodes[key]["data"]) == wanted
    assert {x: y for x, y in nodes.items() if x != key} == {
        x: y for x, y in plain.items() if x != key
    }
    known = {**plain[key]["data"], **nodes[key]["data"]}
    assert known == nodes[key]["data"]
    changed = [x for x in drafted.notes if x.startswith("changes made in articy are taken over: 1")]
    assert len(changed) == (nodes != plain)


def test_a_response_takes_its_text_its_condition_and_its_changes(
    edited: Callable[..., Drafted],
) -> None:
    name = f"DFr_12_{Places().take('r1'):04X}"
    drafted = edited(
        say(name, "MenuText", "Certainly"),
        script(name, "mc.luck < 1", 0),
        script(name, "mc.luck += 4", 1),
    )
    first, second = by_id(drafted)["12"]["data"]["responses"]
    assert (first["id"], first["text"], second["text"]) == ("r1", "Certainly", "No")
    assert '"less_than"' in first["condition"]
    assert first["instruction_assignments"][0]["value"] == "4"


@pytest.mark.parametrize(
    ("edit", "gone", "made"),
    [
        (aim("Cnd_13", 0, "Hub_16"), ("13", "true", "14"), ("13", "true", "16")),
        (aim("Ins_14", 0, "Hub_17"), ("14", "output", "15"), ("14", "output", "17")),
        (aim("Hub_17", 0, "DFr_12"), ("17", "output", "16"), ("17", "output", "12")),
    ],
)
def test_a_connection_that_leads_elsewhere_is_wired_anew(
    edited: Callable[..., Drafted], edit: Edit, gone: Any, made: Any
) -> None:
    before, after = wires(edited()), wires(edited(edit))
    assert after == before - {gone} | {made}


def test_places_and_values_of_variables_are_taken_over(edited: Callable[..., Drafted]) -> None:
    drafted = edited(moved, more_health)
    assert by_id(drafted)["12"]["position_x"] == 444
    blocks = {x["id"]: x for x in drafted.sheet("mc")["blocks"]}
    assert blocks["71"]["value"] == {"content": 9}


def test_a_script_that_cannot_be_held_is_told_and_kept_beside_its_node(
    edited: Callable[..., Drafted],
) -> None:
    drafted = edited(script("Cnd_13", "random(1, 6) > 3"))
    assert any("cannot be held" in x and "random(1, 6)" in x for x in drafted.notes)
    texts = [x["data"]["text"] for x in drafted.nodes("flow 1", "annotation")]
    assert any("random(1, 6) > 3" in x for x in texts)


def test_a_flow_of_another_make_is_read_as_articy_has_it_with_those_it_calls(
    edited: Callable[..., Drafted], importer: Importer
) -> None:
    drafted = edited(lone)
    (note,) = [x for x in drafted.notes if x.startswith("flows whose make was changed")]
    assert "flow 1" in note
    assert "0x0100000000009999 is new" in note
    labels = [x["data"]["label"] for x in drafted.nodes("flow 1", "hub")]
    assert labels.count("Hub") == 2
    again = importer(drafted.path).story
    names = {x.shortcut: str(x.id) for x in again.flows}
    before = story(TOLD, CALLED, sheets=[CAST, OTHER])
    for seed in range(4):
        wanted, got = spoken(before, "1", seed), spoken(again, names["main"], seed)
        assert got == wanted
    assert [x["shortcut"] for x in drafted.document["flows"]] == ["main", "called"]


BROKEN = ("", "{}", "[]", "null", "{", '{"flow": {}, "marks": {}}', '{"flow": {"id": "1"}}')


@pytest.mark.parametrize("text", BROKEN)
def test_an_original_that_is_none_is_read_as_articy_has_it(
    edited: Callable[..., Drafted], text: str
) -> None:
    def edit(root: Any) -> None:
        for one in root.iter(f"{NS}String"):
            if one.get("Name") == "Original":
                one.text = text

    drafted = edited(edit)
    assert [x["shortcut"] for x in drafted.document["flows"]] == ["main", "called"]


CHANGES: list[tuple[str, Any]] = [
    ("marks", {}), ("node", 7), ("part", "x"), ("leads", []), ("nodes", {}), ("nodes", [{}]),
    ("data", 5), ("connections", 1), ("id", "x"), ("id", "99999999999999999999"), ("at", "x"),
    ("responses", 3), ("blocks", 3), ("value", []), ("values", {"71": ["a", "b", []]}),
    ("text", 4), ("variables", {}), ("media", {"0x1": {"id": "1"}}), ("condition", 3),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_an_original_of_another_shape_breaks_nothing(
    edited: Callable[..., Drafted], key: str, value: Any
) -> None:
    def put(found: Any) -> Any:
        if isinstance(found, dict):
            return {x: value if x == key else put(y) for x, y in found.items()}
        return [put(x) for x in found] if isinstance(found, list) else found

    def edit(root: Any) -> None:
        for one in root.iter(f"{NS}String"):
            if one.get("Name") == "Original":
                one.text = json.dumps(put(json.loads(one.text)))

    drafted = edited(edit, say("DFr_12", "Text", "Changed"), script("Cnd_13", 'mc.mood == "b"'))
    assert len(drafted.document["flows"]) == 2
