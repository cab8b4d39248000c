"""Media of a Yarn export travel as asked, with the bytes that were stored, or are told."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings
from tests.serializers.yarn.engine import Exported


@pytest.fixture
def stored(mini_copy: str, make_settings: Callable[[str], Settings]) -> tuple[Settings, list[str]]:
    """mini.sql with bytes for all its media, and their keys."""
    settings = make_settings(mini_copy)
    keys = []
    with psycopg.connect(mini_copy) as connection:
        rows = connection.execute("SELECT id, key FROM assets WHERE project_id = 7").fetchall()
        for number, key in rows:
            place = Path(settings.media_url) / key
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(bytes([number]) * 800_001)  # more than one block
            digest = hashlib.sha256(place.read_bytes()).hexdigest()
            connection.execute("UPDATE assets SET blob_hash = %s WHERE id = %s", (digest, number))
            keys.append(key)
    return settings, keys


def made(settings: Settings, mode: str) -> Exported:
    """An export; translations of any state, so that their voices travel too."""
    options = parse_options(
        {"include_assets": mode, "validate_before_export": False, "localization_policy": "preview"}
    )
    result = export_project(settings, "mini", "yarn", options)
    return Exported(Path(result.location).read_bytes(), list(result.diagnostics))


def named(story: Exported) -> dict[str, str]:
    """Every file that the metadata name, with the hash that stands beside it."""
    facts = [*story.metadata["media"], *story.metadata["voices"]]
    return {x["file"]: x["sha256"] for x in facts if x["file"]}


def sha256(content: bytes) -> str:
    """As the database has it."""
    return hashlib.sha256(content).hexdigest()


def test_bundled_media_and_voices_lie_where_the_files_say(
    stored: tuple[Settings, list[str]],
) -> None:
    story = made(stored[0], "bundled")
    files = {x: y for x, y in story.parts.items() if x.startswith(("media/", "voices/"))}
    assert {name: sha256(content) for name, content in files.items()} == named(story)
    assert {name.split("/")[0] for name in files} == {"media", "voices"}


def test_embedded_media_and_voices_are_base64_in_the_metadata(
    stored: tuple[Settings, list[str]],
) -> None:
    settings, keys = stored
    story = made(settings, "embedded")
    found = {x["key"]: base64.b64decode(x["data"], validate=True) for x in story.metadata["media"]}
    assert found
    assert found.keys() <= set(keys)
    assert {x["key"] for x in story.metadata["voices"]} <= found.keys()
    for facts in story.metadata["media"]:
        assert sha256(found[facts["key"]]) == facts["sha256"]
    assert not any(name.startswith(("media/", "voices/")) for name in story.parts)


def test_references_need_no_bytes(stored: tuple[Settings, list[str]]) -> None:
    story = made(stored[0], "references")
    assert named(story)
    assert not any(name in story.parts for name in named(story))
    assert not any("data" in x for x in story.metadata["media"])


@pytest.mark.parametrize("mode", ["bundled", "embedded"])
def test_missing_bytes_are_told_and_all_others_travel(
    stored: tuple[Settings, list[str]], mode: str
) -> None:
    settings, keys = stored
    (sound,) = [key for key in keys if key.endswith(".mp3")]
    (Path(settings.media_url) / sound).unlink()
    story = made(settings, mode)
    missing = [x for x in story.told if x.code == "XP0301"]
    assert missing
    assert all(sound in x.message for x in missing)
    files = {x["file"]: x["key"] for x in story.metadata["media"] if x["file"]}
    here = {x["key"] for x in story.metadata["media"] if "data" in x}
    here |= {key for name, key in files.items() if name in story.parts}
    assert here == set(files.values()) - {sound}


@pytest.mark.parametrize("mode", ["bundled", "embedded"])
def test_bytes_that_are_not_those_stored_stop_the_export(
    stored: tuple[Settings, list[str]], mode: str
) -> None:
    settings, keys = stored
    (sound,) = [key for key in keys if key.endswith(".mp3")]
    (Path(settings.media_url) / sound).write_bytes(b"another sound")
    with pytest.raises(MediaError, match="SHA-256"):
        made(settings, mode)
    assert not (Path(settings.storage_url) / "exports").exists()
