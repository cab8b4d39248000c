"""Entities and their folders as sheets, sets of global variables as one sheet each."""

import math
from collections.abc import Collection

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.importers.articy import names, ours, texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Variable as ArticyVariable
from storyarn_pipelines.importers.articy.items import VariableSet
from storyarn_pipelines.serializers.articy.kept import mark

_DESCRIPTION = 2000
_BLOCKS = {"Boolean": "boolean", "Integer": "number", "String": "text"}


def draft_variables(book: Book) -> None:
    """A sheet for each set; its variables are found by articy's names from then on."""
    if book.is_ours:
        _draft_ours(book)
        return
    for position, one in enumerate(book.project.sets):
        shortcut = book.sheet_shortcuts.give(names.shortcut(one.name, "_"))
        taken = names.variable_names()
        blocks = []
        for index, variable in enumerate(one.variables):
            kind = _BLOCKS.get(variable.type)
            where = f"{one.name}.{variable.name}"
            if kind is None:
                kind = "text"
                book.notes.add("variables of an unknown type become texts", [where])
            name = taken.give(names.variable_name(variable.name))
            value = _initial(book, kind, variable.value, where)
            key = where.casefold()
            if key in book.variables:
                book.notes.add("variables that are there twice; the first counts", [where])
            book.variables.setdefault(key, Variable(shortcut, name, kind, value))
            config: Json = {"label": names.shown_name(variable.name, "variable")}
            if variable.description.strip():
                config["placeholder"] = names.shown_name(texts.plain(variable.description), "")
            blocks.append(block(book, kind, index, config, value, name))
        _draft_set(book, one, shortcut, position, blocks)


def _draft_ours(book: Book) -> None:
    """The variables of our own export: they go back to the sheets that they came from."""
    entities = book.store.items(book.store.of_kinds(["Entity"]))
    shortcuts = {x.external for x in entities if x.external}
    counts: dict[str, int] = {}
    for one in book.project.sets:
        for variable, name in zip(one.variables, ours.names_of(one, shortcuts), strict=True):
            kind = _BLOCKS.get(variable.type, "text")
            sheet, own = name or (names.shortcut(one.name), variable.name)
            where = f"{one.name}.{variable.name}"
            value = _initial(book, kind, variable.value, where)
            if _is_kept(book, where, variable, name):
                continue
            book.variables.setdefault(where.casefold(), Variable(sheet, own, kind, value))
            counts[sheet] = place = counts.get(sheet, -1) + 1
            config: Json = {"label": own}
            made = block(book, kind, place, config, value, own)
            book.owned.setdefault(sheet, []).append(made)
    if book.kept is not None:
        _draft_added(book, shortcuts)
        return
    texts_kept = [x.full_name for x in book.variables.values() if x.type == "text"]
    book.notes.add("variables of texts, whose own type the file does not keep",
                   texts_kept)  # fmt: skip
    book.notes.add("cells of tables, which are variables of their own now",
                   [x.full_name for x in book.variables.values() if "." in x.name])  # fmt: skip
    _draft_added(book, shortcuts)


def _is_kept(
    book: Book, where: str, variable: ArticyVariable, name: tuple[str, str] | None
) -> bool:
    """Whether a variable is one of the originals', whose sheets come back with it.

    A value that was changed in articy waits for its sheet.
    """
    known = book.kept.variables.get(where) if book.kept is not None else None
    if known is None:
        return False
    kind = _BLOCKS.get(variable.type, "text")
    value = _initial(book, kind, variable.value, where)
    if name is None:
        # How flows return: only flows that do not come back as they were need it.
        sheet = names.shortcut(where.partition(".")[0])
        book.variables.setdefault(where.casefold(), Variable(sheet, variable.name, kind, value))
        return True
    book.variables.setdefault(where.casefold(), Variable(*name, kind, value))
    if mark(f"{variable.type} {variable.value}") != known[1]:
        book.changed[known[0]] = value
    return True


def draft_calls(book: Book) -> None:
    """The sheet of the variables by which calls return in our own export."""
    calls = {x for x in (book.kept.variables if book.kept else ()) if ours.is_call(x)}
    told = [y for x, y in book.variables.items() if x in {z.casefold() for z in calls}]
    if not told:
        return
    blocks = [
        block(book, x.type, place, {"label": x.name}, x.initial, x.name)
        for place, x in enumerate(told)
    ]
    book.draft.sheet(
        book.draft.row(
            t.SHEETS, name=told[0].sheet, shortcut=told[0].sheet, position=len(book.project.sets),
            blocks=blocks,
        )
    )  # fmt: skip


def _draft_added(book: Book, shortcuts: Collection[str]) -> None:
    """Sheets for variables that none of the sheets has."""
    for position, (shortcut, blocks) in enumerate(book.owned.items()):
        if shortcut in shortcuts:
            continue
        given = book.sheet_shortcuts.give(shortcut)
        book.draft.sheet(
            book.draft.row(
                t.SHEETS, name=shortcut, shortcut=given, position=position, blocks=blocks
            )
        )


def _draft_set(
    book: Book, one: VariableSet, shortcut: str, position: int, blocks: list[Json]
) -> None:
    description = texts.plain(one.description)[:_DESCRIPTION] or None
    book.draft.sheet(
        book.draft.row(
            t.SHEETS,
            name=names.shown_name(one.name, "Variables"),
            shortcut=shortcut,
            position=position,
            description=description,
            blocks=blocks,
        )
    )


def _initial(book: Book, kind: str, value: str, where: str) -> str | float | bool:
    text = value.strip()
    if kind == "boolean":
        if text.lower() not in ("true", "false", "1", "0", ""):
            book.notes.add("values that their type does not have are left out", [where])
        return text.lower() in ("true", "1")
    if kind == "text":
        return value
    try:
        found = float(text or "0")
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        book.notes.add("values that their type does not have are left out", [where])
        return 0
    return int(found) if found.is_integer() and abs(found) < 1e15 else found


def block(
    book: Book, kind: str, position: int, config: Json, value: object, name: str | None,
    *, constant: bool = False,
) -> Json:  # fmt: skip
    """A block of a sheet; ``value`` is its content, or the whole value if it is an object."""
    content = {"content": value} if not isinstance(value, dict) else value
    return book.draft.row(
        t.BLOCKS, type=kind, position=position, config=config, value=content,
        variable_name=name, is_constant=constant,
    )  # fmt: skip
