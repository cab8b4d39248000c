"""Snapshots of mini.sql with media, and a reader that counts what is read of them."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import LocalStore
from storyarn_pipelines.store.collect import collect
from tests.conftest import load_mini
from tests.serializers.test_media_modes import CONTENT, KEYS

COLLECTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class CountingReader(StoryReader):
    """Counts the rows that are read, by table."""

    def __init__(self, directory: Path, media: Path) -> None:
        super().__init__(directory, LocalStore(media))
        self.rows: Counter[str] = Counter()

    def batches_after(self, table: Table, start: int) -> Iterator[pa.RecordBatch]:
        for batch in super().batches_after(table, start):
            self.rows[table.name] += batch.num_rows
            yield batch


def write_media(root: Path) -> None:
    """The media of mini.sql."""
    for number, key in KEYS.items():
        (root / key).parent.mkdir(parents=True)
        (root / key).write_bytes(CONTENT[number])


def load_with_media(url: str) -> str:
    """Load mini.sql with the hashes of its media; one has none."""
    load_mini(url)
    with psycopg.connect(url) as connection:
        for number in KEYS.keys() - {103}:
            digest = hashlib.sha256(CONTENT[number]).hexdigest()
            connection.execute("UPDATE assets SET blob_hash = %s WHERE id = %s", (digest, number))
    return url


def collect_batches(url: str, options: ExportOptions, snapshot: Path, batch_rows: int) -> None:
    """Collect a snapshot whose tables come in batches of some rows."""
    snapshot.mkdir(parents=True)
    collect(url, "mini", options, snapshot, collected_at=COLLECTED_AT)
    for path in snapshot.glob("*.parquet"):
        pq.write_table(pq.read_table(path), path, row_group_size=batch_rows)
