"""Objects in a directory: whole or not there, and never outside of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyarn_pipelines.errors import SettingsError, StorageError
from storyarn_pipelines.storage import LocalStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty store."""
    return LocalStore(tmp_path / "store")


def put(store: LocalStore, key: str, content: bytes, directory: Path) -> None:
    """Store some bytes."""
    path = directory / "source"
    path.write_bytes(content)
    store.put_file(key, path)


def test_an_object_is_read_listed_replaced_and_removed(store: LocalStore, tmp_path: Path) -> None:
    put(store, "exports/7/a b/ö.json", b"one", tmp_path)
    put(store, "exports/7/a b/ö.json", b"two", tmp_path)
    put(store, "media/x", b"three", tmp_path)
    with store.open_read("exports/7/a b/ö.json") as file:
        assert file.read() == b"two"
    assert [(x.key, x.bytes) for x in store.list("")] == [
        ("exports/7/a b/ö.json", 3),
        ("media/x", 5),
    ]
    assert [x.key for x in store.list("exports/")] == ["exports/7/a b/ö.json"]
    store.delete("exports/7/a b/ö.json")
    store.delete("exports/7/a b/ö.json")
    assert [x.name for x in (tmp_path / "store").iterdir()] == ["media"]


@pytest.mark.parametrize("key", ["", "../x", "/etc/passwd", "a/../../x", "a\\..\\x", "a\0b"])
def test_a_key_that_could_leave_the_store_is_refused(
    store: LocalStore, key: str, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="relative path"):
        store.open_read(key)
    with pytest.raises(StorageError, match="relative path"):
        put(store, key, b"x", tmp_path)


def test_a_link_that_leads_out_of_the_store_is_refused(store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "out").symlink_to("/etc")
    with pytest.raises(StorageError, match="leads out"):
        store.open_read("out/hostname")


@pytest.mark.parametrize("key", ["nothing", "directory", "file/below"])
def test_what_is_not_there_is_said(store: LocalStore, key: str, tmp_path: Path) -> None:
    put(store, "directory/x", b"", tmp_path)
    put(store, "file", b"", tmp_path)
    with pytest.raises(StorageError, match="is not in"):
        store.open_read(key)


def test_nothing_half_written_stays_when_the_source_breaks(
    store: LocalStore, tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        store.put_file("exports/x", tmp_path / "gone")
    assert list(store.list("")) == []
    assert not [x for x in (tmp_path / "store").rglob("*") if x.is_file()]


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        put(LocalStore(tmp_path / "file"), "a/b", b"x", tmp_path)


def test_schemes_of_other_releases_are_refused() -> None:
    with pytest.raises(SettingsError, match="gs://"):
        open_store("gs://bucket")


def test_a_copy_that_was_killed_is_dropped_when_it_is_old(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / ".incoming-1").write_bytes(b"half")
    assert store.drop_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert list((tmp_path / "exports").iterdir()) == []
