"""How sheets are written: blocks, tables, galleries, and what children inherit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from storyarn_pipelines.demo.authoring.text import Text

Config = Mapping[str, Any]

UNNAMED_TYPES = ("reference", "gallery")
"""Block types that never are variables and so have no variable name."""


@dataclass(frozen=True)
class Column:
    """A table column; the slug is its part of the variable path."""

    slug: str
    name: str
    type: str
    config: Config = field(default_factory=dict)
    constant: bool = False
    required: bool = False


@dataclass(frozen=True)
class Row:
    """A table row with its cells by column slug."""

    slug: str
    name: str
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """An image in a gallery."""

    file: str
    label: str
    description: str | None = None


@dataclass(frozen=True)
class Block:
    """A property of a sheet. `value` is a Text, a plain value, or a target like `sheet:tide`."""

    type: str
    key: str
    label: str
    value: Any = None
    config: Config = field(default_factory=dict)
    constant: bool = False
    scope: str = "self"
    required: bool = False
    group: str | None = None
    column: int = 0
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def variable_name(self) -> str | None:
        """Name under which stories use the block, if its type can be used at all."""
        return None if self.type in UNNAMED_TYPES else self.key

    def for_children(self) -> "Block":
        """Hand the block down to every sheet below."""
        return replace(self, scope="children")

    def beside(self, group: str, column: int) -> "Block":
        """Stand in a row with the other blocks of the group."""
        return replace(self, group=group, column=column)


@dataclass(frozen=True)
class Avatar:
    """A face of a character; flows name it `<sheet>/<name>`."""

    name: str
    file: str
    notes: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet and the sheets below it.

    `inherited` gives values to blocks that come from above, by block key; `detached` replaces
    such a block by a version of its own, and `hidden` does without it.
    """

    shortcut: str
    name: Text
    blocks: tuple[Block, ...] = ()
    children: "tuple[Sheet, ...]" = ()
    inherited: Mapping[str, Any] = field(default_factory=dict)
    detached: tuple[Block, ...] = ()
    hidden: tuple[str, ...] = ()
    description: str | None = None
    color: str | None = None
    banner: str | None = None
    avatars: tuple[Avatar, ...] = ()
    trashed: bool = False


def options(**labels: str) -> list[dict[str, str]]:
    """Write the options of a select as `key="Label"`."""
    return [{"key": key, "value": label} for key, label in labels.items()]


def formula(expression: str, **bindings: str) -> dict[str, Any]:
    """Write a formula cell; a binding with a dot is a variable, one without a column of the row."""
    return {
        "expression": expression,
        "bindings": {
            symbol: {"type": "variable", "ref": source}
            if "." in source
            else {"type": "same_row", "column_slug": source}
            for symbol, source in bindings.items()
        },
    }
