"""Sheets, their blocks and what those are made of, as rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from storyarn_pipelines.demo.authoring.sheets import Block, Sheet
from storyarn_pipelines.demo.authoring.text import Text, word_count
from storyarn_pipelines.demo.compiling.ledger import PROJECT_ID, TRASHED_AT, Ledger
from storyarn_pipelines.demo.compiling.localization import Source, Texts
from storyarn_pipelines.demo.compiling.markup import html

_TARGET_TABLES = {"sheet": "sheets", "flow": "flows"}


def walk(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """Go through a tree of sheets, parents first."""
    for sheet in sheets:
        yield sheet
        yield from walk(sheet.children)


def reserve_sheets(sheets: Sequence[Sheet], ledger: Ledger) -> None:
    """Give all sheets and faces their ids, since flows may name any of them."""
    for sheet in walk(sheets):
        ledger.reserve("sheets", sheet.shortcut)
        for avatar in sheet.avatars:
            ledger.reserve("sheet_avatars", f"{sheet.shortcut}/{avatar.name}")
        for block in sheet.blocks:
            ledger.reserve("blocks", f"{sheet.shortcut}/{block.key}")


def write_sheets(sheets: Sequence[Sheet], ledger: Ledger, texts: Texts) -> None:
    """Write the whole tree."""
    _SheetWriter(ledger, texts).write_all(sheets, parent=None, heritage=())


class _SheetWriter:
    """Walks down the tree and carries along what the ancestors hand down."""

    def __init__(self, ledger: Ledger, texts: Texts) -> None:
        self._ledger = ledger
        self._texts = texts

    def write_all(
        self, sheets: Sequence[Sheet], parent: int | None, heritage: tuple[tuple[str, Block], ...]
    ) -> None:
        for position, sheet in enumerate(sheets):
            sheet_id = self._write_sheet(sheet, position, parent, heritage)
            own = tuple(
                (f"{sheet.shortcut}/{block.key}", block)
                for block in sheet.blocks
                if block.scope == "children"
            )
            self.write_all(sheet.children, sheet_id, heritage + own)

    def _write_sheet(
        self,
        sheet: Sheet,
        position: int,
        parent: int | None,
        heritage: tuple[tuple[str, Block], ...],
    ) -> int:
        hidden = [self._ledger.id("blocks", key) for key, b in heritage if b.key in sheet.hidden]
        banner = None if sheet.banner is None else self._ledger.id("assets", sheet.banner)
        sheet_id = self._ledger.add(
            "sheets",
            sheet.shortcut,
            name=sheet.name.en,
            position=position,
            description=sheet.description,
            shortcut=sheet.shortcut,
            color=sheet.color,
            deleted_at=TRASHED_AT if sheet.trashed else None,
            hidden_inherited_block_ids=hidden,
            project_id=PROJECT_ID,
            parent_id=parent,
            banner_asset_id=banner,
            current_version_id=None,
        )
        if not sheet.trashed:
            self._texts.add(Source("sheet", sheet_id, "name", sheet.name))
        self._write_avatars(sheet, sheet_id)
        self._write_blocks(sheet, sheet_id, heritage)
        return sheet_id

    def _write_avatars(self, sheet: Sheet, sheet_id: int) -> None:
        for position, avatar in enumerate(sheet.avatars):
            self._ledger.add(
                "sheet_avatars",
                f"{sheet.shortcut}/{avatar.name}",
                name=avatar.name,
                notes=avatar.notes,
                position=position,
                is_default=position == 0,
                sheet_id=sheet_id,
                asset_id=self._ledger.id("assets", avatar.file),
            )

    def _write_blocks(
        self, sheet: Sheet, sheet_id: int, heritage: tuple[tuple[str, Block], ...]
    ) -> None:
        """Write the inherited blocks, each with its own value here, and then the sheet's own."""
        detached = {block.key: block for block in sheet.detached}
        position = 0
        for key, block in heritage:
            if block.key in sheet.hidden:
                continue
            value = sheet.inherited.get(block.key, block.value)
            instance = detached.get(block.key, replace(block, value=value, scope="self"))
            self._write_block(
                instance,
                None,
                live=not sheet.trashed,
                sheet_id=sheet_id,
                position=position,
                inherited_from_block_id=self._ledger.id("blocks", key),
                detached=block.key in detached,
            )
            position += 1
        for offset, block in enumerate(sheet.blocks):
            self._write_block(
                block,
                f"{sheet.shortcut}/{block.key}",
                live=not sheet.trashed,
                sheet_id=sheet_id,
                position=position + offset,
                inherited_from_block_id=None,
                detached=False,
            )

    def _write_block(self, block: Block, key: str | None, live: bool, **place: Any) -> None:
        text = self._text(block)
        block_id = self._ledger.add(
            "blocks",
            key,
            type=block.type,
            config={"label": block.label, **block.config},
            value=self._value(block, text),
            is_constant=block.constant,
            variable_name=block.variable_name,
            deleted_at=None,
            scope=block.scope,
            required=block.required,
            column_group_id=block.group and str(uuid5(NAMESPACE_URL, block.group)),
            column_index=block.column,
            word_count=word_count(text.en) if text else 0,
            **place,
        )
        if text and live and not block.constant:
            self._texts.add(Source("block", block_id, "value.content", text))
        self._write_contents(block, block_id)

    def _text(self, block: Block) -> Text | None:
        if not isinstance(block.value, Text):
            return None
        if block.type == "rich_text":
            return block.value.map(lambda version: html(version, self._ledger))
        return block.value

    def _value(self, block: Block, text: Text | None) -> dict[str, Any]:
        if block.type in ("table", "gallery"):
            return {}
        if block.type == "reference":
            kind, _, key = block.value.partition(":")
            return {"target_type": kind, "target_id": self._ledger.id(_TARGET_TABLES[kind], key)}
        return {"content": text.en if text else block.value}

    def _write_contents(self, block: Block, block_id: int) -> None:
        for position, column in enumerate(block.columns):
            self._ledger.add(
                "table_columns",
                block_id=block_id,
                name=column.name,
                slug=column.slug,
                type=column.type,
                is_constant=column.constant,
                required=column.required,
                position=position,
                config=dict(column.config),
            )
        for position, row in enumerate(block.rows):
            self._ledger.add(
                "table_rows",
                block_id=block_id,
                name=row.name,
                slug=row.slug,
                position=position,
                cells=dict(row.cells),
            )
        for position, picture in enumerate(block.pictures):
            self._ledger.add(
                "block_gallery_images",
                label=picture.label,
                description=picture.description,
                position=position,
                block_id=block_id,
                asset_id=self._ledger.id("assets", picture.file),
            )
