"""Sheets as entities. What a sheet defines is a feature, and what a sheet has is a template.

A block that descendants inherit belongs to the feature of the sheet that defines it, so relatives
share features. Properties hold the values at the start; while a story plays, the global variables
count.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.expressions.emitters.identifiers import (
    Identifiers,
    NameRules,
    ascii_identifier,
)
from storyarn_pipelines.expressions.values import as_float, format_value
from storyarn_pipelines.serializers.articy import ids as i
from storyarn_pipelines.serializers.articy.book import (
    FLOW,
    LINE,
    PLAYER,
    RESPONSE,
    SCENE_KEPT,
    SHEET_KEPT,
    Book,
    colour,
    voice_name,
)
from storyarn_pipelines.serializers.articy.kept import ORIGINAL, original, sheet_row
from storyarn_pipelines.serializers.articy.marks import property_marks, shown_marks
from storyarn_pipelines.serializers.articy.objects import Property, Text, Thing
from storyarn_pipelines.story.nodes import as_id
from storyarn_pipelines.story.text import line_text

_KEEPERS = (
    (FLOW, "Storyarn flow", "Dialogue"),
    (SHEET_KEPT, "Storyarn sheet", "Entity"),
    (SCENE_KEPT, "Storyarn scene", "Location"),
)
_KINDS = {"number": "Number", "boolean": "Boolean", "reference": "NamedReference"}


@dataclass(slots=True)
class Feature:
    """A feature with its properties: name, kind and display name of each."""

    id: str
    name: str
    label: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Template:
    """A template for objects of one kind."""

    id: str
    name: str
    label: str
    kind: str
    features: tuple[str, ...]


class Templates:
    """All features and templates of a project; sheets are read once to find them."""

    def __init__(self, book: Book, sheets: Iterable[Sheet]) -> None:
        self.features: dict[str, Feature] = {}
        self.templates: dict[str, Template] = {}
        self._book = book
        self._fixed()
        self._names: dict[int, tuple[str, str]] = {}
        self._of_sheets: dict[int, str] = {}
        owners: dict[int, int] = {}
        for sheet in sheets:
            self._learn(sheet, owners)

    def property_of(self, block: Block) -> tuple[str, str]:
        """Feature and property that hold a block's value."""
        return self._names[block.id]

    def of_sheet(self, sheet: Sheet) -> str:
        """The template of a sheet, empty if it has no properties."""
        return self._of_sheets.get(sheet.id, "")

    def id_of(self, name: str, is_template: bool) -> str:
        """The id of a template or of a feature."""
        return self.templates[name].id if is_template else self.features[name].id

    def _fixed(self) -> None:
        voices = [
            (voice_name(x), "NamedReference", f"Voice-over {x}") for x in self._book.languages
        ]
        text, link = "String", "NamedReference"
        line = [("TechnicalId", text, "Technical id"), ("Portrait", link, "Portrait")]
        line += [("Place", link, "Place")]
        asked = [("Condition", text, "Condition"), ("Instruction", text, "Instruction")]
        self._add(LINE, "Storyarn line", "DialogueFragment", [*line, *voices])
        self._add(RESPONSE, "Storyarn response", "DialogueFragment", [*asked, *voices])
        kept = (ORIGINAL, text, "Original")
        self._add(PLAYER, "Player", "Entity", [("IsPlayer", "Boolean", "Is player"), kept])
        for name, label, kind in _KEEPERS:
            self._add(name, label, kind, [kept])

    def _add(
        self, name: str, label: str, kind: str, properties: list[tuple[str, str, str]]
    ) -> None:
        made = Feature(self._book.ids.named(i.FEATURE, name), name, label, properties)
        self.features[name] = made
        number = self._book.ids.named(i.TEMPLATE, name)
        self.templates[name] = Template(number, name, label, kind, (name,))

    def _learn(self, sheet: Sheet, owners: dict[int, int]) -> None:
        """The feature that a sheet defines, and the template of all that it has."""
        book = self._book
        used: dict[str, None] = {}
        own = [x for x in sheet.blocks if x.inherited_from_block_id not in owners]
        technical = book.sheet_names[sheet.id]
        name = f"Sheet_{technical}"
        if own:
            labels: dict[str, Block] = {}
            for block in own:
                key = _named(block)
                labels[f"{key}_{block.id}" if key in labels else key] = block
            words = Identifiers(labels, NameRules(ascii_identifier, ignore_case=True))
            label = book.wording.clean(sheet.name, f"sheet {sheet.shortcut or sheet.id}")
            feature = Feature(book.ids.named(i.FEATURE, name), name, label)
            self.features[name] = feature
            for key, block in labels.items():
                owners[block.id] = block.id
                self._names[block.id] = (name, words.of(key))
                shown = book.wording.clean(_label(block), f"sheet {sheet.shortcut or sheet.id}")
                feature.properties.append((words.of(key), _KINDS.get(block.type, "String"), shown))
        for block in sheet.blocks:
            if block.id not in self._names and block.inherited_from_block_id in owners:
                owners[block.id] = owners[block.inherited_from_block_id]
                self._names[block.id] = self._names[owners[block.id]]
            used[self._names[block.id][0]] = None
        self._of_sheets[sheet.id] = self._template(tuple(used), name) if used else SHEET_KEPT

    def _template(self, features: tuple[str, ...], name: str) -> str:
        """The template of some features; one feature has the template of its own name."""
        made = features[0] if len(features) == 1 else name
        if made not in self.templates:
            label = self.features[features[-1]].label
            number = self._book.ids.named(i.TEMPLATE, made)
            features = (*features, SHEET_KEPT)
            self.templates[made] = Template(number, made, label, "Entity", features)
        return made


def entities(book: Book, templates: Templates) -> Iterator[Thing]:
    """An entity for each sheet."""
    for sheet in book.story.each_sheet():
        where = f"sheet {sheet.shortcut or sheet.id} ({sheet.name})"
        technical = f"Ntt_{book.sheet_names[sheet.id]}"
        thing = Thing("Entity", book.entity(sheet.id), technical, i.FOLDERS["Entities"])
        names = book.translated("sheet", sheet.id, "name")
        thing.name = book.wording.plain(sheet.name, where, names)
        thing.text = book.wording.plain(sheet.description or "", where, {})
        thing.color = colour(sheet.color)
        thing.external_id = book.wording.clean(sheet.shortcut or "", where)
        facts = book.story.sheets[sheet.id]
        thing.preview = book.asset(facts.portrait)
        pictures = [sheet.banner_asset_id, *facts.avatars.values()]
        pictures += [x.asset_id for block in sheet.blocks for x in block.images]
        found = dict.fromkeys(book.asset(x) for x in pictures)
        thing.references = tuple(x for x in found if x != i.NULL_ID)
        thing.template = templates.of_sheet(sheet)
        thing.features = _values(book, templates, sheet, where)
        _keep(book, templates, sheet, thing)
        yield thing


def _keep(book: Book, templates: Templates, sheet: Sheet, thing: Thing) -> None:
    """The sheet as it is, with the marks of its entity's properties by block."""
    blocks = {templates.property_of(x): str(x.id) for x in sheet.blocks}
    values = {
        blocks[name, one.name]: [name, one.name, property_marks(one.value)]
        for name, properties in thing.features
        for one in properties
        if (name, one.name) in blocks
    }
    texts = {"sheet": book.kept_texts("sheet", sheet.id)}
    texts |= {str(x.id): book.kept_texts("block", x.id) for x in sheet.blocks}
    kept = {
        "of": thing.id,
        "sheet": sheet_row(sheet),
        "texts": {key: found for key, found in texts.items() if found},
        "marks": shown_marks(thing),
        "values": values,
    }
    thing.features = (*thing.features, (SHEET_KEPT, (original(kept),)))


def _values(
    book: Book, templates: Templates, sheet: Sheet, where: str
) -> tuple[tuple[str, tuple[Property, ...]], ...]:
    """A value for each property of the template, the usual one where the sheet has none."""
    template = templates.templates.get(templates.of_sheet(sheet))
    if template is None:
        return ()
    told = {templates.property_of(x): x for x in sheet.blocks}
    return tuple(
        (
            name,
            tuple(
                Property(key, kind, _value(book, told.get((name, key)), kind, where))
                for key, kind, _ in templates.features[name].properties
            ),
        )
        for name in template.features
        if name != SHEET_KEPT
    )


def _value(book: Book, block: Block | None, kind: str, where: str) -> str | float | bool | Text:
    value = block.value if block and isinstance(block.value, Mapping) else {}
    content = value.get("content")
    match kind:
        case "Boolean":
            return content is True
        case "Number":
            return as_float(content) or 0.0
        case "NamedReference":
            return _reference(book, value)
    if block is None:
        return Text()
    if block.type == "table":
        return Text(book.wording.clean(_table(block), where))
    if block.type == "gallery":
        return Text(book.wording.clean(", ".join(x.label or "" for x in block.images), where))
    text = content if isinstance(content, str | list) else None
    if block.type == "rich_text" and isinstance(text, str):
        text = line_text(text, {})
    shown = ", ".join(map(str, text)) if isinstance(text, list) else text or ""
    translated = book.translated("block", block.id, "value.content")
    return book.wording.plain(shown, where, translated if block.type == "text" else {})


def _reference(book: Book, value: Mapping[str, object]) -> str:
    number = as_id(value.get("target_id"))
    if value.get("target_type") == "flow" and number in book.story.flows and number is not None:
        return book.ids.of(i.FLOW, number)
    return book.entity(number) if value.get("target_type") == "sheet" else i.NULL_ID


def _table(block: Block) -> str:
    """The cells of a table, a row a line, as people read them."""
    lines = []
    for row in block.rows:
        cells = row.cells if isinstance(row.cells, Mapping) else {}
        shown = [f"{x.slug}={_cell(cells.get(x.slug))}" for x in block.columns]
        lines.append(f"{row.slug}: {', '.join(shown)}")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        return format_value(value)
    return orjson.dumps(value).decode()


def _named(block: Block) -> str:
    """What a property is named after; the id keeps names apart that are alike."""
    return block.variable_name or f"{block.type}_{block.id}"


def _label(block: Block) -> str:
    label = block.config.get("label") if isinstance(block.config, Mapping) else None
    return label if isinstance(label, str) and label else _named(block)
