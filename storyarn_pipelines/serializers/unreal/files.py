"""Files that grow side by side while the story is read once; later they become parts."""

import csv
import shutil
from pathlib import Path
from typing import Any, TextIO

import orjson

from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.unreal.cells import list_cell, map_cell
from storyarn_pipelines.serializers.unreal.tables import Table

BOM = "\ufeff"
_COPY_BYTES = 1 << 20


class PlainText:
    """A text file without NUL, at which Unreal would stop to read."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text."""
        return self._file.write(text.replace("\0", "\ufffd") if "\0" in text else text)


def open_text(path: Path) -> TextIO:
    """A new file in UTF-8, with line ends as written."""
    return path.open("w", encoding="utf-8", errors="replace", newline="")


class TableFile:
    """One data table as CSV and, where it has lists, as JSON."""

    def __init__(self, directory: Path, table: Table, *, pretty: bool) -> None:
        self.table, self.rows = table, 0
        self._header = table.header
        self._csv_path = directory / f"{table.name}.csv"
        self._json_path = directory / f"{table.name}.json"
        self._csv = open_text(self._csv_path)
        self._csv.write(BOM)
        self._writer = csv.writer(PlainText(self._csv), lineterminator="\r\n")
        self._writer.writerow(self._header)
        self._json = self._json_path.open("wb") if table.as_json else None
        self._joint = b"[\n  " if pretty else b"["
        self._next, self._end = (b",\n  ", b"\n]\n") if pretty else (b",", b"]\n")
        kinds = [column.kind for column in table.columns]
        self._lists = [i for i, kind in enumerate(kinds, 1) if kind in ("names", "strings")]
        self._maps = [i for i, kind in enumerate(kinds, 1) if kind == "map"]

    def add(self, *values: Any) -> None:
        """Write a row: its name, and a value for each column."""
        self.rows += 1
        if self._json is not None:
            row = dict(zip(self._header, values, strict=True))
            self._json.write(self._joint + orjson.dumps(row))
            self._joint = self._next
        cells = list(values)
        for place in self._lists:
            cells[place] = list_cell(values[place])
        for place in self._maps:
            cells[place] = map_cell(values[place])
        self._writer.writerow(cells)

    def finish(self) -> None:
        """Write what ends the files, and close them."""
        if self._json is not None:
            is_empty = self._joint.startswith(b"[")
            self._json.write(b"[]\n" if is_empty else self._end)
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._csv.close()
        if self._json is not None:
            self._json.close()

    def write_csv(self, out: Output) -> None:
        """The CSV as a part; without rows only if it is looked for."""
        if self.rows or not self.table.optional:
            copy_part(out, self._csv_path, self._csv_path.name)

    def write_json(self, out: Output) -> None:
        """The JSON as a part, if there is one."""
        if self.table.as_json:
            copy_part(out, self._json_path, self._json_path.name)


def copy_part(out: Output, path: Path, name: str) -> None:
    """A finished file as a part; the file goes away."""
    with out.part(name) as part, path.open("rb") as file:
        shutil.copyfileobj(file, part, _COPY_BYTES)
    path.unlink()
