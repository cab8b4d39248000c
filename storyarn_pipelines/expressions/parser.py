r"""Texts as trees: the specification's form, Storyarn's code view, and what both lack.

::

    {mc.jaime.health} > 50 && !mc.jaime.dead        also #mc.health, bare names, and/or/not
    mc.name starts_with "Al"    mc.born before "2024-01-31"    mc.alive is_nil
    mc.health -= 10; mc.alive = true; toggle mc.met; clear mc.name; mc.gold ?= 5

Words (``equals``, ``less_than``, ``is_true`` ...) name stored operators exactly. Symbols are
read by meaning: ``x == nil`` is ``is_nil``, ``x`` alone is ``is_true`` and ``!x`` ``is_false``,
``<`` is ``before`` for dates, ``x = true`` is ``set_true`` and ``x = nil`` ``clear``. In texts
``\"`` and ``\\`` are escapes and nothing else is, as in Storyarn.
"""

import re
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import ALWAYS, MAX_DEPTH, Condition, Instruction
from storyarn_pipelines.expressions.building import ConditionBuilder, build_statement
from storyarn_pipelines.expressions.findings import Findings
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.trouble import explained, trouble

MAX_LENGTH = 65_536
"""The longest text that is read, in characters."""

# What may hide a parenthesis, and what makes a tree deeper.
_NESTING = re.compile(
    r"""(?s)"(?:[^"\\]|\\.?)*(?:"|\Z)|'(?:[^'\\]|\\.?)*(?:'|\Z)|//[^\n]*|\{[^{}]*\}"""
    r"""|[#\w][\w.-]*|[()]|!(?!=)|\S"""
)
_DEEPER = ("(", "!", "not")
_SUSPICIOUS = re.compile(r"[(!]|not\b")


def parse_condition(
    text: str,
    names: Names | None = None,
    where: str = "",
    found: list[Diagnostic] | None = None,
) -> Condition:
    """Read a condition; a blank text is no condition. Raises ExpressionError.

    With ``names`` joined names are split by the story's sheets and operators are read by type.
    What can be read in two ways is told in ``found``.
    """
    _check(text)
    if not text.strip():
        return ALWAYS
    builder = ConditionBuilder(text, names, Findings(where, found))
    return builder.condition(_parse("condition", text))


def parse_instruction(
    text: str,
    names: Names | None = None,
    where: str = "",
    found: list[Diagnostic] | None = None,
) -> Instruction:
    """Read assignments, parted by semicolons or line ends. Raises ExpressionError."""
    _check(text)
    findings = Findings(where, found)
    children = _parse("instruction", text).children
    statements = [child for child in children if isinstance(child, Tree)]
    return tuple([build_statement(tree, text, names, findings) for tree in statements])


@lru_cache(maxsize=2)
def _grammar(start: str) -> Lark:
    text = files(__package__).joinpath("grammar.lark").read_text("utf-8")
    if start == "condition":
        text += "%ignore _NEWLINE\n"
    return Lark(text, start=start, parser="lalr", lexer="contextual", maybe_placeholders=False)


def _parse(start: str, text: str) -> Tree[Token]:
    grammar = _grammar(start)
    try:
        return grammar.parse(text)
    except UnexpectedInput as error:
        raise explained(error, text, _accepted(grammar, text)) from None


def _accepted(grammar: Lark, text: str) -> set[str]:
    """The terminals that could stand where the text cannot be read."""
    parser = grammar.parse_interactive(text)
    with suppress(UnexpectedInput):
        parser.exhaust_lexer()
    return cast(set[str], parser.accepts())  # type: ignore[no-untyped-call]  # lark's is untyped


def _check(text: str) -> None:
    """Refuse what would take long or go too deep, before anything is built."""
    if len(text) > MAX_LENGTH:
        message = f"the text has {len(text):,} characters; at most {MAX_LENGTH:,} are read"
        raise ExpressionError(f"{message}: split it")
    nul = text.find("\0")
    if nul >= 0:
        raise trouble(text, nul, "a NUL character", (), "texts may not hold it")
    if len(_SUSPICIOUS.findall(text)) > MAX_DEPTH:
        _check_depth(text)


def _check_depth(text: str) -> None:
    """Refuse deep nesting; ``!`` counts until its operand ends."""
    opened: list[int] = []
    depth = pending = 0
    for token in _NESTING.finditer(text):
        pending = pending + 1 if token[0] in _DEEPER else 0
        if depth + pending > MAX_DEPTH:
            hint = f"at most {MAX_DEPTH} levels are read"
            raise trouble(text, token.start(), "too deep nesting", (), hint)
        if token[0] == "(":
            opened.append(pending)
            depth, pending = depth + pending, 0
        elif token[0] == ")" and opened:
            depth -= opened.pop()
