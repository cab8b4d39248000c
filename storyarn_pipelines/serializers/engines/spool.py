"""Parts of an artifact that grow side by side: an artifact takes its parts one after the other."""

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Rows:
    """The rows of a CSV file."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path, self.count = path, 0
        self._file: TextIO = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(header)

    def add(self, *cells: str) -> None:
        """Write a row."""
        self._writer.writerow(cells)
        self.count += 1

    def copy_to(self, out: BinaryIO) -> None:
        """Finish the file and hand it on."""
        self._file.close()
        with self.path.open("rb") as file:
            shutil.copyfileobj(file, out)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Objects:
    """JSON objects, each on a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def add(self, value: object) -> None:
        """Write an object."""
        self._file.write(json_bytes(value) + b"\n")

    def finished(self) -> Iterator[bytes]:
        """Finish the file and read what is in it."""
        self._file.close()
        with self._path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def json_bytes(value: object) -> bytes:
    """A value as compact JSON, whatever its numbers and texts are."""
    return _JSON.encode(value).encode("utf-8", "replace")
