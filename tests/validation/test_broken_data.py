"""Whatever stands in a jsonb column is reported, and never stops a validation."""

import copy
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from storyarn_pipelines.validation import ValidationResult
from storyarn_pipelines.validation.codes import base_project

ODD: tuple[Any, ...] = (
    None, True, -1, 2**70, 1.5, "", "{braces} {0} $x.y <b class=mention>", [], [[None]], {},
    {"blocks": [{"type": "group", "blocks": [3]}], "rules": 5, "logic": []},
)  # fmt: skip
COLUMNS = {
    "flow_nodes": ("data",),
    "blocks": ("value", "config"),
    "table_rows": ("cells",),
    "table_columns": ("config",),
    "scene_pins": ("condition",),
    "scene_zones": ("action_data", "condition", "vertices"),
    "scene_ambient_flows": ("trigger_config",),
}
UNIQUE = {
    "table_rows": {"slug": "row_{}"},
    "table_columns": {"slug": "column_{}"},
    "scene_ambient_flows": {"flow_id": "@{}"},
    "blocks": {"variable_name": "variable_{}"},
    "scene_pins": {"shortcut": "pin-{}"},
}
DEEP = 400


def variants(value: Any) -> Iterator[Any]:
    """The value with each of its parts replaced by each odd value."""
    yield from ODD
    if isinstance(value, str) and value.startswith("{"):
        for inner in variants(json.loads(value)):
            yield json.dumps(inner)
        yield value[:-1]
        yield "[" * DEEP
    keys = list(value) if isinstance(value, dict) else []
    places = range(len(value)) if isinstance(value, list) else keys
    for place in places:
        for inner in variants(value[place]):
            changed = copy.copy(value)
            changed[place] = inner
            yield changed


def broken_rows(table: str) -> list[dict[str, Any]]:
    """A new row for everything that can be broken in a table's JSON columns."""
    numbers = count(100_000)
    rows: list[dict[str, Any]] = []
    for row in base_project()[table]:
        for column in COLUMNS[table]:
            broken = (value for value in variants(row.get(column)) if value is not None)
            for value in broken:
                number = next(numbers)
                unique = {name: own.format(number) for name, own in UNIQUE.get(table, {}).items()}
                rows.append({**row, **unique, column: value, "id": f"@{number}"})
    return rows


@pytest.mark.parametrize("table", COLUMNS)
def test_broken_json_is_reported_and_never_raises(
    validate_patch: Callable[..., ValidationResult], table: str
) -> None:
    rows = broken_rows(table)
    assert len(rows) > 10
    result = validate_patch({table: rows}, languages=["es"])
    assert result.findings
    assert json.dumps(result.as_dict())


def test_deeply_nested_groups_do_not_exhaust_the_stack(
    validate_patch: Callable[..., ValidationResult],
) -> None:
    group: dict[str, Any] = {"type": "block", "logic": "all", "rules": []}
    for _ in range(DEEP):
        group = {"type": "group", "logic": "all", "blocks": [group]}
    data = {"switch_mode": False, "condition": {"logic": "all", "blocks": [group]}}
    result = validate_patch({"flow_nodes": [{"id": "@63", "data": data}]})
    assert set(result.counts) == {"SA0510"}


def test_a_broken_part_does_not_hide_the_others(
    validate_patch: Callable[..., ValidationResult],
) -> None:
    responses = [7, {"id": "go", "text": ""}]
    data = {"speaker_sheet_id": None, "text": ["odd"], "responses": responses}
    result = validate_patch(
        {
            "flow_nodes": [{"id": "@82", "data": data}],
            "flow_connections": [{"id": "@112", "source_pin": "go"}],
        }
    )
    assert result.counts == {"SA0402": 1, "SA0403": 1, "SA1003": 2}
