"""Names that Storyarn accepts: shortcuts, names of variables, locales; each given once."""

import re
import unicodedata

_SHORTCUT = 50
_NAME = 200
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


class Taken:
    """Gives names that nobody else has."""

    def __init__(self, separator: str, longest: int) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        self._separator, self._longest = separator, longest

    def give(self, wanted: str) -> str:
        """The name, with a number behind it if it is taken."""
        wanted = wanted[: self._longest].rstrip(".-_") or "x"
        name = wanted
        if name in self._taken:
            number = self._counts.get(wanted, 1)
            while name in self._taken:
                tail = f"{self._separator}{number}"
                name = wanted[: self._longest - len(tail)].rstrip(".-_") + tail
                number += 1
            self._counts[wanted] = number
        self._taken.add(name)
        return name


def shortcuts() -> Taken:
    """Names of sheets, flows or scenes."""
    return Taken("-", _SHORTCUT)


def variable_names() -> Taken:
    """Names of the variables of a sheet."""
    return Taken("_", 100)


def shortcut(name: str, dots: str = "") -> str:
    """A shortcut from a name; characters of ``dots`` become dots."""
    text = _letters(name)
    for mark in dots:
        text = text.replace(mark, ".")
    text = re.sub(r"[^a-z0-9.]+", "-", text)
    return re.sub(r"[.\-]*\.[.\-]*", ".", text).strip(".-") or "unnamed"


def variable_name(name: str) -> str:
    """A variable's name from one of articy's."""
    return re.sub(r"[^a-z0-9_]+", "_", _letters(name)).strip("_") or "unnamed"


def shown_name(name: str, otherwise: str) -> str:
    """A name for people, one line of at most 200 characters."""
    text = " ".join(name.split()) or " ".join(otherwise.split()) or "Unnamed"
    return text if len(text) <= _NAME else f"{text[: _NAME - 1]}…"


def locale(code: str) -> str | None:
    """A locale as Storyarn writes it, None for what is none."""
    found = code.strip().lower().replace("_", "-")
    return found if _LOCALE.fullmatch(found) and len(found) <= 35 else None


def color(text: str) -> str | None:
    """A colour, None for what is none."""
    return text.upper() if _COLOR.fullmatch(text) else None


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFD", name)
    return "".join(x for x in plain if not unicodedata.combining(x)).lower()
