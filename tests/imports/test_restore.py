"""A backup is proven by restoring it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.services.backup import BACKUP_OPTIONS, BackupResult, store_backup
from storyarn_pipelines.services.backup_catalogue import find_backup, read_manifest
from storyarn_pipelines.services.export import serialize_story
from storyarn_pipelines.services.restore import restore_project
from storyarn_pipelines.services.verify import verify_backup
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.store.collect import collect

MEDIA = {
    "projects/7/assets/a1/mira.png": b"one",
    "projects/7/assets/a2/mira.webp": b"two",
    "projects/7/assets/a3/thème.mp3": b"three",
    "projects/7/assets/a4/map.jpg": b"two",
    "projects/7/assets/a5/old.png": b"five",
}


@pytest.fixture
def settings(mini_copy: str, make_settings: Callable[[str], Settings]) -> Settings:
    """Settings whose media store holds what mini.sql speaks of."""
    made = make_settings(mini_copy)
    for key, content in MEDIA.items():
        path = Path(made.media_url) / key
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        with psycopg.connect(mini_copy) as connection:
            connection.execute(
                "UPDATE assets SET blob_hash = %s, size = %s WHERE key = %s",
                (hashlib.sha256(content).hexdigest(), len(content), key),
            )
    return made


def back_up(settings: Settings, day: int = 1) -> BackupResult:
    """A backup of mini on some day."""
    now = datetime(2026, 1, day, 2, tzinfo=UTC)
    work = settings.home / f"work-{day}"
    (work / "snapshot").mkdir(parents=True)
    collect(
        settings.database_url or "", "mini", BACKUP_OPTIONS, work / "snapshot", collected_at=now
    )
    story = StoryReader(work / "snapshot", open_store(settings.media_url))
    made = serialize_story(story, "storyarn", BACKUP_OPTIONS, work)
    return store_backup(open_store(settings.storage_url), story, made.artifact.path, now)


def change(settings: Settings, statement: str) -> None:
    """Change the database."""
    with psycopg.connect(settings.database_url or "") as connection:
        connection.execute(statement.encode())


def test_a_backup_comes_back_as_a_new_project_with_its_media(settings: Settings) -> None:
    back_up(settings)
    backup, report = restore_project(settings, "mini", "studio", name="Restored")
    assert f"{backup.day}" == "2026-01-01"
    project = report.project["id"]
    assert report.project["slug"] == "restored"
    for key, content in MEDIA.items():
        moved = Path(settings.media_url) / key.replace("projects/7/", f"projects/{project}/")
        assert moved.read_bytes() == content
    with psycopg.connect(settings.database_url or "") as connection:
        keys = connection.execute(
            "SELECT count(*) FROM assets WHERE project_id = %s AND key LIKE %s",
            [project, f"projects/{project}/%"],
        ).fetchone()
    assert keys == (len(MEDIA),)


def test_a_project_that_is_gone_comes_back_under_its_own_ids(settings: Settings) -> None:
    back_up(settings)
    change(settings, "DELETE FROM sheet_avatars")
    change(settings, "DELETE FROM projects")
    _, report = restore_project(settings, "7", "studio")
    assert (report.project["id"], report.ids) == (7, "kept")


def test_the_backup_of_a_day_is_the_story_of_that_day(settings: Settings) -> None:
    back_up(settings, 1)
    change(settings, "UPDATE sheets SET name = 'Later' WHERE shortcut = 'mc.mira'")
    back_up(settings, 2)
    days = [datetime(2026, 1, day, tzinfo=UTC).date() for day in (1, 2)]
    names = []
    for day in days:
        _, report = restore_project(settings, "7", "studio", day=day)
        with psycopg.connect(settings.database_url or "") as connection:
            found = connection.execute(
                "SELECT name FROM sheets WHERE shortcut = 'mc.mira' AND project_id = %s "
                "AND deleted_at IS NULL",
                [report.project["id"]],
            ).fetchone()
            names.append(found[0] if found else None)
    assert names == ["Mira Ångström", "Later"]


def test_a_restore_drill_finds_a_good_backup_good(settings: Settings) -> None:
    back_up(settings)
    found = verify_backup(settings, "7")
    assert found.differences.as_dict()["changed"] == []
    assert found.same
    assert (found.media, found.backup) == (5, "backups/7/2026-01-01/mini.manifest.json")


@pytest.mark.parametrize("damage", ["file", "medium", "missing medium"])
def test_a_damaged_backup_is_found_out(settings: Settings, damage: str) -> None:
    back_up(settings)
    store = open_store(settings.storage_url)
    manifest = read_manifest(store, find_backup(store, "7"))
    key = manifest.file if damage == "file" else (manifest.media[0].file or "")
    path = Path(settings.storage_url) / key
    if damage == "missing medium":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Exception, match=r"damaged|SHA-256|is not in"):
        verify_backup(settings, "7")


def test_a_damaged_manifest_is_one_clear_line(settings: Settings) -> None:
    back_up(settings)
    path = Path(settings.storage_url) / "backups/7/2026-01-01/mini.manifest.json"
    path.write_bytes(b"{")
    with pytest.raises(StorageError, match="the manifest cannot be read"):
        restore_project(settings, "7", "studio")


def test_a_drill_knows_columns_that_a_newer_storyarn_has(settings: Settings) -> None:
    change(settings, "ALTER TABLE flow_nodes ADD COLUMN mood text DEFAULT 'calm'")
    back_up(settings)
    assert verify_backup(settings, "7").same
