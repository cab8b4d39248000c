"""Which variables there are, by the names that the story uses.

A variable's full name is the sheet's name, a dot and the variable's name. Both may have dots, so
only the joined name counts. Cells of tables are not listed one by one: a table keeps the slugs
of its rows and columns, and counts as one variable when its use is judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import mapping
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation.rows import live_rows

SCENE_SWITCHES = {"scene_pins": ("hidden", "is_playable", "is_leader"), "scene_zones": ("hidden",)}
"""What stories can switch about pins and zones that have a shortcut."""

_ALL_SWITCHES = SCENE_SWITCHES["scene_pins"]
_CACHED = 50_000


class Variable(NamedTuple):
    """One variable, or a cell of a table under the table's ``number``; -1 is never judged."""

    type: str
    number: int
    sheet_id: int | None


@dataclass(slots=True)
class _Table:
    number: int
    sheet_id: int
    rows: set[str] = field(default_factory=set)
    columns: dict[str, str] = field(default_factory=dict)


class VariableIndex:
    """Looks variables up by their names and remembers which were used."""

    def __init__(self, *, whole_sheets: bool, whole_scenes: bool) -> None:
        """Begin empty; variables of what a snapshot leaves out cannot be called unknown."""
        self.clashes: list[tuple[str, str, int]] = []
        self.count = 0
        self.used_sheets: set[int] = set()
        self._whole = (whole_sheets, whole_scenes)
        self._names: dict[str, Variable] = {}
        self._tables: dict[str, _Table] = {}
        self._cache: dict[str, Variable | None] = {}
        self._used = bytearray()
        self._numbers: dict[int, int] = {}
        self._judged: dict[int, int] = {}

    def find(self, sheet: str, variable: str) -> Variable | None:
        """The variable of that name."""
        return self.by_name(f"{sheet}.{variable}")

    def by_name(self, name: str) -> Variable | None:
        """The variable of that full name."""
        found = self._names.get(name)
        if found is not None or not self._tables:
            return found
        if name not in self._cache:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[name] = next(self._cells(name), None)
        return self._cache[name]

    def is_surely_unknown(self, name: str) -> bool:
        """Whether a name that was not found would have been, if it existed."""
        whole_sheets, whole_scenes = self._whole
        return whole_sheets and (whole_scenes or name.rpartition(".")[2] not in _ALL_SWITCHES)

    def mark_read(self, variable: Variable) -> None:
        """Note that the story reads it."""
        self._mark(variable, 1)

    def mark_written(self, variable: Variable) -> None:
        """Note that the story writes it."""
        self._mark(variable, 2)

    def mark_computed(self, number: int) -> None:
        """Note that nobody has to write a table, since all its cells are formulas."""
        self._used[number] |= 2

    def use_of_block(self, block_id: int) -> tuple[bool, bool] | None:
        """Whether a block's variable is read and written; None if it is judged elsewhere.

        What descendants inherit is judged once, where it comes from: the story may use it on
        some of them only.
        """
        number = self._judged.get(block_id)
        if number is None:
            return None
        return bool(self._used[number] & 1), bool(self._used[number] & 2)

    def add_block(self, name: str, kind: str, sheet_id: int, block_id: int, root_id: int) -> None:
        """Take a block that is a variable; ``root_id`` is the block that it is inherited from."""
        known = self._names.get(name)
        if known is None:
            number = self._number(block_id, root_id)
        else:
            number = known.number
            self.clashes.append((name, "block", block_id))
        self._names[name] = Variable(kind, number, sheet_id)

    def add_table(self, name: str, sheet_id: int, block_id: int, root_id: int) -> _Table:
        """Take a table block; its rows and columns follow."""
        table = _Table(self._number(block_id, root_id), sheet_id)
        self._tables[name] = table
        return table

    def add_switch(self, name: str, kind: str, entity_id: int) -> None:
        """Take a switch of a pin or zone."""
        if name in self._names:
            self.clashes.append((name, kind, entity_id))
        self._names[name] = Variable("boolean", -1, None)

    def _mark(self, variable: Variable, use: int) -> None:
        if variable.number >= 0:
            self._used[variable.number] |= use
        if variable.sheet_id is not None:
            self.used_sheets.add(variable.sheet_id)

    def _number(self, block_id: int, root_id: int) -> int:
        self.count += 1
        number = self._numbers.get(root_id)
        if number is None:
            number = self._numbers[root_id] = len(self._used)
            self._used.append(0)
            self._judged[block_id] = number
        return number

    def _cells(self, name: str) -> Iterator[Variable]:
        """Slugs may have dots too, so every way to cut the name is tried."""
        dots = [position for position, letter in enumerate(name) if letter == "."]
        for end in dots:
            table = self._tables.get(name[:end])
            if table is None:
                continue
            for cut in dots:
                if cut > end and name[end + 1 : cut] in table.rows:
                    kind = table.columns.get(name[cut + 1 :])
                    if kind is not None:
                        yield Variable(kind, table.number, table.sheet_id)


def read_variables(story: StoryReader, index: VariableIndex, sheet_names: dict[int, str]) -> None:
    """Fill the index; ``sheet_names`` are the names under which live sheets are addressed."""
    tables: dict[int, _Table] = {}
    roots = _roots(story)
    columns = ("id", "sheet_id", "type", "variable_name", "derived.is_variable")
    for block_id, sheet_id, kind, name, is_variable in live_rows(story, t.BLOCKS, *columns):
        sheet = sheet_names.get(sheet_id)
        if sheet is None or not name:
            continue
        place = (f"{sheet}.{name}", sheet_id, block_id, roots.get(block_id, block_id))
        if kind == "table":
            tables[block_id] = index.add_table(*place)
        elif is_variable:
            index.add_block(place[0], kind, *place[1:])
    _read_cells(story, tables)
    for block_table in tables.values():
        if set(block_table.columns.values()) == {"formula"}:
            index.mark_computed(block_table.number)
    for table in (t.SCENE_PINS, t.SCENE_ZONES):
        for entity_id, shortcut in live_rows(story, table, "id", "shortcut"):
            for switch in SCENE_SWITCHES[table.name] if shortcut else ():
                index.add_switch(f"{shortcut}.{switch}", table.name.removesuffix("s"), entity_id)


def _roots(story: StoryReader) -> dict[int, int]:
    """Inherited blocks, with the block that each comes from in the end."""
    columns = ("id", "inherited_from_block_id", "detached")
    sources = {
        block_id: source
        for block_id, source, detached in live_rows(story, t.BLOCKS, *columns)
        if source is not None and not detached
    }
    roots = {}
    for block_id in sources:
        root, way = block_id, set()
        while root in sources and root not in way:
            way.add(root)
            root = sources[root]
        roots[block_id] = root
    return roots


def _read_cells(story: StoryReader, tables: dict[int, _Table]) -> None:
    columns = ("block_id", "slug", "type", "is_constant", "config")
    for block_id, slug, kind, is_constant, config in live_rows(story, t.TABLE_COLUMNS, *columns):
        if block_id in tables and (not is_constant or kind == "formula"):
            tables[block_id].columns[slug] = _seen_as(kind, config)
    for block_id, slug in live_rows(story, t.TABLE_ROWS, "block_id", "slug"):
        if block_id in tables:
            tables[block_id].rows.add(slug)


def _seen_as(kind: str, config: object) -> str:
    """Conditions see a column of references as a choice among sheets."""
    if kind != "reference":
        return kind
    return "multi_select" if mapping(config).get("multiple") is True else "select"
