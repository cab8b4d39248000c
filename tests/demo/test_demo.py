"""The sample project uses the whole model, holds together, and never comes out differently."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from storyarn_pipelines.demo import DemoProject, build
from storyarn_pipelines.demo.media.catalogue import catalogue

Row = Mapping[str, Any]
Live = dict[str, list[Row]]

PROMISED_ENDINGS = 3

SHORTCUT = re.compile(r"[a-z0-9]([a-z0-9.\-]*[a-z0-9])?")

CONDITION_OPERATORS = {
    "text": "equals not_equals contains starts_with ends_with is_empty",
    "number": "equals not_equals greater_than greater_than_or_equal less_than less_than_or_equal",
    "boolean": "is_true is_false is_nil",
    "select": "equals not_equals is_nil",
    "multi_select": "contains not_contains is_empty",
    "date": "equals not_equals before after",
}
ASSIGNMENT_OPERATORS = {
    "text": "set clear set_if_unset",
    "number": "set add subtract set_if_unset",
    "boolean": "set_true set_false toggle set_if_unset",
    "select": "set set_if_unset",
    "multi_select": "set set_if_unset",
    "date": "set set_if_unset",
}
BLOCK_TYPES = set(CONDITION_OPERATORS) | {"rich_text", "reference", "table", "gallery"}
WITHOUT_VALUE = {
    "is_true", "is_false", "is_nil", "is_empty", "set_true", "set_false", "toggle", "clear",
}  # fmt: skip


def by_id(rows: list[Row]) -> dict[int, Row]:
    return {row["id"]: row for row in rows}


def values(live: Live, table: str, column: str) -> set[Any]:
    return {row[column] for row in live[table]}


def pins(node: Row, exits: Mapping[int, list[int]]) -> set[str]:
    """List the pins a node has, by its type and data (model, section 3)."""
    data = node["data"]
    match node["type"]:
        case "dialogue" if data["responses"]:
            return {response["id"] for response in data["responses"]}
        case "condition" if data["switch_mode"]:
            return {block["id"] for block in data["condition"]["blocks"]} | {"default"}
        case "condition":
            return {"true", "false"}
        case "subflow":
            return {f"exit_{exit_id}" for exit_id in exits[data["referenced_flow_id"]]}
        case "exit" | "jump" | "annotation" | "sequence":
            return set()
    return {"output"}


def exits_by_flow(live: Live) -> dict[int, list[int]]:
    exits: dict[int, list[int]] = {}
    for node in live["flow_nodes"]:
        if node["type"] == "exit":
            exits.setdefault(node["flow_id"], []).append(node["id"])
    return exits


def rules(condition: Any) -> Iterator[Row]:
    """Go through all rules of a condition, however deep."""
    for block in condition["blocks"]:
        yield from block["rules"] if block["type"] == "block" else rules(block)


def all_rules(live: Live) -> Iterator[Row]:
    for node in live["flow_nodes"]:
        if node["type"] == "condition":
            yield from rules(node["data"]["condition"])
        for response in node["data"].get("responses", []):
            if response["condition"]:
                yield from rules(json.loads(response["condition"]))
    for row in [*live["scene_pins"], *live["scene_zones"]]:
        if row["condition"]:
            yield from rules(row["condition"])


def all_assignments(live: Live) -> Iterator[Row]:
    for node in live["flow_nodes"]:
        yield from node["data"].get("assignments", [])
        for response in node["data"].get("responses", []):
            yield from response["instruction_assignments"]
    for zone in live["scene_zones"]:
        yield from zone["action_data"].get("assignments", [])


def variable_types(live: Live) -> dict[str, str]:
    """Name every variable of the project with its type: blocks, table cells, pins and zones."""
    sheets = by_id(live["sheets"])
    types = {}
    for block in live["blocks"]:
        if block["sheet_id"] not in sheets or not block["variable_name"] or block["is_constant"]:
            continue
        path = f"{sheets[block['sheet_id']]['shortcut']}.{block['variable_name']}"
        if block["type"] != "table":
            types[path] = "text" if block["type"] == "rich_text" else block["type"]
        for row in live["table_rows"]:
            for column in live["table_columns"]:
                is_cell = row["block_id"] == column["block_id"] == block["id"]
                if is_cell and (not column["is_constant"] or column["type"] == "formula"):
                    types[f"{path}.{row['slug']}.{column['slug']}"] = column["type"]
    for row in [*live["scene_pins"], *live["scene_zones"]]:
        types[f"{row['shortcut']}.hidden"] = "boolean"
    return types


def test_every_node_type_and_exit_mode_appears(live: Live) -> None:
    nodes = live["flow_nodes"]
    assert {node["type"] for node in nodes} == {
        "entry", "exit", "dialogue", "condition", "instruction",
        "hub", "jump", "subflow", "annotation", "sequence",
    }  # fmt: skip
    modes = {node["data"].get("exit_mode") for node in nodes if node["type"] == "exit"}
    assert modes == {"terminal", "flow_reference", "caller_return"}
    switches = {node["data"]["switch_mode"] for node in nodes if node["type"] == "condition"}
    assert switches == {True, False}


def test_every_block_and_column_type_appears(live: Live) -> None:
    assert values(live, "blocks", "type") == BLOCK_TYPES
    assert values(live, "table_columns", "type") == (BLOCK_TYPES | {"formula"}) - {
        "rich_text", "table", "gallery",
    }  # fmt: skip
    modes = {block["config"].get("mode") for block in live["blocks"]}
    assert {"two_state", "tri_state"} <= modes


def test_every_kind_of_scene_element_appears(live: Live) -> None:
    pin_types = {"location", "character", "event", "custom"}
    triggers = {"on_enter", "timed", "on_event", "one_shot"}
    assert values(live, "scene_pins", "pin_type") == pin_types
    assert values(live, "scene_zones", "action_type") == {
        "action", "walkable", "display", "collection",
    }  # fmt: skip
    assert values(live, "scene_ambient_flows", "trigger_type") == triggers
    assert any(layer["fog_enabled"] for layer in live["scene_layers"])


def test_every_operator_is_used_where_it_is_legal(live: Live) -> None:
    types = variable_types(live)
    asked = {(types[f"{r['sheet']}.{r['variable']}"], r["operator"]) for r in all_rules(live)}
    legal = {(kind, op) for kind, ops in CONDITION_OPERATORS.items() for op in ops.split()}
    assert asked == legal
    done = {(types[f"{a['sheet']}.{a['variable']}"], a["operator"]) for a in all_assignments(live)}
    assert done <= {(kind, op) for kind, ops in ASSIGNMENT_OPERATORS.items() for op in ops.split()}
    assert {op for _, op in done} == {op for o in ASSIGNMENT_OPERATORS.values() for op in o.split()}


def test_rules_and_assignments_are_complete(live: Live) -> None:
    types = variable_types(live)
    for part in [*all_rules(live), *all_assignments(live)]:
        assert isinstance(part["value"], str) != (part["operator"] in WITHOUT_VALUE)
        if part.get("value_sheet"):
            assert f"{part['value_sheet']}.{part['value']}" in types


def test_inheritance_has_a_detached_and_a_hidden_block(live: Live) -> None:
    blocks = by_id(live["blocks"])
    heirs = [block for block in blocks.values() if block["inherited_from_block_id"]]
    for heir in heirs:
        source = blocks[heir["inherited_from_block_id"]]
        assert source["scope"] == "children"
        assert (source["type"], source["variable_name"]) == (heir["type"], heir["variable_name"])
    assert any(heir["detached"] for heir in heirs)
    hidden = [id_ for sheet in live["sheets"] for id_ in sheet["hidden_inherited_block_ids"]]
    assert hidden
    assert set(hidden) <= set(blocks)


def test_formulas_with_same_row_stand_on_sheets_without_a_dot(live: Live) -> None:
    """Elsewhere Storyarn reads nothing for them (player, section 3)."""
    sheets, blocks = by_id(live["sheets"]), by_id(live["blocks"])
    for row in live["table_rows"]:
        if "same_row" in json.dumps(row["cells"]):
            assert "." not in sheets[blocks[row["block_id"]]["sheet_id"]]["shortcut"]


def test_ids_and_shortcuts_are_unique_and_valid(demo: DemoProject, live: Live) -> None:
    for table, rows in demo.rows.items():
        ids = [row["id"] for row in rows if "id" in row]
        assert len(ids) == len(set(ids)), table
    for table in ("sheets", "flows", "scenes"):
        shortcuts = [row["shortcut"] for row in live[table]]
        assert len(shortcuts) == len(set(shortcuts))
        assert all(SHORTCUT.fullmatch(shortcut) for shortcut in shortcuts)


def test_dialogues_have_a_speaker_a_text_and_a_unique_name(live: Live) -> None:
    dialogues = [node["data"] for node in live["flow_nodes"] if node["type"] == "dialogue"]
    names = [data["localization_id"] for data in dialogues]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name) for name in names)
    assert {data["speaker_sheet_id"] for data in dialogues} <= values(live, "sheets", "id")
    assert all(data["text"] for data in dialogues)


def test_every_pin_is_wired_once_and_no_wire_leaves_a_missing_pin(live: Live) -> None:
    nodes = by_id(live["flow_nodes"])
    exits = exits_by_flow(live)
    wired = Counter((w["source_node_id"], w["source_pin"]) for w in live["flow_connections"])
    assert wired == Counter((id_, pin) for id_, node in nodes.items() for pin in pins(node, exits))
    for wire in live["flow_connections"]:
        source, target = nodes[wire["source_node_id"]], nodes[wire["target_node_id"]]
        assert source["flow_id"] == target["flow_id"] == wire["flow_id"]
        assert source is not target
        assert target["type"] not in ("entry", "annotation", "sequence")


def test_every_node_can_be_reached_from_the_one_entry_of_its_flow(live: Live) -> None:
    nodes = by_id(live["flow_nodes"])
    hubs = {
        (node["flow_id"], node["data"]["hub_id"]): id_
        for id_, node in nodes.items()
        if node["type"] == "hub"
    }
    ways: dict[int, list[int]] = {}
    for wire in live["flow_connections"]:
        ways.setdefault(wire["source_node_id"], []).append(wire["target_node_id"])
    for id_, node in nodes.items():
        if node["type"] == "jump":
            ways[id_] = [hubs[node["flow_id"], node["data"]["target_hub_id"]]]
    entries = [id_ for id_, node in nodes.items() if node["type"] == "entry"]
    assert Counter(nodes[id_]["flow_id"] for id_ in entries) == Counter(exits_by_flow(live).keys())
    reached, waiting = set(entries), list(entries)
    while waiting:
        new = [id_ for id_ in ways.get(waiting.pop(), []) if id_ not in reached]
        reached.update(new)
        waiting.extend(new)
    loose = {id_ for id_, n in nodes.items() if n["type"] in ("annotation", "sequence")}
    assert reached == set(nodes) - loose


def test_the_main_flow_leads_to_at_least_three_endings(live: Live) -> None:
    nodes = live["flow_nodes"]
    flows = [flow["id"] for flow in live["flows"] if flow["is_main"]]
    assert len(flows) == 1
    for flow in flows:
        flows += [
            node["data"]["referenced_flow_id"]
            for node in nodes
            if node["flow_id"] == flow
            and (node["data"].get("referenced_flow_id") or flow) not in flows
        ]
    endings = [
        node["data"]["outcome_tags"]
        for node in nodes
        if node["flow_id"] in flows and node["data"].get("exit_mode") == "terminal"
    ]
    assert len(endings) >= PROMISED_ENDINGS
    assert all(endings)


def test_every_menu_has_a_response_without_a_condition(live: Live) -> None:
    """So no reader is ever left without anything to press."""
    for node in live["flow_nodes"]:
        responses = node["data"].get("responses")
        assert not responses or any(not response["condition"] for response in responses)


def test_interpolated_variables_exist(live: Live) -> None:
    types = variable_types(live)
    for node in live["flow_nodes"]:
        data = node["data"]
        names = re.findall(r"\{([^{}]*)\}", data.get("text") or "")
        for response in data.get("responses", []):
            names += re.findall(r"\$([a-z_]+(?:\.[a-z_]+)+)", response["text"])
        assert set(names) <= set(types)


def test_building_twice_gives_the_same(demo: DemoProject) -> None:
    catalogue.cache_clear()
    again = build()
    assert again.rows == demo.rows
    assert again.media == demo.media


TRASH: list[tuple[str, Callable[[Row], bool]]] = [
    ("sheets", lambda row: row["deleted_at"] is not None),
    ("flow_nodes", lambda row: row["deleted_at"] is not None),
    ("project_languages", lambda row: row["archived_at"] is not None),
    ("localized_texts", lambda row: row["archived_at"] is not None),
]


@pytest.mark.parametrize(("table", "is_away"), TRASH, ids=[table for table, _ in TRASH])
def test_there_is_something_in_the_trash(
    demo: DemoProject, table: str, is_away: Callable[[Row], bool]
) -> None:
    assert sum(map(is_away, demo.rows[table])) == 1
