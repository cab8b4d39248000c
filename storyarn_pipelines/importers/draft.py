"""A native document in the making, of what another tool has written.

Entities go to one file per section as soon as they are whole, so that memory holds no more than
one of them; ``write`` puts the sections together. What comes out is read like any other native
file: previewed, compared, checked and imported by the same code.
"""

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table

Json = dict[str, Any]
_SECTIONS = ("pages", "flows", "maps", "languages", "strings", "glossary", "items")


class Draft:
    """Collects rows in today's shape; ids are counted per table, in the order of ``row``."""

    def __init__(self, scratch: Path, now: datetime) -> None:
        """``now`` is the time of all rows: other tools keep none of ours."""
        self.stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        self._ids: Counter[Table] = Counter()
        self.project: Json = self.row(t.PROJECTS, name="Imported project", settings={})
        self._scratch = scratch
        self._files: dict[str, IO[bytes]] = {}
        self._counts: Counter[str] = Counter()

    @property
    def scratch(self) -> Path:
        """A directory for what does not fit into memory."""
        return self._scratch

    def row(self, table: Table, **columns: Any) -> Json:
        """A new row with an id and its times; columns that are not given take their default.

        Children are put into it under the native format's list keys (``nodes``, ``blocks``), and
        renamed columns stand under their native key (``source_handle``).
        """
        found: Json = {}
        if table.key == "id":
            self._ids[table] += 1
            found["id"] = str(self._ids[table])
        found.update(columns)
        for column in ("inserted_at", "updated_at"):
            if column in table.columns:
                found[column] = self.stamp
        return found

    def reserve(self, table: Table, number: int) -> None:
        """Keep an id for a row that brings its own: ``row`` counts on behind it."""
        self._ids[table] = max(self._ids[table], number)

    def sheet(self, row: Json) -> None:
        """Take a sheet that is whole."""
        self._take("pages", row)

    def flow(self, row: Json) -> None:
        """Take a flow with its nodes and connections."""
        self._take("flows", row)

    def scene(self, row: Json) -> None:
        """Take a scene with all that is on it."""
        self._take("maps", row)

    def language(self, locale: str, name: str, *, is_source: bool = False) -> None:
        """Take a language of the project, in the order of the calls."""
        position = self._counts["languages"]
        self._take(
            "languages",
            self.row(
                t.PROJECT_LANGUAGES,
                locale_code=locale,
                name=name,
                is_source=is_source,
                position=position,
            ),
        )

    def string(self, key: str, value: Json) -> None:
        """Take a text with its ``translations``, each a row without ``locale_code``."""
        self._take("strings", value, key)

    def asset(self, row: Json) -> None:
        """Take a medium; ``file`` names its bytes, ``assets/<sha256>.<ext>``, where they came."""
        self._take("items", row)

    def write(self, path: Path) -> None:
        """Put the document together and forget its parts."""
        head = {
            "storyarn_version": "1.0.0",
            "export_version": "1.0.0",
            "exported_at": self.stamp,
            "schema_version": 0,
            "project": self.project,
        }
        with path.open("wb") as out:
            out.write(orjson.dumps(head)[:-1])
            for key in ("pages", "flows", "maps"):
                self._section(out, f',"{key}":[', key, b"]")
            self._section(out, ',"localization":{"languages":[', "languages", b"]")
            self._section(out, ',"strings":{', "strings", b"}")
            self._section(out, ',"glossary":[', "glossary", b"]}")
            mode = "bundled" if self._counts["items"] else "references"
            self._section(out, f',"assets":{{"mode":"{mode}","items":[', "items", b"]}}\n")
        self.close()

    def close(self) -> None:
        """Let go of the parts."""
        for file in self._files.values():
            file.close()
            Path(file.name).unlink(missing_ok=True)
        self._files.clear()

    def counts(self) -> Mapping[str, int]:
        """How many entities each section has."""
        return {key: self._counts[key] for key in _SECTIONS if self._counts[key]}

    def _take(self, section: str, row: Json, key: str | None = None) -> None:
        if section not in self._files:
            self._files[section] = (self._scratch / f"draft-{section}").open("w+b")
        file = self._files[section]
        if self._counts[section]:
            file.write(b",")
        if key is not None:
            file.write(orjson.dumps(key) + b":")
        file.write(orjson.dumps(row))
        self._counts[section] += 1

    def _section(self, out: IO[bytes], opening: str, section: str, closing: bytes) -> None:
        out.write(opening.encode())
        if section in self._files:
            self._files[section].seek(0)
            shutil.copyfileobj(self._files[section], out)
        out.write(closing)
