"""The story as objects is the story as rows."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.errors import SnapshotError
from storyarn_pipelines.snapshot.manifest import MANIFEST
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "mini.json").read_text("utf-8"))


@pytest.fixture
def story(mini_url: str, tmp_path: Path) -> StoryReader:
    """A snapshot of mini.sql."""
    collect(mini_url, "mini", ExportOptions(), tmp_path, collected_at=datetime.now(UTC))
    return StoryReader(tmp_path)


def ids(rows: list[dict[str, Any]]) -> list[int]:
    """The ids of rows of the native document."""
    return [int(row["id"]) for row in rows]


def test_sheets_come_with_their_blocks_and_those_with_theirs(story: StoryReader) -> None:
    for sheet, page in zip(story.sheets(), GOLDEN["pages"], strict=True):
        assert (sheet.id, sheet.path) == (int(page["id"]), page["path"])
        assert [x.id for x in sheet.avatars] == ids(page["avatars"])
        for block, expected in zip(sheet.blocks, page["blocks"], strict=True):
            assert block.id == int(expected["id"])
            assert block.value == expected["value"]
            assert [x.id for x in block.columns] == ids(expected.get("columns", []))
            assert [x.id for x in block.rows] == ids(expected.get("rows", []))
            assert [x.id for x in block.images] == ids(expected.get("images", []))


def test_flows_come_with_nodes_sequences_and_connections(story: StoryReader) -> None:
    for flow, expected in zip(story.flows(), GOLDEN["flows"], strict=True):
        assert [node.data for node in flow.nodes] == [x["data"] for x in expected["nodes"]]
        assert [x.id for x in flow.connections] == ids(expected["connections"])
        assert flow.exit_node_ids == tuple(map(int, expected["exit_node_ids"]))
        for node, raw in zip(flow.nodes, expected["nodes"], strict=True):
            sequence = raw.get("sequence", {"tracks": [], "visual_layers": []})
            assert [x.id for x in node.tracks] == ids(sequence["tracks"])
            assert [x.id for x in node.visual_layers] == ids(sequence["visual_layers"])
            names = [sequence["name"]] if "name" in sequence else []
            assert [x.name for x in node.configs] == names


def test_scenes_come_with_everything_on_them(story: StoryReader) -> None:
    lists = ("layers", "pins", "zones", "connections", "annotations", "ambient_flows")
    for scene, expected in zip(story.scenes(), GOLDEN["maps"], strict=True):
        for name in lists:
            assert [x.id for x in getattr(scene, name)] == ids(expected[name])


def test_strings_glossary_languages_and_media_are_in_the_files_order(story: StoryReader) -> None:
    strings = {x.key: [y.locale_code for y in x.translations] for x in story.strings()}
    expected = GOLDEN["localization"]
    assert strings == {key: list(x["translations"]) for key, x in expected["strings"].items()}
    assert [x.locale_code for x in story.languages()] == ["en", "de", "es"]
    assert len(list(story.glossary())) == 4
    assert [x.id for x in story.media()] == ids(GOLDEN["assets"]["items"])
    assert story.project().slug == "mini"


def test_a_snapshot_without_its_manifest_is_unfinished(story: StoryReader) -> None:
    (story.directory / MANIFEST).unlink()
    with pytest.raises(SnapshotError, match="collect it again"):
        StoryReader(story.directory)


@pytest.mark.parametrize("damage", ["gone", "cut", "garbage"])
def test_a_broken_file_is_named(story: StoryReader, damage: str) -> None:
    path = story.directory / "flow_nodes.parquet"
    content = path.read_bytes()
    match damage:
        case "gone":
            path.unlink()
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case _:
            path.write_bytes(b"\0" * len(content))
    with pytest.raises(SnapshotError, match="flow_nodes is not readable; collect it again"):
        list(story.flows())
