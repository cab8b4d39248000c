"""Objects in a bucket of a real S3 server."""

import os
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyarn_pipelines.errors import (
    ObjectMissingError,
    SettingsError,
    StorageError,
    StorageUnavailableError,
)
from storyarn_pipelines.storage import ObjectStore, open_store
from storyarn_pipelines.storage.s3 import PART_BYTES, S3Store, default_client
from tests.conftest import S3Server

KEY = "exports/7/a b/ö+%.json"


@pytest.fixture
def store(bucket: str) -> ObjectStore:
    """A store below a prefix of a new bucket."""
    return open_store(f"s3://{bucket}/studio/one")


def put(store: ObjectStore, content: bytes, directory: Path, key: str = KEY) -> None:
    """Store some bytes."""
    path = directory / "source"
    path.write_bytes(content)
    store.put_file(key, path)


@pytest.mark.parametrize("size", [0, 1000, PART_BYTES, 2 * PART_BYTES + 1])
def test_what_is_stored_is_read_back_whole_or_in_parts(
    store: ObjectStore, size: int, tmp_path: Path
) -> None:
    content = os.urandom(size)
    put(store, content, tmp_path)
    with store.open_read(KEY) as file:
        assert file.read() == content
    assert [(x.key, x.bytes) for x in store.list("exports/")] == [(KEY, size)]


def test_an_object_lies_below_its_prefix_and_can_go(
    store: ObjectStore, bucket: str, s3: S3Server, tmp_path: Path
) -> None:
    put(store, b"x", tmp_path)
    assert (s3.root / bucket / "studio" / "one" / KEY).read_bytes() == b"x"
    store.delete(KEY)
    store.delete(KEY)
    assert list(store.list("")) == []


def test_an_upload_that_was_killed_is_dropped_when_it_is_old(
    store: ObjectStore, bucket: str, s3: S3Server, tmp_path: Path
) -> None:
    client = default_client()
    for key in ("studio/one/killed", "elsewhere/killed"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    assert store.drop_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["elsewhere/killed"]


def test_what_is_missing_is_said_at_once(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissingError, match="is not there"):
        store.open_read("nothing")


def test_a_missing_bucket_is_final_and_named(s3: S3Server, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="the bucket does not exist") as raised:
        put(open_store("s3://no-such-bucket"), b"x", tmp_path)
    assert not raised.value.transient


def test_denied_access_is_final_and_names_the_variables(
    bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageError, match=r"AWS_\* variables") as raised:
        put(open_store(f"s3://{bucket}"), b"x", tmp_path)
    assert not raised.value.transient


def test_a_server_that_is_away_is_transient(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StorageUnavailableError):
        put(open_store("s3://bucket"), b"x", tmp_path)


@pytest.mark.parametrize("key", ["../x", "/x", "a/../../x"])
def test_a_key_that_could_leave_the_prefix_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(StorageError, match="relative path"):
        store.open_read(key)


def test_a_presigned_url_downloads_without_credentials(bucket: str, tmp_path: Path) -> None:
    store = S3Store(bucket, "x")
    put(store, b"content", tmp_path)
    url = store.presigned_url(KEY, 60)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"content"


def test_an_upload_that_breaks_leaves_no_object_and_no_parts(
    bucket: str, s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(bucket)
    path = tmp_path / "source"
    path.write_bytes(b"x" * (2 * PART_BYTES))
    real = store._client.upload_part
    calls: list[int] = []

    def break_at_the_second(**arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**arguments)

    monkeypatch.setattr(store._client, "upload_part", break_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        store.put_file("x", path)
    assert list(store.list("")) == []
    assert "Uploads" not in store._client.list_multipart_uploads(Bucket=bucket)


@pytest.mark.parametrize("url", ["gs://bucket", "s3://", "s3:///x", "http://x/y"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        open_store(url)
