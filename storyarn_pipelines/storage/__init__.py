"""Where artifacts and media lie: one protocol, a local directory or a bucket."""

from typing import Any
from urllib.parse import urlsplit

from storyarn_pipelines.errors import SettingsError
from storyarn_pipelines.storage.base import ObjectStore, StoredObject
from storyarn_pipelines.storage.local import LocalStore

__all__ = ["LocalStore", "ObjectStore", "StoredObject", "open_store"]


def open_store(url: str, s3_client: Any = None) -> ObjectStore:
    """The store that ``s3://bucket/prefix``, ``file://…`` or a directory names.

    ``s3_client`` replaces the client made from the AWS_* variables. Raises SettingsError for
    other schemes.
    """
    scheme, separator, _ = url.partition("://")
    if not separator or scheme == "file":
        return LocalStore(url.removeprefix("file://"))
    if scheme != "s3":
        raise SettingsError(f"storage {url}: {scheme}:// is unknown; a directory or s3:// it is")
    parts = urlsplit(url)
    if not parts.netloc:
        raise SettingsError(f"storage {url}: the bucket is missing, as in s3://bucket/prefix")
    from storyarn_pipelines.storage.s3 import S3Store  # noqa: PLC0415 - boto3 takes 0.3 s

    return S3Store(parts.netloc, parts.path, s3_client)
