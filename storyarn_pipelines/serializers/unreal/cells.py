r"""Values as cells of Unreal's CSV files, and texts as its string tables keep them.

Unreal undoes the escapes of a string table one kind after the other, so that a backslash before
``n``, ``r``, ``t`` or a quote cannot be said there, however it is written.
"""

import re
from collections.abc import Iterable, Mapping

_UNSAYABLE = re.compile(r"""\\[nrt'"]""")


def quoted(text: str) -> str:
    """A text inside of a cell that holds more than the text."""
    inner = _escaped(text.replace("\\", "\\\\"))
    return '"' + inner.replace('"', '\\"') + '"'


def list_cell(items: Iterable[str]) -> str:
    """A list, as ``("a","b")``; an empty cell for an empty one."""
    inner = ",".join(map(quoted, items))
    return f"({inner})" if inner else ""


def map_cell(pairs: Mapping[str, str]) -> str:
    """A map, as ``(("k","v"),("k2","v2"))``."""
    inner = ",".join([f"({quoted(key)},{quoted(value)})" for key, value in pairs.items()])
    return f"({inner})" if inner else ""


def fits_string_table(text: str) -> bool:
    """Whether a string table can say a text."""
    return "\\" not in text or _UNSAYABLE.search(text) is None


def table_string(text: str) -> str:
    """A text as a cell of a string table's CSV; quotes are doubled by the CSV alone."""
    return _escaped(text.replace("\\", "\\\\"))


def _escaped(text: str) -> str:
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def asset_path(folder: str, name: str) -> str:
    """A soft reference: package and object."""
    return f"{folder}/{name}.{name}"
