"""Which variables there are, and what they hold at the start."""

from typing import Any

import pytest

from storyarn_pipelines.domain.scenes import Pin, Scene, Zone
from storyarn_pipelines.domain.sheets import Block, Sheet, TableColumn
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.story.variables import declared_variables, initial_value, read_variables
from tests.story.builders import blank, block, number, scene, sheet, table


def initials(*sheets: Sheet, scenes: tuple[Scene, ...] = ()) -> dict[str, Any]:
    """Initial values by name."""
    found = read_variables(sheets, scenes).variables
    assert list(found) == sorted(found)
    assert all(name == variable.full_name for name, variable in found.items())
    return {name: variable.initial for name, variable in found.items()}


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("number", "12", 12),
        ("number", "2.5", 2.5),
        ("number", "-3", -3),
        ("number", "+1e3", 1000),
        ("number", "12 x", 0),
        ("number", " 12", 0),
        ("number", "", 0),
        ("number", ".5", 0),
        ("number", "5.", 0),
        ("number", "1e999", 0),
        ("number", None, 0),
        ("number", 50.0, 50.0),
        ("number", True, True),
        ("boolean", None, False),
        ("boolean", "true", "true"),
        ("text", None, ""),
        ("rich_text", None, ""),
        ("select", None, None),
        ("multi_select", None, None),
        ("date", None, None),
        ("formula", None, None),
        ("multi_select", ["a", "b"], ["a", "b"]),
        ("multi_select", ["a", 1, True, None], ["a", "1", "true", ""]),
        ("select", {"odd": 1}, None),
    ],
)
def test_initial_values(kind: str, stored: object, value: object) -> None:
    found = initial_value(stored, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (block("a", "text", "x"), ["s.a"]),
        (block("a.b", "text", "x"), ["s.a.b"]),
        (block("a", "text", "x", is_constant=True), []),
        (block(None, "text", "x"), []),
        (block("", "text", "x"), []),
        (block("a", "reference", "x"), []),
        (block("a", "gallery", "x"), []),
        (block("a", "hologram", "x"), []),
        (block("a", "text", value="odd"), ["s.a"]),
    ],
)
def test_blocks_that_are_variables(made: Block, names: list[str]) -> None:
    assert list(initials(sheet(1, "s", made))) == names


def test_limits_are_kept_and_not_applied_at_the_start() -> None:
    found = read_variables([sheet(1, "s", number("n", 500, max=100))], ()).variables["s.n"]
    assert (found.initial, found.config) == (500, {"max": 100})


def test_a_boolean_of_three_states_begins_false_too() -> None:
    made = block("b", "boolean", None, config={"mode": "tri_state"})
    assert initials(sheet(1, "s", made)) == {"s.b": False}


def test_cells_of_tables_are_variables_but_for_constant_columns() -> None:
    columns = {
        "v": "number",
        "w": "text",
        "k": "text",
        "f": "formula",
        "o": "reference",
        "r": "rich_text",
    }
    made = table("t", columns, {"a.b": {"v": "7", "o": "npc"}, "c": {"w": None}}, is_constant=True)
    fixed = tuple(
        blank(TableColumn, id=x.id, slug=x.slug, type=x.type, is_constant=x.slug in "kf",
              config={"multiple": x.slug == "o"})
        for x in made.columns
    )  # fmt: skip
    told = sheet(1, "s", block("t", "table", columns=fixed, rows=made.rows, is_constant=True))
    found = read_variables([told], ()).variables
    assert {name: variable.initial for name, variable in found.items()} == {
        "s.t.a.b.v": 7, "s.t.a.b.w": "", "s.t.a.b.f": None, "s.t.a.b.o": "npc",
        "s.t.c.v": 0, "s.t.c.w": "", "s.t.c.f": None, "s.t.c.o": None,
    }  # fmt: skip
    assert found["s.t.c.o"].type == "multi_select"


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (None, "select"),
        ({}, "select"),
        ({"multiple": False}, "select"),
        ({"multiple": None}, "select"),
        ({"multiple": True}, "multi_select"),
        ({"multiple": "yes"}, "multi_select"),
    ],
)
def test_references_are_choices(config: object, kind: str) -> None:
    made = table("t", {"o": "reference"}, {"r": {}})
    column = blank(TableColumn, slug="o", type="reference", config=config)
    told = sheet(1, "s", block("t", "table", columns=(column,), rows=made.rows))
    assert read_variables([told], ()).variables["s.t.r.o"].type == kind


def test_pins_and_zones_with_shortcuts_have_switches() -> None:
    told = scene(
        blank(Pin, id=1, shortcut="ann", hidden=True, is_leader=True),
        blank(Pin, id=2, shortcut=None),
        blank(Zone, id=3, shortcut="yard"),
    )
    assert initials(scenes=(told,)) == {
        "ann.hidden": True, "ann.is_leader": True, "ann.is_playable": False, "yard.hidden": False,
    }  # fmt: skip


def test_a_sheet_without_shortcut_goes_by_its_id_unless_that_is_taken() -> None:
    free = sheet(7, None, block("a", "text", "x"))
    assert initials(free) == {"7.a": "x"}
    assert initials(free, sheet(8, "7")) == {}
    assert initials(free, sheet(8, "7", block("b", "text", "y"))) == {"7.b": "y"}


def test_a_zone_beats_a_pin_a_pin_a_cell_and_a_cell_a_block() -> None:
    owner = sheet(1, "a", block("t.r.hidden", "text", "block"))
    cells = sheet(2, "a", table("t", {"hidden": "text"}, {"r": {"hidden": "cell"}}), name="0")
    pin = blank(Pin, id=1, shortcut="a.t.r", hidden=True, is_leader=True)
    zone = blank(Zone, id=2, shortcut="a.t.r")
    name = "a.t.r.hidden"
    assert initials(owner)[name] == "block"
    assert initials(cells, owner)[name] == "cell"
    assert initials(owner, cells, scenes=(scene(pin),))[name] is True
    assert initials(owner, cells, scenes=(scene(zone, pin),))[name] is False


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("A", 5, 9), ("B", 0, 1)),
        (("A", 1, 9), ("A", 2, 1)),
        (("A", 1, 1), ("A", 1, 2)),
        (("A", 9, 9), ("A", None, 1)),
        (("Z", 9, 9), ("a", 0, 1)),
    ],
)
def test_within_a_kind_the_last_wins_by_sheet_name_position_and_id(
    first: tuple[str, int, int], second: tuple[str, int, int]
) -> None:
    made = [
        sheet(
            number_,
            f"s{shortcut}",
            block(f"{rest}v", "text", text, position=place[1], id=place[2]),
            name=place[0],
        )
        for number_, (place, text, shortcut, rest) in enumerate(
            [(first, "first", "", "x."), (second, "second", ".x", "")]
        )
    ]
    assert initials(*made) == {"s.x.v": "second"}
    assert initials(*reversed(made)) == {"s.x.v": "second"}


def test_a_formula_that_loses_its_name_is_not_worked_out() -> None:
    rows = {"r": {"hidden": {"expression": "1", "bindings": {}}}}
    owner = sheet(1, "a", table("t", {"hidden": "formula"}, rows))
    assert len(read_variables([owner], ()).formulas) == 1
    pin = blank(Pin, shortcut="a.t.r")
    assert read_variables([owner], [scene(pin)]).formulas == ()


def test_variables_of_a_file_have_types_alone() -> None:
    found = declared_variables({"mc.jaime.health": "number", "a.b": "multi_select"})
    assert found["mc.jaime.health"].initial == 0
    assert (found["mc.jaime.health"].sheet, found["mc.jaime.health"].name) == ("mc.jaime", "health")
    assert found["a.b"].initial is None


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ([], "not an object"),
        ({"health": "number"}, "'health' is not a name"),
        ({".health": "number"}, "is not a name"),
        ({"mc.": "number"}, "is not a name"),
        ({"mc.x": "integer"}, "type 'integer'; allowed: text"),
        ({"mc.x": ["number"]}, "allowed: text"),
        ({"x" * 5000: "number"}, "…"),
    ],
)
def test_a_file_of_variables_is_checked(stored: object, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        declared_variables(stored)
    assert len(str(caught.value)) < 200
