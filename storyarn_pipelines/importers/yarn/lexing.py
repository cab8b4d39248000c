"""The lines of a node's body as tokens.

Indentation counts only below an option (``->``) or a line of a group (``=>``); a tab counts as
eight blanks. An empty line has none, so it closes every option above it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storyarn_pipelines.importers.yarn.commands import Mark, read_command
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.reading import SourceLine
from storyarn_pipelines.importers.yarn.script import Line, When
from storyarn_pipelines.importers.yarn.terms import Term, TermError, term_until

_TAB = 8
_INDENT = re.compile(r"[ \t]*")
_PLAIN = re.compile(r"[^\\{#</]+")
_TAG = re.compile(r"#[ \t]*([^ \t#$<]+)")
_ESCAPED = "\\<>{}#/"
_KEPT = "[]:"
"""Escapes that the reader of markup takes away, later."""


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is "->", "=>", line, command, indent, dedent or blank."""

    kind: str
    line: int
    value: Any = None


def tokens_of(lines: Sequence[SourceLine]) -> list[Token]:
    """All tokens of a body. Raises ScriptError."""
    return _Lexer(lines).tokens()


def is_mixed(text: str) -> bool:
    """Whether tabs and blanks stand in one indentation."""
    indent = _INDENT.match(text)
    return bool(indent and " " in indent[0] and "\t" in indent[0] and text.strip())


class _Lexer:
    """One walk through the lines of a body."""

    def __init__(self, lines: Sequence[SourceLine]) -> None:
        self._lines = lines
        self._found: list[Token] = []
        self._open: list[int] = []
        self._last = 0
        self._below = -1  # the place of the line under the last option that is still watched

    def tokens(self) -> list[Token]:
        for place, (number, text) in enumerate(self._lines):
            before = len(self._found)
            try:
                said = self._line(number, text)
            except TermError as error:
                raise ScriptError(number, str(error)) from None
            has_arrow = any(x.kind in ("->", "=>") for x in self._found[before:])
            self._end_line(place, number, said, has_arrow)
        last = self._lines[-1][0] if self._lines else 0
        self._found += [Token("dedent", last) for _ in self._open]
        return self._found

    def _end_line(self, place: int, number: int, said: bool, has_arrow: bool) -> None:
        """Indents and dedents that the next line makes."""
        following = self._lines[place + 1][1] if place + 1 < len(self._lines) else ""
        indent = _width(following)
        if self._below >= 0 and not said:
            if place == self._below:
                self._found.append(Token("blank", number))
            self._below = -1
        if has_arrow:
            if indent > self._last:
                self._open.append(indent)
                self._found.append(Token("indent", number))
            self._below = place + 1
        while self._open and indent < self._open[-1]:
            self._found.append(Token("dedent", number))
            self._open.pop()
            if not self._open:
                self._below = place + 1
        self._last = indent

    def _line(self, number: int, text: str) -> bool:
        """The tokens of one line; False for an empty one."""
        at, said = _INDENT.match(text).end(), False  # type: ignore[union-attr]  # it always matches
        while at < len(text):
            if text.startswith("//", at):
                return True
            said = True
            if text.startswith(("->", "=>"), at):
                self._found.append(Token(text[at : at + 2], number))
                at += 2
            elif text.startswith("<<", at):
                self._check_option(number)
                found, at = read_command(text, at + 2, number)
                self._found.append(Token("command", number, found))
                at = _after_tags(text, at)
            else:
                self._found.append(Token("line", number, read_line(text, at, number)))
                return True
            at = _INDENT.match(text, at).end()  # type: ignore[union-attr]
        return said

    def _check_option(self, number: int) -> None:
        last = self._found[-1] if self._found else None
        if last is not None and last.kind in ("->", "=>") and last.line == number:
            raise ScriptError(number, f"'{last.kind}' needs text before its condition")


def _width(text: str) -> int:
    indent = _INDENT.match(text)
    return sum(_TAB if x == "\t" else 1 for x in indent[0]) if indent else 0


def _after_tags(text: str, at: int) -> int:
    """Commands may have tags, which say nothing to a player."""
    while found := re.compile(r"[ \t]*#[ \t]*[^ \t#$<]+").match(text, at):
        at = found.end()
    return at


def read_line(text: str, at: int, number: int) -> Line:
    """A line's text, its condition and its tags. Raises TermError."""
    parts: list[str | Term] = []
    said: list[str] = []

    def flush() -> None:
        if said:
            parts.append("".join(said))
            said.clear()

    while at < len(text):
        plain = _PLAIN.match(text, at)
        if plain is not None:
            said.append(plain[0])
            at = plain.end()
        elif text[at] == "\\":
            said.append(_escape(text, at))
            at += 2
        elif text[at] == "{":
            flush()
            term, at = term_until(text, at + 1, "}")
            parts.append(term)
        elif text[at] == "#" or text.startswith(("<<", "//"), at):
            break
        else:
            said.append(text[at])
            at += 1
    flush()
    if not parts:
        raise TermError("a line or an option needs a text before its condition and tags")
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    when, tags = _tail(text, at, number)
    return Line(number, tuple([x for x in parts if x != ""]), when, tags)


def _escape(text: str, at: int) -> str:
    sign = text[at + 1 : at + 2]
    if sign and sign in _KEPT:
        return text[at : at + 2]
    if sign and sign in _ESCAPED:
        return sign
    raise TermError(f"'\\{sign}' is no escape: only \\ < > {{ }} # / [ ] : may follow a backslash")


def _tail(text: str, at: int, number: int) -> tuple[When | None, tuple[str, ...]]:
    """What stands behind a line's text."""
    when: When | None = None
    tags: list[str] = []
    while (at := _INDENT.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        if text.startswith("//", at):
            break
        if text[at] == "#":
            tag = _TAG.match(text, at)
            if tag is None:
                raise TermError("'#' without a tag; the sign itself is \\#")
            tags.append(tag[1])
            at = tag.end()
            continue
        if not text.startswith("<<", at):
            raise TermError(f"'{text[at]}' stands behind a line's condition or tags")
        found, at = read_command(text, at + 2, number)
        if not isinstance(found, Mark) or found.word not in ("if", "once"):
            raise TermError("a command behind a line's text must stand on a line of its own")
        if when is not None or tags:
            raise TermError("a line takes one condition, and it stands before the tags")
        when = When(found.word == "once", found.value)
    return when, tuple(tags)
