"""The export of mini.sql, part by part. ``python -m tests.serializers.godot.test_godot_golden``
followed by a database URL that holds mini.sql writes the golden file anew."""

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.serializers.base import serialize
from storyarn_pipelines.serializers.godot import GodotSerializer
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from tests.serializers.godot.dialogic import Game, Play

GOLDEN = Path(__file__).parent / "mini.txt"
Parts = dict[str, bytes]


def exported(url: str, directory: Path, **options: object) -> Parts:
    """The parts of an export of mini.sql."""
    parsed = parse_options(options)
    place = directory / parsed.digest()
    place.mkdir()
    collect(url, "mini", parsed, place, collected_at=datetime(2026, 1, 1, tzinfo=UTC))
    artifact = serialize(GodotSerializer(), StoryReader(place), parsed)
    with zipfile.ZipFile(io.BytesIO(artifact)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def listing(parts: Parts) -> str:
    """All parts below one another."""
    return "".join(f"==== {name}\n{text.decode()}" for name, text in parts.items())


@pytest.fixture
def export(mini_url: str, tmp_path: Path) -> Callable[..., Parts]:
    """An export with some options."""
    return lambda **options: exported(mini_url, tmp_path, **options)


def test_the_export_of_mini_sql_is_the_golden_file(export: Callable[..., Parts]) -> None:
    assert listing(export()).splitlines() == GOLDEN.read_text("utf-8").splitlines()


def test_every_timeline_of_mini_sql_plays_to_its_end(export: Callable[..., Parts]) -> None:
    game = Game.of(export(localization_policy="preview"))
    for timeline in game.timelines:
        play = Play(game, 1).run(timeline)
        assert (play.errors, play.ended) == ([], True), timeline


def test_translations_have_the_ids_of_the_timelines(export: Callable[..., Parts]) -> None:
    parts = export(localization_policy="preview")
    table = parts["storyarn/dialogic_timeline_translations.csv"].decode()
    rows = {row["keys"]: row for row in csv.DictReader(io.StringIO(table))}
    events = [x for events in Game.of(parts).timelines.values() for x in events if x.key]
    kinds = {"text": "Text", "choice": "Choice"}
    assert events
    assert {f"{kinds[x.kind]}/{x.key}/text" for x in events} <= set(rows)
    assert any(value for row in rows.values() for key, value in row.items() if key == "es")


def test_the_generic_file_is_the_same_story(export: Callable[..., Parts]) -> None:
    parts = export()
    story = json.loads(parts["storyarn/story.json"])
    assert (story["format"], story["version"]) == ("godot_dialogue", "1.0.0")
    for dialogue in story["dialogues"].values():
        nodes = dialogue["nodes"]
        assert dialogue["start"] is None or dialogue["start"] in nodes
        for node in nodes.values():
            ways = [node.get("next"), *(x["next"] for x in node.get("options", ()))]
            assert all(way is None or way in nodes for way in ways)


def test_a_compact_export_has_no_comments_of_authors(export: Callable[..., Parts]) -> None:
    parts = export(pretty_print=False)
    assert parts["storyarn/story.json"].count(b"\n") == 1


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        GOLDEN.write_text(listing(exported(sys.argv[1], Path(scratch))), "utf-8")
