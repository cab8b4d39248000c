"""What a comparison finds out about one entity."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.importers.differences import Difference
from storyarn_pipelines.importers.matching import Item
from storyarn_pipelines.importers.portable import REQUIRED
from storyarn_pipelines.importers.rows import Row

_NAMES: Mapping[Table, tuple[str, ...]] = {
    t.ASSETS: ("filename",),
    t.BLOCKS: ("variable_name",),
    t.FLOW_NODES: (),
    t.LOCALIZED_TEXTS: ("source_text",),
    t.GLOSSARY_ENTRIES: ("source_term",),
}


@dataclass(slots=True)
class Part:
    """A row inside of an entity that is there on one side only, with what is nested in it."""

    key: str
    name: str
    row: Row


@dataclass(slots=True)
class Match:
    """One entity of either file or both.

    ``key`` means the same in any database; ``pairs`` are the entity itself and all rows nested in
    it that both files have; ``gone`` and ``new`` are rows in it that only one has.
    """

    table: Table
    key: str
    name: str
    before: Row | None
    after: Row | None
    pairs: list[tuple[Row, Row]] = field(default_factory=list)
    gone: list[Part] = field(default_factory=list)
    new: list[Part] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether both files have it, and it says the same; remarks do not count."""
        both = self.before is not None and self.after is not None
        return both and not (self.gone or self.new or self.differences)


def alike(label: str, before: Row, after: Row) -> Match:
    """The match of an entity that both files write in the same way."""
    pairs = list(zip(before.walk(), after.walk(), strict=True))
    return Match(before.table, label, name_of(before), before, after, pairs)


def embedded_bytes(match: Match) -> list[Difference]:
    """The difference of media whose bytes both files hold."""
    rows = [row.values.get("data") for row in (match.before, match.after) if row]
    found = [bytes(raw) for raw in rows if raw is not None and bytes(raw) != b"null"]
    if len(found) < 2 or found[0] == found[1]:
        return []
    texts = [f'"sha256 of the text {hashlib.sha256(x).hexdigest()}"' for x in found]
    return [Difference(match.table, match.key, match.name, "data", *texts)]


def name_of(row: Row) -> str:
    """What people call a row, empty if they call it nothing."""
    for column in _NAMES.get(row.table, ("name", "label", "text")):
        value = row.get(column) if column in row.values else None
        if isinstance(value, str) and value:
            return value
    return ""


def lost_keys(key: str, first: Item, second: Item) -> list[str]:
    """Remarks on keys that lead somewhere, or are null, in one file only."""
    told = []
    for place in sorted(set(first.portable.lost) ^ set(second.portable.lost)):
        which = "first" if place in first.portable.lost else "second"
        told.append(f"{key}: {place} names a row that the {which} file does not hold")
    return told


def left_out(item: Item, key: str) -> str:
    """The remark on a row that an import leaves out, since a key leads nowhere."""
    columns = ", ".join(x for x in REQUIRED[item.row.table] if x in item.portable.lost)
    return f"{key}: its {columns} names a row that is not in the file; it counts as not there"
