"""Values as Storyarn's runtime (Elixir) reads and writes them.

A number is the float that a text begins with, a float is written in its shortest form
(``50.0``, ``1.0e3``), dates are compared by day.
"""

import json
import re

from storyarn_pipelines.domain.variables import Value

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""A number as the player reads it: no leading or trailing point, no blanks."""

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DATE = re.compile(r"([+-]?[0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EXACT = 2**53
_LIST_LIMIT = 50
_MARKS = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a",
          "\b": "\\b", "\f": "\\f", "\v": "\\v", "\x1b": "\\e", "\x00": "\\0",
          "\x7f": "\\d"}  # fmt: skip


def leading_number(text: str) -> float | None:
    """The number that a text begins with (``80 coins`` is 80.0), or None.

    A number too large for a float is None.
    """
    found = NUMBER.match(text)
    if found is None:
        return None
    number = float(found[0])
    return None if number in (float("inf"), float("-inf")) else number


def whole_number(text: str) -> int | None:
    """A text that is an integer and nothing else, or None."""
    return int(text) if len(text) <= 400 and _WHOLE.fullmatch(text) else None


def as_float(value: object) -> float | None:
    """A value as conditions compare it with numbers, or None if it is no number."""
    if isinstance(value, str):
        return leading_number(value)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def as_number(value: object) -> int | float | None:
    """A value as assignments calculate with it: integers stay, texts become floats."""
    if isinstance(value, str):
        return leading_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def day(value: object) -> tuple[int, int, int] | None:
    """A date written ``YYYY-MM-DD``, with a sign or without, as numbers that can be compared."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, number = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 29 if leap and month == 2 else _DAYS[month - 1]
    return (year, month, number) if 1 <= number <= last else None


def number_text(number: float) -> str:
    """A number as the player shows it: ``50``, but floats as ``50.0``, ``0.001``, ``1.0e3``.

    Of the two ways to write a float the shorter one is taken; from 2**53 on always the second.
    """
    if isinstance(number, int):
        return str(number)
    mantissa, _, exponent = repr(number).partition("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or 0) - len(fraction)
    digits = (whole + fraction).lstrip("0")
    stripped = digits.rstrip("0")
    power += len(digits) - len(stripped)
    if not stripped:
        return f"{sign}0.0"
    return sign + _shorter(stripped, power, abs(number))


def _shorter(digits: str, power: int, size: float) -> str:
    """``digits`` times ten to the ``power``, in the shorter of two forms."""
    scientific = len(digits) + power - 1
    if len(digits) == 1:
        lowest, highest = -4, 2
    else:
        lowest, highest = -len(digits) - 2, 2 if scientific >= 10 else 1
    if not lowest <= power <= highest or (power >= 0 and size >= _EXACT):
        return f"{digits[0]}.{digits[1:] or '0'}e{scientific}"
    if power >= 0:
        return f"{digits}{'0' * power}.0"
    if scientific >= 0:
        return f"{digits[:power]}.{digits[power:]}"
    return f"0.{digits.rjust(-power, '0')}"


def as_text(value: object) -> str:
    """A value as conditions compare it with texts: nil is empty, lists are ``["a", "b"]``."""
    if isinstance(value, str):
        return value
    return "" if value is None else inspected(value)


def format_value(value: Value) -> str:
    """A value as the reader sees it: nil is ``nil``, lists are joined by commas."""
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return "nil" if value is None else as_text(value)


def inspected(value: object) -> str:
    """A value as Elixir writes it for programmers: texts quoted, at most 50 members."""
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return f'"{_escaped(value)}"'
        case list():
            items = [inspected(item) for item in value[:_LIST_LIMIT]]
            return f"[{', '.join(items + ['...'] * (len(value) > _LIST_LIMIT))}]"
        case dict():
            pairs = [f"{inspected(key)} => {inspected(x)}" for key, x in sorted(value.items())]
            more = ["..."] * (len(pairs) > _LIST_LIMIT)
            return f"%{{{', '.join(pairs[:_LIST_LIMIT] + more)}}}"
    return json.dumps(str(value))


def _escaped(text: str) -> str:
    marked = "".join(_MARKS.get(character, character) for character in text)
    return marked.replace("#{", "\\#{")
