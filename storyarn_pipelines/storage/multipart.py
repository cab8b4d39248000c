"""Uploads in parts that go on where another process was killed.

The server knows what it has: an unfinished upload of the same key whose parts all have the sizes
and MD5 sums of this file is gone on with, one with other parts is aborted. A server that does
not list uploads, or encrypts so that ETags are no MD5 sums, gets the whole file again.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

_NOT_TRANSIENT = ("NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")
_NOT_LISTED = ("AccessDenied", "NotImplemented", "MethodNotAllowed", "501", "405")
_SERVER_ERROR = 500

Target = Mapping[str, str]
"""``Bucket`` and ``Key``."""


def error_code(error: ClientError) -> str:
    """What the server calls its error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_transient(error: BaseException) -> bool:
    """Whether a later try may succeed: the server is away, busy or broke off."""
    if not isinstance(error, ClientError):
        return isinstance(error, BotoCoreError | HTTPClientError)
    code = error_code(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return code not in _NOT_TRANSIENT and (status >= _SERVER_ERROR or code == "SlowDown")


def put_parts(client: Any, target: Target, path: Path, part_bytes: int) -> None:
    """Upload a file in parts of ``part_bytes``; it is there when the last one is confirmed.

    When that fails for a time, its parts stay for the next try; otherwise they are removed.
    """
    with path.open("rb") as file:
        found = _to_go_on_with(client, target, file, part_bytes)
        try:
            _send(client, target, file, part_bytes, found)
        except ClientError as error:
            if found is None or error_code(error) != "NoSuchUpload":
                raise
            # Another process has finished it or given it up meanwhile.
            _send(client, target, file, part_bytes, None)


def drop_uploads(client: Any, bucket: str, prefix: str, before: datetime) -> int:
    """Abort uploads that got nothing since a moment; says how many."""
    dropped = 0
    for upload in _uploads(client, bucket, prefix):
        target = {"Bucket": bucket, "Key": upload["Key"]}
        if upload["Initiated"] >= before:
            continue
        parts = _parts(client, target, upload["UploadId"])
        if all(part["LastModified"] < before for part in parts):
            _abort(client, target, upload["UploadId"])
            dropped += 1
    return dropped


def md5_text(content: bytes) -> str:
    """What the header Content-MD5 says."""
    return base64.b64encode(_md5(content)).decode()


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


Found = tuple[str, dict[int, str]]
"""An upload's id, and the ETags of the parts that it has, by their numbers."""


def _to_go_on_with(client: Any, target: Target, file: BinaryIO, part_bytes: int) -> Found | None:
    """The unfinished upload of this very file that has the most parts.

    Those of other files under the same key are aborted. One without parts says nothing of its
    file: it may have begun this moment, so it is left alone.
    """
    best: Found | None = None
    for upload in _listed(client, target):
        parts = list(_parts(client, target, upload))
        if not all(_is_same(part, file, part_bytes) for part in parts):
            _abort(client, target, upload)
        elif parts and (best is None or len(parts) > len(best[1])):
            best = upload, {part["PartNumber"]: part["ETag"] for part in parts}
    return best


def _listed(client: Any, target: Target) -> list[str]:
    try:
        found = _uploads(client, target["Bucket"], target["Key"])
        return [upload["UploadId"] for upload in found if upload["Key"] == target["Key"]]
    except ClientError as error:
        if error_code(error) in _NOT_LISTED:
            return []
        raise


def _is_same(part: Mapping[str, Any], file: BinaryIO, part_bytes: int) -> bool:
    file.seek((part["PartNumber"] - 1) * part_bytes)
    content = file.read(part_bytes)
    return bool(part["Size"] == len(content) and part["ETag"].strip('"') == _md5(content).hex())


def _send(
    client: Any, target: Target, file: BinaryIO, part_bytes: int, found: Found | None
) -> None:
    """Send the parts that are missing, and confirm them all."""
    upload, tags = found or (client.create_multipart_upload(**target)["UploadId"], {})
    try:
        for number in _numbers(file, part_bytes):
            if number in tags:
                continue
            file.seek((number - 1) * part_bytes)
            content = file.read(part_bytes)
            tags[number] = client.upload_part(
                **target,
                UploadId=upload,
                PartNumber=number,
                Body=content,
                ContentMD5=md5_text(content),
            )["ETag"]
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in sorted(tags.items())]
        client.complete_multipart_upload(
            **target, UploadId=upload, MultipartUpload={"Parts": parts}
        )
    except BaseException as error:
        # Parts of an unfinished upload are stored, and billed, until someone aborts it.
        if not is_transient(error):
            _abort(client, target, upload)
        raise


def _numbers(file: BinaryIO, part_bytes: int) -> range:
    size = file.seek(0, 2)
    return range(1, -(-size // part_bytes) + 1)


def _uploads(client: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Unfinished uploads of keys that start with a prefix."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    return _items(pages, "Uploads")


def _parts(client: Any, target: Target, upload: str) -> Iterator[dict[str, Any]]:
    """The parts of an upload; none when it has gone meanwhile."""
    pages = client.get_paginator("list_parts").paginate(**target, UploadId=upload)
    return _items(pages, "Parts")


def _items(pages: Iterable[Mapping[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    """The items of all pages; some servers say NoSuchUpload where there are none."""
    try:
        for page in pages:
            yield from page.get(name, ())
    except ClientError as error:
        if error_code(error) != "NoSuchUpload":
            raise


def _abort(client: Any, target: Target, upload: str) -> None:
    with suppress(BotoCoreError, ClientError):
        client.abort_multipart_upload(**target, UploadId=upload)
