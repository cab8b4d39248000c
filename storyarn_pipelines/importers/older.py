"""Documents of older shapes, and of the specification, in today's shape.

A row of today has all columns of its table. A row without ``inserted_at`` is of an older shape:
what it lacks is worked out, and what the database has no place for goes into an annotation or
into the row's own JSON. Content of today's rows is never touched, except for what no database
holds: node types of the specification, and conditions on connections.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers import older_rows, older_texts
from storyarn_pipelines.importers.cut import Piece
from storyarn_pipelines.importers.native import STRINGS, Fields, fields
from storyarn_pipelines.importers.older_facts import Facts
from storyarn_pipelines.importers.older_flows import convert_flow
from storyarn_pipelines.importers.older_nodes import NODE_TYPES
from storyarn_pipelines.importers.older_rows import (
    keep_in_flow,
    keep_in_scene,
    leftovers,
    tell_lost,
)
from storyarn_pipelines.importers.older_scenes import convert_scene
from storyarn_pipelines.importers.older_values import Conversions
from storyarn_pipelines.importers.rows import Row

_STRING_LIST = STRINGS.removesuffix("/")
_SOURCE_LANGUAGE = "localization/source_language"
_RAW_TYPES = frozenset(b'"%s"' % name.encode() for name in NODE_TYPES)
_OF_FLOWS = frozenset({t.FLOWS, t.FLOW_NODES, t.FLOW_CONNECTIONS})
_OF_SCENES = frozenset({t.SCENES, *t.children_of(t.SCENES)})
_MARKS: dict[Table, Callable[[Mapping[str, object]], bool]] = {
    t.SCENE_LAYERS: lambda values: "trigger_event_id" in values,
    t.SCENE_PINS: lambda values: "sheet_id" not in values,
}
"""What tells an older row that has times."""
_SECTIONS = {"sheets": "pages", "scenes": "maps"}


class OlderShapes:
    """Converts the rows of one document while it is read. Rows come in the document's order."""

    def __init__(
        self, pieces: Callable[[], Iterable[Piece]], notes: Notes, *, is_old: bool
    ) -> None:
        """``is_old`` says that the document tells no schema version, as today's do."""
        self._pieces, self._notes, self._is_old = pieces, notes, is_old
        self._facts: Facts | None = None
        self._conversions = Conversions(self.facts, notes)
        self._has_older = False
        self._leftovers: list[tuple[Row, str, str]] = []

    def facts(self) -> Facts:
        """What the whole document says; the first call reads it."""
        if self._facts is None:
            self._facts = Facts(self._pieces())
        return self._facts

    def piece(self, piece: Piece) -> Iterator[Row]:
        """The rows of a piece that today's documents do not have."""
        if piece.key == _STRING_LIST:
            found = fields(piece.raw, piece.pointer)
            yield from older_texts.strings(piece, found, self._conversions)
        elif self._is_old and piece.key == _SOURCE_LANGUAGE:
            yield from older_texts.source_language(piece, self._conversions)

    def string(self, piece: Piece, found: Fields) -> Iterator[Row] | None:
        """The rows of a string of an older shape; None for today's."""
        if "source_field" in found and "content_role" in found:
            return None
        return older_texts.strings(piece, found, self._conversions)

    def term(self, piece: Piece, found: Fields) -> Iterator[Row] | None:
        """The rows of a term of an older shape; None for today's."""
        if not older_texts.is_older_term(found):
            return None
        return older_texts.terms(found, piece.pointer, self._conversions)

    def renamed(self, found: Fields, pointer: str, key: str, column: str) -> None:
        """A member stands under its column's name: ``source_pin`` for ``source_handle``."""
        if key in found:
            del found[column]
        else:
            self._notes.add(f"{column} read as {key}", [pointer])

    def row(self, row: Row) -> None:
        """Complete a row, after its children; today's rows cost a look at two keys."""
        table, values = row.table, row.values
        if "inserted_at" in values:
            if table is t.FLOW_NODES:
                if bytes(values.get("type") or b"") not in _RAW_TYPES:
                    self._has_older = True
                return
            if table is t.FLOW_CONNECTIONS:
                self._has_older = self._has_older or "condition" in values
                return
        else:
            self._has_older = True
            older_rows.complete(row, self._conversions)
        self._convert(row)

    def _convert(self, row: Row) -> None:
        table, is_old = row.table, "inserted_at" not in row.values
        if table is t.BLOCKS and (is_old or "is_constant" not in row.values):
            older_rows.block(row, self._conversions)
        elif table in _MARKS:
            self._has_older = self._has_older or _MARKS[table](row.values)
        elif table is t.FLOWS and self._has_older:
            convert_flow(row, self._conversions)
        elif table is t.SCENES and self._has_older:
            convert_scene(row, self._conversions)
        elif is_old and table is t.SHEETS:
            older_rows.sheet(row, self._conversions)
        elif is_old and table is t.ASSETS:
            older_rows.asset(row, self._conversions)
        elif is_old and table is t.PROJECT_LANGUAGES:
            older_texts.language(row, self._conversions)
        if is_old:
            self._leftovers += leftovers(row, self._conversions)
        if table.parent == "projects":
            self._finish(row)

    def _finish(self, entity: Row) -> None:
        """The end of an entity, in which something may have had no column."""
        section = entity.pointer[1:].partition("/")[0]
        if section in _SECTIONS:
            self._notes.add(f"{section} read as {_SECTIONS[section]}", [entity.pointer])
        found, self._leftovers, self._has_older = self._leftovers, [], False
        if not found:
            return
        if entity.table in _OF_FLOWS:
            keep_in_flow(entity, self._conversions, found)
        elif entity.table in _OF_SCENES:
            keep_in_scene(entity, self._conversions, found)
        else:
            tell_lost(self._conversions, found)
