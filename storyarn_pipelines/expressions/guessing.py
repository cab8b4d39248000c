"""Variables of expressions that come without a story: types from operators and literals."""

from collections.abc import Iterable

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import (
    ORDER,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Ref,
    Rule,
    rules_of,
)

_BY_OPERATOR = {
    **dict.fromkeys(ORDER, "number"),
    **dict.fromkeys(("add", "subtract"), "number"),
    **dict.fromkeys(("is_true", "is_false", "set_true", "set_false", "toggle"), "boolean"),
    **dict.fromkeys(("contains", "starts_with", "ends_with"), "text"),
    **dict.fromkeys(("before", "after"), "date"),
    "not_contains": "multi_select",
}
_STRONG, _WEAK = 0, 1


def guessed_variables(code: Condition | Instruction) -> dict[str, Variable]:
    """All variables that an expression names, by full name.

    Operators tell most, then literals; variables that are copied into each other are of one
    type. What nothing is known of is a text. Numbers begin with 0, as they do in Storyarn.
    """
    refs: dict[str, Ref] = {}
    hints: dict[str, tuple[int, str]] = {}
    copies: list[tuple[str, str]] = []

    def note(ref: Ref, operator: str, value: Literal | Ref | None) -> None:
        refs.setdefault(ref.full_name, ref)
        if isinstance(value, Ref):
            refs.setdefault(value.full_name, value)
            copies.append((ref.full_name, value.full_name))
        hint = _hint(operator, value)
        if hint is not None:
            known = hints.get(ref.full_name)
            hints[ref.full_name] = hint if known is None else min(known, hint, key=lambda x: x[0])

    for part in _parts(code):
        if isinstance(part, Rule):
            note(part.ref, part.operator, part.value)
        else:
            note(part.target, part.operator, part.value)
    for _ in copies:
        for pair in copies:
            known = min((hints[x] for x in pair if x in hints), default=None)
            if known is not None:
                for name in pair:
                    hints.setdefault(name, known)
    return {
        name: Variable(ref.sheet, ref.name, kind, _FIRST.get(kind))
        for name, ref in sorted(refs.items())
        for kind in (hints.get(name, (_WEAK, "text"))[1],)
    }


_FIRST: dict[str, Value] = {"number": 0, "boolean": False, "text": ""}


def _parts(code: Condition | Instruction) -> Iterable[Rule | Assignment]:
    return code if isinstance(code, tuple) else rules_of(code)


def _hint(operator: str, value: Literal | Ref | None) -> tuple[int, str] | None:
    by_operator = _BY_OPERATOR.get(operator)
    if by_operator is not None:
        # Texts are added to nothing: `+=` assigns them.
        is_text = operator in ("add", "subtract") and isinstance(value, Literal)
        if not (is_text and isinstance(value, Literal) and value.kind == "text"):
            return _STRONG, by_operator
    if not isinstance(value, Literal) or value.kind in ("nil", "json"):
        return None
    return _WEAK, {"number": "number", "boolean": "boolean"}.get(value.kind, "text")
