"""Checkpoints of a step in a bucket: what was added to the artifact, piece by piece."""

import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from storyarn_pipelines.errors import ObjectMissingError, StorageError
from storyarn_pipelines.serializers.checkpoints import JOURNAL, Checkpoint, read_lines
from storyarn_pipelines.storage import ObjectStore

PIECE_BYTES = 64 << 20
"""Checkpoints that are made faster than they are stored go together, up to this size."""

LINES = ".lines"
"""The object with a piece's lines of the journal has the piece's key and this."""


class Pieces:
    """Stores what checkpoints add to an artifact, in a thread, as fast as the bucket takes it.

    A piece is one object with the bytes between two checkpoints, and then one with the lines of
    the journal that they were noted in. A bucket that refuses costs the pieces, not the step.
    """

    def __init__(self, store: ObjectStore, prefix: str, directory: Path, seconds: float) -> None:
        self._store, self._prefix, self._directory = store, prefix, directory
        self._not_before = time.monotonic() + seconds
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storyarn-pieces")
        self._job: Future[None] | None = None
        self._pending: list[tuple[Checkpoint, bytes]] = []
        self._stored, self._file, self._number = 0, "", 0
        self._stopped = self._unwanted = False

    def offer(self, checkpoint: Checkpoint, line: bytes) -> None:
        """Take note of a checkpoint; its bytes are in the artifact's file."""
        self._pending.append((checkpoint, line))
        idle = self._job is None or self._job.done()
        if idle and not self._stopped and time.monotonic() >= self._not_before:
            self._job = self._worker.submit(self._store_pending)

    def stop(self) -> None:
        """Store nothing more; a piece that is under way is waited for."""
        self._stopped = True
        self._worker.shutdown(wait=True, cancel_futures=True)

    def give_up(self, *, keep: bool) -> None:
        """Store nothing more and wait for nothing; ``keep`` what is stored, or remove it."""
        self._stopped, self._unwanted = True, not keep
        self._worker.shutdown(wait=False, cancel_futures=True)
        if not keep:
            with suppress(StorageError):
                self._delete()

    def _delete(self) -> None:
        for stored in list(self._store.list(f"{self._prefix}/")):
            self._store.delete(stored.key)

    def _store_pending(self) -> None:
        while self._pending and not self._stopped:
            try:
                self._store_next()
            except FileNotFoundError:
                continue  # the plain file has gone into the ZIP, whose checkpoint is next
            except (StorageError, OSError):
                self._stopped = True

    def _store_next(self) -> None:
        lines = list(self._pending)
        name = lines[-1][0].file
        if name != self._file:
            # The file before is part of this one by now.
            self._file, self._stored = name, 0
        taken = [x for x in lines if x[0].file == name]
        within = [x for x in taken if x[0].bytes - self._stored <= PIECE_BYTES] or taken[:1]
        del self._pending[: lines.index(within[-1]) + 1]
        end = within[-1][0].bytes
        self._number += 1
        key = f"{self._prefix}/{self._number:06d}"
        piece = self._directory.with_name(f".{self._directory.name}.piece")
        try:
            with (self._directory / name).open("rb") as source, piece.open("wb") as copy:
                source.seek(self._stored)
                _copy_bytes(source, copy, end - self._stored)
            self._store.put_file(key, piece)
            piece.write_bytes(b"".join(line for _, line in within))
            self._store.put_file(f"{key}{LINES}", piece)
        finally:
            piece.unlink(missing_ok=True)
        if self._unwanted:
            self._delete()
        self._stored = end


def fetch_pieces(store: ObjectStore, prefix: str, place: Path, binding: str) -> bool:
    """Join the pieces of a try in a new directory, with their journal; False if there are none.

    They are joined up to the first that is missing or was made for something else.
    """
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    keys = [x.key for x in store.list(f"{prefix}/")]
    for key in sorted(x for x in keys if not x.endswith(LINES)):
        lines = read_piece_lines(store, f"{key}{LINES}", binding)
        if not lines:
            break
        path = place / lines[0][0].file
        if not path.exists():
            shutil.rmtree(place)
            place.mkdir()
        try:
            with store.open_read(key) as source, path.open("ab") as joined:
                shutil.copyfileobj(source, joined, 1 << 20)
        except ObjectMissingError:
            break
        with (place / JOURNAL).open("ab") as journal:
            journal.writelines(line for _, line in lines)
    return (place / JOURNAL).is_file()


def read_piece_lines(store: ObjectStore, key: str, binding: str) -> list[tuple[Checkpoint, bytes]]:
    """The checkpoints that came with a piece; none if it was not stored whole, or is gone."""
    try:
        with store.open_read(key) as file:
            return read_lines(file.read(), binding)
    except ObjectMissingError:
        return []


def _copy_bytes(source: BinaryIO, copy: BinaryIO, count: int) -> None:
    while count and (block := source.read(min(count, 1 << 20))):
        copy.write(block)
        count -= len(block)
