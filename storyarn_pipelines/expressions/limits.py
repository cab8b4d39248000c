"""The limits of a variable, which an assignment may not pass. Initial values do not know them."""

from collections.abc import Callable, Mapping
from typing import Any

import regex

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.values import leading_number, whole_number

_CHARACTER = regex.compile(r"\X")


def limited(variable: Variable, value: Value) -> Value:
    """The value that is kept when ``value`` is assigned."""
    limit = _LIMITS.get(variable.type)
    if limit is None:
        return value
    config = variable.config if isinstance(variable.config, Mapping) else {}
    return limit(value, config)


def bound(value: object) -> int | float | None:
    """A limit as Storyarn stores it, a number or a text that begins with one."""
    if isinstance(value, str):
        whole = whole_number(value)
        return leading_number(value) if whole is None else whole
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value


def _number(value: Value, config: Mapping[str, Any]) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    least, most = bound(config.get("min")), bound(config.get("max"))
    if least is not None:
        value = max(value, least)
    return value if most is None else min(value, most)


def _text(value: Value, config: Mapping[str, Any]) -> Value:
    longest = bound(config.get("max_length"))
    if not isinstance(value, str) or longest is None or longest <= 0 or len(value) <= longest:
        return value
    characters = (found[0] for found in _CHARACTER.finditer(value))
    return "".join(x for x, _ in zip(characters, range(int(longest)), strict=False))


def _list(value: Value, config: Mapping[str, Any]) -> Value:
    most = bound(config.get("max_options"))
    if not isinstance(value, list) or most is None or most <= 0:
        return value
    return value[: int(most)]


def _date(value: Value, config: Mapping[str, Any]) -> Value:
    """Dates are compared as texts."""
    if not isinstance(value, str) or not value:
        return value
    first, last = config.get("min_date"), config.get("max_date")
    if isinstance(first, str) and first and value < first:
        value = first
    return last if isinstance(last, str) and last and value > last else value


def _boolean(value: Value, config: Mapping[str, Any]) -> Value:
    return False if value is None and config.get("mode") != "tri_state" else value


_LIMITS: dict[str, Callable[[Value, Mapping[str, Any]], Value]] = {
    "number": _number,
    "text": _text,
    "select": _list,
    "multi_select": _list,
    "date": _date,
    "boolean": _boolean,
}
