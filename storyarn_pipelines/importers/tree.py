"""The files of an upload as other tools make it: one file, a ZIP of many, or a folder."""

from pathlib import Path
from typing import BinaryIO, Protocol

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
        try:
            return self._path.open("rb")
        except OSError as error:
            raise refused(self.name, file, f"it cannot be read ({error.strerror})") from error
