"""Scripts of articy as text: what is a remark in them, and their trees."""

import re
from functools import lru_cache
from importlib.resources import files

from lark import Lark, Token, Tree

from storyarn_pipelines.errors import ExpressionError

MAX_LENGTH = 65_536
_MAX_DEPTH = 60
_NOISE = re.compile(r"""(?s)"(?:[^"\\]|\\.?)*+(?:"|\Z)|//[^\n]*|/\*(?:.*?\*/|.*)""")
_RUN = re.compile(r"(?:(?:[!+-]|not\b)\s*){60}", re.IGNORECASE)


def without_remarks(script: str) -> str:
    """A script without its comments."""
    return _NOISE.sub(lambda x: x[0] if x[0][0] == '"' else " ", script)


def is_blank(script: str) -> bool:
    """Whether a script says nothing: blanks and comments only."""
    return not script or not without_remarks(script).strip(" \t\r\n;\u00a0\ufeff")


def remarks_in(script: str) -> list[str]:
    """The comments of a script, without their marks."""
    found = (x[0] for x in _NOISE.finditer(script) if x[0].startswith("/"))
    told = (x.removeprefix("//") if x.startswith("//") else x[2:].removesuffix("*/") for x in found)
    return [x for x in map(str.strip, told) if x]


def parsed(start: str, script: str) -> Tree[Token]:
    """The tree of a condition or an instruction.

    Raises ExpressionError for what is made to break readers, UnexpectedInput for what is none.
    """
    if len(script) > MAX_LENGTH or "\0" in script:
        raise ExpressionError("the script is too long")
    depth = deepest = 0
    bare = _NOISE.sub(" ", script)
    for mark in re.findall(r"[()]", bare):
        depth += 1 if mark == "(" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH or _RUN.search(bare):
        raise ExpressionError("the script nests too deep")
    found = _grammar(start).parse(script)
    return found if isinstance(found, Tree) else Tree("lone", [found])


@lru_cache(maxsize=2)
def _grammar(start: str) -> Lark:
    text = files(__package__).joinpath("expresso.lark").read_text("utf-8")
    return Lark(
        text, start=start, parser="lalr", lexer="contextual", maybe_placeholders=False,
        propagate_positions=True,
    )  # fmt: skip
