"""The shipped JSON Schema is the one that the catalogue gives, and real exports keep to it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from storyarn_pipelines.services.format_schema import schema_document

SHIPPED = files("storyarn_pipelines.serializers.storyarn") / "storyarn.schema.json"
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def schema() -> Any:
    """The shipped schema."""
    return json.loads(SHIPPED.read_text("utf-8"))


def test_the_shipped_schema_is_the_generated_one(mini_url: str) -> None:
    assert SHIPPED.read_bytes() == schema_document(mini_url), "run `make schema`"


@pytest.mark.parametrize("name", ["mini.json", "mini-trash.json"])
def test_golden_files_are_valid(schema: Any, name: str) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads((DATA / name).read_text("utf-8")))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["pages", 0, "id"], 201),
        (["pages", 1, "blocks", 0, "is_variable"], None),
        (["flows", 1, "nodes", 0, "position_x"], "far"),
        (["flows", 1, "connections", 0, "source_handle"], None),
        (["localization", "strings", "sheet.204.name", "translations", "es", "status"], 1),
        (["metadata", "statistics", "localization_progress", "es"], 101),
        (["assets", "mode"], "zipped"),
        (["project", "inserted_at"], "2025-01-02 08:00:00"),
    ],
)
def test_a_wrong_value_is_found(schema: Any, path: list[str | int], value: object) -> None:
    document = json.loads((DATA / "mini.json").read_text("utf-8"))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert list(Draft202012Validator(schema).iter_errors(document))


def test_a_lost_column_is_found(schema: Any) -> None:
    document = json.loads((DATA / "mini.json").read_text("utf-8"))
    del document["flows"][1]["nodes"][1]["word_count"]
    assert list(Draft202012Validator(schema).iter_errors(document))
