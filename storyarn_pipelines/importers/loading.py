"""Rows of a file as rows of the database: ids exchanged, types checked, ready to be staged."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.columns import Kind
from storyarn_pipelines.domain.tables import TABLES, Table
from storyarn_pipelines.importers.cells import NULL, Cell, cell_for, escaped, string
from storyarn_pipelines.importers.content import Content
from storyarn_pipelines.importers.fields import RowFields, field_maker
from storyarn_pipelines.importers.identity import (
    UNKNOWN,
    Identities,
    NotKeepableError,
    plain_digits,
)
from storyarn_pipelines.importers.indexes import Indexes
from storyarn_pipelines.importers.rows import SOURCES, Row, refusal, target_of
from storyarn_pipelines.store.target import Target, TargetColumn

_BY_NAME = {table.name: table for table in TABLES}
_ZONE_TARGETS = {"flow": t.FLOWS, "scene": t.SCENES, "map": t.SCENES}
_STAMPS = ("inserted_at", "updated_at", "last_activity_at")
_LIMITS = {"_int2": 1 << 15, "_int4": 1 << 31, "_int8": 1 << 63}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_refs = msgspec.json.Decoder(list[str | int | None])

Field = Callable[[Row, bytes, bytes | None], bytes]
"""Makes one field of a row, its new id and its parent's."""


class Stage(Protocol):
    """Where finished rows go."""

    @property
    def target(self) -> Target:
        """The tables that are filled."""

    def add(self, table: Table, fields: Sequence[bytes]) -> None:
        """Take one row: the fields of the target's columns in their order, then its place."""


@dataclass(slots=True)
class Place:
    """Where a project's rows go: the project's own columns that the file does not decide."""

    project_id: int
    columns: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the fields of a table's rows are made: of a value each, but for those at some places."""

    values: RowFields
    others: Sequence[tuple[int, Field]]


class Loader:
    """Turns rows into fields and hands them on."""

    def __init__(
        self,
        stage: Stage,
        ids: Identities,
        place: Place,
        people: Mapping[str, int],
        *,
        content: Content,
        indexes: Indexes,
        stamp: str,
        latest: json_text.Latest,
    ) -> None:
        """``stamp`` is the time of rows that tell none; ``latest`` decodes JSON."""
        self._stage, self._ids, self._place, self._people = stage, ids, place, people
        self._content, self._indexes = content, indexes
        self._project, self._stamp, self._latest = b"%d" % place.project_id, stamp, latest
        self._plans = {
            table: self._plan(found.columns, table) for table, found in stage.target.tables.items()
        }

    def add(
        self, row: Row, parent: bytes | None = None, takes: Callable[[Row], bool] | None = None
    ) -> None:
        """Stage a row and everything under it that ``takes`` accepts; raises ImportFileError."""
        own = self._own_id(row, parent)
        if takes is None or takes(row):
            self._stage_row(row, own, parent)
        for child in row.children:
            if takes is None or any(takes(x) for x in child.walk()):
                self.add(child, own, takes)

    def _stage_row(self, row: Row, own: bytes, parent: bytes | None) -> None:
        changed = self._content.prepare(row)
        values = {**row.values, **changed} if changed else row.values
        plan = self._plans[row.table]
        fields = plan.values.of(values, row.pointer)
        for place, field_of in plan.others:
            fields.insert(place, field_of(row, own, parent))
        fields.append(escaped(row.pointer))
        self._stage.add(row.table, fields)
        self._indexes.note(row, own, values)

    def _own_id(self, row: Row, parent: bytes | None) -> bytes:
        if row.table is t.PROJECTS:
            return self._project
        if row.table.key != "id":
            return parent or self._project
        if self._ids.keeps_all and (digits := plain_digits(bytes(row.values.get("id", b"")))):
            return digits
        number = self._ids.of(row.table, row.ref)
        if number == UNKNOWN:
            raise NotKeepableError(f"{row.pointer}/id: {row.ref!r} is no number of a database")
        return b"%d" % number

    def _plan(self, columns: Sequence[TargetColumn], table: Table) -> Plan:
        makers, others = [], []
        for place, column in enumerate(columns):
            other = self._other(table, column.name)
            if other is not None:
                others.append((place, other))
                continue
            dated = replace(column, default=self._stamp) if column.name in _STAMPS else column
            cell = self._cell(table, column)
            shown = table.renames.get(column.name, column.key)
            makers.append(field_maker(dated, cell or cell_for(column, self._latest), shown))
        return Plan(RowFields(makers), others)

    def _other(self, table: Table, name: str) -> Field | None:
        """How a column is filled that is more than its own value."""
        fixed = self._place.columns.get(name) if table is t.PROJECTS else None
        if fixed is not None:
            return lambda _row, _own, _parent: fixed
        if table is t.LOCALIZED_TEXTS and name == "source_id":
            return self._source
        if table is t.SCENE_ZONES and name == "target_id":
            return self._zone_target
        if name == table.key:
            return lambda _row, own, _parent: own
        if name == table.parent_key:
            return lambda _row, _own, parent: parent or self._project
        return None

    def _cell(self, table: Table, column: TargetColumn) -> Cell | None:
        """How a column's values are made that name other rows or people; None for all others."""
        if column.refers_to == "users" or column.key.endswith("_email"):
            return self._person
        target = target_of(table, column.name) or _BY_NAME.get(column.refers_to or "")
        if target is not None:
            return self._reference(target)
        return self._id_list(_LIMITS[column.type_name]) if column.kind is Kind.IDS else None

    def _reference(self, target: Table) -> Cell:
        of, keeps_all = self._ids.of, self._ids.keeps_all

        def cell(raw: bytes) -> bytes:
            digits = plain_digits(raw) if keeps_all else None
            return digits or b"%d" % of(target, string(raw))

        return cell

    def _id_list(self, limit: int) -> Cell:
        def cell(raw: bytes) -> bytes:
            try:
                refs = _refs.decode(raw)
            except msgspec.DecodeError as error:
                raise ValueError("it must be a list of ids") from error
            found = [None if ref is None else self._listed_id(str(ref)) for ref in refs]
            known = [number for number in found if number != UNKNOWN]
            if any(x is not None and not -limit <= x < limit for x in known):
                raise ValueError(f"the column holds no ids from {limit} on")
            return b"{%s}" % b",".join(b"NULL" if x is None else b"%d" % x for x in known)

        return cell

    def _listed_id(self, ref: str) -> int:
        if self._ids.keeps_all and _NUMBER.fullmatch(ref):
            return int(ref)  # as it is: the array may hold what is no id
        return self._ids.of(t.BLOCKS, ref)

    def _person(self, raw: bytes) -> bytes:
        number = self._people.get(string(raw).lower())
        return NULL if number is None else b"%d" % number

    def _source(self, row: Row, own: bytes, parent: bytes | None) -> bytes:
        del own, parent
        table = SOURCES.get(row.text("source_type") or "")
        if table is None:
            raise refusal(f"{row.pointer}/source_type", f"it must be one of {', '.join(SOURCES)}")
        ref = row.text("source_id")
        if ref is None:
            raise refusal(f"{row.pointer}/source_id", "it is missing")
        return _narrow(self._ids.of(table, ref), f"{row.pointer}/source_id")

    def _zone_target(self, row: Row, own: bytes, parent: bytes | None) -> bytes:
        del own, parent
        ref, pointer = row.text("target_id"), f"{row.pointer}/target_id"
        if ref is None:
            return NULL
        table = _ZONE_TARGETS.get(row.text("target_type") or "")
        if _NUMBER.fullmatch(ref) and (table is None or self._ids.keeps_all):
            return _narrow(int(ref), pointer)  # as it is: the column is no foreign key
        number = UNKNOWN if table is None else self._ids.of(table, ref)
        return NULL if number == UNKNOWN else _narrow(number, pointer)


def _narrow(number: int, pointer: str) -> bytes:
    """An id for a column of Storyarn's that is narrower than its ids."""
    limit = _LIMITS["_int4"]
    if not -limit <= number < limit:
        raise refusal(pointer, f"the id is {number}, but the column holds none from {limit} on")
    return b"%d" % number
