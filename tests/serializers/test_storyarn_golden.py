"""The native format, byte for byte."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.base import serialize
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect

DATA = Path(__file__).parents[1] / "data"
GOLDEN_TIME = datetime(2026, 1, 1, tzinfo=UTC)
Export = Callable[..., bytes]


@pytest.fixture
def export(mini_url: str, tmp_path: Path) -> Export:
    """The artifact of an export of mini.sql with some options."""

    def run(**options: object) -> bytes:
        parsed = parse_options(options)
        directory = tmp_path / parsed.digest()
        directory.mkdir()
        collect(mini_url, "mini", parsed, directory, collected_at=GOLDEN_TIME)
        return serialize(FORMATS["storyarn"], StoryReader(directory), parsed)

    return run


@pytest.mark.parametrize(
    ("golden", "options"), [("mini.json", {}), ("mini-trash.json", {"include_trash": True})]
)
def test_the_export_of_mini_sql_is_the_golden_file(
    export: Export, golden: str, options: dict[str, object]
) -> None:
    made = export(**options)
    assert made.decode().splitlines() == (DATA / golden).read_text("utf-8").splitlines()
    assert made == (DATA / golden).read_bytes()


def test_compact_and_indented_files_parse_to_the_same_value(export: Export) -> None:
    compact = export(pretty_print=False)
    assert json.loads(compact) == json.loads(export())
    assert compact.count(b"\n") == 1
