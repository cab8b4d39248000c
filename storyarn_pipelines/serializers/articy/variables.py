"""Global variables: sets by sheet, with typed values at the start."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.values import format_value
from storyarn_pipelines.serializers.articy.book import Book
from storyarn_pipelines.serializers.articy.ids import SET

_LARGEST = 2**31 - 1
_WHOLE = frozenset({"number", "formula"})


@dataclass(frozen=True, slots=True)
class Global:
    """One variable: ``value`` is text as articy writes it, ``note`` its name in Storyarn."""

    name: str
    type: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class VariableSet:
    """The variables of a sheet, and of scene elements with the same shortcut."""

    id: str
    name: str
    variables: tuple[Global, ...]


def variable_sets(book: Book) -> Iterator[VariableSet]:
    """All variables of the story by their set, and those that calls of flows need."""
    story = book.story
    values = book.formulas.values
    sets: dict[str, list[Global]] = {}
    for name, variable in story.variables.variables.items():
        head, _, tail = book.names.of(name).partition(".")
        sets.setdefault(head, []).append(_global(book, variable, tail, values[name]))
    for variable in book.calls.variables():
        made = Global(variable.name, _type(variable), str(variable.initial), "how flows return")
        sets.setdefault(variable.sheet, []).append(made)
    for name, members in sorted(sets.items()):
        yield VariableSet(book.ids.named(SET, name), name, tuple(members))


def _type(variable: Variable) -> str:
    if variable.type in _WHOLE:
        return "Integer"
    return "Boolean" if variable.type == "boolean" else "String"


def _global(book: Book, variable: Variable, name: str, value: Value) -> Global:
    kept = book.story.emitter.kept(variable, value)
    where = f"variable {variable.full_name}"
    kind = _type(variable)
    if kind == "String":
        text = kept if isinstance(kept, str) else format_value(kept)
        written = book.wording.clean(text, where)
    elif kind == "Boolean":
        written = "True" if kept is True else "False"
        _tell(book, where, value, written, same=isinstance(kept, bool))
    else:
        is_number = isinstance(kept, int | float) and not isinstance(kept, bool)
        number = kept if is_number and isfinite(kept) else 0  # type: ignore[arg-type]  # a number
        nearest = max(-_LARGEST, min(_LARGEST, int(number or 0)))
        written = str(nearest)
        _tell(book, where, value, written, same=is_number and nearest == kept)
    return Global(name, kind, written, book.wording.clean(variable.full_name, where))


def _tell(book: Book, where: str, value: Value, written: str, *, same: bool) -> None:
    if not same:
        shown = format_value(value)
        message = f"it begins with {shown[:60]}, which articy keeps as {written}"
        book.story.told.add("XP0204", message, where)
