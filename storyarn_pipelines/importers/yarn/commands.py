"""One command, ``<<...>>``, of a script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.importers.yarn.script import Command, Declare, Jump, Return, Set, Stop
from storyarn_pipelines.importers.yarn.terms import (
    Lit,
    Term,
    TermError,
    Token,
    term_until,
    tokens_until,
    tree_of,
)

_KEYWORD = re.compile(
    r"[ \t]*(if|elseif|else|endif|set|call|declare|jump|detour|return|enum|case|endenum|once"
    r"|endonce|local)(?=[ \t>])"
)
_IF = re.compile(r"[ \t]*if(?=[ \t>(])")
_TARGET = re.compile(r"[ \t]*([^\s<>{}#\"]+)[ \t]*>>")
_BRACE = re.compile(r"[ \t]*\{")
_END = re.compile(r"[ \t]*>>")
_OPERATORS = ("=", "to", "+=", "-=", "*=", "/=", "%=")


@dataclass(frozen=True, slots=True)
class Mark:
    """A command that opens, parts or closes a block. ``value`` is its term or name."""

    word: str
    value: Any = None


def read_command(text: str, at: int, line: int) -> tuple[object, int]:
    """The command whose ``<<`` stands before ``at``: a statement or a Mark, and where it ends.

    Raises TermError.
    """
    keyword = _KEYWORD.match(text, at)
    if keyword is None:
        return _game_command(text, at, line)
    word, at = keyword[1], keyword.end()
    if word == "local":
        raise TermError("<<local>> is kept for a later Yarn Spinner")
    reader = _READERS.get(word)
    if reader is not None:
        return reader(text, at, word, line)
    end = _closed(text, at, word)
    return (Return(line) if word == "return" else Mark(word)), end


def _condition(text: str, at: int, word: str, _line: int) -> tuple[Mark, int]:
    term, end = term_until(text, at, ">>")
    return Mark(word, term), end


def _once(text: str, at: int, word: str, line: int) -> tuple[Mark, int]:
    condition = _IF.match(text, at)
    if condition is None:
        return Mark(word), _closed(text, at, word)
    return _condition(text, condition.end(), word, line)


def _enum(text: str, at: int, word: str, _line: int) -> tuple[Mark, int]:
    name = _TARGET.match(text, at)
    if name is None:
        raise TermError("<<enum>> needs a name")
    return Mark(word, name[1]), name.end()


def _call(text: str, at: int, _word: str, line: int) -> tuple[Command, int]:
    _, end = tokens_until(text, at, ">>")
    return Command(line, f"call {text[at : end - 2].strip()}"), end


def _closed(text: str, at: int, word: str) -> int:
    end = _END.match(text, at)
    if end is None:
        raise TermError(f"<<{word}>> takes nothing after it, or has no closing >>")
    return end.end()


def _game_command(text: str, at: int, line: int) -> tuple[object, int]:
    end, inside = at, False
    while end < len(text):
        if inside and text[end] == '"':
            closing = text.find('"', end + 1)
            end = len(text) if closing < 0 else closing
        elif text[end] in "{}":
            inside = text[end] == "{"
        elif not inside and text.startswith(">>", end):
            said = text[at:end].strip()
            if not said:
                raise TermError("an empty command << >>")
            return (Stop(line) if said == "stop" else Command(line, said)), end + 2
        end += 1
    raise TermError("a command has no closing >>")


def _set(text: str, at: int, _word: str, line: int) -> tuple[Set, int]:
    tokens, end = tokens_until(text, at, ">>")
    said = text[at : end - 2].strip()
    if not tokens or tokens[0].kind != "variable":
        raise TermError("<<set>> needs a variable: <<set $name to value>>")
    name = tokens[0].text
    if len(tokens) < 2 or tokens[1].text not in _OPERATORS:
        raise TermError(f"<<set {name}>> needs 'to', '=', '+=', '-=', '*=', '/=' or '%='")
    op = "=" if tokens[1].text == "to" else tokens[1].text
    value = Term(
        tree_of(tokens[2:]), said.removeprefix(name).lstrip()[len(tokens[1].text) :].strip()
    )
    return Set(line, name, op, value, f"<<set {said}>>"), end


def _declare(text: str, at: int, _word: str, line: int) -> tuple[Declare, int]:
    tokens, end = tokens_until(text, at, ">>")
    if not tokens or tokens[0].kind != "variable":
        raise TermError("<<declare>> needs a variable: <<declare $name = value>>")
    name = tokens[0].text
    if len(tokens) < 2 or tokens[1].text not in ("=", "to"):
        raise TermError(f"<<declare {name}>> needs '=' and a first value")
    rest, kind = tokens[2:], None
    if len(rest) >= 2 and rest[-2] == Token("word", "as"):
        rest, kind = rest[:-2], rest[-1].text
    said = text[at : end - 2].split("=", 1)[-1].strip()
    return Declare(line, name, Term(tree_of(rest), said), kind), end


def _case(text: str, at: int, word: str, _line: int) -> tuple[Mark, int]:
    tokens, end = tokens_until(text, at, ">>")
    return Mark(word, _case_of(tokens)), end


def _case_of(tokens: list[Token]) -> tuple[str, float | str | None]:
    if not tokens or tokens[0].kind != "word":
        raise TermError("<<case>> needs a name")
    if len(tokens) == 1:
        return tokens[0].text, None
    value = tree_of(tokens[2:]) if tokens[1].text in ("=", "to") else None
    if not isinstance(value, Lit) or isinstance(value.value, bool):
        raise TermError(f"<<case {tokens[0].text}>>: its value must be a number or a text")
    return tokens[0].text, value.value


def _jump(text: str, at: int, word: str, line: int) -> tuple[Jump, int]:
    target = _TARGET.match(text, at)
    if target is not None:
        return Jump(line, target[1], word == "detour"), target.end()
    brace = _BRACE.match(text, at)
    if brace is None:
        raise TermError(f"<<{word}>> needs a node's title")
    term, end = term_until(text, brace.end(), "}")
    said = term.tree.value if isinstance(term.tree, Lit) else None
    return Jump(line, said if isinstance(said, str) else None, word == "detour"), _closed(
        text, end, word
    )


_Reader = Callable[[str, int, str, int], tuple[object, int]]
_READERS: dict[str, _Reader] = {
    "if": _condition, "elseif": _condition, "once": _once, "set": _set, "declare": _declare,
    "case": _case, "call": _call, "jump": _jump, "detour": _jump, "enum": _enum,
}  # fmt: skip
"""How commands go on behind their word."""
