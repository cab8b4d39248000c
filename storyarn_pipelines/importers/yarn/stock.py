"""Variables of Yarn as blocks of sheets, and speakers as sheets.

Variables stand on the sheet ``yarn``. What Yarn keeps to itself, such as which lines were said
once, stands on the sheet ``yarnstate``. Names of an export of ours are what they were.
"""

import hashlib
import math
import re
from collections.abc import Iterable
from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.expressions.ast import Ref
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_word,
)
from storyarn_pipelines.importers.draft import Draft
from storyarn_pipelines.importers.names import slugify
from storyarn_pipelines.importers.yarn.formulas import formula_cell
from storyarn_pipelines.importers.yarn.metadata import Metadata, OwnCharacter, OwnVariable
from storyarn_pipelines.importers.yarn.sums import UnsayableError
from storyarn_pipelines.importers.yarn.types import Types, Value
from storyarn_pipelines.importers.yarn.unique import Unique

Json = dict[str, Any]
VARIABLES, STATE = "yarn", "yarnstate"
_BLOCKS = {"number": "number", "bool": "boolean", "string": "text"}
_DEFAULTS: dict[str, Value] = {"number": 0.0, "bool": False, "string": ""}
_LONGEST = 50
_NAME = 200
_EXACT = 1e-6
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Stock:
    """All sheets of the story, written at the end."""

    def __init__(self, draft: Draft, types: Types, own: Metadata | None, notes: Notes) -> None:
        self._draft, self._types, self._own, self._notes = draft, types, own, notes
        self._sheets: dict[str, Json] = {}
        self._state = Unique(_NAME)
        self._shortcuts = Unique(_LONGEST, "-", (VARIABLES, STATE))
        self._speakers: dict[str, str] = {}
        self._helpers: dict[tuple[str, str], Ref] = {}
        self._formulas: dict[tuple[str, str], Json] = {}
        self._refs: dict[str, Ref] = {}
        self.kinds: dict[str, str] = {}
        known = own.variables if own else {}
        self._keys: dict[str, str] = {}
        for key, character in (own.characters if own else {}).items():
            self._keys[key] = self._character(key, character)
            self._shortcuts.take(key)
        names = [x for x in types.found if x not in known and not types.is_smart(x)]
        self._names = Identifiers([x[1:] for x in names], NameRules(_variable_name))
        for name in types.found:
            if name in known:
                self._refs[name] = self._split(known[name].name)
            elif not types.is_smart(name) and not self._is_own_helper(name):
                self._refs[name] = Ref(VARIABLES, self._names.of(name[1:]))

    # Variables

    def ref(self, name: str) -> Ref:
        """A variable that is no smart one. Raises UnsayableError for one of an export's own."""
        if name not in self._refs:
            raise UnsayableError(f"{name} belongs to the export, and is gone in Storyarn")
        return self._refs[name]

    def kind(self, name: str) -> str:
        """Storyarn's type of a variable."""
        own = self._own.variables.get(name) if self._own else None
        return own.type if own else _BLOCKS[self._types.found[name]]

    def helper(self, kind: str, key: str) -> Ref:
        """A variable for something that Yarn keeps to itself, one for each key."""
        known = self._helpers.get((kind, key))
        if known is None:
            name = self._state.take(_variable_name(key))
            sheet = self._sheet(STATE, "Yarn state", "What Yarn Spinner keeps to itself")
            self._block(sheet, name, _BLOCKS[kind], _plain(_DEFAULTS[kind]))
            known = self._helpers[kind, key] = Ref(STATE, name)
        return known

    # Speakers

    def speaker(self, name: str, key: str = "") -> Json:
        """The sheet of a speaker; ``key`` is what our own export calls it."""
        if key in self._keys:
            return self._sheets[self._keys[key]]
        if name not in self._speakers:
            own = (x for x in self._keys.values() if self._sheets[x]["name"] == name)
            shortcut = next(own, None) or self._shortcuts.take(shortcut_of(name, "speaker"))
            self._speakers[name] = shortcut
            self._sheet(shortcut, name, None)
        return self._sheets[self._speakers[name]]

    def write(self) -> None:
        """Put the variables on their sheets, and all sheets into the draft."""
        for name, ref in self._refs.items():
            own = self._own.variables.get(name) if self._own else None
            if own is not None:
                self._own_variable(own, ref)
            else:
                title = "Yarn variables"
                sheet = self._sheet(VARIABLES, title, "The variables of the Yarn scripts")
                value = self._initial(name)
                kind = _BLOCKS[self._types.found[name]]
                self._block(sheet, ref.name, kind, _plain(value), label=name[1:])
        for sheet in self._in_order():
            self._draft.sheet(sheet)

    def _initial(self, name: str) -> Value:
        declared = self._types.declared.get(name)
        found = self._types.initial(declared[0].value.tree) if declared else None
        return _DEFAULTS[self._types.found[name]] if found is None else found

    def _own_variable(self, own: OwnVariable, ref: Ref) -> None:
        sheet = self._sheet(ref.sheet, ref.sheet, None)
        if own.type == "formula":
            cell = self._cell(own)
            parts = ref.name.split(".")
            if cell is not None and len(parts) >= 3:
                self._formula(sheet, ".".join(parts[:-2]), parts[-2], parts[-1], cell)
                return
        kind = "number" if own.type == "formula" else own.type
        value = own.initial
        declared_value = self._initial(own.yarn)
        if not _same(_held(value, kind), declared_value):
            value = _plain(declared_value)
        self._block(sheet, ref.name, kind, value, **own.limits)

    def _cell(self, own: OwnVariable) -> Json | None:
        """A formula, as far as the export could say it; one that it could not has no value."""
        declared = self._types.declared.get(own.yarn)
        if declared is None or not self._types.is_smart(own.yarn):
            what = "formulas that the export could not say are lost"
            self._notes.add(what, [own.name])
            return {"expression": "", "bindings": {}} if own.initial is None else None
        return formula_cell(declared[0].value.tree, self._refs)

    def _formula(self, sheet: Json, table: str, row: str, column: str, cell: Json) -> None:
        """A formula cell, in a table of its sheet."""
        found = self._formulas.get((sheet["shortcut"], table))
        if found is None:
            found = self._draft.row(
                t.BLOCKS, type="table", position=len(sheet["blocks"]), config={"label": table},
                value={}, variable_name=table, is_constant=False, columns=[], rows=[],
            )  # fmt: skip
            self._formulas[sheet["shortcut"], table] = found
            sheet["blocks"].append(found)
        columns, rows = found["columns"], found["rows"]
        if all(x["slug"] != column for x in columns):
            columns.append(
                self._draft.row(
                    t.TABLE_COLUMNS, name=column, slug=column, type="formula", is_constant=False,
                    required=False, position=len(columns), config={},
                )
            )  # fmt: skip
        line = next((x for x in rows if x["slug"] == row), None)
        if line is None:
            line = self._draft.row(t.TABLE_ROWS, name=row, slug=row, position=len(rows), cells={})
            rows.append(line)
        line["cells"][column] = cell

    def _block(self, sheet: Json, name: str, kind: str, content: Any, **config: Any) -> None:
        config.setdefault("label", name)
        sheet["blocks"].append(
            self._draft.row(
                t.BLOCKS, type=kind, position=len(sheet["blocks"]), config=config,
                value={"content": content}, variable_name=name, is_constant=False,
            )
        )  # fmt: skip

    # Sheets

    def _sheet(self, shortcut: str, name: str, description: str | None) -> Json:
        found = self._sheets.get(shortcut)
        if found is None:
            found = self._sheets[shortcut] = self._draft.row(
                t.SHEETS, name=(name or "?")[:_NAME], shortcut=shortcut, description=description,
                position=len(self._sheets), blocks=[],
            )  # fmt: skip
        return found

    def _character(self, key: str, character: OwnCharacter) -> str:
        """A sheet of our own export; constants among its properties come back."""
        sheet = self._sheet(key, character.name, character.description)
        sheet["color"] = character.color
        for name, value in character.properties.items():
            kind = "number" if _is_number(value) else "boolean" if isinstance(value, bool) else ""
            text = value if isinstance(value, str) else str(value)
            self._block(sheet, name, kind or "text", value if kind else text)
            sheet["blocks"][-1]["is_constant"] = True
        return key

    def _in_order(self) -> Iterable[Json]:
        """Sheets, parents first; the paths of our own export say which is whose."""
        if self._own is None:
            return self._sheets.values()
        by_path = {x.path: self._keys[key] for key, x in self._own.characters.items()}
        for key, character in self._own.characters.items():
            parent = by_path.get(parent_path(character.path))
            if parent is not None and parent != self._keys[key]:
                self._sheets[self._keys[key]]["parent_id"] = self._sheets[parent]["id"]
        return self._sheets.values()

    def _split(self, full_name: str) -> Ref:
        """A full name of our own export: the longest sheet in front, or all but the last part."""
        for key in sorted(self._own.characters if self._own else (), key=len, reverse=True):
            if full_name.startswith(f"{key}."):
                return Ref(key, full_name[len(key) + 1 :])
        sheet, _, name = full_name.rpartition(".")
        return Ref(sheet, name)

    def _is_own_helper(self, name: str) -> bool:
        return self._own is not None and name in own_helpers(self._own)


def own_helpers(own: Metadata) -> tuple[str, str]:
    """The variables that an export of ours adds: the last exit, and rounds without a line."""
    rounds = own.exit_variable.replace("storyarn_exit", "storyarn_rounds")
    while rounds in own.variables:
        rounds += "_"
    return own.exit_variable, rounds


def shortcut_of(name: str, kind: str) -> str:
    """A shortcut made from a name; one without Latin letters gets a part of its hash."""
    if not re.search("[a-z0-9]", ascii_word(name).lower()):
        return f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return slugify(name)[:_LONGEST].strip("-")


def parent_path(path: str) -> str:
    """A path without its last name; a slash in a name has a backslash before it."""
    cut = re.search(r"(?<!\\)/(?:[^/\\]|\\.)*$", path)
    return path[: cut.start()] if cut else ""


def _variable_name(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", ascii_word(name).lower())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Value) -> Any:
    """A number without a fraction as an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _held(value: Any, kind: str) -> Any:
    """A value of Storyarn as our own export declares it."""
    if value is None:
        return {"number": 0.0, "boolean": False}.get(kind, "nil")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value


def _same(held: Any, declared: Value) -> bool:
    """Whether a declaration still says what an export wrote there."""
    if _is_number(held) and _is_number(declared):
        return math.isclose(held, float(declared), rel_tol=_EXACT, abs_tol=_EXACT)
    if isinstance(held, str) and isinstance(declared, str):
        # The export keeps the word nil apart from nil by a sign that nobody sees.
        return _CONTROL.sub(" ", held) == declared.replace("\u2060", "")
    return bool(held == declared)
