"""The variables of a story: what conditions ask and instructions change.

A variable's full name is the sheet's name, a dot and the variable's own name. Both may have dots,
so only the full name identifies it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = None | bool | int | float | str | list[str]
"""What a variable holds. None is Storyarn's nil."""

VARIABLE_TYPES = (
    "text", "rich_text", "number", "select", "multi_select", "boolean", "date", "formula",
)  # fmt: skip
"""Types as the player knows them; reference columns of tables count as select or multi_select."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable with its value at the start.

    ``sheet`` is the shortcut (or the decimal id) of the sheet, scene pin or zone that has it.
    ``config`` is the block's or column's configuration, limits among them, as Storyarn stores it.
    """

    sheet: str
    name: str
    type: str
    initial: Value = None
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The name by which the story knows it."""
        return f"{self.sheet}.{self.name}"
