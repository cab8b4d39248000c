"""Errors about texts: where, what was found, what was expected, and a caret below the line."""

from collections.abc import Iterable

from lark import Token
from lark.exceptions import UnexpectedInput, UnexpectedToken

from storyarn_pipelines.errors import ExpressionError

_WORDS = {
    "REF": "a variable such as mc.health",
    "TEXT": "a quoted text",
    "NUMBER": "a number",
    "BOOLEAN": "true or false",
    "NIL": "nil",
    "MISSING": "",
    "COMPARISON": "a comparison such as == or contains",
    "TEST": "is_true, is_false, is_nil or is_empty",
    "_OR": "||",
    "_AND": "&&",
    "_NOT": "!",
    "_LEFT": '"("',
    "_RIGHT": '")"',
    "CHANGE": "=, +=, -= or ?=",
    "COMMAND": "toggle, clear, set_true or set_false",
    "_WITH": "with",
    "JSON": "",
    "_NEWLINE": "a new line",
    "_SEMICOLON": '";"',
    "$END": "the end",
}  # fmt: skip
_WIDTH = 60
_LONGEST = 30


def trouble(
    text: str, position: int, found: str, expected: tuple[str, ...], hint: str = ""
) -> ExpressionError:
    """An error at a position of a text."""
    position = min(position, len(text))
    line = text.count("\n", 0, position) + 1
    start = text.rfind("\n", 0, position) + 1
    column = position - start + 1
    wanted = f", expected {_listed(expected)}" if expected else ""
    more = f"; {hint}" if hint else ""
    first = f"line {line}, column {column}: found {found}{wanted}{more}"
    return ExpressionError(
        f"{first}\n{_pointed(text, start, position)}",
        line=line,
        column=column,
        found=found,
        expected=expected,
    )


def explained(error: UnexpectedInput, text: str, accepted: Iterable[str]) -> ExpressionError:
    """The parser's error in plain words; ``accepted`` are the terminals that could follow."""
    position = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            position = len(text.rstrip())
            found = "the end"
        else:
            found = _quoted(str(error.token))
    else:
        found = _found(text, position)
    known = set(accepted)
    expected = tuple(word for name, word in _WORDS.items() if name in known and word)
    return trouble(text, position, found, expected, _hint(text, position))


def misplaced(text: str, token: Token, hint: str) -> ExpressionError:
    """An error about a token that is in the right place and makes no sense there."""
    return trouble(text, token.start_pos or 0, _quoted(str(token)), (), hint)


def _found(text: str, position: int) -> str:
    rest = text[position : position + _LONGEST + 1]
    if rest[:1] in ('"', "'"):
        return f"an unfinished {_quoted(rest.splitlines()[0])}"
    length = next((i for i, x in enumerate(rest) if not (x.isalnum() or x in "_-.")), len(rest))
    return _quoted(rest[: max(length, 1)]) if rest else "the end"


def _hint(text: str, position: int) -> str:
    rest = text[position:]
    if rest.startswith("=") and not rest.startswith("=="):
        return "conditions compare with =="
    if rest.startswith("=="):
        return "instructions assign with ="
    if rest.startswith("{"):
        return "in braces stands a name, {sheet.name}"
    if rest[:1] in ("+", "-", "*", "/"):
        return "there is no arithmetic"
    if rest[:1].isalpha() and "." not in _found(text, position):
        return "a variable is written sheet.name"
    return ""


def _quoted(found: str) -> str:
    shown = found if len(found) <= _LONGEST else f"{found[:_LONGEST]}…"
    return f"`{shown}`" if shown.isprintable() else f"`{ascii(shown)[1:-1]}`"


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _pointed(text: str, start: int, position: int) -> str:
    """The part of the line around the position, and a caret below it."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    first, last = max(start, position - _WIDTH), min(end, position + _WIDTH)
    shown = "".join(x if x.isprintable() else " " for x in text[first:last])
    return f"  {shown}\n  {' ' * (position - first)}^"
