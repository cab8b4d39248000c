"""Sheets: characters, places and variables. JSON columns hold decoded values of any shape."""

from typing import Any

import msgspec


class Avatar(msgspec.Struct, frozen=True):
    """A portrait of a sheet."""

    id: int
    name: str | None
    notes: str | None
    position: int
    is_default: bool
    asset_id: int


class TableColumn(msgspec.Struct, frozen=True):
    """A column of a table block; ``slug`` is the key in its rows' cells."""

    id: int
    name: str
    slug: str
    type: str
    is_constant: bool
    required: bool
    position: int
    config: Any


class TableRow(msgspec.Struct, frozen=True):
    """A row of a table block."""

    id: int
    name: str
    slug: str
    position: int
    cells: Any


class GalleryImage(msgspec.Struct, frozen=True):
    """An image of a gallery block."""

    id: int
    label: str | None
    description: str | None
    position: int
    asset_id: int


class Block(msgspec.Struct, frozen=True):
    """One property of a sheet. ``is_variable`` says whether stories can read and write it."""

    id: int
    type: str
    position: int | None
    config: Any
    value: Any
    is_constant: bool
    variable_name: str | None
    scope: str | None
    detached: bool | None
    inherited_from_block_id: int | None
    word_count: int
    is_variable: bool
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    images: tuple[GalleryImage, ...]


class Sheet(msgspec.Struct, frozen=True):
    """One sheet with its blocks. ``path`` joins the names from the root with ``/``."""

    id: int
    name: str
    position: int | None
    description: str | None
    shortcut: str | None
    color: str | None
    parent_id: int | None
    banner_asset_id: int | None
    hidden_inherited_block_ids: tuple[int, ...] | None
    path: str
    avatar_asset_id: int | None
    avatars: tuple[Avatar, ...]
    blocks: tuple[Block, ...]
