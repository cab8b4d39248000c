"""What one step of a run leaves for the next: files, and a record of them written last.

A step's files lie under ``{root run}/{step}/{run}/``, its record beside them in ``{run}.json``.
A run and its re-executions share a root run, so that a retry finds the finished steps, and what
is finished of a step that was killed (see ``tries``); two runs side by side never see each
other's files.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from storyarn_pipelines.errors import ObjectMissingError, StorageError, StoryarnError
from storyarn_pipelines.serializers.checkpoints import JOURNAL, Checkpoints
from storyarn_pipelines.services.tries import CheckpointLimits, Tries, set_aside
from storyarn_pipelines.storage import ObjectStore
from storyarn_pipelines.storage.base import check_key


class WorkFile(msgspec.Struct, frozen=True):
    """One file of a step, by its name below the step's directory."""

    name: str
    bytes: int
    sha256: str


class WorkRecord(msgspec.Struct, frozen=True):
    """A finished step. ``facts`` are what later steps and people want to know of it."""

    root: str
    step: str
    run: str
    options_digest: str
    files: list[WorkFile]
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        """Where the step's files lie in the work area; its record has the same key and .json."""
        return f"{self.root}/{self.step}/{self.run}"


@dataclass(frozen=True, slots=True)
class RunIds:
    """A run with those it re-executes; ``root`` is the run itself when it is the first."""

    run: str
    parent: str | None = None
    root: str | None = None

    @property
    def root_id(self) -> str:
        """The run under whose name all of them keep their files."""
        return self.root or self.run

    @property
    def lookup(self) -> tuple[str, ...]:
        """Where a reader looks, nearest first."""
        return tuple(dict.fromkeys(x for x in (self.run, self.parent, self.root) if x))


class StepWork:
    """A step at work: where it writes, and how it says that it is done."""

    def __init__(
        self, area: "WorkArea", ids: RunIds, step: str, directory: Path, tries: Tries
    ) -> None:
        self.directory = directory
        self._area, self._ids, self._step, self._tries = area, ids, step, tries

    def checkpoints(self, binding: str) -> Checkpoints:
        """The checkpoints of the artifact in ``directory``, with what earlier tries have left.

        ``binding`` says all that its bytes depend on.
        """
        return self._tries.begin(binding)

    def finish(self, options_digest: str, facts: dict[str, Any]) -> WorkRecord:
        """Record that the step is done: from now on others may read its files."""
        self._tries.stop()
        record = self._area.store_step(self._ids, self._step, self.directory, options_digest, facts)
        self._tries.clear()
        return record


class WorkArea:
    """Files of steps in an object store; in a directory they are written in place.

    From a bucket, files come and go by way of ``scratch``, a directory of this machine.
    """

    def __init__(
        self, store: ObjectStore, scratch: Path, limits: CheckpointLimits | None = None
    ) -> None:
        self._store, self._scratch = store, scratch
        self._limits = limits or CheckpointLimits()

    @contextmanager
    def step(self, ids: RunIds, step: str) -> Iterator[StepWork]:
        """An empty directory for a step's files.

        They go away if the step fails, but for what has checkpoints where another try may help.
        """
        key = f"{ids.root_id}/{step}"
        place = self._store.local_path(f"{key}/{ids.run}")
        directory = place or self._scratch / check_key(f"{key}/{ids.run}")
        set_aside(directory)
        directory.mkdir(parents=True)
        tries = Tries(self._store, key, directory, ids.lookup, self._limits)
        try:
            yield StepWork(self, ids, step, directory, tries)
        except BaseException as error:
            tries.give_up(keep=isinstance(error, StoryarnError) and error.transient)
            raise
        if place is None:
            shutil.rmtree(directory, ignore_errors=True)

    def store_step(
        self, ids: RunIds, step: str, directory: Path, options_digest: str, facts: dict[str, Any]
    ) -> WorkRecord:
        """Store a step's files and then, last, its record."""
        paths = sorted(x for x in directory.rglob("*") if x.is_file() and x.name != JOURNAL)
        files = [_describe(directory, path) for path in paths]
        record = WorkRecord(ids.root_id, step, ids.run, options_digest, files, facts)
        for path, file in zip(paths, files, strict=True):
            key = f"{record.key}/{file.name}"
            if self._store.local_path(key) != path:
                self._store.put_file(key, path)
        text = directory.with_name(f".{ids.run}.json")
        text.write_bytes(msgspec.json.encode(record))
        try:
            self._store.put_file(f"{record.key}.json", text)
        finally:
            text.unlink()
        return record

    def find(self, ids: RunIds, step: str, options_digest: str) -> WorkRecord | None:
        """A finished step of this run or of one that it re-executes."""
        return self.first(ids.root_id, step, ids.lookup, options_digest)

    def first(
        self, root: str, step: str, runs: Iterable[str], options_digest: str
    ) -> WorkRecord | None:
        """The first of some runs that finished a step with the same options."""
        for run in runs:
            record = self._read(f"{root}/{step}/{run}.json")
            if record is not None and record.options_digest == options_digest:
                return record
        return None

    @contextmanager
    def files(self, record: WorkRecord) -> Iterator[Path]:
        """A directory with the files of a finished step, fetched and checked where needed.

        Raises StorageError when one is gone, cut short or changed.
        """
        place = self._store.local_path(record.key)
        if place is not None:
            for file in record.files:
                _check_size(place / check_key(file.name), file, record)
            yield place
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="work-", dir=self._scratch) as directory:
            for file in record.files:
                self._fetch(record, file, Path(directory) / check_key(file.name))
            yield Path(directory)

    def _fetch(self, record: WorkRecord, file: WorkFile, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._store.open_read(f"{record.key}/{file.name}") as source, path.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
        if _describe(path.parent, path).sha256 != file.sha256:
            raise _damaged(path, record)

    def _read(self, key: str) -> WorkRecord | None:
        try:
            with self._store.open_read(key) as file:
                return msgspec.json.decode(file.read(), type=WorkRecord)
        except ObjectMissingError:
            return None
        except msgspec.DecodeError as error:
            raise StorageError(f"work area: {key} is not readable; run that step again") from error


def _check_size(path: Path, file: WorkFile, record: WorkRecord) -> None:
    if not path.is_file() or path.stat().st_size != file.bytes:
        raise _damaged(path, record)


def _damaged(path: Path, record: WorkRecord) -> StorageError:
    return StorageError(
        f"work area: {path} of step {record.step} is missing or cut short; run that step again"
    )


def _describe(directory: Path, path: Path) -> WorkFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return WorkFile(path.relative_to(directory).as_posix(), path.stat().st_size, sha256)


def single_file(record: WorkRecord) -> WorkFile:
    """The file of a step that makes exactly one."""
    if len(record.files) != 1:
        raise StorageError(f"work area: {record.step} left {len(record.files)} files, not one")
    return record.files[0]
