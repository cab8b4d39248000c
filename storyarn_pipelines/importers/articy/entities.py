"""Entities and their folders as sheets; features and their properties as blocks."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names, texts
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import NOTHING, Item, Property, Text
from storyarn_pipelines.importers.articy.kept import SHEET, kept_sheet
from storyarn_pipelines.importers.articy.kept_sheets import restore_sheet
from storyarn_pipelines.importers.articy.ours import PLAYER
from storyarn_pipelines.importers.articy.sheets import block

_DESCRIPTION = 2000
_FOLDER = "UserFolder"
_KINDS = ("Entity", _FOLDER)

Place = tuple[int, int, int | None]
"""An object, its sheet, and the sheet above it."""


def place_entities(book: Book) -> list[Place]:
    """Give every entity its sheet's id, parents before what is in them."""
    store = book.store
    tops = [x for top in store.of_kinds(["Entities"]) for x in store.children(top)]
    known = set(tops)
    for number in store.of_kinds(["Entity"]):
        above = number
        while store.kind(store.parent(above)) in _KINDS:
            above = store.parent(above)
        if above not in known:
            known.add(above)
            tops.append(above)
    waiting: list[tuple[int, int | None]] = [(x, None) for x in reversed(tops)]
    found: list[Place] = []
    taken: set[int] = set()
    while waiting:
        number, parent = waiting.pop()
        if store.kind(number) not in _KINDS or _is_player(book, number):
            continue
        item = store.item(number)
        kept = kept_sheet(item) if book.kept is not None and item is not None else None
        own = int(kept.sheet["id"]) if kept else None
        sheet = int(book.draft.row(t.SHEETS)["id"]) if own is None or own in taken else own
        taken.add(sheet)
        book.sheets.add(number, sheet)
        found.append((number, sheet, parent))
        waiting.extend((x, sheet) for x in reversed(store.children(number)))
    return found


def _is_player(book: Book, number: int) -> bool:
    """Whether an entity is the one that our own export invents to say responses."""
    item = book.store.item(number) if book.is_ours else None
    return item is not None and item.template == PLAYER


def draft_entities(book: Book, places: list[Place]) -> None:
    """The sheets themselves."""
    for position, (number, sheet, parent) in enumerate(places, start=len(book.project.sets)):
        item = book.store.item(number)
        assert item is not None
        kept = kept_sheet(item) if book.kept is not None else None
        if kept is not None and kept.sheet["id"] == str(sheet):
            restore_sheet(book, item, kept, position)
            continue
        shown = book.name(item)
        wanted = item.external if book.is_ours and item.external else ""
        shortcut = book.sheet_shortcuts.give(wanted or names.shortcut(item.external or shown))
        row = book.draft.row(
            t.SHEETS,
            id=str(sheet),
            name=shown,
            shortcut=shortcut,
            position=position,
            parent_id=None if parent is None else str(parent),
            color=names.color(item.color) if item.kind == "Entity" else None,
        )
        whole = texts.plain(book.said(item.text)).strip()
        row["description"] = whole if 0 < len(whole) <= _DESCRIPTION else None
        row["blocks"] = _Blocks(book, item, shortcut).made(with_text=len(whole) > _DESCRIPTION)
        _picture(book, item, row)
        book.draft.sheet(row)
        book.translate(("sheet", str(sheet)), "name", item.name, shown, texts.plain)


def _picture(book: Book, item: Item, row: Json) -> None:
    """The preview image as the sheet's avatar."""
    asset = book.assets.get(item.preview) if item.preview else None
    if asset is not None and asset in book.pictures:
        row["avatars"] = [
            book.draft.row(
                t.SHEET_AVATARS, name="preview", position=0, is_default=True, asset_id=str(asset)
            )
        ]


class _Blocks:
    """The blocks of one entity."""

    def __init__(self, book: Book, item: Item, shortcut: str) -> None:
        self._book, self._item, self._shortcut = book, item, shortcut
        self._taken = names.variable_names()
        self._made: list[Json] = []

    def made(self, *, with_text: bool) -> list[Json]:
        """Facts of the object itself first, then its features."""
        item, book = self._item, self._book
        self._made = book.owned.pop(self._shortcut, []) if book.is_ours else []
        for row in self._made:
            self._taken.give(row["variable_name"])
        known = {x["variable_name"] for x in self._made}
        if item.kind == "Entity" and not book.is_ours:
            self._fact("Technical name", item.technical)
            self._fact("Template", book.project.templates.get(item.template, item.template))
            self._fact("Template name", item.template if item.template else "")
            self._fact("External id", item.external)
        if with_text:
            self._add("rich_text", "Text", "text", texts.markup(book.said(item.text), {}))
        for one in item.properties:
            if book.is_ours and one.feature == SHEET:
                continue  # the original of another sheet
            # The variables of our own export stand for themselves.
            if one.name.casefold().rstrip("_") not in known:
                self._property(one)
        self._attachments()
        return self._made

    def _fact(self, label: str, value: str) -> None:
        if value:
            name = self._taken.give(names.variable_name(label))
            self._append("text", {"label": label}, value, name, constant=True)

    def _property(self, one: Property) -> None:
        label = f"{one.feature}.{one.name}"
        wanted = names.variable_name(f"{one.feature}_{one.name}")
        match one.kind, one.value:
            case "Boolean", bool():
                self._add("boolean", label, wanted, one.value)
            case "Number", _:
                value = one.value if one.value is None else float(one.value)
                whole = value is not None and value.is_integer() and abs(value) < 1e15
                self._add("number", label, wanted, int(value) if whole and value else value)
            case "Enum", _:
                self._enum(one, label, wanted)
            case "NamedReference", int():
                self._reference(label, one.value)
            case (("References" | "QueryReferences"), list()):
                for number in one.value:
                    self._reference(label, number)
            case _, dict():
                self._text(label, wanted, one.value)
            case _:
                self._text(label, wanted, {self._book.source: str(one.value or "")})

    def _text(self, label: str, wanted: str, text: Text) -> None:
        """A text, with its translations."""
        said = self._book.said(text)
        is_rich = "<html" in said[:200].lower() or "\n" in said
        kind = "rich_text" if is_rich else "text"
        content = texts.markup(said, self._book.variables) if is_rich else said
        row = self._add(kind, label, wanted, content)
        made = (lambda x: texts.markup(x, self._book.variables)) if is_rich else texts.plain
        self._book.translate(("block", row["id"]), "value.content", text, content, made)

    def _enum(self, one: Property, label: str, wanted: str) -> None:
        known = self._book.project.enums.get(f"{one.feature}.{one.name}")
        if known is None or not known.values:
            self._add("number", label, wanted, one.value)
            return
        options = [
            {"key": technical or str(number), "value": shown or technical}
            for number, (technical, shown) in sorted(known.values.items())
        ]
        chosen = known.values.get(one.value) if isinstance(one.value, int) else None
        key = None if chosen is None else chosen[0] or str(one.value)
        self._add("select", label, wanted, key, options=options)

    def _reference(self, label: str, number: int) -> None:
        """A reference to a sheet or a flow; of all else only the name is kept."""
        if number == NOTHING:
            return
        book = self._book
        for kind, known in (("sheet", book.sheets), ("flow", book.flows)):
            target = known.get(number)
            if target is not None:
                config = {"label": label, "allowed_types": ["sheet", "flow"]}
                value = {"target_type": kind, "target_id": target}
                self._append("reference", config, value, None)
                return
        item = book.store.item(number)
        if item is None:
            book.notes.add("references to what is not in the export", [label])
            return
        self._fact(label, f"{item.kind}: {book.name(item)}")

    def _attachments(self) -> None:
        """Pictures as a gallery, everything else as references."""
        book = self._book
        pictures = [(x, book.assets.get(x)) for x in self._item.references]
        shown = [(x, asset) for x, asset in pictures if asset in book.pictures]
        for number, asset in pictures:
            if asset is None or asset not in book.pictures:
                self._reference("Attachment", number)
        if shown:
            row = self._append("gallery", {"label": "Attachments"}, {}, None)
            row["images"] = [
                book.draft.row(t.BLOCK_GALLERY_IMAGES, position=place, asset_id=str(asset))
                for place, (_, asset) in enumerate(shown)
            ]

    def _add(
        self, kind: str, label: str, wanted: str, value: object,
        options: list[dict[str, str]] | None = None,
    ) -> Json:  # fmt: skip
        config: Json = {"label": label}
        if options is not None:
            config["options"] = options
        return self._append(kind, config, value, self._taken.give(wanted))

    def _append(
        self, kind: str, config: Json, value: object, name: str | None, *, constant: bool = False
    ) -> Json:
        row = block(self._book, kind, len(self._made), config, value, name, constant=constant)
        self._made.append(row)
        return row
