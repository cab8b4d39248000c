"""One sheet after the other: blocks, tables, media, and the texts in them."""

from functools import partial
from typing import Any

from storyarn_pipelines.domain.json_values import filled, kind_of, mapping
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.domain.sheets import Block, Sheet, TableColumn, TableRow
from storyarn_pipelines.validation.findings import Entity, Here
from storyarn_pipelines.validation.interpolation import check_named_variable
from storyarn_pipelines.validation.names import check_shortcut
from storyarn_pipelines.validation.references import (
    check_media,
    check_mentions,
    check_typed_reference,
)
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import is_blank

_CONTENTS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text"),
    "rich_text": ((str,), "a text"),
    "number": ((int, float, str), "a number"),
    "boolean": ((bool,), "true or false"),
    "select": ((str,), "a text"),
    "multi_select": ((list,), "a list"),
    "date": ((str,), "a text"),
}
_BLOCK_TYPES = frozenset({*_CONTENTS, "reference", "table", "gallery"})
_COLUMN_TYPES = frozenset({*_CONTENTS, "reference", "formula"}) - {"rich_text"}


def check_sheets(run: Run, counter: Counter) -> None:
    """Check all sheets, one at a time."""
    for sheet in run.story.sheets():
        counter.add(1 + len(sheet.blocks))
        if sheet.id not in run.index.sheets:
            continue
        run.count("pages")
        entity = run.index.sheets[sheet.id]
        _check_sheet(run, entity.itself, sheet)
        blocks = [block for block in sheet.blocks if block.id not in run.index.trash.blocks]
        run.count("blocks", len(blocks))
        for block in blocks:
            _check_block(run, partial(_block_entity, entity, block), block)
        _check_texts(run, entity, sheet, blocks)


def _check_sheet(run: Run, here: Here, sheet: Sheet) -> None:
    check_shortcut(run, here, sheet.shortcut)
    check_media(run, here, sheet.banner_asset_id, "banner")
    for avatar in sheet.avatars:
        check_media(run, here, avatar.asset_id, "avatar")


def _block_entity(sheet: Entity, block: Block) -> Entity:
    label = filled(mapping(block.config).get("label"))
    return Entity("block", block.id, block.variable_name or None, label, sheet)


def _check_block(run: Run, here: Here, block: Block) -> None:
    if block.type not in _BLOCK_TYPES:
        run.add("SA1005", here, what="block type", type=block.type)
        return
    for what, value in (("config", block.config), ("value", block.value)):
        if value is not None and not isinstance(value, dict):
            _report_shape(run, here, what, value, "an object")
    value = mapping(block.value)
    _check_value(run, here, block.type, value)
    if block.type == "table":
        _check_table(run, here, block)
    for image in block.images:
        check_media(run, here, image.asset_id, "picture")


def _check_value(run: Run, here: Here, kind: str, value: dict[str, Any]) -> None:
    if kind == "reference":
        allowed = ("sheet", "flow")
        target = value.get("target_id")
        check_typed_reference(run, here, value.get("target_type"), target, allowed, "target")
        return
    if kind not in _CONTENTS:
        return
    content = value.get("content")
    types, wanted = _CONTENTS[kind]
    is_switch = isinstance(content, bool) and bool not in types
    if content is not None and (is_switch or not isinstance(content, types)):
        _report_shape(run, here, "value", content, wanted)
    elif kind == "rich_text":
        check_mentions(run, here, content)


def _check_table(run: Run, here: Here, block: Block) -> None:
    for column in block.columns:
        if column.type not in _COLUMN_TYPES:
            run.add("SA1005", here, what=f"type of column {column.slug}", type=column.type)
        if column.config is not None and not isinstance(column.config, dict):
            _report_shape(run, here, f"config of column {column.slug}", column.config, "an object")
    for row in block.rows:
        if row.cells is not None and not isinstance(row.cells, dict):
            _report_shape(run, here, f"cells of row {row.slug}", row.cells, "an object")
            continue
        for column in block.columns:
            _check_cell(run, here, row, column)


def _check_cell(run: Run, here: Here, row: TableRow, column: TableColumn) -> None:
    value = mapping(row.cells).get(column.slug)
    what = f"cell {row.slug}.{column.slug}"
    if column.type == "reference":
        for shortcut in value if isinstance(value, list) else [value]:
            _check_sheet_shortcut(run, here, shortcut, what)
    elif column.type == "formula" and value is not None:
        if not isinstance(value, dict):
            _report_shape(run, here, what, value, "an object")
            return
        for binding in mapping(value.get("bindings")).values():
            if mapping(binding).get("type") == "variable":
                check_named_variable(run, here, mapping(binding).get("ref"), f"formula in {what}")


def _check_sheet_shortcut(run: Run, here: Here, shortcut: object, what: str) -> None:
    if not isinstance(shortcut, str) or not shortcut:
        return
    if shortcut in run.index.sheet_shortcuts:
        run.used_shortcuts.add(shortcut)
    elif "sheets" in run.index.whole and not _is_sheet_id(run, shortcut):
        run.add("SA0305", here, what=what, shortcut=shortcut)


def _is_sheet_id(run: Run, shortcut: str) -> bool:
    """A sheet without a shortcut goes by its id."""
    return shortcut.isdecimal() and int(shortcut) in run.index.sheets


def _report_shape(run: Run, here: Here, what: str, value: object, wanted: str) -> None:
    run.add("SA1004", here, what=what, kind=kind_of(value), wanted=wanted)


def _check_texts(run: Run, sheet: Entity, row: Sheet, blocks: list[Block]) -> None:
    """Check that the sheet's name and its texts have rows for translators."""
    for locale, _ in run.texts.missing("sheet", [(row.id, "name")]):
        run.add("SA0903", sheet.itself, what="name", locale=locale)
    texts = [block for block in blocks if _is_text(block)]
    keys = [(block.id, "value.content") for block in texts]
    for locale, place in run.texts.missing("block", keys):
        here = partial(_block_entity, sheet, texts[place])
        run.add("SA0903", here, what="value", locale=locale)


def _is_text(block: Block) -> bool:
    if not block.is_variable or block.type not in ("text", "rich_text"):
        return False
    return not is_blank(mapping(block.value).get("content"))


def check_use(run: Run) -> None:
    """Name the sheets and variables that the story does not use.

    This can be said of a whole project only: the part that uses them may not be selected.
    """
    for sheet in run.story.sheets():
        entity = run.index.sheets.get(sheet.id)
        if entity is None:
            continue
        for block in sheet.blocks:
            if block.id not in run.index.trash.blocks:
                _check_variable(run, entity, block)
        if not (
            sheet.id in run.used_sheets
            or sheet.id in run.index.variables.used_sheets
            or sheet.shortcut in run.used_shortcuts
            or sheet.id in run.index.parent_sheets
        ):
            run.add("SA0803", entity.itself)


def _check_variable(run: Run, sheet: Entity, block: Block) -> None:
    """Report a variable that is not both read and written."""
    use = run.index.variables.use_of_block(block.id)
    if use is not None and use != (True, True):
        code = {(False, False): "SA0711", (False, True): "SA0712", (True, False): "SA0713"}[use]
        run.add(code, partial(_block_entity, sheet, block))
