"""Uploads in a directory and in a bucket: found once complete, told how, settled, never lost."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storyarn_pipelines.errors import ObjectMissingError, UsageError
from storyarn_pipelines.services.uploads import (
    Waiting,
    cursor_seen,
    cursor_text,
    fetch_upload,
    find_upload,
    misplaced_uploads,
    settle,
    upload_options,
    uploads,
    waiting_uploads,
)
from storyarn_pipelines.storage import ObjectStore, open_store
from storyarn_pipelines.storage.s3 import default_client

KEY = "imports/new/studio/story.json"


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of either kind."""
    if request.param == "directory":
        return open_store(str(tmp_path / "storage"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/studio")


def put(store: ObjectStore, directory: Path, key: str, content: bytes = b"{}") -> None:
    """Store some bytes."""
    path = directory / "source"
    path.write_bytes(content)
    store.put_file(key, path)


def keys(store: ObjectStore) -> list[str]:
    """All keys."""
    return [stored.key for stored in store.list("")]


def test_only_files_for_a_project_or_a_workspace_are_uploads(
    store: ObjectStore, tmp_path: Path
) -> None:
    for key in (
        KEY, KEY + ".options.json", KEY + ".report.json", "imports/7/a b.zip", "imports/7/x/y.json",
        "imports/seven/y.json", "imports/loose.json", "imports/new/Studio/y.json", "exports/7/a",
    ):  # fmt: skip
        put(store, tmp_path, key)
    assert [stored.key for stored in uploads(store)] == ["imports/7/a b.zip", KEY]
    assert misplaced_uploads(store) == [
        "imports/7/x/y.json", "imports/loose.json", "imports/new/Studio/y.json",
        "imports/seven/y.json",
    ]  # fmt: skip


def test_an_upload_is_ready_when_it_is_complete_and_keeps_its_run_key(
    store: ObjectStore, tmp_path: Path
) -> None:
    put(store, tmp_path, KEY)
    later = datetime.now(UTC) + timedelta(minutes=1)
    first, seen = waiting_uploads(store, {}, later)
    second, seen = waiting_uploads(store, cursor_seen(cursor_text(seen)), later)
    is_file = store.local_path(KEY) is not None
    assert [len(first), len(second)] == [0 if is_file else 1, 1]
    put(store, tmp_path, KEY, b"something else")
    changed, _ = waiting_uploads(store, seen, later)
    again, _ = waiting_uploads(store, waiting_uploads(store, seen, later)[1], later)
    assert len(changed) == (0 if is_file else 1)
    assert again[0].run_key != second[0].run_key


def test_a_file_that_was_written_a_moment_ago_waits(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "storage"))
    put(store, tmp_path, KEY)
    _, seen = waiting_uploads(store, {}, datetime.now(UTC))
    assert waiting_uploads(store, seen, datetime.now(UTC))[0] == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', None])
def test_a_cursor_that_cannot_be_read_is_an_empty_one(text: str | None) -> None:
    assert cursor_seen(text) == {}


def test_done_and_failed_uploads_lie_apart_with_their_reports_and_never_on_each_other(
    store: ObjectStore, tmp_path: Path
) -> None:
    for number in range(2):
        put(store, tmp_path, KEY, b"%d" % number)
        put(store, tmp_path, KEY + ".options.json")
        settle(store, find_upload(store, KEY), {"number": number}, done=True)
    put(store, tmp_path, KEY)
    report = settle(store, find_upload(store, KEY), {"errors": ["no"]}, done=False)
    done, failed = "imports-done/new/studio/", "imports-failed/new/studio/"
    names = [
        f"{done}{x}{y}"
        for x in ("2-story.json", "story.json")
        for y in ("", ".options.json", ".report.json")
    ]
    assert keys(store) == [*names, f"{failed}story.json", f"{failed}story.json.report.json"]
    with store.open_read(report) as file:
        assert json.loads(file.read()) == {"errors": ["no"]}


def test_a_newer_version_stays_for_its_own_run(store: ObjectStore, tmp_path: Path) -> None:
    put(store, tmp_path, KEY, b"old")
    old = find_upload(store, KEY)
    put(store, tmp_path, KEY, b"newer")
    settle(store, old, {}, done=True)
    assert KEY in keys(store)
    with pytest.raises(UsageError, match="changed while it was read"):
        fetch_upload(store, old, tmp_path)


def test_what_is_gone_is_said(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissingError, match="was it imported before"):
        find_upload(store, KEY)


def test_the_place_decides_then_the_file_beside_it_then_the_run(
    store: ObjectStore, tmp_path: Path
) -> None:
    put(store, tmp_path, "imports/7/a.json")
    put(store, tmp_path, "imports/7/a.json.options.json", b'{"conflicts": "merge"}')
    found = upload_options(store, "imports/7/a.json", {})
    assert (found.into, found.new, found.conflicts) == ("7", None, "merge")
    found = upload_options(store, "imports/7/a.json", {"conflicts": "overwrite", "new": "studio"})
    assert (found.into, found.new, found.conflicts) == (None, "studio", "overwrite")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "must be an object of texts"),
        (b'{"conflicts": 1}', "must be an object of texts"),
        (b'{"into": "8"}', "unknown option 'into'"),
        (b'{"conflicts": "both"}', "conflicts 'both' is not one of skip, overwrite, merge"),
        (b'{"name": "x"}', "are for a new project"),
    ],
)
def test_wrong_options_say_where_they_stand(
    store: ObjectStore, tmp_path: Path, text: bytes, message: str
) -> None:
    put(store, tmp_path, "imports/7/a.json")
    put(store, tmp_path, "imports/7/a.json.options.json", text)
    with pytest.raises(UsageError, match=message):
        upload_options(store, "imports/7/a.json", {})


def test_the_metadata_of_an_object_of_a_bucket_counts(bucket: str) -> None:
    def given(**metadata: str) -> Any:
        default_client().put_object(
            Bucket=bucket, Key=f"studio/{KEY}", Body=b"{}", Metadata=metadata
        )
        return upload_options(open_store(f"s3://{bucket}/studio"), KEY, {})

    found = given(**{"dry-run": "true", "conflicts": "merge", "colour": "red"})
    assert (found.new, found.dry_run, found.conflicts) == ("studio", True, "merge")
    with pytest.raises(UsageError, match="dry-run must be true or false"):
        given(**{"dry-run": "maybe"})


def test_a_run_key_tells_versions_apart() -> None:
    assert Waiting("a", "1").run_key != Waiting("a", "2").run_key
