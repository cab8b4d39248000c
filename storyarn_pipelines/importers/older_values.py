"""Tools of the conversions of older documents: decoded values, expressions, what is told."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import AllOf, AnyOf, Condition, Literal, Not, Rule
from storyarn_pipelines.expressions.findings import CODES
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.expressions.structure import assignments_to_structure, to_structure
from storyarn_pipelines.importers.older_facts import Facts
from storyarn_pipelines.importers.rows import Row, refusal

ALWAYS: dict[str, Any] = {"logic": "all", "blocks": []}
"""A stored condition that asks nothing."""

_TAG = re.compile(r"<[^>]*>")
_SHOWN = 80


class Conversions:
    """What all conversions of a document share: its facts, and what was converted."""

    def __init__(self, facts: Callable[[], Facts], notes: Notes) -> None:
        self._facts, self._notes = facts, notes

    @property
    def facts(self) -> Facts:
        """What the whole file says; it is walked when this is asked for the first time."""
        return self._facts()

    def note(self, what: str, place: str) -> None:
        """Tell one conversion."""
        self._notes.add(what, [place])

    def condition(self, text: str, place: str) -> dict[str, Any] | None:
        """A condition's text in the stored form; None, and told, if that cannot be."""
        found: list[Diagnostic] = []
        try:
            names = self.facts.names
            asked = _booleans(parse_condition(text, names, place, found), names)
            stored = to_structure(asked, names, place, found)
        except ExpressionError as error:
            self._failed("conditions", text, place, error)
            return None
        self._parsed("texts of conditions parsed", place, found)
        return stored

    def assignments(self, text: str, place: str) -> list[dict[str, Any]] | None:
        """An instruction's text in the stored form; None, and told, if that cannot be."""
        found: list[Diagnostic] = []
        try:
            parsed = parse_instruction(text, self.facts.names, place, found)
        except ExpressionError as error:
            self._failed("instructions", text, place, error)
            return None
        self._parsed("texts of instructions parsed", place, found)
        return assignments_to_structure(parsed)

    def _parsed(self, what: str, place: str, found: list[Diagnostic]) -> None:
        self.note(what, place)
        for finding in found:
            self.note(f"{finding.code}, {CODES[finding.code][1]}", f"{place}: {finding.message}")

    def _failed(self, what: str, text: str, place: str, error: ExpressionError) -> None:
        reason = str(error).partition("\n")[0]
        self.note(
            f"{what} that cannot be read, kept as annotations", f"{place} {excerpt(text)}: {reason}"
        )


class Data:
    """A JSON object of a row, decoded, to be changed and put back."""

    def __init__(self, row: Row, column: str) -> None:
        """Raises ImportFileError if it is there and no object."""
        self.row, self.column = row, column
        self.pointer = f"{row.pointer}/{column}"
        self.value: dict[str, Any] = {}
        raw = row.values.get(column)
        if raw is not None and bytes(raw) != b"null":
            found = decoded(raw, self.pointer)
            if not isinstance(found, dict):
                raise refusal(self.pointer, "it must be an object")
            self.value = found

    def text(self, key: str) -> str | None:
        """A text, None where there is none; raises ImportFileError for other types."""
        return text_in(self.value, key, self.pointer)

    def save(self) -> None:
        """Put it back."""
        self.row.values[self.column] = encoded(self.value, self.pointer)


def _booleans(condition: Condition, names: Names) -> Condition:
    """``x == true`` as the editor says it where ``x`` is known to be true or false."""
    match condition:
        case Rule(ref, "equals", Literal(text, "boolean")) if names.type_of(ref) == "boolean":
            return Rule(ref, f"is_{text}")
        case AllOf(parts):
            return AllOf(tuple([_booleans(part, names) for part in parts]))
        case AnyOf(parts):
            return AnyOf(tuple([_booleans(part, names) for part in parts]))
        case Not(part):
            return Not(_booleans(part, names))
    return condition


def stored_condition(text: str) -> dict[str, Any] | None:
    """The condition that a JSON text holds; None for what is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json_text.decode(text)
    except json_text.JsonTextError:
        return None
    return found if isinstance(found, dict) and "logic" in found else None


def text_in(holder: dict[str, Any], key: str, pointer: str) -> str | None:
    """A text of an object, None where there is none; raises ImportFileError for other types."""
    found = holder.get(key)
    if found is None or isinstance(found, str):
        return found
    raise refusal(f"{pointer}/{key}", "it must be a text or null")


def ref_in(holder: dict[str, Any], key: str, pointer: str) -> str | int | None:
    """An id of an object: a text or whole number; raises ImportFileError for other types."""
    found = holder.get(key)
    if found is None or isinstance(found, str) or type(found) is int:
        return found
    raise refusal(f"{pointer}/{key}", "it must be an id or null")


def decoded(raw: Any, pointer: str) -> Any:
    """The value of a JSON text, its numbers exact; raises ImportFileError."""
    try:
        return json_text.decode(bytes(raw))
    except json_text.JsonTextError as error:
        raise refusal(pointer, str(error)) from error


def encoded(value: Any, pointer: str) -> bytes:
    """A value as JSON text; raises ImportFileError."""
    try:
        return json_text.encode(value)
    except json_text.JsonTextError as error:
        raise refusal(pointer, str(error)) from error


def is_missing(row: Row, column: str) -> bool:
    """Whether a row says nothing, or null, in a column."""
    raw = row.values.get(column)
    return raw is None or bytes(raw) == b"null"


def new_row(table: Any, pointer: str, **values: Any) -> Row:
    """A row that the file does not have; ``None`` stands for the column's default."""
    return Row(
        table,
        pointer,
        {key: msgspec.json.encode(x) for key, x in values.items() if x is not None},
    )


def number_of_words(text: object) -> int:
    """Words as Storyarn counts them: without tags, parted by blanks."""
    return len(_TAG.sub(" ", text).split()) if isinstance(text, str) else 0


def count_words(node: Row, *texts: object) -> None:
    """Let a node know the number of its words."""
    if is_missing(node, "word_count"):
        words = sum(number_of_words(text) for text in texts)
        node.values["word_count"] = b"%d" % words


def excerpt(value: object) -> str:
    """A value in quotes, on one line and within bounds."""
    text = value if isinstance(value, str) else bytes(json_text.encode(value)).decode()
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return ascii(shown) if not shown.isprintable() else f'"{shown}"'
