"""Pieces of XML: texts and elements, escaped."""

import re
from collections.abc import Sequence

_SPECIAL = re.compile('[&<>\r"]')
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"), ('"', "&quot;"))

Lines = list[str]
"""Pieces of XML, each beginning on a line of its own and indented from the element on."""


def safe(text: str) -> str:
    """A text as it stands in an element or an attribute; control characters are gone before."""
    if not _SPECIAL.search(text):
        return text
    for letter, escape in _ESCAPES:
        text = text.replace(letter, escape)
    return text


def element(name: str, text: str, indent: str = "") -> str:
    """An element with a text."""
    return f"{indent}<{name}>{safe(text)}</{name}>" if text else f"{indent}<{name}/>"


def line_break(depth: int) -> str:
    """The end of a line and the indentation of the next."""
    return "\n" + "  " * depth


def culture(locale: str) -> str:
    """A locale as articy writes it: ``pt-BR``, ``zh-Hans``."""
    first, *rest = locale.split("-")
    return "-".join([first, *(x.upper() if len(x) == 2 else x.title() for x in rest)])


def listed(name: str, items: Sequence[str], indent: str = "") -> Lines:
    """A list of elements with its count."""
    if not items:
        return [f'{indent}<{name} Count="0"/>']
    return [f'{indent}<{name} Count="{len(items)}">', *items, f"{indent}</{name}>"]
