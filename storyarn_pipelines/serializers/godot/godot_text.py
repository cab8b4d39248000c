"""Values in Godot's own text form, as ``.dch`` files and ``project.godot`` have them."""

import math
import re
from collections.abc import Iterable, Mapping

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TABLE = str.maketrans(
    _ESCAPES | {chr(x): f"\\u{x:04x}" for x in range(1, 32) if chr(x) not in _ESCAPES} | {"\0": ""}
)
_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_LARGEST = 2**63


def text(value: str) -> str:
    """A string."""
    return f'"{value.translate(_TABLE)}"'


def variant(value: object) -> str:
    """Any JSON value; numbers that Godot cannot hold are strings."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if -_LARGEST <= value < _LARGEST else text(str(value))
        case float():
            return repr(value) if math.isfinite(value) else text(str(value))
        case list() | tuple():
            return f"[{', '.join(map(variant, value))}]"
        case Mapping():
            return dictionary((str(key), variant(x)) for key, x in value.items())
    return text(str(value))


def dictionary(items: Iterable[tuple[str, str]]) -> str:
    """A dictionary of values that are written already."""
    inner = ",\n".join([f"{text(key)}: {value}" for key, value in items])
    return f"{{\n{inner}\n}}" if inner else "{}"


def strings(items: Iterable[str]) -> str:
    """A packed array of strings."""
    return f"PackedStringArray({', '.join(map(text, items))})"


def color(stored: str | None) -> str:
    """``#rgb``, ``#rrggbb`` or ``#rrggbbaa`` as a colour; white for anything else."""
    found = _COLOR.fullmatch(stored or "")
    digits = found[1] if found else "ffffff"
    if len(digits) == 3:
        digits = "".join([x + x for x in digits])
    parts = [int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2)]
    parts += [1.0] * (4 - len(parts))
    return f"Color({', '.join([f'{x:.6g}' for x in parts])})"
