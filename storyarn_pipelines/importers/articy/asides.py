"""What an object says that no field has a place for, as lines of a note."""

from collections.abc import Iterator

from storyarn_pipelines.importers.articy import texts
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.items import NOTHING, Item, Property
from storyarn_pipelines.importers.articy.scripts import remarks_in
from storyarn_pipelines.importers.articy.sketch import Sketch

_ABOVE = 60
_SPEAKING = ("DialogueFragment", "Comment", "Instruction")


def asides(book: Book, item: Item) -> list[str]:
    """Everything about an object in a flow that its node does not keep."""
    lines = list(properties_shown(book, item))
    if item.template:
        lines.insert(0, f"Template: {book.project.templates.get(item.template, item.template)}")
    if item.kind == "Condition" and book.name(item) not in (item.technical, item.expression):
        lines.append(book.name(item))
    said = texts.plain(book.said(item.text)).strip()
    if said and item.kind not in (*_SPEAKING, "Dialogue", "FlowFragment"):
        lines.append(said)
    if item.external:
        lines.append(f"External id: {item.external}")
    for script in (item.expression, *(x.script for x in item.pins)):
        lines += [f"// {x}" for x in remarks_in(script)]
    return lines


def note_asides(sketch: Sketch, item: Item) -> None:
    """A note above a node of what it has no field for."""
    lines = asides(sketch.book, item)
    if lines:
        sketch.note(item.x, item.y - _ABOVE, "\n".join(lines))
        what = "what nodes have no field for is kept as notes"
        sketch.book.notes.add(what, [sketch.book.where(item)])


def lose(book: Book, item: Item, what: str) -> None:
    """Keep an object that has no place as a note, and tell it."""
    lines = []
    for label, text in (("", item.text), ("Menu text: ", item.menu)):
        said = texts.plain(book.said(text)).strip()
        if said:
            lines.append(label + said)
    if item.file or item.source:
        lines.append(item.file or item.source)
    keep(book, item, [*lines, *properties_shown(book, item)], what)


def keep(book: Book, item: Item, lines: list[str], what: str) -> None:
    """Keep lines about an object as a note that stands by itself, and tell it."""
    book.leftovers.append("\n".join([f"{item.kind}: {book.name(item)}", *lines]))
    book.notes.add(what, [book.where(item)])


def properties_shown(book: Book, item: Item, *, with_picture: bool = True) -> Iterator[str]:
    """The properties of an object, what is attached to it, and its picture."""
    for one in item.properties:
        shown = _value(book, one)
        if shown:
            yield f"{one.feature}.{one.name} = {shown}"
    for number in (*item.references, item.preview if with_picture else NOTHING):
        if number != NOTHING:
            yield f"Attachment: {named(book, number)}"


def _value(book: Book, one: Property) -> str:
    """A property's value as people read it, empty if it has none."""
    match one.kind, one.value:
        case _, (None | "" | {} | []):
            return ""
        case _, dict():
            return texts.plain(book.said(one.value)).strip()
        case "Enum", int():
            known = book.project.enums.get(f"{one.feature}.{one.name}")
            technical, shown = known.values.get(one.value, ("", "")) if known else ("", "")
            return shown or technical or str(one.value)
        case "NamedReference", int():
            return named(book, one.value) if one.value != NOTHING else ""
        case (("References" | "QueryReferences"), list()):
            return ", ".join(named(book, x) for x in one.value if x != NOTHING)
    return str(one.value)


def named(book: Book, number: int) -> str:
    """An object by its name, as far as it is in the export."""
    item = book.store.item(number)
    return f"{item.kind} {book.name(item)}" if item else f"{number:#018x}, not in the export"
