"""What a comparison finds: every kind of row, every kind of change."""

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.compare import compare
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.rows import DERIVED_KEYS
from storyarn_pipelines.importers.source import open_source

from .documents import (
    DATA,
    Document,
    Renumbered,
    Steps,
    at,
    compared,
    leaves,
    load,
    told,
)

MINI = load("mini.json")
IGNORED_IN_PROJECT = {"id", "slug", "workspace_slug", "owner_email", "last_activity_at"}
DERIVED = {key for keys in DERIVED_KEYS.values() for key in keys} - {"target_type", "target_id"}
UNCOMPARED = {"storyarn_version", "export_version", "exported_at", "schema_version", "metadata"}


def put(*path: Any) -> Callable[[Document], None]:
    """Replace a value: the last argument, at the place of those before it."""

    def change(document: Document) -> None:
        at(document, *path[:-2])[path[-2]] = path[-1]

    return change


def drop(*path: str | int) -> Callable[[Document], None]:
    """Remove what stands at a place."""

    def change(document: Document) -> None:
        del at(document, *path[:-1])[path[-1]]

    return change


def add(*path: Any, **changes: Any) -> Callable[[Document], None]:
    """Append a copy of the first element of a list, with changes."""

    def change(document: Document) -> None:
        rows = at(document, *path)
        rows.append({**copy.deepcopy(rows[0]), **changes})

    return change


def after(change: Callable[[Document], None]) -> Document:
    """mini.json with a change."""
    document = load("mini.json")
    change(document)
    return document


SHEETS, FLOWS, MAPS = ("pages",), ("flows",), ("maps",)
MIRA, TAVERN, WORLD = ("pages", 2), ("flows", 1), ("maps", 0)
STRINGS = ("localization", "strings")
LABEL = "act1.tavern/nodes"
KEY = "flow_node.dialogue_aaa.text"
KEPT_TEXT = (
    '~ block.mc%2Emira/blocks/title.value.content [de] source_id "mc%2Emira/blocks/title" -> null'
)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        # the project
        (put("project", "name", "X"), ['~ project name "Mini 🎲" -> "X"']),
        (
            put("project", "settings", "ratio", 1),
            ["~ project settings.ratio 1.50 -> 1"],
        ),
        # sheets: a new name, a place, a new one, none
        (put(*MIRA, "name", "Mira"), ['~ mc.mira name "Mira Ångström" -> "Mira"']),
        (put(*MIRA, "parent_id", None), ['~ mc.mira parent_id "characters" -> null']),
        (put(*MIRA, "position", 7), ["~ mc.mira position 1 -> 7"]),
        (drop("pages", 8), ["- mc%2Emira", KEPT_TEXT]),
        (
            put("pages", 7, "deleted_at", "2025-03-01T00:00:00Z"),
            ['~ 12 deleted_at null -> "2025-03-01T00:00:00Z"'],
        ),
        (add("pages", id="299", shortcut="new", blocks=[]), ["+ new"]),
        (add("pages", id="299", shortcut=None, name="New", blocks=[]), ["+ New"]),
        # blocks, tables, galleries, avatars
        (
            put(*MIRA, "blocks", 0, "value", "content", "x"),
            [r'~ mc.mira/blocks/title value.content "Captain \"Å\" of 2\nseas" -> "x"'],
        ),
        (
            put(*MIRA, "blocks", 2, "config", "label", "Life"),
            ['~ mc.mira/blocks/bio config.label "Bio" -> "Life"'],
        ),
        (drop(*MIRA, "blocks", 4), ["- mc.mira/blocks/tags"]),
        (
            put(*MIRA, "blocks", 8, "rows", 0, "cells", "value", "19"),
            ['~ mc.mira/blocks/stats/rows/str cells.value "18" -> "19"'],
        ),
        (
            put(*MIRA, "avatars", 0, "name", "furious"),
            ['~ mc.mira/avatars/projects/*/assets/a2/mira.webp name "angry" -> "furious"'],
        ),
        # flows
        (put(*TAVERN, "is_main", False), ["~ act1.tavern is_main true -> false"]),
        (
            put(*TAVERN, "nodes", 1, "data", "menu_text", "Hail"),
            [f'~ {LABEL}/dialogue dialogue_aaa data.menu_text "Greet" -> "Hail"'],
        ),
        (
            put(*TAVERN, "nodes", 1, "data", "responses", 1, "text", "Go"),
            [f'~ {LABEL}/dialogue dialogue_aaa data.responses.1.text "Leave" -> "Go"'],
        ),
        (
            put(*TAVERN, "nodes", 3, "position_x", 701),
            [f"~ {LABEL}/instruction@700,300 position_x 700 -> 701"],
        ),
        (
            put(*TAVERN, "nodes", 3, "data", {}),
            [
                f"~ {LABEL}/instruction@700,300 data.assignments "
                '[{"id":"assign_1","operator":"add","sheet":"mc.mira","value":"stats.str.value",'
                '"value_sheet":"mc.mira","value_type":"variable_ref","variable":"health"}] -> null',
                f'~ {LABEL}/instruction@700,300 data.description "reward" -> null',
            ],
        ),
        (drop(*TAVERN, "connections", 0), [
            "- act1.tavern/connections/condition@500,300 group_1 -> condition@700,500"
        ]),
        (
            put(*TAVERN, "connections", 0, "target_node_id", "605"),
            [
                "~ act1.tavern/connections/condition@500,300 group_1 -> condition@700,500 "
                'target_node_id "condition@700,500" -> "hub after"'
            ],
        ),
        (
            put(*TAVERN, "nodes", 9, "sequence", "tracks", 0, "volume", 0.5),
            [f"~ {LABEL}/sequence@0,0/tracks/music volume 1.000 -> 0.5"],
        ),
        (
            put(*TAVERN, "nodes", 9, "sequence", "name", "Closing"),
            [f'~ {LABEL}/sequence@0,0/sequence/Opening name "Opening" -> "Closing"'],
        ),
        (
            put(*TAVERN, "nodes", 9, "sequence", "visual_layers", 1, "x", 0.2),
            [f"~ {LABEL}/sequence@0,0/visual_layers/Mira x 0.1 -> 0.2"],
        ),
        # scenes
        (put(*WORLD, "layers", 1, "name", "Peace"), [
            '~ world/layers/After the war name "After the war" -> "Peace"'
        ]),
        (put(*WORLD, "pins", 0, "position_x", 11), ["~ world/pins/@10,20 position_x 10 -> 11"]),
        (put(*WORLD, "pins", 0, "pin_type", "location"), [
            '~ world/pins/@10,20 pin_type "event" -> "location"'
        ]),
        (put(*WORLD, "zones", 0, "target_id", "401"), [
            '~ world/zones/door target_id "world.inn" -> "world"'
        ]),
        (put(*WORLD, "connections", 1, "label", "4 days"), [
            '~ world/connections/mira -> @10,20 label "3 days" -> "4 days"'
        ]),
        (put(*WORLD, "annotations", 1, "text", "Safe"), [
            r'~ world/annotations/Here be "dragons" text "Here be \"dragons\"" -> "Safe"'
        ]),
        (put(*WORLD, "ambient_flows", 0, "priority", 1), [
            "~ world/ambient_flows/act1.fight priority 9 -> 1"
        ]),
        (drop("maps", 1, "zones", 0), ["- world.inn/zones/Chest"]),
        # localization
        (put("localization", "languages", 1, "name", "German"), [
            '~ de name "Deutsch" -> "German"'
        ]),
        (drop("localization", "languages", 1), ["- de"]),
        (put(*STRINGS, KEY, "translations", "es", "text", "Hola"), [
            f'~ {KEY} [es] text "<p>¡Hola, {{mc.mira.title}}! Me debes 1e2 🍺.</p>" -> "Hola"'
        ]),
        (drop(*STRINGS, KEY, "translations", "de"), [f"- {KEY} [de]"]),
        (put("localization", "glossary", 0, "translations", "es", "text", "birra"), [
            '~ ale (en) [es] text "cerveza" -> "birra"'
        ]),
        (put("localization", "glossary", 1, "term", "magic"), [
            "- mana (en) [es]", "+ magic (en) [es]"
        ]),
        # media
        (put("assets", "items", 0, "filename", "x.mp3"), [
            '~ projects/*/assets/a3/thème.mp3 filename "thème.mp3" -> "x.mp3"'
        ]),
        (put("assets", "items", 1, "blob_hash", "9" * 64), [
            f'~ projects/*/assets/a1/mira.png blob_hash "{"a" * 64}" -> "{"9" * 64}"'
        ]),
        (put("assets", "items", 0, "metadata", "duration", 12.34), [
            "~ projects/*/assets/a3/thème.mp3 metadata.duration 12.340 -> 12.34"
        ]),
    ],
)  # fmt: skip
def test_a_change_is_told_under_a_key_that_any_database_knows(
    change: Callable[[Document], None], lines: list[str]
) -> None:
    changed = after(change)
    assert told(MINI, changed) == lines
    assert told(MINI, Renumbered(changed, random.Random(1)).document) == lines


@pytest.mark.parametrize(
    ("change", "changed", "one_sided"),
    [
        (
            put("pages", 7, "shortcut", "fruit"),
            ['~ 12 shortcut "12" -> "fruit"'],
            ["- 12", "+ fruit", "- sheet.12.name [es]", "+ sheet.fruit.name [es]"],
        ),
        (
            put(*MIRA, "blocks", 3, "variable_name", "rank"),
            ['~ mc.mira/blocks/class variable_name "class" -> "rank"'],
            ["- mc.mira/blocks/class", "+ mc.mira/blocks/rank"],
        ),
        (
            put(*MIRA, "blocks", 8, "columns", 0, "slug", "worth"),
            ['~ mc.mira/blocks/stats/columns/value slug "value" -> "worth"'],
            ["- mc.mira/blocks/stats/columns/value", "+ mc.mira/blocks/stats/columns/worth"],
        ),
        (
            put(*WORLD, "zones", 0, "shortcut", "gate"),
            ['~ world/zones/door shortcut "door" -> "gate"'],
            ["- world/zones/door", "+ world/zones/gate"],
        ),
    ],
)
def test_a_portable_name_that_changes_is_another_row_unless_both_files_are_of_one_database(
    change: Callable[[Document], None], changed: list[str], one_sided: list[str]
) -> None:
    other = after(change)
    assert told(MINI, other) == changed
    elsewhere = Renumbered(other, random.Random(1)).document
    assert [x for x in told(MINI, elsewhere) if not x.startswith("~")] == one_sided


@pytest.mark.parametrize(
    "change",
    [
        *(put("project", name, "x") for name in sorted(IGNORED_IN_PROJECT)),
        put("exported_at", "2030-01-01T00:00:00Z"),
        put("metadata", {}),
        put("localization", "source_language", "de"),
        put("pages", 0, "path", "Elsewhere"),
        put("pages", 0, "new_column", None),
        put("maps", 0, "default_zoom", 1.0),
        put("assets", "items", 0, "uploaded_by_email", "OWNER@Example.test"),
        put(*STRINGS, KEY, "character_shortcut", "x"),
        drop("pages", 0, "color"),
    ],
)
def test_what_is_no_content_makes_no_difference(change: Callable[[Document], None]) -> None:
    assert told(MINI, after(change)) == []


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(x) for x in value] if isinstance(value, list) else value


def test_neither_key_order_nor_blanks_count(tmp_path: Path) -> None:
    document = _reversed(MINI)
    document["localization"]["strings"] = _reversed(document["localization"]["strings"])
    assert told(MINI, document) == []
    with (
        open_source(DATA / "mini.json", tmp_path) as pretty,
        open_source(DATA / "mini.json", tmp_path) as same,
    ):
        assert list(compare(NativeDocument(pretty), NativeDocument(same))) == []


def _other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if value is None or isinstance(value, str):
        return f"{value}x"
    return 987


def _counts(path: Steps) -> bool:
    """Whether a place holds content, and not what is derived or the id that a file gives."""
    names = [step for step in path if isinstance(step, str)]
    if names[0] in UNCOMPARED or names[-1] in DERIVED or (path[-1] == "id" and "data" not in path):
        return False
    if names[0] == "project" and names[-1] in IGNORED_IN_PROJECT:
        return False
    if "pins" in names and names[-1] in ("target_type", "target_id"):
        return False
    return names[-1] not in ("mode", "base_url", "source_language")


def _names_a_row(path: Steps) -> bool:
    names = [step for step in path if isinstance(step, str)]
    return names[-1].endswith(("_id", "_ids")) and names[-1] not in (
        "localization_id", "technical_id", "column_group_id", "hub_id", "target_hub_id"
    )  # fmt: skip


SCALARS = [path for path, _ in leaves(MINI) if _counts(path)]


@pytest.mark.parametrize("part", range(8))
def test_any_single_value_that_changes_is_found_and_named(part: int) -> None:
    for path in random.Random(part).sample(SCALARS, 30):
        value = at(MINI, *path)
        changed = after(put(*path, _other(value)))
        matches = [match for match in compared(MINI, changed) if not match.is_same]
        if not matches:
            assert _names_a_row(path), path
            assert value is None or _dangles(path, value)
            continue
        column = next(x for x in reversed(path) if isinstance(x, str))
        fields = {found.field for match in matches for found in match.differences}
        one_sided = any(
            match.gone or match.new or match.before is None or match.after is None
            for match in matches
        )
        assert one_sided or any(column in name for name in fields), path


def _dangles(path: Steps, value: object) -> bool:
    """Whether a key names a row that mini.json leaves out."""
    trash = {"105", "205", "399", "403", "614"}
    return str(value) in trash


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("pages", 3, "banner_asset_id"), None),
        (("pages", 6, "parent_id"), "998"),
        (("flows", 1, "nodes", 11, "data", "speaker_sheet_id"), None),
        (("pages", 1, "hidden_inherited_block_ids"), ["301"]),
        (("maps", 0, "pins", 2, "sheet_id"), None),
    ],
)
def test_a_key_to_a_row_that_is_not_in_the_file_counts_as_null(path: Steps, value: object) -> None:
    matches = compared(MINI, after(put(*path, value)))
    assert all(match.is_same for match in matches)
    if value is None or isinstance(value, list):
        assert [remark for match in matches for remark in match.remarks]


def test_a_row_that_cannot_be_without_such_a_key_is_remarked_upon_and_not_missed() -> None:
    before = load("mini.json")
    lost = {**copy.deepcopy(at(before, *MIRA, "avatars", 0)), "id": "299", "asset_id": "105"}
    at(before, *MIRA, "avatars").append(lost)
    matches = compared(before, MINI)
    assert all(match.is_same for match in matches)
    assert any("asset_id" in remark for match in matches for remark in match.remarks)


def test_a_recording_that_is_not_in_the_file_needs_to_be_made_again() -> None:
    lost = after(put(*STRINGS, KEY, "translations", "es", "vo_asset_id", "105"))
    needed = after(put(*STRINGS, KEY, "translations", "es", "vo_asset_id", None))
    at(needed, *STRINGS, KEY, "translations", "es")["vo_status"] = "needed"
    assert told(lost, needed) == []


def test_the_trash_is_added_and_nothing_else_is() -> None:
    lines = told(MINI, load("mini-trash.json"))
    assert [line for line in lines if line.startswith("-")] == []
    assert {line for line in lines if line.startswith("+")} == {
        "+ mc.mira/blocks/title (trash)",
        "+ npc.bob (trash)",
        "+ act1.tavern/nodes/dialogue dialogue_aaa (trash)",
        "+ act1.tavern/connections/dialogue 612 output -> dialogue dialogue_aaa (trash)",
        "+ act1.fight/nodes/exit@500,700 (trash)",
        "+ act1.fight (trash)",
        "+ world (trash)",
        "+ it (trash)",
        "+ flow_node.act1.tavern/nodes/dialogue dialogue_aaa.text [it]",
        "+ block.(not in the file).value.content [de]",
        "+ projects/*/assets/a5/old.png (trash)",
    }
    # What changes is what now leads into the trash.
    assert all(
        "-> " in line and ("(trash)" in line or "source_id" in line)
        for line in lines
        if line.startswith("~")
    )


def test_rows_of_an_unknown_column_that_is_a_key_may_have_other_ids() -> None:
    before = after(put("pages", 2, "cast_sheet", "203"))
    changed = Renumbered(before, random.Random(2))
    other = changed.document
    sheets = {sheet["shortcut"]: sheet for sheet in other["pages"]}
    sheets["mc.mira"]["cast_sheet"] = sheets["npc.bob"]["id"]
    assert told(before, other) == []
    sheets["mc.mira"]["cast_sheet"] = sheets["mc.mira"]["id"]
    assert told(before, other) != []


@pytest.mark.parametrize("into_trash", [True, False])
def test_trashed_entities_may_be_kept_apart_from_live_ones(into_trash: bool) -> None:
    changed = after(put("pages", 7, "deleted_at", "2025-03-01T00:00:00Z"))
    changed["project"]["id"] = "8"
    matches = compared(MINI, changed, into_trash=into_trash)
    sheets = [match for match in matches if match.table is t.SHEETS]
    assert len(sheets) == (1 if into_trash else 2)


def test_equal_nodes_are_told_apart_by_their_wires() -> None:
    """Four empty conditions in a row, all at one place."""
    document = load("mini.json")
    fight = at(document, "flows", 2)
    node = {**fight["nodes"][0], "type": "condition", "data": {}}
    fight["nodes"] = [{**node, "id": str(9001 + n)} for n in range(4)]
    wire = fight["connections"][0]
    fight["connections"] = [
        {**wire, "id": str(9101 + n), "source_node_id": str(9001 + n),
         "target_node_id": str(9002 + n)}
        for n in range(3)
    ]  # fmt: skip
    for seed in range(10):
        assert told(document, Renumbered(document, random.Random(seed)).document) == []
    other = copy.deepcopy(document)
    at(other, "flows", 2, "connections", 2)["target_node_id"] = "9001"
    assert len(told(document, Renumbered(other, random.Random(1)).document)) > 0


def test_bytes_that_both_files_hold_are_compared_and_those_that_one_holds_are_not() -> None:
    def embedded(data: str | None) -> Document:
        return after(put("assets", "items", 0, "data", data))

    assert told(embedded("AAAA"), embedded("AAAA")) == []
    assert told(embedded("AAAA"), embedded(None)) == []
    (line,) = told(embedded("AAAA"), embedded("BBBB"))
    assert line.startswith("~ projects/*/assets/a3/thème.mp3 data ")


def test_texts_that_outlived_their_sources_are_known_by_what_they_say() -> None:
    before, other = load("mini-trash.json"), load("mini-trash.json")
    strings = other["localization"]["strings"]
    lost = strings.pop("block.399.value.content")
    strings["block.777.value.content"] = {**lost, "source_id": "777"}
    assert told(before, other) == []
    lost["translations"]["de"]["text"] = "Verloren"
    (line,) = told(before, other)
    assert line.endswith('[de] text null -> "Verloren"')


def test_older_documents_are_compared_in_todays_shape() -> None:
    """``sheets`` for ``pages``, ``parent_id`` for ``parent_scene_id``, pins for handles."""
    older = load("mini.json")
    older["sheets"], older["scenes"] = older.pop("pages"), older.pop("maps")
    for scene in older["scenes"]:
        scene["parent_id"] = scene.pop("parent_scene_id")
    for connection in at(older, "flows", 1, "connections"):
        connection["source_pin"] = connection.pop("source_handle")
    assert told(MINI, older) == []


def test_a_sheets_id_in_a_rule_says_something_else_once_the_sheet_has_a_shortcut() -> None:
    before, other = load("mini.json"), load("mini.json")
    for document in (before, other):
        at(document, "flows", 1, "nodes", 3, "data", "assignments", 0)["sheet"] = "204"
    at(other, "pages", 3)["shortcut"] = "zoe"
    field = "act1.tavern/nodes/instruction@700,300 data.assignments.0.sheet"
    assert told(before, other) == [
        '~ Characters/Zoë shortcut null -> "zoe"',
        f'~ {field} "Characters/Zoë" -> "204"',
    ]
