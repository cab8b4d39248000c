"""An upload that was killed goes on: parts that the server has are not sent again."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from botocore.exceptions import EndpointConnectionError

from storyarn_pipelines.errors import StorageUnavailableError
from storyarn_pipelines.storage import LocalStore
from storyarn_pipelines.storage.s3 import default_client
from tests.faults.upload import KEY, PART_BYTES, Upload, bucket_store

ROOT = Path(__file__).parents[2]
PARTS = 6


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of some parts, the last one shorter."""
    path = tmp_path / "source"
    path.write_bytes(os.urandom(PARTS * PART_BYTES - 1))
    return path


def kill_upload(case: Upload) -> None:
    """Run it, it must not survive."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.upload", msgspec.json.encode(case).decode()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr[-2000:]


def put_again(bucket: str, source: Path) -> list[str]:
    """Upload in this process; the requests that it took."""
    requests: list[str] = []
    bucket_store(bucket, requests.append).put_file(KEY, source)
    return requests


def content_of(bucket: str) -> bytes:
    """The object."""
    with bucket_store(bucket, lambda _: None).open_read(KEY) as file:
        return file.read()


def unfinished(bucket: str) -> list[str]:
    """The ids of unfinished uploads."""
    found = default_client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return [upload["UploadId"] for upload in found]


@pytest.mark.parametrize(
    ("before", "at", "sent"),
    [
        ("UploadPart", 1, PARTS - 1),
        ("UploadPart", 4, PARTS - 4),
        ("CompleteMultipartUpload", 0, 0),
    ],
)
def test_only_the_parts_that_are_missing_are_sent(
    bucket: str, source: Path, before: str, at: int, sent: int
) -> None:
    kill_upload(Upload(str(source), bucket, before=before, at=at))
    assert not list(bucket_store(bucket, lambda _: None).list(""))
    requests = put_again(bucket, source)
    assert requests.count("UploadPart") == sent
    assert "CreateMultipartUpload" not in requests
    assert content_of(bucket) == source.read_bytes()
    assert unfinished(bucket) == []


@pytest.mark.parametrize("change", ["first part", "last part sent", "longer", "shorter"])
def test_a_changed_file_starts_anew_and_the_old_upload_goes(
    bucket: str, source: Path, change: str
) -> None:
    kill_upload(Upload(str(source), bucket, before="UploadPart", at=5))
    content = bytearray(source.read_bytes())
    if change == "first part":
        content[0] ^= 1
    elif change == "last part sent":
        content[5 * PART_BYTES - 1] ^= 1
    elif change == "longer":
        content[4 * PART_BYTES : 4 * PART_BYTES] = b"x"
    else:
        del content[4 * PART_BYTES - 1 :]
    source.write_bytes(content)
    requests = put_again(bucket, source)
    assert "CreateMultipartUpload" in requests
    assert requests.count("UploadPart") == -(-len(content) // PART_BYTES)
    assert content_of(bucket) == content
    assert unfinished(bucket) == []


def test_a_file_that_changed_only_where_nothing_was_sent_is_stored_as_it_is(
    bucket: str, source: Path
) -> None:
    kill_upload(Upload(str(source), bucket, before="UploadPart", at=2))
    content = source.read_bytes()[: 3 * PART_BYTES] + b"another end"
    source.write_bytes(content)
    assert put_again(bucket, source).count("UploadPart") == 2
    assert content_of(bucket) == content


def test_an_upload_that_has_just_begun_is_left_alone(bucket: str, source: Path) -> None:
    """Without a part, nobody knows whose it is; cleaning up removes it when it is old."""
    kill_upload(Upload(str(source), bucket, before="UploadPart", at=0))
    begun = unfinished(bucket)
    assert put_again(bucket, source).count("UploadPart") == PARTS
    assert unfinished(bucket) == begun
    assert content_of(bucket) == source.read_bytes()
    store = bucket_store(bucket, lambda _: None)
    assert store.drop_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert unfinished(bucket) == []


def test_an_upload_of_another_key_is_none_of_ours(bucket: str, source: Path) -> None:
    kill_upload(Upload(str(source), bucket, before="UploadPart", at=3))
    requests: list[str] = []
    bucket_store(bucket, requests.append).put_file(KEY.removesuffix("n"), source)
    assert requests.count("UploadPart") == PARTS
    assert len(unfinished(bucket)) == 1


def test_an_upload_that_goes_away_meanwhile_is_begun_anew(
    bucket: str, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_upload(Upload(str(source), bucket, before="UploadPart", at=3))
    client = default_client()

    def abort_at_the_first_part(request: str) -> None:
        for upload in unfinished(bucket) if request == "UploadPart" and not requests else ():
            name = f"studio/{KEY}"
            client.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload)
        if request == "UploadPart":
            requests.append(request)

    requests: list[str] = []
    bucket_store(bucket, abort_at_the_first_part).put_file(KEY, source)
    assert len(requests) == 1 + PARTS
    assert content_of(bucket) == source.read_bytes()
    assert unfinished(bucket) == []


def test_parts_stay_when_the_server_goes_away_and_go_when_the_upload_is_stopped(
    bucket: str, source: Path
) -> None:
    def fail_at(number: int, error: BaseException) -> None:
        seen: list[str] = []

        def watch(request: str) -> None:
            seen.append(request)
            if request == "UploadPart" and seen.count(request) > number:
                raise error

        bucket_store(bucket, watch).put_file(KEY, source)

    with pytest.raises(StorageUnavailableError):
        fail_at(2, EndpointConnectionError(endpoint_url="http://away"))
    assert len(unfinished(bucket)) == 1
    with pytest.raises(StorageUnavailableError):
        fail_at(2, EndpointConnectionError(endpoint_url="http://away"))
    assert put_again(bucket, source).count("UploadPart") == PARTS - 4
    with pytest.raises(KeyboardInterrupt):
        fail_at(2, KeyboardInterrupt())
    assert unfinished(bucket) == []


def test_cleaning_up_leaves_an_old_upload_that_got_a_part_lately(bucket: str, source: Path) -> None:
    client = default_client()
    target = {"Bucket": bucket, "Key": f"studio/{KEY}"}
    upload = client.create_multipart_upload(**target)["UploadId"]
    begun = client.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["Initiated"]
    while True:
        client.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"x")
        part = client.list_parts(**target, UploadId=upload)["Parts"][0]
        if part["LastModified"] > begun:
            break
    store = bucket_store(bucket, lambda _: None)
    assert store.drop_unfinished(begun + timedelta(microseconds=1)) == 0
    assert store.drop_unfinished(part["LastModified"] + timedelta(microseconds=1)) == 1


def test_a_copy_into_a_directory_that_was_killed_has_no_name_and_is_cleaned_up(
    source: Path, tmp_path: Path
) -> None:
    kill_upload(Upload(str(source), directory=str(tmp_path / "store")))
    store = LocalStore(tmp_path / "store")
    assert list(store.list("")) == []
    assert store.drop_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
    store.put_file(KEY, source)
    with store.open_read(KEY) as file:
        assert file.read() == source.read_bytes()
