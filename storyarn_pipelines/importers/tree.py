"""The files of an upload as other tools make it: one file, a ZIP of many, or a folder."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Protocol

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.refusal import refused


class Tree(Protocol):
    """Files by name. ``name`` is the upload's own, for messages."""

    @property
    def name(self) -> str:
        """What messages call the upload."""

    def names(self) -> tuple[str, ...]:
        """The files in it, sorted, as relative paths with ``/``; checked, but never unpacked."""

    def size(self, file: str) -> int:
        """A file's bytes, unpacked."""

    def open(self, file: str) -> BinaryIO:
        """A file, front to back; raises ImportFileError if it cannot be read."""


class SingleFile:
    """A tree of one file, perhaps unpacked already, under the name it was sent with."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self._path = name, path

    def names(self) -> tuple[str, ...]:
        """Only its own."""
        return (self.name,)

    def size(self, file: str) -> int:
        """Its bytes."""
        del file
        return self._path.stat().st_size

    def open(self, file: str) -> BinaryIO:
        """The file from its start."""
        return _opened(self._path, self.name, file)


class Folder:
    """A directory of this machine. Links in it are left alone: they may lead anywhere."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        """Look through it; raises ImportFileError for one that is too large."""
        self.name, self._path = name, path
        found: dict[str, int] = {}
        for directory, folders, files in os.walk(path):
            folders.sort()
            for file in files:
                self._add(Path(directory) / file, found, limits)
        self._sizes = dict(sorted(found.items()))

    def names(self) -> tuple[str, ...]:
        """All files below it."""
        return tuple(self._sizes)

    def size(self, file: str) -> int:
        """A file's bytes."""
        return self._sizes[file]

    def open(self, file: str) -> BinaryIO:
        """A file from its start."""
        if file not in self._sizes:
            raise refused(self.name, file, "there is no such file")
        return _opened(self._path / file, self.name, file)

    def _add(self, path: Path, found: dict[str, int], limits: Limits) -> None:
        status = path.lstat()
        name = path.relative_to(self._path).as_posix()
        if not stat.S_ISREG(status.st_mode) or name.startswith(".") or "/." in name:
            return
        found[name] = status.st_size
        if len(found) > limits.entries:
            raise refused(self.name, "", f"the folder has more than {limits.entries:,} files")


def _opened(path: Path, name: str, file: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(name, file, error) from error


def _unreadable(name: str, file: str, error: OSError) -> ImportFileError:
    return refused(name, file if file != name else "", f"it cannot be read ({error.strerror})")
