"""What one step of a run leaves for the next: files, and a record of them written last.

A step's files lie under ``{root run}/{step}/``, its record in ``{root run}/{step}/{run}.json``.
A run and its re-executions share a root run, so that a retry finds the finished steps; two runs
side by side never see each other's files.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from storyarn_pipelines.errors import SettingsError, StorageError
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


class WorkArea:
    """The work area in a directory."""

    def __init__(self, url: str) -> None:
        if "://" in url and not url.startswith("file://"):
            raise SettingsError(f"STORYARN_WORK_URL {url}: this release works in directories only")
        self._root = Path(url.removeprefix("file://")).expanduser().resolve()

    def start(self, ids: RunIds, step: str) -> Path:
        """An empty directory for a step's files."""
        directory = self._step(ids.root_id, step) / ids.run
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def finish(
        self, ids: RunIds, step: str, options_digest: str, facts: dict[str, Any]
    ) -> WorkRecord:
        """Record that a step is done: from now on others may read its files."""
        directory = self._step(ids.root_id, step) / ids.run
        files = [
            _describe(directory, path) for path in sorted(directory.rglob("*")) if path.is_file()
        ]
        record = WorkRecord(ids.root_id, step, ids.run, options_digest, files, facts)
        target = directory.with_suffix(".json")
        temporary = target.with_suffix(".part")
        temporary.write_bytes(msgspec.json.encode(record))
        os.replace(temporary, target)
        return record

    def abandon(self, ids: RunIds, step: str) -> None:
        """Remove what an unfinished step has written."""
        shutil.rmtree(self._step(ids.root_id, step) / ids.run, ignore_errors=True)

    def find(self, ids: RunIds, step: str, options_digest: str) -> WorkRecord | None:
        """A finished step of this run or of one that it re-executes."""
        return self.first(ids.root_id, step, ids.lookup, options_digest)

    def first(
        self, root: str, step: str, runs: Iterable[str], options_digest: str
    ) -> WorkRecord | None:
        """The first of some runs that finished a step with the same options."""
        for run in runs:
            record = self._read(root, step, run)
            if record is not None and record.options_digest == options_digest:
                return record
        return None

    def directory(self, record: WorkRecord) -> Path:
        """The files of a finished step; raises StorageError when one is gone or cut short."""
        directory = self._step(record.root, record.step) / record.run
        for file in record.files:
            path = directory / check_key(file.name)
            if not path.is_file() or path.stat().st_size != file.bytes:
                raise StorageError(
                    f"work area: {path} of step {record.step} is missing or cut short; "
                    "run that step again"
                )
        return directory

    def _read(self, root: str, step: str, run: str) -> WorkRecord | None:
        path = self._step(root, step) / f"{run}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=WorkRecord)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise StorageError(f"work area: {path} is not readable; run {step} again") from error

    def _step(self, root: str, step: str) -> Path:
        return self._root / check_key(root) / check_key(step)


def _describe(directory: Path, path: Path) -> WorkFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return WorkFile(path.relative_to(directory).as_posix(), path.stat().st_size, sha256)


def single_file(record: WorkRecord) -> WorkFile:
    """The file of a step that makes exactly one."""
    files: Sequence[WorkFile] = record.files
    if len(files) != 1:
        raise StorageError(f"work area: step {record.step} left {len(files)} files instead of one")
    return files[0]
