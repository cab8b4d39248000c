"""A native file from front to back, as often as needed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.cells import time_cell
from storyarn_pipelines.importers.cut import Piece, cut
from storyarn_pipelines.importers.identity import RefList
from storyarn_pipelines.importers.native import rows_of
from storyarn_pipelines.importers.older import OlderShapes
from storyarn_pipelines.importers.rows import SOURCES, Row, refusal
from storyarn_pipelines.importers.source import Source

MAJOR_VERSIONS = ("1",)
"""Files of other major versions are refused: their shape is unknown."""

_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = re.compile(r"([0-9]+)\.[0-9]+(\.[0-9]+)?")


class NativeDocument:
    """The rows of one file. Each walk reads it anew, so that nothing is kept in memory.

    Documents of older shapes are converted on the way; ``conversions`` tells what the last walk
    has converted. ``stamp`` is the time of rows that tell none.
    """

    def __init__(self, source: Source, now: datetime | None = None) -> None:
        """Look at the head of the file; raises ImportFileError if it is none of ours.

        ``now`` is the time of a file that does not say, ahead of its project, when it was made.
        """
        self.source = source
        self.name = source.name
        self.conversions = Notes()
        self.stamp = f"{now or _UNKNOWN_TIME:%Y-%m-%dT%H:%M:%SZ}"
        self._has_schema = False
        self._raw_project = self._project()
        self._older = OlderShapes(self.pieces, self.conversions, is_old=not self._has_schema)
        self.project = self._converted_project()

    def pieces(self) -> Iterator[Piece]:
        """The file, cut."""
        with self.source.open_json() as stream:
            yield from cut(stream, self.name)

    def rows(self, step: str, progress: Progress = silent) -> Iterator[Row]:
        """All entities, each with what is nested under it; the project comes first."""
        self.conversions.clear()
        self.project = self._converted_project()
        yield self.project
        counter = Counter(progress, step, self.source.json_bytes)
        for piece in self.pieces():
            if piece.key != "project":
                yield from self.rows_of(piece)
            counter.add(len(piece.raw))
        counter.finish()

    def rows_of(self, piece: Piece) -> Iterator[Row]:
        """The rows of a piece in today's shape."""
        return rows_of(piece, self._older)

    def survey(self, progress: Progress = silent) -> "Survey":
        """The ids of all rows, and the sheets that have no other name."""
        found = Survey()
        for entity in self.rows("survey", progress):
            for row in entity.walk():
                found.take(row)
        found.finish()
        return found

    def _converted_project(self) -> Row:
        found = self._raw_project
        project = Row(found.table, found.pointer, dict(found.values))
        self._older.row(project)
        return project

    def _project(self) -> Row:
        version: str | None = None
        for piece in self.pieces():
            if piece.key == "export_version":
                version = _checked_version(piece)
            elif piece.key == "exported_at":
                self.stamp = _time(piece) or self.stamp
            elif piece.key == "schema_version":
                self._has_schema = True
            elif piece.key == "project":
                if version is None:
                    version = self._version_behind()
                return next(rows_of(piece))
        raise ImportFileError(f"import: {self.name}: it has no project; is it a Storyarn export?")

    def _version_behind(self) -> str:
        """The version of a file that says it late."""
        for piece in self.pieces():
            if piece.key == "export_version":
                return _checked_version(piece)
        raise ImportFileError(
            f"import: {self.name}: export_version is missing; is it a Storyarn export?"
        )


def _checked_version(piece: Piece) -> str:
    try:
        version = msgspec.json.decode(piece.raw, type=str)
    except msgspec.DecodeError as error:
        raise refusal(piece.pointer, "it must be a text such as 1.0.0") from error
    found = _VERSION.fullmatch(version)
    if not found or found[1] not in MAJOR_VERSIONS:
        raise refusal(
            piece.pointer,
            f"version {version!r} is unknown; this release reads {', '.join(MAJOR_VERSIONS)}.x",
        )
    return version


def _time(piece: Piece) -> str | None:
    """A time that a column takes."""
    if piece.raw == b"null":
        return None
    try:
        return time_cell(piece.raw).decode()
    except ValueError as error:
        raise refusal(piece.pointer, str(error)) from error


class Survey:
    """What a walk over a whole file finds out: ids by table, and sheets known by their ids."""

    def __init__(self) -> None:
        self.refs: dict[Table, RefList] = {}
        self._spoken = {table: RefList() for table in SOURCES.values()}
        self._nameless: set[str] = set()
        self._shortcuts: set[str] = set()

    def take(self, row: Row) -> None:
        """Note one row."""
        if row.table.key != "id":
            return
        ref = row.ref
        self.refs.setdefault(row.table, RefList()).add(ref)
        if row.table is t.LOCALIZED_TEXTS:
            source = SOURCES.get(row.text("source_type") or "")
            if source is not None:
                self._spoken[source].add(row.text("source_id") or "")
        if row.table is t.SHEETS and row.get("deleted_at") is None:
            shortcut = row.text("shortcut")
            if not shortcut:
                self._nameless.add(ref)
            elif shortcut.isdigit():
                self._shortcuts.add(shortcut)

    def finish(self) -> None:
        """All rows were taken.

        Texts may outlive their sources. So that none is lost, or falls to a stranger, what they
        speak of gets an id too, which no row will have.
        """
        for refs in self.refs.values():
            refs.finish()
        for table, spoken in self._spoken.items():
            refs = self.refs.setdefault(table, RefList())
            for ref in spoken.missing_in(refs):
                refs.add(ref)
            refs.finish()

    def is_nameless(self, ref: str) -> bool:
        """Whether a text is the id of a sheet without shortcut, and no sheet's shortcut."""
        return ref in self._nameless and ref not in self._shortcuts
