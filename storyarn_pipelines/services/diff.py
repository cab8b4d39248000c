"""What differs between two native files, whatever the ids in them."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import SECTIONS, Table
from storyarn_pipelines.importers.compare import Match, compare
from storyarn_pipelines.importers.differences import Difference
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.labels import TYPES
from storyarn_pipelines.importers.source import Source, open_source
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One field; both values are JSON texts, in which names stand for ids."""

    field: str
    before: str
    after: str

    def as_dict(self) -> dict[str, Any]:
        """The field with its values as JSON, every number as it is written."""
        return {
            "field": self.field,
            "before": orjson.Fragment(self.before),
            "after": orjson.Fragment(self.after),
        }


@dataclass(frozen=True, slots=True)
class DiffEntry:
    """An entity, or a row inside of one, that one file has or that the files have differently.

    ``key`` means the same in any database; ``name`` is what people call it, perhaps nothing.
    """

    section: str
    type: str
    key: str
    name: str
    fields: tuple[ChangedField, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The entry for ``storyarn diff --json``; ``fields`` only where there are any."""
        shared = {"section": self.section, "type": self.type, "key": self.key, "name": self.name}
        fields = {"fields": [x.as_dict() for x in self.fields]} if self.fields else {}
        return {**shared, **fields}


@dataclass(slots=True)
class DiffResult:
    """All differences. ``remarks`` are keys to rows that a file does not hold: they count as
    null, as an import makes them, and not as differences."""

    added: list[DiffEntry] = field(default_factory=list)
    removed: list[DiffEntry] = field(default_factory=list)
    changed: list[DiffEntry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether both files tell the same project."""
        return not (self.added or self.removed or self.changed)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many entries there are by section and kind of difference."""
        kinds = {"added": self.added, "removed": self.removed, "changed": self.changed}
        return {
            section: {
                kind: sum(entry.section == section for entry in entries)
                for kind, entries in kinds.items()
            }
            for section in ("project", *SECTIONS)
        }

    def as_dict(self) -> dict[str, Any]:
        """The result as ``storyarn diff --json`` prints it, to be written by ``orjson``."""
        return {
            "same": self.same,
            "added": [entry.as_dict() for entry in self.added],
            "removed": [entry.as_dict() for entry in self.removed],
            "changed": [entry.as_dict() for entry in self.changed],
            "counts": self.counts,
            "remarks": self.remarks,
        }


def diff_files(settings: Settings, before: Path, after: Path) -> DiffResult:
    """Compare two native files: JSON, ZIP bundle or .zst, in any combination.

    Raises ImportFileError for a file that cannot be read.
    """
    result = DiffResult()
    with ExitStack() as stack:
        scratches = [stack.enter_context(scratch_directory(settings)) for _ in range(2)]
        sources = [
            stack.enter_context(open_source(path, scratch))
            for path, scratch in zip((before, after), scratches, strict=True)
        ]
        documents = [NativeDocument(source) for source in sources]
        for match in compare(documents[0], documents[1], scratch=scratches[0]):
            _add(result, match)
        _add_media(result, *sources)
    return result


def _add(result: DiffResult, match: Match) -> None:
    result.remarks += match.remarks
    if match.is_same:
        return
    if match.before is None or match.after is None:
        entries = result.added if match.before is None else result.removed
        entries.append(_entry(match.table, match.key, match.name))
        return
    result.removed += (_entry(x.row.table, x.key, x.name) for x in match.gone)
    result.added += (_entry(x.row.table, x.key, x.name) for x in match.new)
    result.changed += _changed(match.differences)


def _changed(differences: Iterable[Difference]) -> Iterator[DiffEntry]:
    """One entry a row; differences of one row follow each other."""
    rows: dict[tuple[Table, str], list[Difference]] = {}
    for found in differences:
        rows.setdefault((found.table, found.key), []).append(found)
    for (table, key), fields in rows.items():
        changed = tuple(ChangedField(x.field, x.before, x.after) for x in fields)
        yield _entry(table, key, fields[0].name, changed)


def _entry(table: Table, key: str, name: str, fields: tuple[ChangedField, ...] = ()) -> DiffEntry:
    return DiffEntry(table.section, TYPES[table], key, name, fields)


def _add_media(result: DiffResult, before: Source, after: Source) -> None:
    """Bytes in bundles; a file that is no bundle says nothing about them."""
    left, right = before.media_names(), after.media_names()
    if not left or not right:
        return
    section = t.ASSETS.section
    for name in sorted(left | right):
        if name not in right:
            result.removed.append(DiffEntry(section, "file", name, ""))
        elif name not in left:
            result.added.append(DiffEntry(section, "file", name, ""))
        else:
            hashes = [_sha256(source, name) for source in (before, after)]
            if hashes[0] != hashes[1]:
                texts = (orjson.dumps(x).decode() for x in hashes)
                changed = ChangedField("sha256", *texts)
                result.changed.append(DiffEntry(section, "file", name, "", (changed,)))


def _sha256(source: Source, name: str) -> str:
    made = hashlib.sha256()
    with source.open_media(name) as stream:
        while block := stream.read(_BLOCK_BYTES):
            made.update(block)
    return made.hexdigest()
