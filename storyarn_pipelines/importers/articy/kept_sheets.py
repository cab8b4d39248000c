"""Sheets of our own export, drafted as they were, with what an author has changed in articy."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Item, Property, hexadecimal
from storyarn_pipelines.importers.articy.kept import KeptSheet, listed, stamped
from storyarn_pipelines.importers.articy.kept_texts import (
    changed_texts,
    draft_texts,
    source_of,
)
from storyarn_pipelines.serializers.articy.kept import mark

_DESCRIPTION = 2000


def restore_sheet(book: Book, item: Item, kept: KeptSheet, position: int) -> None:
    """Draft a sheet."""
    row = kept.sheet
    made = list(_texts(book, item, kept))
    made += _values(book, item, kept)
    made += _variables(book, row)
    book.notes.add("changes made in articy are taken over", made)
    row.setdefault("position", position)
    shortcut = str(row.get("shortcut") or row["id"])
    added = book.owned.pop(shortcut, [])
    row["blocks"] = [*listed(row, "blocks"), *added]
    if row.get("shortcut"):
        book.sheet_shortcuts.give(shortcut)
    _translate(book, kept)
    book.draft.sheet(stamped(book.draft, row, t.SHEETS))


def _texts(book: Book, item: Item, kept: KeptSheet) -> list[str]:
    found = []
    for field, locale, text in changed_texts(book, item, kept.marks):
        plain = texts.plain(text)
        if field == "name" and not locale:
            kept.sheet["name"] = names.shown_name(plain, str(kept.sheet.get("name")))
        elif field == "name":
            voiced = kept.texts.setdefault("sheet", {}).setdefault("name", {})
            voiced[locale] = (plain or None, None)
        elif field == "text" and not locale:
            kept.sheet["description"] = plain[:_DESCRIPTION] or None
        found.append(f"{book.where(item)}: {field}")
    return found


def _values(book: Book, item: Item, kept: KeptSheet) -> list[str]:
    """Properties that have other values now."""
    known = {(x.feature, x.name): x for x in item.properties}
    found = []
    for block in listed(kept.sheet, "blocks"):
        told = kept.values.get(str(block.get("id")))
        one = known.get((told[0], told[1])) if told else None
        if told is None or one is None:
            continue
        text = _text(book, one)
        if mark(text) in told[2]:
            continue
        where = f"{book.where(item)}: {told[0]}.{told[1]}"
        if _set(block, one.value if not isinstance(one.value, dict) else text):
            found.append(where)
        else:
            book.notes.add("changes made in articy that sheets cannot take", [where])
    return found


def _text(book: Book, one: Property) -> str:
    """A value as the export's marks are made of."""
    value = one.value
    if isinstance(value, dict):
        return source_of(book, value)
    if isinstance(value, bool):
        return str(int(value))
    if one.kind == "NamedReference" and isinstance(value, int):
        return hexadecimal(value)
    return f"{value:g}" if isinstance(value, int | float) else str(value or "")


def _set(block: Json, value: object) -> bool:
    """Give a block another content; says whether it can have it."""
    match block.get("type"), value:
        case "boolean", bool():
            content: object = value
        case "number", (int() | float()):
            content = int(value) if float(value).is_integer() else value
        case (("text" | "select" | "date"), str()):
            content = texts.plain(value)
        case "rich_text", str():
            content = texts.markup(value, {})
        case _:
            return False
    stored = block.get("value")
    block["value"] = {**(stored if isinstance(stored, dict) else {}), "content": content}
    return True


def _variables(book: Book, row: Json) -> list[str]:
    """Variables that begin with other values now."""
    if not book.changed:
        return []
    found = []
    sheet = row.get("shortcut") or row["id"]
    for block in listed(row, "blocks"):
        name = f"{sheet}.{block.get('variable_name')}"
        if name in book.changed and _set(block, book.changed[name]):
            del book.changed[name]
            found.append(f"variable {name}")
        for line in listed(block, "rows"):
            cells = line.get("cells")
            for column in listed(block, "columns"):
                cell = f"{name}.{line.get('slug')}.{column.get('slug')}"
                if cell in book.changed and isinstance(cells, dict):
                    cells[str(column.get("slug"))] = book.changed.pop(cell)
                    found.append(f"variable {cell}")
    return found


def _translate(book: Book, kept: KeptSheet) -> None:
    row = kept.sheet
    number = str(row["id"])
    if "sheet" in kept.texts:
        draft_texts(
            book, ("sheet", number), kept.texts["sheet"], {"name": row.get("name")},
            key=f"sheet.{number}", speaker=None,
        )  # fmt: skip
    for block in listed(row, "blocks"):
        own = str(block.get("id"))
        if own not in kept.texts:
            continue
        value = block.get("value")
        source = {"value.content": value.get("content") if isinstance(value, dict) else ""}
        draft_texts(book, ("block", own), kept.texts[own], source, key=f"block.{own}", speaker=None)
