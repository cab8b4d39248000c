"""All variables of a project, with what they hold when a story begins.

A name is ``<sheet>.<variable>``, for cells of tables ``<sheet>.<table>.<row>.<column>``, for
switches of scenes ``<pin or zone>.hidden``. Only the whole name counts. Where two have one
name, a zone beats a pin, a pin a cell, and a cell a block; within a kind the last one wins, by
the name of its sheet or scene, its position and its id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from storyarn_pipelines.domain.json_values import mapping
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.sheets import Block, Sheet, TableColumn
from storyarn_pipelines.domain.variables import VARIABLE_TYPES, Value, Variable
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.expressions.values import NUMBER, as_text, leading_number
from storyarn_pipelines.story.recompute import Formula

BLOCK_TYPES = ("text", "rich_text", "number", "select", "multi_select", "boolean", "date")
"""Types of blocks that are variables."""

_COLUMN_TYPES = (
    "number", "text", "boolean", "select", "multi_select", "date", "reference", "formula",
)  # fmt: skip
_BLOCK, _CELL, _PIN, _ZONE = range(4)
_PIN_SWITCHES = ("hidden", "is_playable", "is_leader")
_ZONE_SWITCHES = ("hidden",)
_DEFAULTS: Mapping[str, Value] = {"number": 0, "boolean": False, "text": "", "rich_text": ""}

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoryVariables:
    """Variables by full name, sorted; ``formulas`` are those whose value is worked out."""

    variables: Mapping[str, Variable] = field(default_factory=dict)
    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A variable, unless a later one takes its name. ``key`` sorts candidates."""

    key: _Key
    variable: Variable
    formula: Formula | None = None
    by_id: bool = False
    """The sheet has no shortcut and goes by its id, unless that is another sheet's shortcut."""


def read_variables(sheets: Iterable[Sheet], scenes: Iterable[Scene]) -> StoryVariables:
    """Gather the variables of live sheets and scenes; each is read once and let go."""
    candidates: list[_Candidate] = []
    shortcuts = set()
    for sheet in sheets:
        shortcuts.add(sheet.shortcut)
        candidates.extend(_of_sheet(sheet))
    for scene in scenes:
        candidates.extend(_of_scene(scene))
    candidates.sort(key=lambda candidate: candidate.key)
    chosen: dict[str, _Candidate] = {}
    for candidate in candidates:
        if not (candidate.by_id and candidate.variable.sheet in shortcuts):
            chosen[candidate.variable.full_name] = candidate
    found = dict(sorted(chosen.items()))
    return StoryVariables(
        {name: candidate.variable for name, candidate in found.items()},
        tuple(x.formula for x in found.values() if x.formula is not None),
    )


def declared_variables(types: object) -> dict[str, Variable]:
    """Variables from their types alone: ``{"mc.jaime.health": "number"}``, as files have them.

    The name is cut at its last dot. Raises UsageError for anything else.
    """
    if not isinstance(types, dict):
        raise UsageError('variables: not an object such as {"mc.jaime.health": "number"}')
    found = {}
    for name, kind in types.items():
        sheet, dot, last = name.rpartition(".") if isinstance(name, str) else ("", "", "")
        if not (sheet and dot and last):
            raise UsageError(f"variables: {_short(name)} is not a name such as mc.jaime.health")
        if not isinstance(kind, str) or kind not in VARIABLE_TYPES:
            allowed = ", ".join(VARIABLE_TYPES)
            raise UsageError(
                f"variables: {_short(name)} cannot be of type {_short(kind)}; allowed: {allowed}"
            )
        found[name] = Variable(sheet, last, kind, initial_value(None, kind))
    return found


def initial_value(stored: object, kind: str) -> Value:
    """What a variable of some type holds at the start, from what is stored for it.

    A text stands for a number only as a whole (``12 x`` is 0), and then it is an integer if it
    can be. Anything else is taken as it is, limits are not asked.
    """
    if stored is None:
        return _DEFAULTS.get(kind)
    if kind == "number" and isinstance(stored, str):
        number = leading_number(stored) if NUMBER.fullmatch(stored) else None
        if number is None:
            return 0
        return int(number) if number.is_integer() else number
    if isinstance(stored, list):
        return [as_text(item) for item in stored]
    return stored if isinstance(stored, bool | int | float | str) else None


def _of_sheet(sheet: Sheet) -> Iterator[_Candidate]:
    owner = str(sheet.id) if sheet.shortcut is None else sheet.shortcut
    by_id = sheet.shortcut is None
    for block in sheet.blocks:
        place = (sheet.name, *_placed(block.position, block.id))
        if block.type == "table" and block.variable_name is not None:
            yield from _of_table(owner, block, (_CELL, *place), by_id=by_id)
        elif block.type in BLOCK_TYPES and block.variable_name and not block.is_constant:
            content = block.value.get("content") if isinstance(block.value, dict) else None
            variable = Variable(
                owner,
                block.variable_name,
                block.type,
                initial_value(content, block.type),
                mapping(block.config),
            )
            yield _Candidate((_BLOCK, *place), variable, by_id=by_id)


def _of_table(owner: str, block: Block, key: _Key, *, by_id: bool) -> Iterator[_Candidate]:
    """The cells; that the block itself may be constant does not count."""
    for row in block.rows:
        cells = mapping(row.cells)
        for column in block.columns:
            if column.type not in _COLUMN_TYPES:
                continue
            if column.is_constant and column.type != "formula":
                continue
            name = f"{block.variable_name}.{row.slug}.{column.slug}"
            cell, kind, formula = cells.get(column.slug), _seen_as(column), None
            if kind == "formula" and isinstance(cell, dict):
                formula, cell = Formula.read(f"{owner}.{name}", cell), None
            variable = Variable(
                owner, name, kind, initial_value(cell, kind), mapping(column.config)
            )
            place = (*_placed(row.position, row.id), *_placed(column.position, column.id))
            yield _Candidate((*key, *place), variable, formula, by_id)


def _seen_as(column: TableColumn) -> str:
    """A column of references is a choice among sheets."""
    if column.type != "reference":
        return column.type
    multiple = mapping(column.config).get("multiple")
    return "select" if multiple is None or multiple is False else "multi_select"


def _of_scene(scene: Scene) -> Iterator[_Candidate]:
    owners = ((_PIN, scene.pins, _PIN_SWITCHES), (_ZONE, scene.zones, _ZONE_SWITCHES))
    for kind, elements, switches in owners:
        for element in elements:
            if element.shortcut is None:
                continue
            key = (kind, scene.name, *_placed(element.position, element.id))
            for switch in switches:
                value = bool(getattr(element, switch))
                yield _Candidate(key, Variable(element.shortcut, switch, "boolean", value))


def _placed(position: int | None, key: int) -> _Key:
    """Sorts as the database does: without a position last."""
    return (position is None, position or 0, key)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
