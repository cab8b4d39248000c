"""What a snapshot holds, said in ``manifest.json``, written last."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import orjson

from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.errors import SnapshotError

MANIFEST = "manifest.json"


class TableEntry(msgspec.Struct, frozen=True):
    """One Parquet file: its name, rows, size in bytes and SHA-256."""

    file: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The contents of a snapshot.

    ``content_hash`` depends on the rows and the options alone, ``collected_at`` is ISO 8601.
    """

    project_id: int
    project_slug: str
    schema_version: int | None
    options: dict[str, Any]
    options_digest: str
    sections: list[Section]
    tables: dict[str, TableEntry]
    content_hash: str
    collected_at: str

    def rows(self, *tables: str) -> int:
        """The number of rows of some tables, those that were not collected counting 0."""
        return sum(self.tables[name].rows for name in tables if name in self.tables)


def content_hash(tables: dict[str, TableEntry], options_digest: str) -> str:
    """A hash of all tables' bytes."""
    listing = {name: entry.sha256 for name, entry in tables.items()}
    payload = orjson.dumps([listing, options_digest], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(payload).hexdigest()


def read_manifest(directory: Path) -> Manifest:
    """Read it back; raises SnapshotError when it is missing or not of our making."""
    path = directory / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise SnapshotError(f"snapshot {directory}: no {MANIFEST}; collect it again") from error
    except msgspec.DecodeError as error:
        raise SnapshotError(f"snapshot {path}: not readable ({error}); collect again") from error


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write it in one go: a snapshot without a manifest is unfinished."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    temporary = directory / f".{MANIFEST}"
    temporary.write_bytes(text)
    temporary.replace(directory / MANIFEST)
