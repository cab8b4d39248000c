"""Documents of older shapes: each shape alone, and what today's files must not suffer."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers import older_flows
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.native import rows_of
from storyarn_pipelines.importers.rows import Row
from storyarn_pipelines.importers.source import open_source

DATA = Path(__file__).parents[1] / "data"
Document = dict[str, Any]
STAMPS = {"inserted_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}


def opened(stack: ExitStack, document: Document) -> NativeDocument:
    scratch = Path(stack.enter_context(TemporaryDirectory()))
    path = scratch / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return NativeDocument(stack.enter_context(open_source(path, scratch)))


def read(document: Document) -> tuple[list[Row], list[str]]:
    """All rows, and the lines of the report."""
    with ExitStack() as stack:
        native = opened(stack, document)
        entities = list(native.rows("read"))
        rows = [row for entity in entities for row in entity.walk()]
        return rows, list(native.conversions.lines())


def said(row: Row) -> tuple[Any, ...]:
    """All of a row, to compare."""
    values = {key: bytes(raw) for key, raw in row.values.items()}
    return row.table.name, row.pointer, row.key, values, [said(x) for x in row.children]


def older(**sections: Any) -> Document:
    """A document as older versions wrote it, with nothing but these sections."""
    return {
        "export_version": "1.0.0",
        "exported_at": "2026-02-02T15:30:00Z",
        "project": {"id": "project-1", "name": "Old"},
        **sections,
    }


def flow(
    nodes: list[dict[str, Any]], connections: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    return {"id": "f", "name": "F", "nodes": nodes, "connections": connections or [], **more}


def node(ref: str, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": ref, "type": kind, "data": data}


def wire(source: str, target: str, pin: str = "output", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{source}.{pin}-{target}",
        "source_node_id": source,
        "source_handle": pin,
        "target_node_id": target,
        "target_handle": "input",
        **more,
    }


def of(rows: list[Row], table: Table) -> list[Row]:
    return [row for row in rows if row.table is table]


def data_of(rows: list[Row], ref: str) -> dict[str, Any]:
    found: dict[str, Any] = next(x for x in of(rows, t.FLOW_NODES) if x.ref == ref).get("data")
    return found


def wires(rows: list[Row]) -> list[str]:
    """``source.pin -> target`` in order."""
    columns = ("source_node_id", "source_pin", "target_node_id")
    return [
        "{}.{} -> {}".format(*(row.get(x) for x in columns)) for row in of(rows, t.FLOW_CONNECTIONS)
    ]


def asked(stored: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rules of a stored condition."""
    return [
        (rule["sheet"], rule["variable"], rule["operator"], rule["value"])
        for block in stored["blocks"]
        for rule in block["rules"]
    ]


SHEETS = [
    {
        "id": "s1",
        "name": "Jaime",
        "shortcut": "mc.jaime",
        "blocks": [
            {"id": "b1", "type": "number", "is_variable": True, "variable_name": "health"},
            {"id": "b2", "type": "boolean", "is_variable": True, "variable_name": "is_alive"},
            {"id": "b3", "type": "date", "is_variable": True, "variable_name": "born.on"},
        ],
    }
]


@pytest.mark.parametrize("name", ["mini.json", "mini-trash.json"])
def test_todays_files_are_read_as_they_are(name: str) -> None:
    document = json.loads((DATA / name).read_text(encoding="utf-8"))
    with ExitStack() as stack:
        native = opened(stack, document)
        converted = list(native.rows("read"))
        plain = [row for piece in native.pieces() for row in rows_of(piece)]
        assert list(native.conversions.lines()) == []
    assert [said(row) for row in converted] == [said(row) for row in plain]


def test_content_of_todays_rows_is_never_touched() -> None:
    data = {"expression": "#a.b", "text_key": "k", "speaker_id": 3, "code": "x"}
    nodes = [
        {"id": str(n), "type": kind, "data": data, **STAMPS}
        for n, kind in enumerate(("dialogue", "condition", "instruction", "exit"))
    ]
    rows, _ = read(older(flows=[flow(nodes)]))
    assert [row.get("data") for row in of(rows, t.FLOW_NODES)] == [data] * 4


def test_a_second_walk_tells_the_same() -> None:
    document = json.loads((DATA / "spec-sample.json").read_text(encoding="utf-8"))
    with ExitStack() as stack:
        native = opened(stack, document)
        told = []
        for _ in range(2):
            rows = [said(row) for row in native.rows("read")]
            told.append((rows, list(native.conversions.lines())))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("written", "table", "told"),
    [
        ({"sheets": [{"id": "1", "name": "A"}]}, t.SHEETS, "sheets read as pages: 1"),
        ({"scenes": [{"id": "1", "name": "A"}]}, t.SCENES, "scenes read as maps: 1"),
    ],
)
def test_sections_under_their_tables_names(written: Document, table: Table, told: str) -> None:
    rows, lines = read(older(**written))
    assert [row.get("name") for row in of(rows, table)] == ["A"]
    assert any(line.startswith(told) for line in lines)


def test_pins_and_parents_under_their_columns_names() -> None:
    connection = {
        "id": "c", "source_node_id": "a", "source_pin": "true", "target_node_id": "b",
        "target_pin": "input", **STAMPS,
    }  # fmt: skip
    maps = [{"id": "1", "name": "A"}, {"id": "2", "name": "B", "parent_id": "1"}]
    rows, lines = read(older(flows=[flow([], [connection])], maps=maps))
    assert wires(rows) == ["a.true -> b"]
    assert [row.get("parent_id") for row in of(rows, t.SCENES)] == [None, "1"]
    told = [line.partition(":")[0] for line in lines]
    assert "source_pin read as source_handle" in told
    assert "target_pin read as target_handle" in told
    assert "parent_id read as parent_scene_id" in told


def test_todays_name_wins_where_both_stand() -> None:
    rows, _ = read(older(flows=[flow([], [wire("a", "b", source_pin="old")])]))
    assert wires(rows) == ["a.output -> b"]


@pytest.mark.parametrize(
    ("kind", "is_variable", "is_constant"),
    [
        ("number", True, False), ("number", False, True), ("text", False, True),
        ("reference", False, False), ("gallery", False, False), ("table", False, False),
    ],
)  # fmt: skip
def test_is_variable_is_the_opposite_of_is_constant(
    kind: str, is_variable: bool, is_constant: bool
) -> None:
    block = {"id": "b", "type": kind, "is_variable": is_variable}
    for stamps in ({}, STAMPS):
        rows, _ = read(older(pages=[{"id": "1", "name": "A", "blocks": [{**block, **stamps}]}]))
        assert of(rows, t.BLOCKS)[0].get("is_constant") is is_constant


def test_a_page_is_a_sheet_as_a_target() -> None:
    value = {"target_type": "page", "target_id": None, "target_shortcut": "mc.jaime"}
    block = {"id": "b", "type": "reference", "value": value}
    pin = {"id": "p", "target_type": "page", "target_id": "s1"}
    rows, _ = read(
        older(
            pages=[*SHEETS, {"id": "2", "name": "B", "blocks": [block]}],
            maps=[{"id": "m", "name": "M", "pins": [pin]}],
        )
    )
    assert of(rows, t.BLOCKS)[-1].get("value") == {"target_type": "sheet", "target_id": "s1"}
    assert of(rows, t.SCENE_PINS)[0].get("sheet_id") == "s1"
    assert of(rows, t.SCENE_PINS)[0].get("position_x") == 50


def test_a_pin_without_the_columns_of_today_aims_by_its_type() -> None:
    pins = [{"id": "p", "target_type": "flow", "target_id": "f", **STAMPS},
            {"id": "q", "sheet_id": None, "flow_id": None, "target_type": "flow",
             "target_id": "f", **STAMPS}]  # fmt: skip
    rows, _ = read(older(maps=[{"id": "m", "name": "M", **STAMPS, "pins": pins}]))
    assert [x.get("flow_id") for x in of(rows, t.SCENE_PINS)] == ["f", None]


def test_what_a_pin_cannot_aim_at_is_kept_on_the_scene() -> None:
    pin = {"id": "p", "label": "Gate", "target_type": "scene", "target_id": "m2"}
    rows, lines = read(older(maps=[{"id": "m", "name": "M", "pins": [pin]}]))
    assert [x.get("text") for x in of(rows, t.SCENE_ANNOTATIONS)] == ['Pin "Gate": target scene m2']
    assert any("kept as annotations" in line for line in lines)


def test_what_shows_a_layer_is_kept_on_it() -> None:
    layers = [{"id": "l", "name": "War", "trigger_event_id": "war_ends"}]
    for stamps in ({}, STAMPS):
        document = older(maps=[{"id": "m", "name": "M", "layers": [{**layers[0], **stamps}]}])
        rows, lines = read(document)
        [note] = of(rows, t.SCENE_ANNOTATIONS)
        assert note.get("text") == 'Layer "War": trigger_event_id "war_ends"'
        assert note.get("layer_id") == "l"
        assert any("trigger_event_id" in line for line in lines)


def test_a_dialogue_names_its_speaker_and_key() -> None:
    data = {"speaker_type": "page", "speaker_id": "s1", "text": "Hi", "text_key": "dlg_1"}
    rows, _ = read(older(pages=SHEETS, flows=[flow([node("n", "dialogue", **data)])]))
    assert data_of(rows, "n") == {
        "speaker_sheet_id": "s1", "text": "Hi", "localization_id": "dlg_1", "responses": [],
    }  # fmt: skip


def test_a_speaker_is_found_by_shortcut() -> None:
    data = {"speaker_id": None, "speaker_shortcut": "mc.jaime"}
    rows, _ = read(older(pages=SHEETS, flows=[flow([node("n", "dialogue", **data)])]))
    assert data_of(rows, "n")["speaker_sheet_id"] == "s1"


def test_a_speaker_that_is_no_sheet_stays_in_the_data() -> None:
    data = {"speaker_id": "x", "speaker_type": "narrator"}
    rows, lines = read(older(flows=[flow([node("n", "dialogue", **data)])]))
    assert {"speaker_id": "x", "speaker_type": "narrator"}.items() <= data_of(rows, "n").items()
    assert any("no sheets" in line for line in lines)


def test_keys_that_cannot_be_ids_get_other_ones_once_each() -> None:
    keys = ["a", "a", "not an id", "", None]
    nodes = [node(f"n{n}", "dialogue", text_key=key) for n, key in enumerate(keys)]
    rows, _ = read(older(flows=[flow(nodes)]))
    found = [row.get("data")["localization_id"] for row in of(rows, t.FLOW_NODES)]
    assert found[0] == "a"
    assert len(set(found)) == 5
    assert all(x.startswith("dialogue_") for x in found[1:])
    assert data_of(rows, "n1")["text_key"] == "a"


def test_a_choice_is_a_dialogue_with_responses() -> None:
    options = [
        {"id": "o1", "text": "Yes", "text_key": "c_1"},
        {"text": "No", "condition": "#mc.jaime.health > 50", "code": "#mc.jaime.health -= 1"},
    ]
    choice = node("n", "choice", prompt="Well?", prompt_key="c", options=options)
    for stamps in ({}, STAMPS):
        rows, lines = read(older(pages=SHEETS, flows=[flow([{**choice, **stamps}])]))
        data = data_of(rows, "n")
        assert (data["text"], data["localization_id"]) == ("Well?", "c")
        assert [x["id"] for x in data["responses"]] == ["o1", "option_2"]
        assert asked(json.loads(data["responses"][1]["condition"])) == [
            ("mc.jaime", "health", "greater_than", "50")
        ]
        assert data["responses"][1]["instruction_assignments"][0]["operator"] == "subtract"
        assert [x.text("type") for x in of(rows, t.FLOW_NODES)] == ["dialogue"]
        assert any("choices made dialogues" in line for line in lines)


def test_a_choice_keeps_a_second_text_and_key() -> None:
    choice = node("n", "choice", prompt="P", prompt_key="p", text="T", text_key="t")
    rows, _ = read(older(flows=[flow([choice])]))
    assert data_of(rows, "n") == {
        "text": "P", "original_text": "T", "localization_id": "t", "prompt_key": "p",
        "speaker_sheet_id": None, "responses": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("#mc.jaime.health > 50", [("mc.jaime", "health", "greater_than", "50")]),
        ("#mc.jaime.is_alive == true", [("mc.jaime", "is_alive", "is_true", None)]),
        ("!(#mc.jaime.is_alive == false)", [
            ("mc.jaime", "is_alive", "is_true", None), ("mc.jaime", "is_alive", "is_nil", None)]),
        ("{mc.jaime.born.on} < '2020-01-01'", [("mc.jaime", "born.on", "before", "2020-01-01")]),
        ("  ", []),
    ],
)  # fmt: skip
def test_texts_of_conditions_are_parsed_by_the_files_variables(
    text: str, rules: list[tuple[Any, ...]]
) -> None:
    rows, _ = read(older(pages=SHEETS, flows=[flow([node("n", "condition", expression=text)])]))
    data = data_of(rows, "n")
    assert asked(data["condition"]) == rules
    assert set(data) == {"switch_mode", "condition"}


def test_texts_of_instructions_are_parsed() -> None:
    code = "#mc.jaime.health -= 10;\n#mc.jaime.is_alive = true;"
    rows, _ = read(older(pages=SHEETS, flows=[flow([node("n", "instruction", code=code)])]))
    assert [x["operator"] for x in data_of(rows, "n")["assignments"]] == ["subtract", "set_true"]
    assert "code" not in data_of(rows, "n")


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        (node("n", "condition", expression="#a.b >"), "expression: #a.b >"),
        (node("n", "instruction", code="go home"), "code: go home"),
        (node("n", "choice", options=[{"id": "o", "condition": "if?"}]), "o, condition: if?"),
        (node("n", "dialogue", responses=[{"id": "o", "code": "?"}]), "o, code: ?"),
    ],
)
def test_what_cannot_be_read_stays_and_is_kept_as_an_annotation(
    broken: dict[str, Any], kept: str
) -> None:
    rows, lines = read(older(flows=[flow([broken])]))
    notes = [
        x.get("data")["text"] for x in of(rows, t.FLOW_NODES) if x.text("type") == "annotation"
    ]
    assert notes == [kept]
    assert kept.partition(": ")[2] in json.dumps(data_of(rows, "n"))
    assert any("that cannot be read" in line for line in lines)


def test_a_condition_on_a_connection_is_a_node_before_its_target() -> None:
    connection = wire("a", "b", label="alive", condition="#mc.jaime.is_alive")
    for stamps in ({}, STAMPS):
        rows, _ = read(
            older(
                pages=SHEETS,
                flows=[flow([node("a", "hub"), node("b", "hub")], [{**connection, **stamps}])],
            )
        )
        made = "f/condition/a.output-b"
        assert wires(rows) == [f"a.output -> {made}", f"{made}.true -> b"]
        assert asked(data_of(rows, made)["condition"]) == [
            ("mc.jaime", "is_alive", "is_true", None)
        ]
        assert [x.get("label") for x in of(rows, t.FLOW_CONNECTIONS)] == [None, "alive"]


def test_conditions_of_one_pin_are_tried_in_turn_and_the_plain_wire_comes_last() -> None:
    found = [wire("a", "z")]
    found += [wire("a", x, condition=f"#mc.jaime.health > {n}") for n, x in enumerate("bc")]
    rows, _ = read(older(flows=[flow([node(x, "hub") for x in "abcz"], found)]))
    first, second = ("f/condition/a.output-b", "f/condition/a.output-c")
    assert wires(rows) == [
        f"a.output -> {first}", f"{first}.true -> b",
        f"{first}.false -> {second}", f"{second}.true -> c",
        f"{second}.false -> z",
    ]  # fmt: skip


def test_a_connection_without_a_condition_stays() -> None:
    rows, lines = read(older(flows=[flow([], [wire("a", "b", condition=None)])]))
    assert wires(rows) == ["a.output -> b"]
    assert not any("condition" in line for line in lines)


CALLED = {"id": "g", "name": "G", "shortcut": "act.g", "nodes": [], "connections": []}


@pytest.mark.parametrize(
    "target", [{"target_flow_id": "g"}, {"target_flow_id": None, "target_flow_shortcut": "act.g"}]
)
def test_a_flow_jump_is_a_subflow_that_goes_on_from_every_exit(target: dict[str, Any]) -> None:
    caller = flow([node("a", "flow_jump", **target), node("z", "hub")], [wire("a", "z")])
    exits = [node("x", "exit", label="won"), node("y", "exit", exit_mode="terminal")]
    rows, _ = read(older(flows=[caller, {**CALLED, "nodes": exits}]))
    assert data_of(rows, "a") == {"referenced_flow_id": "g"}
    assert wires(rows) == ["a.exit_x -> z", "a.exit_y -> z"]
    assert [data_of(rows, x).get("exit_mode") for x in "xy"] == ["caller_return", "terminal"]
    assert len({x.ref for x in of(rows, t.FLOW_CONNECTIONS)}) == 2


def test_a_flow_jump_without_a_wire_ends_the_story_there() -> None:
    caller = flow([node("a", "flow_jump", target_flow_id="g")])
    rows, _ = read(older(flows=[caller, {**CALLED, "nodes": [node("x", "exit")]}]))
    assert data_of(rows, "x") == {}


def test_a_flow_jump_to_a_flow_without_exits_keeps_its_output() -> None:
    caller = flow([node("a", "flow_jump", target_flow_id="g")], [wire("a", "z")])
    rows, _ = read(older(flows=[caller, CALLED]))
    assert wires(rows) == ["a.output -> z"]


def test_very_many_exits_do_not_multiply_the_wires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(older_flows, "MAX_ADDED", 3)
    jumps = [node(x, "flow_jump", target_flow_id="g") for x in "ab"]
    caller = flow([*jumps, node("z", "hub")], [wire("a", "z"), wire("b", "z")])
    exits = [node("x", "exit"), node("y", "exit")]
    rows, lines = read(older(flows=[caller, {**CALLED, "nodes": exits}]))
    assert wires(rows) == ["a.exit_x -> z", "a.exit_y -> z", "b.output -> z"]
    assert any("very many exits" in line for line in lines)


def test_events_keep_their_data_and_wires_pass_them() -> None:
    events = [node(x, "event", event_id=f"bell_{x}", tags=["audio"]) for x in "ef"]
    found = [wire("a", "e"), wire("e", "f", label="ding"), wire("f", "b"), wire("c", "e")]
    rows, lines = read(older(flows=[flow([*(node(x, "hub") for x in "abc"), *events], found)]))
    assert wires(rows) == ["a.output -> b", "c.output -> b"]
    data = data_of(rows, "e")
    assert data["event_id"] == data["text"] == "bell_e"
    assert data["tags"] == ["audio"]
    assert [x["label"] for x in data["wires"]] == [None, "ding", None]
    assert any("event nodes kept as annotations: 2" in line for line in lines)


def test_wires_that_meet_behind_an_event_are_one() -> None:
    found = [wire("a", "b"), wire("a", "e", label="ring"), wire("e", "b")]
    nodes = [node("a", "hub"), node("b", "hub"), node("e", "event")]
    rows, lines = read(older(flows=[flow(nodes, found)]))
    assert wires(rows) == ["a.output -> b"]
    assert any('merged: 1 (/flows/0/connections/1 "ring")' in line for line in lines)


@pytest.mark.parametrize("found", [[wire("a", "e")], [wire("a", "e"), wire("e", "e")]])
def test_wires_to_events_that_lead_nowhere_stay_in_their_data(found: list[Any]) -> None:
    rows, lines = read(older(flows=[flow([node("a", "hub"), node("e", "event")], found)]))
    assert wires(rows) == []
    assert data_of(rows, "e")["wires"][0]["source_node_id"] == "a"
    assert any("wires that end at annotations" in line for line in lines)


def test_long_chains_of_events_cost_no_more_than_they_are_long() -> None:
    count = 20_000
    nodes = [node("a", "hub"), *(node(f"e{n}", "event") for n in range(count)), node("z", "hub")]
    found = [wire(f"e{n}", f"e{n + 1}") for n in range(count - 1)]
    found += [wire(f"e{count - 1}", "z"), *(wire("a", f"e{n}", pin=f"p{n}") for n in range(count))]
    rows, _ = read(older(flows=[flow(nodes, found)]))
    assert {x.get("target_node_id") for x in of(rows, t.FLOW_CONNECTIONS)} == {"z"}


def test_unknown_types_of_nodes_are_annotations() -> None:
    rows, lines = read(older(flows=[flow([node("n", "camera", zoom=2)])]))
    assert of(rows, t.FLOW_NODES)[0].text("type") == "annotation"
    assert {"zoom": 2, "node_type": "camera"}.items() <= data_of(rows, "n").items()
    assert any('"camera"' in line for line in lines)


LANGUAGES = [{"locale_code": "en", "is_source": True}, {"locale_code": "pt_BR"}]
SPOKEN = flow(
    [
        node("n", "dialogue", text="Hi", text_key="k", speaker_id="s1",
             responses=[{"id": "r", "text": "Yes", "text_key": "k_r"}]),
        node("x", "exit", label="End"),
    ]
)  # fmt: skip


def localized(strings: Any, **more: Any) -> Document:
    localization = {"languages": LANGUAGES, "strings": strings, **more}
    return older(pages=SHEETS, flows=[SPOKEN], localization=localization)


TRANSLATED = {"en": {"text": "Hi"}, "es": {"translated_text": "Hola", "status": "final"}}


@pytest.mark.parametrize(
    ("strings", "field", "role", "source"),
    [
        ({"k": {"source_type": "flow_node", "source_id": "n"}}, "text", "dialogue", "Hi"),
        ({"k": {}}, "text", "dialogue", "Hi"),
        ({"k_r": {}}, "response.r.text", "response", "Yes"),
        ({"z": {"source_type": "flow_node", "source_id": "x"}}, "label", "exit", "End"),
        ({"z": {"source_type": "sheet", "source_id": "s1"}}, "name", "speaker_name", "Jaime"),
        ([{"source_type": "flow_node", "source_id": "n"}], "text", "dialogue", "Hi"),
        ([{"key": "k_r"}], "response.r.text", "response", "Yes"),
    ],
)
def test_strings_are_tied_to_what_they_translate(
    strings: Any, field: str, role: str, source: str
) -> None:
    whole = deepcopy(strings)
    for value in whole.values() if isinstance(whole, dict) else whole:
        value["translations"] = TRANSLATED
    rows, lines = read(localized(whole))
    [row] = of(rows, t.LOCALIZED_TEXTS)
    assert [row.get(x) for x in ("source_field", "content_role", "source_text", "locale_code")] == [
        field, role, source, "es",
    ]  # fmt: skip
    assert row.get("translated_text") == "Hola"
    assert row.get("status") == "final"
    assert row.get("source_text_hash") == row.get("translated_source_hash") is not None
    assert row.get("speaker_sheet_id") == ("s1" if role in ("dialogue", "response") else None)
    assert any(line.startswith("translations of the source language") for line in lines)


@pytest.mark.parametrize(
    "translation",
    [{"text": " ", "status": "final"}, {"text": "Oi", "status": "final", "source_text_hash": "x"}],
)
def test_a_final_translation_that_cannot_be_one_is_set_to_review(
    translation: dict[str, Any],
) -> None:
    rows, lines = read(localized({"k": {"translations": {"pt_BR": translation}}}))
    [row] = of(rows, t.LOCALIZED_TEXTS)
    assert (row.get("status"), row.get("locale_code")) == ("review", "pt-br")
    assert any("set to review" in line for line in lines)


def test_a_recording_of_the_source_language_is_the_dialogues_audio() -> None:
    rows, _ = read(localized({"k": {"translations": {"en": {"text": "Hi", "vo_asset_id": "a1"}}}}))
    assert data_of(rows, "n")["audio_asset_id"] == "a1"


def test_the_source_language_is_known_without_a_flag() -> None:
    localization = {"source_language": "en", "languages": [{"locale_code": "es"}]}
    rows, _ = read(older(localization=localization))
    found = [(x.get("locale_code"), x.get("is_source")) for x in of(rows, t.PROJECT_LANGUAGES)]
    assert sorted(found) == [("en", True), ("es", False)]


@pytest.mark.parametrize(
    ("translations", "rows_found"),
    [
        ({"en": "Eldoria", "es": "El Dorado"}, [("es", "El Dorado")]),
        ({"en": "Eldoria"}, [("pt-br", None)]),
        ({"es": {"translated_text": "El Dorado"}}, [("es", "El Dorado")]),
    ],
)
def test_terms_have_texts_as_translations(
    translations: dict[str, Any], rows_found: list[tuple[str, str | None]]
) -> None:
    term = {"term": "Eldoria", "translations": translations, "do_not_translate": True}
    rows, _ = read(localized({}, glossary=[term]))
    found = of(rows, t.GLOSSARY_ENTRIES)
    assert [(x.get("target_locale"), x.get("target_term")) for x in found] == rows_found
    assert all(x.get("source_locale") == "en" and x.get("do_not_translate") for x in found)


def test_media_get_what_the_database_demands() -> None:
    items = [{"id": "a", "key": "assets/x.png", "checksum": f"sha256:{'a' * 64}"}, {"id": "b"}]
    rows, _ = read(older(assets={"items": items}))
    first, second = of(rows, t.ASSETS)
    assert [first.get(x) for x in ("filename", "content_type", "size", "blob_hash")] == [
        "x.png", "image/png", 0, "a" * 64,
    ]  # fmt: skip
    assert second.get("filename") == "unnamed"


def test_a_portrait_is_an_avatar() -> None:
    rows, _ = read(older(pages=[{"id": "1", "name": "A", "avatar_asset_id": "a"}]))
    [avatar] = of(rows, t.SHEET_AVATARS)
    assert (avatar.get("asset_id"), avatar.get("is_default")) == ("a", True)


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (older(flows=[flow([{**node("n", "hub"), "mood": 1}])]), '"mood":1'),
        (older(flows=[flow([], [wire("a", "b", delay=3)])]), "flow_connections, delay: \\\"3\\\""),
        (older(flows=[flow([], chapter=2)]), '"chapter":2'),
        (older(maps=[{"id": "m", "name": "M", "sky": "blue"}]), "sky: \\\"blue\\\""),
        (older(pages=[{"id": "1", "name": "A", "blocks": [
            {"id": "b", "type": "text", "hint": "x"}]}]), '"hint":"x"'),
    ],
)  # fmt: skip
def test_keys_without_a_column_are_kept_and_told(document: Document, kept: str) -> None:
    rows, lines = read(document)
    stored = [
        bytes(raw).decode()
        for row in rows
        for key, raw in row.values.items()
        if key in ("data", "settings", "config", "text")
    ]
    assert any(kept in text for text in stored)
    assert any("keys without a column, kept" in line for line in lines)


def test_sheets_cannot_keep_them_so_the_report_does() -> None:
    _, lines = read(older(pages=[{"id": "1", "name": "A", "mood": "sad"}]))
    assert any('/pages/0/mood sheets, mood: "sad"' in line for line in lines)


def test_rows_without_id_or_name_get_them() -> None:
    scene = {"path": "World/Map \u00e9", "layers": [{}]}
    rows, _ = read(older(maps=[scene]))
    assert [(x.ref, x.get("name")) for x in rows[1:]] == [
        ("/maps/0", "Map \u00e9"), ("/maps/0/layers/0", "Untitled"),
    ]  # fmt: skip


def placed(document: Document) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Every place of the sample where an older shape says something, with a setter."""

    def visit(value: Any, pointer: str) -> Iterator[tuple[str, Callable[[Any], None]]]:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in list(items):
            place = f"{pointer}/{key}"
            yield place, partial(value.__setitem__, key)
            if isinstance(inner, dict | list):
                yield from visit(inner, place)

    for section in ("pages", "flows", "maps", "localization", "assets"):
        yield from visit(document[section], f"/{section}")


WRONG: tuple[Any, ...] = (1, -1.5, True, "x", "", None, [], [1], {}, {"a": 1}, "\0", "\ud800")


def test_wrong_types_are_refused_with_their_place_or_kept() -> None:
    sample = json.loads((DATA / "spec-sample.json").read_text(encoding="utf-8"))
    places = [place for place, _ in placed(sample)]
    refused = 0
    for number, place in enumerate(places):
        document = deepcopy(sample)
        wrong = WRONG[number % len(WRONG)]
        dict(placed(document))[place](wrong)
        try:
            read(document)
        except ImportFileError as error:
            refused += 1
            message = str(error)
            assert message.startswith("import: "), (place, wrong)
            assert "\n" not in message, (place, wrong)
            section = place.split("/")[1]
            assert f"/{section}" in message or section in message, (place, wrong, message)
    assert refused > 50


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (flow([node("n", "dialogue", speaker_id=[1])]), "/flows/0/nodes/0/data/speaker_id"),
        (flow([node("n", "dialogue", text_key=5)]), "/flows/0/nodes/0/data/text_key"),
        (flow([node("n", "choice", prompt=[])]), "/flows/0/nodes/0/data/prompt"),
        (flow([node("n", "choice", options={})]), "/flows/0/nodes/0/data/options"),
        (flow([node("n", "choice", options=[3])]), "/flows/0/nodes/0/data/options/0"),
        (
            flow([node("n", "choice", options=[{"condition": 3}])]),
            "/flows/0/nodes/0/data/options/0/condition",
        ),
        (flow([node("n", "condition", expression={})]), "/flows/0/nodes/0/data/expression"),
        (flow([node("n", "instruction", code=1)]), "/flows/0/nodes/0/data/code"),
        (flow([node("n", "flow_jump", target_flow_id=[])]), "/flows/0/nodes/0/data/target_flow_id"),
        (flow([], [wire("a", "b", condition=7)]), "/flows/0/connections/0/condition"),
        (flow([{"id": "n", "type": "event", "data": []}]), "/flows/0/nodes/0/data"),
        (flow([{"id": "n", "data": {}}]), "/flows/0/nodes/0/type"),
    ],
)
def test_wrong_types_in_older_fields_are_refused_with_the_pointer(
    document: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ImportFileError, match=f"^import: {pointer}: "):
        read(older(flows=[document]))


@pytest.mark.parametrize(
    ("strings", "pointer"),
    [
        ({"k": {"source_type": 3, "translations": {}}}, "source_type"),
        ({"lost": {"translations": {}}}, "source_type"),
        ({"k": {}}, "translations"),
        ({"k": {"translations": {"es": 3}}}, "translations/es"),
        ({"k": {"translations": {"es": {"text": 3}}}}, "translations/es/translated_text"),
    ],
)
def test_wrong_strings_are_refused_with_the_pointer(strings: Any, pointer: str) -> None:
    key = next(iter(strings))
    with pytest.raises(ImportFileError, match=f"^import: /localization/strings/{key}/{pointer}: "):
        read(localized(strings))
