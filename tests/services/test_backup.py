"""A backup is whole, is made only when something changed, and keeps each content once."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.services.backup import (
    BACKUP_OPTIONS,
    BackupResult,
    check_backup_options,
    store_backup,
)
from storyarn_pipelines.services.export import serialize_story
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import LocalStore, ObjectStore, open_store
from storyarn_pipelines.store.collect import collect

Backup = Callable[..., BackupResult]
MEDIA = {
    "projects/7/assets/a1/mira.png": b"one",
    "projects/7/assets/a2/mira.webp": b"two",
    "projects/7/assets/a3/thème.mp3": b"three",
    "projects/7/assets/a4/map.jpg": b"two",
    "projects/7/assets/a5/old.png": b"five",
}


@pytest.fixture
def media(tmp_path: Path, mini_copy: str) -> Path:
    """A directory of media whose bytes are what the database says, where it says anything."""
    directory = tmp_path / "media"
    for key, content in MEDIA.items():
        path = directory / key
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        with psycopg.connect(mini_copy) as connection:
            connection.execute(
                "UPDATE assets SET blob_hash = %s, size = %s WHERE key = %s AND id <> 103",
                (digest, len(content), key),
            )
    return directory


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of either kind."""
    if request.param == "directory":
        return open_store(str(tmp_path / "storage"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/studio")


@pytest.fixture
def back_up(store: ObjectStore, media: Path, mini_copy: str, tmp_path: Path) -> Backup:
    """Backs mini.sql up on some day."""

    def run(day: int = 1) -> BackupResult:
        now = datetime(2026, 1, day, 2, tzinfo=UTC)
        work = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
        (work / "snapshot").mkdir(parents=True)
        collect(mini_copy, "mini", BACKUP_OPTIONS, work / "snapshot", collected_at=now)
        story = StoryReader(work / "snapshot", LocalStore(media))
        made = serialize_story(story, "storyarn", BACKUP_OPTIONS, work)
        return store_backup(store, story, made.artifact.path, now)

    return run


def content(store: ObjectStore, key: str) -> bytes:
    """The bytes of an object."""
    with store.open_read(key) as file:
        return file.read()


def keys(store: ObjectStore) -> list[str]:
    """All keys of the store."""
    return [found.key for found in store.list("")]


def test_a_backup_holds_the_native_file_with_the_trash_and_says_what_is_in_it(
    back_up: Backup, store: ObjectStore
) -> None:
    result = back_up()
    manifest: Any = json.loads(content(store, "backups/7/2026-01-01/mini.manifest.json"))
    packed = content(store, "backups/7/2026-01-01/mini.json.zst")
    assert manifest["file"] == "backups/7/2026-01-01/mini.json.zst"
    assert manifest["sha256"] == hashlib.sha256(packed).hexdigest()
    document = pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read()
    assert manifest["json_sha256"] == hashlib.sha256(document).hexdigest()
    assert len(json.loads(document)["pages"]) == manifest["entities"]["sheets"] == 10
    assert manifest["schema_version"] == 20260820160000
    assert manifest["content_hash"] == result.manifest.content_hash
    assert not result.unchanged


def test_every_content_is_stored_once_for_all_backups(back_up: Backup, store: ObjectStore) -> None:
    assert back_up(1).new_media == len(set(MEDIA.values()))
    stored = [key for key in keys(store) if "/media/" in key]
    hashes = {hashlib.sha256(x).hexdigest() for x in MEDIA.values()}
    assert {Path(key).stem for key in stored} == hashes
    for key in stored:
        assert hashlib.sha256(content(store, key)).hexdigest() == Path(key).stem


def test_nothing_is_stored_when_nothing_has_changed(
    back_up: Backup, store: ObjectStore, mini_copy: str
) -> None:
    back_up(1)
    before = keys(store)
    again = back_up(2)
    assert again.unchanged
    assert again.key == "backups/7/2026-01-01/mini.manifest.json"
    assert keys(store) == before
    with psycopg.connect(mini_copy) as connection:
        # A deletion moves no clock of Storyarn's: only the content tells.
        connection.execute("DELETE FROM scene_annotations WHERE id = 451")
    changed = back_up(3)
    assert not changed.unchanged
    assert changed.new_media == 0
    assert changed.manifest.file in keys(store)


@pytest.mark.parametrize("lost", ["mini.json.zst", ".png"])
def test_a_damaged_last_backup_is_made_again(
    back_up: Backup, store: ObjectStore, lost: str
) -> None:
    back_up(1)
    store.delete(next(key for key in keys(store) if key.endswith(lost)))
    again = back_up(2)
    assert not again.unchanged
    assert {x.file for x in again.manifest.media} <= set(keys(store))


def test_media_that_are_missing_or_changed_are_noted_and_tried_again(
    back_up: Backup, media: Path
) -> None:
    (media / "projects/7/assets/a3/thème.mp3").unlink()
    (media / "projects/7/assets/a1/mira.png").write_bytes(b"another picture")
    first = back_up(1)
    problems = {x.id: x for x in first.manifest.problems}
    assert set(problems) == {101, 103}
    assert problems[103].file is None
    assert problems[101].sha256 == hashlib.sha256(b"another picture").hexdigest()
    (media / "projects/7/assets/a3/thème.mp3").write_bytes(b"three")
    (media / "projects/7/assets/a1/mira.png").write_bytes(b"one")
    again = back_up(2)
    assert not again.unchanged
    assert not again.manifest.problems


@pytest.mark.parametrize(
    "options",
    [{}, {"include_trash": True, "flow_ids": "1"}, {"include_trash": True, "languages": "es"}],
)
def test_options_under_which_something_would_lack_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="include_trash=true"):
        check_backup_options(parse_options(options))


def test_the_backup_options_take_everything() -> None:
    check_backup_options(BACKUP_OPTIONS)
    assert BACKUP_OPTIONS.include_trash
    assert not BACKUP_OPTIONS.selects
    # A story with mistakes is saved all the same.
    assert not BACKUP_OPTIONS.validate_before_export
