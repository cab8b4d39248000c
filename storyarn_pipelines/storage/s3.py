"""An object store in a bucket of S3, or of anything that speaks it: MinIO, Supabase Storage."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from storyarn_pipelines.errors import ObjectMissingError, StorageError, StorageUnavailableError
from storyarn_pipelines.storage.base import StoredObject, check_key
from storyarn_pipelines.storage.multipart import (
    drop_uploads,
    error_code,
    is_transient,
    md5_text,
    put_parts,
)

PART_BYTES = 16 << 20
"""Objects of more bytes are uploaded in parts of this size; S3 takes 10,000 of them."""

_MAX_PARTS = 10_000
_MISSING = ("NoSuchKey", "404", "NotFound")

CLIENT_CONFIG = Config(
    signature_version="s3v4",
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=10,
    read_timeout=60,
    # Parts carry Content-MD5, which every server checks; trailing checksums only AWS knows.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def default_client() -> Any:
    """A client by the usual AWS variables, ``AWS_ENDPOINT_URL_S3`` among them."""
    try:
        return boto3.session.Session().client("s3", config=CLIENT_CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise StorageError(f"storage: {error}; see the AWS_* variables") from error


class S3Store:
    """Keys below a prefix of one bucket."""

    def __init__(
        self, bucket: str, prefix: str = "", client: Any = None, *, part_bytes: int = PART_BYTES
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._client = client or default_client()
        self._part_bytes = part_bytes

    def put_file(self, key: str, path: Path) -> StoredObject:
        """Upload a file; it is there when its last part is confirmed.

        Parts that a killed process has sent of the same file are not sent again.
        """
        name = self._name(key)
        size = path.stat().st_size
        with self._errors(key):
            if size <= self._part_bytes:
                content = path.read_bytes()
                self._client.put_object(
                    Bucket=self._bucket, Key=name, Body=content, ContentMD5=md5_text(content)
                )
            else:
                target = {"Bucket": self._bucket, "Key": name}
                part_bytes = max(self._part_bytes, -(-size // _MAX_PARTS))
                put_parts(self._client, target, path, part_bytes)
        return StoredObject(key, size, f"s3://{self._bucket}/{name}")

    def open_read(self, key: str) -> BinaryIO:
        """Open an object; its bytes are streamed."""
        with self._errors(key):
            found = self._client.get_object(Bucket=self._bucket, Key=self._name(key))
        return io.BufferedReader(_Body(found["Body"], f"{key} in s3://{self._bucket}"), 1 << 20)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects by key, page by page."""
        with self._errors(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    name = found["Key"]
                    location = f"s3://{self._bucket}/{name}"
                    yield StoredObject(
                        name.removeprefix(self._prefix),
                        found["Size"],
                        location,
                        found["ETag"].strip('"'),
                        found["LastModified"],
                    )

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        with self._errors(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def move(self, key: str, new_key: str) -> None:
        """Copy an object on the server, then remove it under its old key."""
        with self._errors(key):
            source = {"Bucket": self._bucket, "Key": self._name(key)}
            self._client.copy(source, self._bucket, self._name(new_key))
        self.delete(key)

    def metadata(self, key: str) -> Mapping[str, str]:
        """The object's user metadata (``x-amz-meta-*``), names in lower case."""
        with self._errors(key):
            found = self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        return {name.lower(): value for name, value in found.get("Metadata", {}).items()}

    def drop_unfinished(self, before: datetime) -> int:
        """Abort uploads that nobody goes on with: their parts are stored, and billed.

        One that got a part since then is alive, whenever it began.
        """
        with self._errors(self._prefix):
            return drop_uploads(self._client, self._bucket, self._prefix, before)

    def local_path(self, key: str) -> Path | None:
        """Nothing here is a local file."""
        del key
        return None

    def presigned_url(self, key: str, seconds: int) -> str:
        """A URL that anyone may download from for some time (signature version 4)."""
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": self._name(key)},
            ExpiresIn=seconds,
        )
        return url

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key).as_posix()

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        place = f"{key} in s3://{self._bucket}"
        try:
            yield
        except ClientError as error:
            raise _translated(error, place) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise StorageUnavailableError(f"storage: {place}: {error}") from error
        except OSError as error:
            raise StorageError(f"storage: {place}: {error.strerror}") from error


def _translated(error: ClientError, place: str) -> StorageError:
    code = error_code(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _MISSING:
        return ObjectMissingError(f"{place} is not there")
    if code == "NoSuchBucket":
        return StorageError(f"storage: {place}: the bucket does not exist; create it")
    if is_transient(error):
        return StorageUnavailableError(f"storage: {place}: the server answered {code or status}")
    return StorageError(f"storage: {place}: {code or status}; check the AWS_* variables")


class _Body(io.RawIOBase):
    """A download as a file whose breaks are our errors."""

    def __init__(self, body: StreamingBody, place: str) -> None:
        self._body, self._place = body, place

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._body.read(len(buffer))
        except (BotoCoreError, HTTPError, OSError) as error:
            raise StorageUnavailableError(
                f"storage: {self._place}: the connection broke ({error})"
            ) from error
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._body.close()
        super().close()
