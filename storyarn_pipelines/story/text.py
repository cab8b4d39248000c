"""Lines and responses as plain text, with what the variables hold put in.

A line is HTML: an inline variable (``<span class="variable-ref" data-ref="mc.gold">``) gives
its value first, then ``{mc.gold}`` does. A response is plain already and has ``$mc.gold``.
"""

import re
from collections.abc import Callable, Mapping

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.expressions.values import format_value
from storyarn_pipelines.story.markup import Tag, Text, Token, tokens

_IN_LINE = re.compile(r"\{([A-Za-z0-9_.]+)\}")
_IN_RESPONSE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)")
_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
                     "ul", "ol"})  # fmt: skip
_MARK = "variable-ref"
_SPAN, _END_OF_SPAN = Tag("span"), Tag("span", closing=True)

Show = Callable[[Value], str]


def shown(value: Value) -> str:
    """A value as the reader sees it: an assigned 50 is ``50.0``."""
    return format_value(value)


def shown_whole(value: Value) -> str:
    """The same with whole floats as integers: ``50``."""
    return format_value(whole(value))


def whole(value: Value) -> Value:
    """A float without a fraction as an integer; everything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def line_text(
    html: str,
    values: Mapping[str, Value],
    show: Show = shown,
    mark: Callable[[Tag], str] | None = None,
) -> str:
    """What a dialogue's HTML says. Names of no variable stay in square brackets.

    ``mark`` gives a text to put in the place of a tag, for targets that have styles.
    """

    def put_in(match: re.Match[str]) -> str:
        name = match[1]
        return show(values[name]) if name in values else f"[{name}]"

    found = tokens(html)
    if _MARK in html:
        found = _with_inline_variables(found, values, show)
    said: list[str] = []
    ended_block = False
    for token in found:
        ends_block = isinstance(token, Tag) and token.closing and token.name in _BLOCKS
        if mark is not None and isinstance(token, Tag):
            said.append(mark(token))
        if isinstance(token, Text):
            said.append(_IN_LINE.sub(put_in, token.text))
        elif (ends_block and not ended_block) or (token.name == "br" and not token.closing):
            said.append("\n")
        ended_block = ends_block
    lines = "".join(said).replace("\N{NO-BREAK SPACE}", " ").split("\n")
    return "\n".join(line.strip() for line in lines).strip()


def response_text(text: str, values: Mapping[str, Value], show: Show = shown) -> str:
    """What a response says."""

    def put_in(match: re.Match[str]) -> str:
        name = match[1]
        return show(values[name]) if name in values else f"[${name}]"

    return _IN_RESPONSE.sub(put_in, text)


def _with_inline_variables(
    found: list[Token], values: Mapping[str, Value], show: Show
) -> list[Token]:
    """Put the values of inline variables in the place of what the editor wrote there.

    Spans stay around the values: a pair of braces does not reach across them.
    """
    filled: list[Token] = []
    position = 0
    while position < len(found):
        length = _inline_variable(found, position)
        if not length:
            filled.append(found[position])
            position += 1
            continue
        token = found[position]
        name = token.attribute("data-ref") or "" if isinstance(token, Tag) else ""
        said = show(values[name]) if name in values else f"[{name}]"
        filled += [_SPAN, Text(said), _END_OF_SPAN]
        position += length
    return filled


def _inline_variable(found: list[Token], position: int) -> int:
    """How many tokens the inline variable has that begins here; 0 if none does."""
    token = found[position]
    if not isinstance(token, Tag) or token.name != "span" or token.closing:
        return 0
    inner = found[position + 1] if position + 1 < len(found) else None
    length = 3 if isinstance(inner, Text) else 2
    end = found[position + length - 1 : position + length]
    is_closed = bool(end) and isinstance(end[0], Tag) and end[0].closing and end[0].name == "span"
    said = inner.text if isinstance(inner, Text) else ""
    is_marked = _MARK in token.rest or _MARK in said
    return length if is_closed and is_marked and token.attribute("data-ref") else 0
