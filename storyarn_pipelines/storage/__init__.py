"""Where artifacts and media lie: one protocol, a local directory, later S3."""

from storyarn_pipelines.errors import SettingsError
from storyarn_pipelines.storage.base import ObjectStore, StoredObject
from storyarn_pipelines.storage.local import LocalStore

__all__ = ["LocalStore", "ObjectStore", "StoredObject", "open_store"]


def open_store(url: str) -> ObjectStore:
    """The store that a URL or a directory names; raises SettingsError for other schemes."""
    if "://" in url and not url.startswith("file://"):
        scheme = url.split("://", 1)[0]
        raise SettingsError(f"storage {scheme}://: this release stores in directories only")
    return LocalStore(url.removeprefix("file://"))
