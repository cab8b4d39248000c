"""The Ink export of mini.sql and of the sample project, part by part.

After a change that is meant, write the golden files anew: ``STORYARN_GOLDEN=write pytest ...``.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.store.collect import collect
from tests.serializers.ink.engine import Exported, Ink, exported
from tests.serializers.ink.test_ink_plays import WHEN

GOLDEN = Path(__file__).parent / "golden"
Export = Callable[..., Exported]


@pytest.fixture
def export(mini_url: str, tmp_path: Path) -> Export:
    """The export of mini.sql with some options."""

    def run(**options: object) -> Exported:
        parsed = parse_options(options)
        directory = tmp_path / parsed.digest()
        directory.mkdir()
        collect(mini_url, "mini", parsed, directory, collected_at=WHEN)
        return exported(StoryReader(directory), parsed)

    return run


def test_the_export_of_mini_sql_is_the_golden_files(ink: Ink, export: Export) -> None:
    story = export(localization_policy="preview")
    told = [f"{x.severity} {x.code} {x.where}: {x.message}" for x in story.diagnostics]
    parts = story.parts | {"diagnostics.txt": "\n".join([*told, ""]).encode()}
    if os.environ.get("STORYARN_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        for name, content in parts.items():
            (GOLDEN / name).write_bytes(content)
    assert sorted(parts) == sorted(x.name for x in GOLDEN.iterdir())
    for name, content in parts.items():
        golden = (GOLDEN / name).read_text("utf-8")
        assert content.decode("utf-8").split("\n") == golden.split("\n"), name
    assert ink.compile(story.script) == []


def test_every_line_and_choice_stands_in_the_string_table(ink: Ink, export: Export) -> None:
    story = export()
    table = story.table("en")
    ink.compile(story.script)
    for knot in story.knots.values():
        for event in ink.play(knot)["events"]:
            for tags in (
                [event["tags"]] if "line" in event else [x["tags"] for x in event["options"]]
            ):
                (key,) = [x.removeprefix("line:") for x in tags if x.startswith("line:")]
                assert key in table


def test_translations_follow_the_policy(export: Export) -> None:
    release, preview = export(), export(localization_policy="preview")
    locales = [x for x in release.metadata["localization"]["tables"] if x != "en"]
    for locale in locales:
        final, any_ = release.table(locale), preview.table(locale)
        assert final.keys() <= any_.keys() <= preview.table("en").keys()
    assert sum(len(preview.table(x)) for x in locales) > sum(len(release.table(x)) for x in locales)


@pytest.mark.parametrize("mode", ["references", "embedded", "bundled"])
def test_media_travel_as_asked(
    mini_copy: str, make_settings: Callable[[str], Settings], tmp_path: Path, mode: str
) -> None:
    settings = make_settings(mini_copy)
    with psycopg.connect(mini_copy) as connection:
        keys = connection.execute("SELECT id, key FROM assets WHERE deleted_at IS NULL").fetchall()
        connection.execute("UPDATE assets SET blob_hash = NULL")
    store = open_store(settings.media_url)
    for number, key in keys[1:]:
        path = tmp_path / "media"
        path.write_bytes(str(number).encode() * 100_000)
        store.put_file(key, path)
    result = export_project(
        settings, "mini", "ink",
        parse_options({"include_assets": mode, "validate_before_export": False}),
        out=tmp_path / "story.zip",
    )  # fmt: skip
    story = Exported(tmp_path / "story.zip", list(result.diagnostics))
    contents = {key: str(number).encode() * 100_000 for number, key in keys}
    for facts in story.metadata["media"]:
        data = base64.b64decode(facts.get("data", "")) or story.parts.get(facts["file"], b"")
        is_there = mode != "references" and facts["key"] != keys[0][1]
        assert data == (contents[facts["key"]] if is_there else b"")
        missing = {x.where for x in story.diagnostics if x.code == "XP0301"}
        assert bool(missing) is (mode != "references")
    assert story.metadata["media"]
    assert result.sha256 == hashlib.sha256((tmp_path / "story.zip").read_bytes()).hexdigest()
