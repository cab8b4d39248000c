"""Ids inside of content are exchanged where they stand, and nowhere else."""

import copy
import itertools
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyarn_pipelines.content import json_text
from storyarn_pipelines.content.ids import (
    Missing,
    remap_asset,
    remap_block,
    remap_cells,
    remap_id,
    remap_logic,
    remap_node,
    remap_pin,
    remap_storage_path,
    remap_text,
    remap_zone,
)


def plus_1000(kind: str, old: str) -> str | None:
    """Rows 1 to 99 are there; 12 and 13 are sheets without shortcut; sheet-4 becomes 1004."""
    if kind == "nameless_sheet":
        return str(int(old) + 1000) if old in ("12", "13") else None
    if old == "sheet-4":
        return "1004"
    known = old.isascii() and old.isdigit() and old[0] != "0" and int(old) < 100
    return str(int(old) + 1000) if known else None


def minus_1000(kind: str, old: str) -> str | None:
    if not (old.isascii() and old.isdigit() and 1000 < int(old) < 1100):
        return None
    new = str(int(old) - 1000)
    return new if kind != "nameless_sheet" or new in ("12", "13") else None


def same(kind: str, old: str) -> str | None:
    return None if kind == "nameless_sheet" else old


def nothing(kind: str, old: str) -> str | None:
    return None


def rule(sheet: Any, **more: Any) -> dict[str, Any]:
    return {"id": "rule_1", "sheet": sheet, "variable": "health", "operator": "is_true", **more}


def condition(sheet: Any) -> dict[str, Any]:
    block = {"id": "b", "type": "block", "logic": "all", "rules": [rule(sheet)]}
    group = {"id": "g", "type": "group", "logic": "any", "blocks": [block]}
    return {"logic": "all", "blocks": [block, group]}


def assignment(sheet: Any, value_sheet: Any = None) -> dict[str, Any]:
    kind = "literal" if value_sheet is None else "variable_ref"
    return {
        "id": "assign_1", "sheet": sheet, "variable": "gold", "operator": "add",
        "value": "12", "value_type": kind, "value_sheet": value_sheet,
    }  # fmt: skip


def span(attributes: str) -> str:
    return f"<p>12 &lt; {{12.x}} <span {attributes}>Bob 7</span></p>"


NODES: list[tuple[str, Any, Any]] = [
    ("dialogue", {"speaker_sheet_id": 7}, {"speaker_sheet_id": 1007}),
    ("dialogue", {"speaker_sheet_id": "7"}, {"speaker_sheet_id": "1007"}),
    ("dialogue", {"speaker_sheet_id": "sheet-4"}, {"speaker_sheet_id": 1004}),
    ("dialogue", {"location_sheet_id": 1, "avatar_id": 2, "audio_asset_id": "3"},
     {"location_sheet_id": 1001, "avatar_id": 1002, "audio_asset_id": "1003"}),
    ("dialogue", {"speaker_sheet_id": None, "avatar_id": ""}, ...),
    ("dialogue", {"speaker_sheet_id": True, "avatar_id": Decimal("7.5")}, ...),
    ("dialogue", {"speaker_sheet_id": 10**30, "localization_id": "7", "technical_id": "7"}, ...),
    ("dialogue", {"responses": [{"id": "7", "speaker_sheet_id": 7}]}, ...),
    ("subflow", {"referenced_flow_id": "5"}, {"referenced_flow_id": "1005"}),
    ("exit", {"referenced_flow_id": 5, "target_flow_shortcut": "12"},
     {"referenced_flow_id": 1005, "target_flow_shortcut": "12"}),
    ("exit", {"target_type": "scene", "target_id": 4}, {"target_type": "scene", "target_id": 1004}),
    ("exit", {"target_type": "flow", "target_id": "4"},
     {"target_type": "flow", "target_id": "1004"}),
    ("exit", {"target_type": "page", "target_id": 4}, {"target_type": "page", "target_id": 1004}),
    ("exit", {"target_type": None, "target_id": 4}, ...),
    ("exit", {"target_type": ["scene"], "target_id": 4}, ...),
    ("jump", {"target_hub_id": "7"}, ...),
    ("annotation", {"text": "{12.gold} and $12.gold"}, ...),
    ("dialogue", {"text": "{12.gold.a} {99.gold} {12} {12.a-b} $12.5 {mc.12.x}"},
     {"text": "{1012.gold.a} {99.gold} {12} {12.a-b} $12.5 {mc.12.x}"}),
    ("dialogue", {"menu_text": "{12.gold}", "responses": [{"text": "$12.gold {12.gold}"}]}, ...),
    ("condition", {"condition": condition("12")}, {"condition": condition("1012")}),
    ("condition", {"condition": condition("99")}, ...),
    ("condition", {"condition": condition(12)}, ...),
    ("condition", {"condition": {"logic": "all", "rules": [rule("13")]}},
     {"condition": {"logic": "all", "rules": [rule("1013")]}}),
    ("instruction", {"assignments": [assignment("12", "13"), assignment("mc"), 5]},
     {"assignments": [assignment("1012", "1013"), assignment("mc"), 5]}),
    ("instruction", {"assignments": [{**assignment("mc", "13"), "value_type": "literal"}]}, ...),
    ("hub", {"sheet": "12"}, ...),
    ("dialogue", "odd", ...),
    ("dialogue", None, ...),
    ("dialogue", [1, {"speaker_sheet_id": 7}], ...),
]  # fmt: skip


@pytest.mark.parametrize(("node_type", "data", "expected"), NODES)
def test_ids_of_nodes(node_type: str, data: Any, expected: Any) -> None:
    before = copy.deepcopy(data)
    missing: list[Missing] = []
    found = remap_node(node_type, data, plus_1000, missing)
    assert data == before
    assert missing == []
    if expected is ...:
        assert found is data
    else:
        assert found == expected
        if "sheet-4" not in str(before):
            assert remap_node(node_type, found, minus_1000) == before
    assert remap_node(node_type, data, same) is data


def test_every_id_is_asked_for_by_the_kind_of_its_row() -> None:
    asked: list[tuple[str, str]] = []

    def ask(kind: str, old: str) -> str | None:
        asked.append((kind, old))
        return old

    remap_node(
        "dialogue",
        {
            "speaker_sheet_id": 1, "location_sheet_id": 2, "avatar_id": 3, "audio_asset_id": 4,
            "referenced_flow_id": 5, "target_type": "scene", "target_id": 6,
            "text": span("class=mention data-type=flow data-id=7"), "condition": condition("8"),
        },
        ask,
    )  # fmt: skip
    remap_asset({"original_asset_id": 9, "web_asset_id": 10, "variant_asset_ids": {"a": 11}}, ask)
    remap_zone({"items": [{"sheet_id": 13}]}, ask)
    remap_pin("subflow", "exit_14", ask)
    assert sorted(set(asked), key=lambda x: int(x[1])) == [
        ("sheet", "1"), ("sheet", "2"), ("avatar", "3"), ("asset", "4"), ("flow", "5"),
        ("scene", "6"), ("flow", "7"), ("nameless_sheet", "8"), ("asset", "9"), ("asset", "10"),
        ("asset", "11"), ("nameless_sheet", "12"), ("sheet", "13"), ("node", "14"),
    ]  # fmt: skip


@pytest.mark.parametrize("compact", [True, False])
def test_json_in_texts_of_responses(compact: bool) -> None:
    separators = (",", ":") if compact else None

    def response(sheet: str, text: Callable[[Any], str]) -> dict[str, Any]:
        return {
            "id": "r",
            "condition": text(condition(sheet)),
            "instruction": text([assignment("mc", sheet)]),
            "instruction_assignments": [assignment(sheet)],
        }

    def written(value: Any) -> str:
        return json.dumps(value, separators=separators)

    def packed(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    data = {"responses": [response("12", written), response("mc", written)]}
    expected = {"responses": [response("1012", packed), response("mc", written)]}
    assert remap_node("dialogue", data, plus_1000) == expected
    assert remap_node("dialogue", data, same) is data


@pytest.mark.parametrize(
    "text",
    ["{broken", "[" * 5000, '{"a": 1e999999}', '{"sheet": "12", "variable": "\\ud800"}', "{}", "["],
)
def test_json_in_texts_that_cannot_be_read_stays(text: str) -> None:
    data = {"responses": [{"condition": text, "instruction": text}]}
    assert remap_node("dialogue", data, plus_1000) is data


def test_json_in_texts_may_begin_with_blanks_and_hide_behind_escapes() -> None:
    for text in ('\n {"sheet": "12", "variable": "x"}', '{"sh\\u0065et": "12", "variable": "x"}'):
        found = remap_node("dialogue", {"condition": text}, plus_1000)
        assert found == {"condition": '{"sheet":"1012","variable":"x"}'}


def test_numbers_in_json_texts_keep_their_digits() -> None:
    text = '{"a":12345678901234567890.10,"b":[{"sheet":"12","variable":"x","value":1E+400}]}'
    found = remap_node("dialogue", {"condition": text}, plus_1000)
    assert found == {"condition": text.replace('"12"', '"1012"')}


def test_rows_that_are_not_there_are_null_and_reported() -> None:
    data = {
        "speaker_sheet_id": 100,
        "avatar_id": "x",
        "audio_asset_id": "200",
        "target_type": "scene",
        "target_id": 0,
        "text": span('class="mention" data-type="flow" data-id="300"'),
        "responses": [{"a/b~": span("class=mention data-type=sheet data-id=400")}],
        "condition": condition("99"),
    }
    missing: list[Missing] = []
    found = remap_node("dialogue", data, plus_1000, missing)
    gone = {"speaker_sheet_id": None, "avatar_id": None, "audio_asset_id": None, "target_id": None}
    text = data["text"].replace("{12.x}", "{1012.x}")  # type: ignore[attr-defined]  # it is a text
    assert found == {**data, **gone, "text": text}
    assert missing == [
        Missing("/speaker_sheet_id", "sheet", "100"),
        Missing("/avatar_id", "avatar", "x"),
        Missing("/audio_asset_id", "asset", "200"),
        Missing("/target_id", "scene", "0"),
        Missing("/text", "flow", "300"),
        Missing("/responses/0/a~1b~0", "sheet", "400"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [(7, 1007), ("7", "1007"), ("007", "1007"), ("sheet-4", 1004), (7.5, 7.5), ([7], [7]),
     (None, None), ("", ""), (-1, None), (0, None), ("0", None), ("nope", None), (False, False)],
)  # fmt: skip
def test_a_single_id_keeps_its_type(old: Any, new: Any) -> None:
    found = remap_id("sheet", old, plus_1000)
    assert found == new
    assert type(found) is type(new)


def test_leading_zeros_are_kept_while_the_id_stays() -> None:
    def known(kind: str, old: str) -> str | None:
        return old if old == "7" else None

    assert remap_id("sheet", "007", known) == "007"


MENTION = {"class": "mention", "data-type": "sheet", "data-id": "7"}


def attribute(name: str, value: str, style: int) -> str:
    return (
        f'{name}="{value}"', f"{name}='{value}'", f"{name}={value}", f'{name.upper()} = "{value}"',
        f"{name}\n=\n{value}",
    )[style]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(MENTION)))
@pytest.mark.parametrize("style", range(5))
def test_mentions_in_any_order_and_any_quoting(order: tuple[str, ...], style: int) -> None:
    def text(target: str) -> str:
        found = {**MENTION, "data-id": target}
        return span(" contenteditable ".join(attribute(x, found[x], style) for x in order))

    for node_type, key in (("dialogue", "stage_directions"), ("annotation", "text")):
        assert remap_node(node_type, {key: text("7")}, plus_1000) == {key: text("1007")}
    assert remap_block("rich_text", {"content": text("7")}, plus_1000) == {"content": text("1007")}
    assert remap_text(text("1007"), minus_1000) == text("7")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('class="a mention b" data-type="flow" data-id="7"', ('id="7"', 'id="1007"')),
        ('title="a > b" class="mention" data-type="flow" data-id="7"', ('id="7"', 'id="1007"')),
        ('class="mention" data-type="flow" data-id="&#55;"', ("&#55;", "1007")),
        ('class="&#109;ention" data-type="flow" data-id="7"', ('id="7"', 'id="1007"')),
        ('id="7" class="mention" data-type="flow" data-id="7"', ('-id="7"', '-id="1007"')),
        ('class="variable-ref" data-ref="12.gold"', ("12.gold", "1012.gold")),
        ("data-ref=13.gold.a.b class=variable-ref", ("13.", "1013.")),
        ('class="variable-ref" data-ref="99.gold"', None),
        ('class="variable-ref" data-ref="mc.12.gold"', None),
        ('class="variable-ref" data-ref="12"', None),
        ('class="mentioned" data-type="sheet" data-id="7"', None),
        ('class="Mention" data-type="sheet" data-id="7"', None),
        ('class="mention" data-type="scene" data-id="7"', None),
        ('class="mention" data-type="sheet"', None),
        ('class="mention" data-id="7"', None),
        ('class="mention" data-type="sheet" data-id="7" data-id="8"', None),
        ('class="mention" data-type="sheet" data-type="flow" data-id="7"', None),
        ('class="mention" data-type="sheet" data-id=" "', None),
        ('class="mention" data-type="sheet" data-id', None),
        ('class="mention" data-type="sheet" data-id="7', None),
        ("class='mention\" data-type=sheet data-id=7", None),
    ],
)
def test_only_what_is_a_mention_or_variable_is_rewritten(
    old: str, new: tuple[str, str] | None
) -> None:
    text = span(old)
    assert remap_text(text, plus_1000) == (text if new is None else span(old.replace(*new)))
    assert remap_text(text, same) is text


def test_comments_and_unfinished_tags_hold_no_mentions() -> None:
    tag = '<b class="mention" data-type="sheet" data-id="7">'
    for text in (f"<!-- {tag} -->", f"<!-- {tag}", tag[:-1], f"&lt;{tag[1:]}", f"< {tag[1:]}"):
        assert remap_text(text, plus_1000) == text
    assert remap_text(f"<!-- x -->{tag}<!--", plus_1000) == f"<!-- x -->{tag}<!--".replace(
        '"7"', '"1007"'
    )


def test_opaque_ids_are_written_so_that_they_can_be_read() -> None:
    def odd(kind: str, old: str) -> str | None:
        return {"7": 'a"b c', 'a"b c': "7"}.get(old)

    for quote in ('"', "'", ""):
        text = f"<b class=mention data-type=sheet data-id={quote}7{quote}>"
        there = remap_text(text, odd)
        assert there != text
        assert remap_text(there, odd).replace('"', "").replace("'", "") == text.replace(quote, "")


@pytest.mark.parametrize(
    ("block_type", "value", "expected"),
    [
        ("reference", {"target_type": "sheet", "target_id": 7}, 1007),
        ("reference", {"target_type": "flow", "target_id": "7"}, "1007"),
        ("reference", {"target_type": "page", "target_id": "sheet-4"}, 1004),
        ("reference", {"target_type": "sheet", "target_id": 700}, None),
        ("reference", {"target_type": "sheet", "target_id": None}, ...),
        ("reference", {"target_type": "zone", "target_id": 7}, ...),
        ("reference", {}, ...),
        ("reference", None, ...),
        ("text", {"target_type": "sheet", "target_id": 7}, ...),
        ("text", {"content": span('class="mention" data-type="sheet" data-id="7"')}, ...),
        ("select", {"content": "12"}, ...),
    ],
)
def test_values_of_blocks(block_type: str, value: Any, expected: Any) -> None:
    found = remap_block(block_type, value, plus_1000)
    if expected is ...:
        assert found is value
    else:
        assert found == {**value, "target_id": expected}
    assert remap_block(block_type, value, same) is value


def test_cells_change_where_they_name_a_sheet_without_shortcut() -> None:
    cells = {
        "value": "12",
        "owner": ["12", "npc.bob", "99"],
        "boss": "13",
        "sum": {
            "expression": "a",
            "bindings": {
                "a": {"type": "variable", "ref": "12.stats.con.value"},
                "b": {"type": "variable", "ref": "mc.12.x"},
                "c": {"type": "same_row", "column_slug": "12", "ref": "12.x"},
                "ref": {"type": "variable", "ref": "13.x"},
            },
        },
    }
    found = remap_cells(cells, plus_1000, ["owner", "boss"])
    assert found["value"] == "12"
    assert found["owner"] == ["1012", "npc.bob", "99"]
    assert found["boss"] == "1013"
    refs = {name: x.get("ref") for name, x in found["sum"]["bindings"].items()}
    assert refs == {"a": "1012.stats.con.value", "b": "mc.12.x", "c": "12.x", "ref": "1013.x"}
    assert remap_cells(cells, plus_1000)["boss"] == "13"
    assert remap_cells(cells, same, ["owner", "boss"]) is cells


def test_zones() -> None:
    data = {
        "assignments": [assignment("12", "13")],
        "variable_ref": "12.health",
        "target_type": "flow",
        "target_id": 5,
        "items": [{"sheet_id": 5, "condition": condition("12")}, {"sheet_id": "500"}, 3],
    }
    missing: list[Missing] = []
    assert remap_zone(data, plus_1000, missing) == {
        "assignments": [assignment("1012", "1013")],
        "variable_ref": "1012.health",
        "target_type": "flow",
        "target_id": 1005,
        "items": [{"sheet_id": 1005, "condition": condition("1012")}, {"sheet_id": None}, 3],
    }
    assert missing == [Missing("/items/1/sheet_id", "sheet", "500")]
    assert remap_zone(data, same) is data


def test_conditions_and_triggers() -> None:
    assert remap_logic(condition("12"), plus_1000) == condition("1012")
    assert remap_logic({"variable_ref": "12.a.b"}, plus_1000) == {"variable_ref": "1012.a.b"}
    for value in (condition("mc"), {"variable_ref": "mc.12"}, None, "12", 12):
        assert remap_logic(value, plus_1000) is value


def test_metadata_of_assets() -> None:
    metadata = {
        "original_asset_id": 1,
        "web_asset_id": "2",
        "variant_asset_ids": {"web": 3, "thumb": "4", "gone": 500},
        "thumbnail_key": "projects/7/thumbnails/a/b.png",
        "web_url": "https://x.test/s/projects/7/assets/projects/7/b.png",
        "source_blob_hash": "7",
        "width": 7,
    }
    missing: list[Missing] = []
    found = remap_asset(metadata, plus_1000, missing, ("7", "40"))
    assert found == {
        "original_asset_id": 1001,
        "web_asset_id": "1002",
        "variant_asset_ids": {"web": 1003, "thumb": "1004", "gone": None},
        "thumbnail_key": "projects/40/thumbnails/a/b.png",
        "web_url": "https://x.test/s/projects/40/assets/projects/7/b.png",
        "source_blob_hash": "7",
        "width": 7,
    }
    assert missing == [Missing("/variant_asset_ids/gone", "asset", "500")]
    assert remap_asset(metadata, same, None, ("7", "7")) is metadata
    assert remap_asset(metadata, same)["thumbnail_key"] == metadata["thumbnail_key"]


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("projects/7/assets/7/projects/7/a", "projects/40/assets/7/projects/7/a"),
        ("/media/projects/7/blobs/a", "/media/projects/40/blobs/a"),
        ("projects/70/assets/a", "projects/70/assets/a"),
        ("projects/8/assets/a", "projects/8/assets/a"),
        ("myprojects/7/assets/a", "myprojects/7/assets/a"),
        ("projects/7", "projects/7"),
        ("", ""),
    ],
)
def test_only_the_projects_own_segment_of_a_path_changes(path: str, new: str) -> None:
    assert remap_storage_path(path, "7", "40") == new


@pytest.mark.parametrize(
    ("node_type", "pin", "new", "gone"),
    [
        ("subflow", "exit_7", "exit_1007", 0),
        ("subflow", "exit_sheet-4", "exit_1004", 0),
        ("subflow", "exit_700", "exit_700", 1),
        ("subflow", "exit_", "exit_", 0),
        ("subflow", "output", "output", 0),
        ("dialogue", "exit_7", "exit_7", 0),
        ("condition", "exit_7", "exit_7", 0),
    ],
)
def test_pins_of_subflows(node_type: str, pin: str, new: str, gone: int) -> None:
    missing: list[Missing] = []
    assert remap_pin(node_type, pin, plus_1000, missing) == new
    assert missing == [Missing("", "node", "700")] * gone
    assert remap_pin(node_type, pin, same) == pin


words = st.sampled_from(
    ["speaker_sheet_id", "target_type", "target_id", "condition", "sheet", "variable", "items",
     "value_sheet", "value_type", "variable_ref", "sheet_id", "variant_asset_ids", "bindings",
     "ref", "type", "text", "scene", "flow", "mention", "12", "7", "12.x", "{12.x}", "exit_7",
     '{"sheet":"12","variable":"x"}', '[{"sheet":"12","variable":"x"}]', "block", "group", "blocks",
     "rules", "logic", "all", "responses", "assignments", "content", "reference", "rich_text"]
)  # fmt: skip
pieces = st.sampled_from(
    ["<", ">", "<b ", "=", "'", '"', " ", "/", "<!--", "-->", "class=mention", "data-type=sheet",
     'data-id="7"', "data-id=7", 'data-ref="12.x"', "&#55;", "{12.x}", "é", "x"]
)  # fmt: skip
html_texts = st.lists(pieces).map("".join) | st.lists(pieces).map(" ".join)
leaves = st.none() | st.booleans() | st.integers() | st.decimals() | words | html_texts | st.text()
hostile = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=30,
)


@given(hostile, words)
def test_the_identity_changes_nothing_in_any_data(value: Any, kind: str) -> None:
    missing: list[Missing] = []
    assert remap_node("dialogue", value, same, missing) is value
    assert remap_block(kind, value, same, missing) is value
    assert remap_zone(value, same, missing) is value
    assert remap_cells(value, same, ["text", "items"]) is value
    assert remap_asset(value, same, missing, ("7", "7")) is value
    assert remap_logic(value, same) is value
    assert missing == []


@given(hostile, st.sampled_from([plus_1000, minus_1000, nothing]))
def test_hostile_shapes_never_raise_and_are_not_touched(value: Any, mapper: Any) -> None:
    before = repr(value)
    for node_type in ("dialogue", "exit", "subflow"):
        remap_node(node_type, value, mapper, [])
    remap_block("reference", value, mapper, [])
    remap_block("rich_text", value, mapper, [])
    remap_zone(value, mapper, [])
    remap_cells(value, mapper, ["text", "items"])
    remap_asset(value, mapper, [], ("7", "8"))
    assert repr(value) == before


ids = st.integers(1, 99) | st.integers(1, 99).map(str)
mentions = st.builds(
    "<i {0} data-type={1} class='mention x'>{2}</i>".format,
    ids.map(lambda x: f'data-id="{x}"'),
    st.sampled_from(["sheet", "'flow'"]),
    st.text("ab<& 7"),
)
sheet_names = st.sampled_from(["12", "13", "mc", "99"])
node_data = st.fixed_dictionaries(
    {
        "speaker_sheet_id": ids | st.none(),
        "avatar_id": ids,
        "target_type": st.sampled_from(["scene", "flow", None]),
        "target_id": ids,
        "text": st.lists(mentions | sheet_names.map("{{{}.x}}".format)).map("".join),
        "condition": sheet_names.map(condition),
        "responses": st.lists(
            st.fixed_dictionaries(
                {
                    "condition": sheet_names.map(lambda x: json_text.encode(condition(x)).decode()),
                    "instruction_assignments": st.builds(
                        lambda a, b: [assignment(a, b)], sheet_names, sheet_names
                    ),
                    "text": mentions,
                }
            )
        ),
    }
)


@given(node_data)
def test_a_mapping_and_its_inverse_give_the_original(data: Any) -> None:
    missing: list[Missing] = []
    there = remap_node("dialogue", data, plus_1000, missing)
    assert there != data
    assert remap_node("dialogue", there, minus_1000, missing) == data
    assert missing == []


def test_depth_and_length_are_no_problem() -> None:
    deep: Any = {"sheet": "12", "variable": "x"}
    for _ in range(json_text.MAX_DEPTH * 5):
        deep = {"blocks": [deep]}
    assert remap_logic(deep, plus_1000) is not deep
    assert remap_node("condition", {"condition": deep}, same)["condition"] is deep
    for piece in ("<a '\"", "<a =", "<!--", "<a", '<a data-id="', "\\\\", "{12.", "<a / / /", "< "):
        text = piece * 50_000
        assert remap_text(text, plus_1000, dialogue=True) == text
