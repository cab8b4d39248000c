"""One try of the step that serializes, in a process that kills itself where it is told to.

``python -m tests.faults.step '<the case as JSON>'``
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

import msgspec

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.serializers.checkpoints import JOURNAL, Checkpoint, Checkpoints, Digest
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.services.export import serialize_story
from storyarn_pipelines.services.pieces import Pieces
from storyarn_pipelines.services.tries import CheckpointLimits
from storyarn_pipelines.services.work import RunIds, WorkArea, WorkRecord
from storyarn_pipelines.storage import ObjectStore, open_store
from tests.serializers.counting import CountingReader

STEP = "storyarn-artifact"
FIRST, SECOND, THIRD = (f"00000000-0000-0000-0000-00000000000{x}" for x in (1, 2, 3))
RUNS = (RunIds(FIRST), RunIds(SECOND, FIRST, FIRST), RunIds(THIRD, SECOND, FIRST))
"""A run, the one that re-executes it, and the one that re-executes that."""


class Case(msgspec.Struct, frozen=True):
    """What is serialized where, by which of ``RUNS``, in batches of ``every`` bytes."""

    snapshot: str
    media: str
    work: str
    scratch: str
    options: dict[str, Any]
    every: int
    kill: str = ""
    at: int = 0
    run: int = 0

    def area(self) -> WorkArea:
        return WorkArea(self.store(), Path(self.scratch), CheckpointLimits(self.every, 0))

    def store(self) -> ObjectStore:
        return open_store(self.work)


@dataclass
class Outcome:
    """What a try has made, from which checkpoint on, reading which rows."""

    record: WorkRecord
    kept: Checkpoint | None
    rows: dict[str, int]
    made: list[Checkpoint]


def run_step(case: Case, ids: RunIds) -> Outcome:
    """Do the step as its asset does."""
    options = parse_options(case.options)
    made: list[Checkpoint] = []
    kept: list[Checkpoint | None] = []
    with case.area().step(ids, STEP) as work:
        story = CountingReader(Path(case.snapshot), Path(case.media))

        def checkpoints(binding: str) -> Checkpoints:
            found = work.checkpoints(binding)
            kept.append(found.last)
            noted = found.add

            def add(checkpoint: Checkpoint) -> None:
                made.append(checkpoint)
                noted(checkpoint)

            return _with_add(found, add)

        serialize_story(story, "storyarn", options, work.directory, checkpoints=checkpoints)
        record = work.finish(options.digest(), {})
    return Outcome(record, kept[0], dict(story.rows), made)


def _with_add(found: Checkpoints, add: Callable[[Checkpoint], None]) -> Checkpoints:
    found.add = add  # type: ignore[method-assign, assignment]  # a test looks on
    return found


def die() -> None:
    """As from outside: no handler, no clean-up, nothing flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def countdown(at: int) -> Callable[[], bool]:
    """True the time after the next ``at``."""
    calls = iter(range(at + 1))
    return lambda: next(calls) == at


class Killer:
    """The places to be killed at, each a method that changes this process."""

    def __init__(self, case: Case) -> None:
        self.case, self.now = case, countdown(case.at)

    def after_checkpoint(self) -> None:
        noted = Checkpoints.add

        def add(found: Checkpoints, checkpoint: Checkpoint) -> None:
            noted(found, checkpoint)
            if self.now():
                wait_for_pieces()
                die()

        patch.object(Checkpoints, "add", add).start()

    def inside_a_journal_line(self) -> None:
        noted = Checkpoints.add

        def add(found: Checkpoints, checkpoint: Checkpoint) -> None:
            noted(found, checkpoint)
            if self.now():
                journal = next(Path(self.case.work).rglob(JOURNAL))
                os.truncate(journal, journal.stat().st_size - 30)
                die()

        patch.object(Checkpoints, "add", add).start()

    def inside_a_part(self) -> None:
        """Bytes behind the last checkpoint have reached the file."""
        wrote = JsonStream.many

        def many(stream: JsonStream, texts: Any) -> None:
            wrote(stream, texts)
            if self.now():
                stream._out.flush()
                die()

        patch.object(JsonStream, "many", many).start()

    def while_it_copies(self) -> None:
        """The earlier try's file is half copied."""
        update = Digest.upto

        def upto(digest: Digest, end: int | None = None, copy: Any = None) -> str:
            if copy is not None and self.now():
                copy.flush()
                die()
            return update(digest, end, copy)

        patch.object(Digest, "upto", upto).start()

    def before_the_join(self) -> None:
        patch.object(Output, "_start_zip", lambda _: die()).start()

    def inside_an_entry(self) -> None:
        """Half of a medium is in the ZIP."""
        opened = Output._open_zip

        def open_zip(out: Output, mode: str) -> Any:
            made = opened(out, mode)
            entry_open = made.open

            def open_entry(*arguments: Any, **named: Any) -> Any:
                entry = entry_open(*arguments, **named)
                if self.now():
                    half_then_die(entry, out._zip_file)
                return entry

            made.open = open_entry  # type: ignore[method-assign]
            return made

        patch.object(Output, "_open_zip", open_zip).start()

    def before_the_record(self) -> None:
        kind = type(self.case.store())
        put = kind.put_file

        def put_file(store: Any, key: str, path: Path) -> Any:
            if key.endswith(f"{FIRST}.json"):
                die()
            return put(store, key, path)

        patch.object(kind, "put_file", put_file).start()

    def after_the_record(self) -> None:
        kind = type(self.case.store())
        put = kind.put_file

        def put_file(store: Any, key: str, path: Path) -> Any:
            stored = put(store, key, path)
            if key.endswith(f"{FIRST}.json"):
                die()
            return stored

        patch.object(kind, "put_file", put_file).start()

    def inside_a_piece(self) -> None:
        """The bytes of a piece are in the bucket, its lines are not."""
        kind = type(self.case.store())
        put = kind.put_file

        def put_file(store: Any, key: str, path: Path) -> Any:
            if key.endswith(".lines") and self.now():
                die()
            return put(store, key, path)

        patch.object(kind, "put_file", put_file).start()


def half_then_die(entry: Any, file: BinaryIO | None) -> None:
    """Let the first block of an entry reach the disk."""
    wrote = entry.write

    def write(content: bytes) -> int:
        wrote(content[: len(content) // 2])
        if file:
            file.flush()
        die()
        return 0

    entry.write = write


_pieces: list[Pieces] = []


def wait_for_pieces() -> None:
    """What was offered is stored: another machine finds it."""
    deadline = time.monotonic() + 20
    while any(x._pending or (x._job and not x._job.done()) for x in _pieces):
        for pieces in _pieces:
            if pieces._job and pieces._job.done():
                pieces._job = pieces._worker.submit(pieces._store_pending)
        assert time.monotonic() < deadline
        time.sleep(0.01)


def watch_pieces() -> None:
    """Keep hold of what stores pieces."""
    prepared = Pieces.__init__

    def prepare(pieces: Pieces, *arguments: Any) -> None:
        prepared(pieces, *arguments)
        _pieces.append(pieces)

    patch.object(Pieces, "__init__", prepare).start()


def main() -> None:
    """One run's try."""
    case = msgspec.json.decode(sys.argv[1], type=Case)
    watch_pieces()
    if case.kill:
        getattr(Killer(case), case.kill)()
    run_step(case, RUNS[case.run])


if __name__ == "__main__":
    main()
