"""Media: images and sounds. Their bytes lie in object storage, under ``key``."""

import re
from pathlib import PurePosixPath
from typing import Any

import msgspec

_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")


class Media(msgspec.Struct, frozen=True):
    """One file; ``blob_hash`` is the lower-hex SHA-256 of its bytes, ``size`` their number."""

    id: int
    filename: str
    content_type: str
    size: int
    key: str
    url: str | None
    metadata: Any
    blob_hash: str | None

    @property
    def extension(self) -> str:
        """A harmless lower-case extension; file names come from outside."""
        suffix = PurePosixPath(self.filename).suffix.lower()
        return suffix if _EXTENSION.fullmatch(suffix) else ".bin"

    def __str__(self) -> str:
        return f"media {self.id} ({self.filename})"
