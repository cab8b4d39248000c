"""The reference indexes follow from the content as Storyarn makes them."""

import json
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.content.references import (
    EntityReference,
    VariableReference,
    entity_references_of_block,
    entity_references_of_node,
    entity_references_of_pin,
    entity_references_of_zone,
    variables_of_ambient_flow,
    variables_of_node,
    variables_of_pin,
    variables_of_zone,
)

SHEETS = {"mc.mira": 202, "mc": 9, "npc": 203, "204": 204}


def sheet_of(name: str) -> int | None:
    return SHEETS.get(name)


def mention(kind: str, target: str) -> str:
    return f'<i class="mention" data-type="{kind}" data-id="{target}">x</i>'


def rule(sheet: Any, variable: Any) -> dict[str, Any]:
    return {"sheet": sheet, "variable": variable}


def block(*rules: Any) -> dict[str, Any]:
    return {"type": "block", "rules": list(rules)}


def group(*blocks: Any) -> dict[str, Any]:
    return {"type": "group", "blocks": list(blocks)}


def condition(*blocks: Any) -> dict[str, Any]:
    return {"logic": "all", "blocks": list(blocks)}


def write(sheet: Any, variable: Any, source: tuple[Any, Any] | None = None) -> dict[str, Any]:
    found = {"sheet": sheet, "variable": variable, "value_type": "literal", "value": "5"}
    if source:
        found |= {"value_type": "variable_ref", "value_sheet": source[0], "value": source[1]}
    return found


@pytest.mark.parametrize(
    ("block_type", "value", "expected"),
    [
        ("reference", {"target_type": "sheet", "target_id": 7}, [("sheet", 7, "value")]),
        ("reference", {"target_type": "flow", "target_id": "7"}, [("flow", 7, "value")]),
        ("reference", {"target_type": "sheet", "target_id": None}, []),
        ("reference", {"target_type": "sheet", "target_id": 2**63}, []),
        ("reference", {"target_type": "sheet", "target_id": True}, []),
        ("rich_text", {"content": mention("sheet", "7") + mention("flow", "7") * 2},
         [("sheet", 7, "content"), ("flow", 7, "content")]),
        ("rich_text", {"content": mention("sheet", "7") + mention("scene", "7")}, []),
        ("rich_text", {"content": mention("sheet", "7") + '<i class="mention">'}, []),
        ("rich_text", {"other": mention("sheet", "7")}, []),
        ("text", {"content": mention("sheet", "7")}, []),
        ("rich_text", None, []),
    ],
)  # fmt: skip
def test_blocks(block_type: str, value: Any, expected: list[tuple[str, int, str]]) -> None:
    assert list(entity_references_of_block(block_type, value)) == expected


@pytest.mark.parametrize(
    ("node_type", "data", "expected"),
    [
        ("dialogue",
         {"text": mention("flow", "5"), "speaker_sheet_id": "7", "location_sheet_id": 7,
          "responses": [{"text": mention("sheet", "8")}, mention("flow", "5")]},
         [("sheet", 7, "speaker"), ("sheet", 7, "location"), ("flow", 5, "dialogue"),
          ("sheet", 8, "dialogue")]),
        ("annotation", {"text": mention("sheet", "8")}, [("sheet", 8, "dialogue")]),
        ("dialogue", {"text": mention("sheet", "x"), "menu_text": mention("sheet", "8")},
         [("sheet", 8, "dialogue")]),
        ("subflow", {"referenced_flow_id": 5}, []),
        ("exit", {"target_type": "scene", "target_id": 5, "referenced_flow_id": 5}, []),
        ("condition", {"condition": condition(block(rule("mc.mira", "a")))}, []),
        ("dialogue", mention("sheet", "8"), []),
        ("dialogue", None, []),
    ],
)  # fmt: skip
def test_nodes(node_type: str, data: Any, expected: list[tuple[str, int, str]]) -> None:
    assert list(entity_references_of_node(node_type, data)) == expected


def test_pins() -> None:
    both = [("sheet", 7, "display"), ("flow", 8, "target")]
    assert list(entity_references_of_pin(7, "8")) == both
    assert list(entity_references_of_pin(None, None)) == []


@pytest.mark.parametrize(
    ("target", "action", "data", "expected"),
    [
        (("scene", 4), "walkable", {}, [("scene", 4, "target")]),
        (("flow", "4"), "action", None, [("flow", 4, "target")]),
        ((None, 4), "action", {}, []),
        ((None, None), "action",
         {"assignments": [write("mc.mira", "a", ("npc", "b")), write("npc", "c"), 5,
                          write("204", "d"), write("gone", "e", (5, None))]},
         [("sheet", 202, "assignment"), ("sheet", 203, "assignment_source"),
          ("sheet", 204, "assignment")]),
        ((None, None), "action", {"assignments": [write("npc", "a", ("npc", "b"))]},
         [("sheet", 203, "assignment")]),
        ((None, None), "action", {"variable_ref": "npc.a"}, []),
        ((None, None), "display", {"variable_ref": "npc.a.b"}, [("sheet", 203, "display")]),
        ((None, None), "display", {"variable_ref": "mc.mira.a"}, [("sheet", 9, "display")]),
        ((None, None), "display", {"variable_ref": "npc"}, []),
        ((None, None), "display", {"variable_ref": 5}, []),
        ((None, None), "collection", {"items": [{"sheet_id": 5}, {"sheet_id": 5}, {"sheet_id": "6"},
                                                {"sheet_id": True}, {}, None]},
         [("sheet", 5, "collection_item")]),
        ((None, None), None, {"items": [{"sheet_id": 5}]}, []),
    ],
)  # fmt: skip
def test_zones(target: Any, action: Any, data: Any, expected: list[tuple[str, int, str]]) -> None:
    kind, key = target
    assert list(entity_references_of_zone(kind, key, action, data, sheet_of)) == expected


FULL = condition(block(rule("a", "x"), rule("b.c", "y.1.z")), group(block(rule("d", "w"))))
READS = [("read", "a", "x"), ("read", "b.c", "y.1.z"), ("read", "d", "w")]
NESTED = condition(group(group(block(rule("a", "x")))), block(rule("d", "w")))
ODD = condition(block(rule("a", ""), rule(None, "x"), rule(5, "x"), 5, rule("a", "x" * 256)), 5)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (FULL, READS),
        (NESTED, [("read", "a", "x"), ("read", "d", "w")]),
        (condition(block(rule("a", "x")), block(rule("a", "x"))), [("read", "a", "x")]),
        (ODD, []),
        ({"logic": "all", "rules": [rule("a", "x")]}, []),
        ({"blocks": [block(rule("a", "x"))]}, [("read", "a", "x")]),
        (condition({"rules": [rule("a", "x")]}), []),
        (None, []),
        (json.dumps(FULL), []),
    ],
)
def test_conditions_are_read_wherever_they_are_objects(found: Any, expected: Any) -> None:
    item = {"items": [{"condition": found}]}
    assert list(variables_of_pin(found)) == expected
    assert list(variables_of_node("condition", {"condition": found})) == expected
    assert list(variables_of_zone("walkable", {}, found)) == expected
    assert list(variables_of_zone("collection", item, None)) == expected
    assert list(variables_of_node("dialogue", {"condition": found})) == []
    if not isinstance(found, str):
        response = {"responses": [{"condition": found}]}
        assert list(variables_of_node("dialogue", response)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(FULL), READS),
        (json.dumps(NESTED), [("read", "d", "w")]),
        (json.dumps({**FULL, "logic": "none"}), []),
        (json.dumps({"blocks": FULL["blocks"]}), []),
        (json.dumps([FULL]), []),
        ("", []),
        ("{", []),
        ("[" * 5000, []),
    ],
)
def test_conditions_of_responses_are_json_texts(text: str, expected: Any) -> None:
    data = {"responses": [{"condition": text}, None]}
    assert list(variables_of_node("dialogue", data)) == expected


WRITES = [("write", "a", "x"), ("write", "b", "y"), ("read", "c.d", "z.1.v")]
ASSIGNMENTS = [write("a", "x"), write("b", "y", ("c.d", "z.1.v")), write("", "x"), write("a", 5), 5]


def test_assignments_write_and_read() -> None:
    for found, expected in ((ASSIGNMENTS, WRITES), (None, []), ({}, []), ("[]", [])):
        data: dict[str, Any] = {"assignments": found}
        item = {"items": [{"instruction": data}]}
        assert list(variables_of_node("instruction", data)) == expected
        assert list(variables_of_zone("action", data, None)) == expected
        assert list(variables_of_zone("collection", item, None)) == expected
        assert list(variables_of_zone("walkable", data, None)) == []
        assert list(variables_of_node("hub", data)) == []


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"instruction_assignments": ASSIGNMENTS, "instruction": "x"}, WRITES),
        ({"instruction_assignments": [], "instruction": json.dumps(ASSIGNMENTS)}, WRITES),
        ({"instruction": json.dumps(ASSIGNMENTS)}, WRITES),
        ({"instruction_assignments": {}, "instruction": json.dumps(ASSIGNMENTS)}, []),
        ({"instruction": ASSIGNMENTS}, []),
        ({"instruction": "{}"}, []),
        ({"condition": json.dumps(FULL), "instruction_assignments": ASSIGNMENTS}, READS + WRITES),
    ],
)
def test_responses(response: Any, expected: Any) -> None:
    assert list(variables_of_node("dialogue", {"responses": [response]})) == expected


def test_joined_names_are_split_in_every_way() -> None:
    ways = [("read", "mc", "mira.hp"), ("read", "mc.mira", "hp")]
    config = {"variable_ref": "mc.mira.hp"}
    assert list(variables_of_zone("display", config, None)) == ways
    assert list(variables_of_ambient_flow("on_event", config)) == ways
    assert list(variables_of_ambient_flow("timed", config)) == []
    for odd in (None, "", "mc", ".", ".hp", "mc.", 5, "a." * 100_000):
        assert list(variables_of_ambient_flow("on_event", {"variable_ref": odd})) == []
    assert list(variables_of_ambient_flow("on_event", "x")) == []


keys = st.sampled_from(
    ["speaker_sheet_id", "responses", "condition", "assignments", "instruction", "items", "blocks",
     "rules", "type", "sheet", "variable", "variable_ref", "target_type", "target_id", "content",
     "value_type", "value_sheet", "value", "instruction_assignments", "sheet_id", "logic"]
)  # fmt: skip
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["block", "group", "variable_ref", "all", "7", "a.b", "[{}]", "sheet", "{}"])
    | st.sampled_from([mention("sheet", "7"), mention("x", "7"), "<", "<i class=mention"])
)
hostile = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=40,
)


@given(hostile, hostile)
def test_hostile_shapes_never_raise(value: Any, other: Any) -> None:
    entities: list[EntityReference] = []
    variables: list[VariableReference] = []
    for kind in ("dialogue", "condition", "instruction"):
        entities += list(entity_references_of_node(kind, value))
        variables += list(variables_of_node(kind, value))
    for kind in ("reference", "rich_text"):
        entities += list(entity_references_of_block(kind, value))
    for action in ("action", "display", "collection", other):
        zone = list(entity_references_of_zone(other, value, action, value, sheet_of))
        assert len(zone) == len(set(zone))
        entities += zone
        variables += list(variables_of_zone(action, value, other))
    variables += list(variables_of_ambient_flow("on_event", value))
    assert all(type(x.target_id) is int and 0 < x.target_id < 2**63 for x in entities)
    assert all(x.sheet and x.variable for x in variables)


Rows = list[tuple[Any, ...]]


def derived(connection: psycopg.Connection[Any]) -> tuple[Rows, Rows]:
    """What follows from all of mini.sql's content, by source."""
    entities: Rows = []
    variables: Rows = []

    def note(source: str, key: int, *found: Any) -> None:
        for ref in (ref for refs in found for ref in refs):
            rows = entities if isinstance(ref, EntityReference) else variables
            rows.append((source, key, *ref))

    shortcuts = connection.execute(
        "SELECT shortcut, id FROM sheets WHERE project_id = 7 AND deleted_at IS NULL"
    )
    sheets = dict(shortcuts.fetchall())
    for key, kind, value in connection.execute("SELECT id, type, value FROM blocks ORDER BY id"):
        note("block", key, entity_references_of_block(kind, value))
    for key, kind, data in connection.execute("SELECT id, type, data FROM flow_nodes ORDER BY id"):
        found = (entity_references_of_node(kind, data), variables_of_node(kind, data))
        note("flow_node", key, *found)
    pins = connection.execute("SELECT id, sheet_id, flow_id, condition FROM scene_pins ORDER BY id")
    for key, sheet, flow, check in pins:
        note("scene_pin", key, entity_references_of_pin(sheet, flow), variables_of_pin(check))
    zones = connection.execute(
        "SELECT id, target_type, target_id, action_type, action_data, condition "
        "FROM scene_zones ORDER BY id"
    )
    for key, kind, target, action, data, check in zones:
        references = entity_references_of_zone(kind, target, action, data, sheets.get)
        note("scene_zone", key, references, variables_of_zone(action, data, check))
    ambient = "SELECT id, trigger_type, trigger_config FROM scene_ambient_flows ORDER BY id"
    for key, kind, config in connection.execute(ambient):
        note("scene_ambient_flow", key, variables_of_ambient_flow(kind, config))
    return entities, variables


def test_all_references_of_the_small_project(mini_url: str) -> None:
    with psycopg.connect(mini_url) as connection:
        entities, variables = derived(connection)
    assert entities == [
        ("block", 304, "sheet", 203, "content"),
        ("block", 309, "sheet", 203, "value"),
        ("flow_node", 602, "sheet", 202, "speaker"),
        ("flow_node", 612, "sheet", 205, "speaker"),
        ("scene_pin", 421, "sheet", 202, "display"),
        ("scene_pin", 421, "flow", 502, "target"),
        ("scene_pin", 422, "flow", 503, "target"),
        ("scene_pin", 424, "sheet", 205, "display"),
        ("scene_zone", 431, "scene", 402, "target"),
        ("scene_zone", 431, "sheet", 202, "assignment"),
        ("scene_zone", 434, "sheet", 203, "collection_item"),
    ]
    assert variables == [
        ("flow_node", 602, "read", "mc.mira", "health"),
        ("flow_node", 602, "write", "mc.mira", "health"),
        ("flow_node", 602, "write", "mc.mira", "alive"),
        ("flow_node", 603, "read", "mc.mira", "class"),
        ("flow_node", 603, "read", "mc.mira", "alive"),
        ("flow_node", 604, "write", "mc.mira", "health"),
        ("flow_node", 604, "read", "mc.mira", "stats.str.value"),
        ("scene_zone", 431, "write", "mc.mira", "alive"),
        ("scene_zone", 433, "read", "mc", "mira.health"),
        ("scene_zone", 433, "read", "mc.mira", "health"),
        ("scene_ambient_flow", 462, "read", "mc", "mira.alive"),
        ("scene_ambient_flow", 462, "read", "mc.mira", "alive"),
    ]


def test_the_rows_that_the_small_project_has_follow_from_its_content(mini_url: str) -> None:
    with psycopg.connect(mini_url) as connection:
        entities, variables = derived(connection)
        stored_entities = connection.execute(
            "SELECT source_type, source_id, target_type, target_id, context FROM entity_references"
        ).fetchall()
        stored_variables = connection.execute(
            "SELECT r.source_type, r.source_id, r.kind, r.source_sheet, r.source_variable, "
            "s.shortcut, b.variable_name FROM variable_references r "
            "JOIN blocks b ON b.id = r.block_id JOIN sheets s ON s.id = b.sheet_id"
        ).fetchall()
    assert stored_entities
    assert set(stored_entities) <= set(entities)
    assert stored_variables
    assert {row[:5] for row in stored_variables} <= set(variables)
    assert all(row[3:5] == row[5:] for row in stored_variables)
