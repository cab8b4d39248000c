"""Trees as text. What is printed reads back as the same tree: ``parse(print(x)) == x``.

Trees that only a program makes are printed as what they mean: a group of one part as that part.
"""

from storyarn_pipelines.expressions.ast import (
    ORDER,
    AllOf,
    AnyOf,
    Assignment,
    Condition,
    Instruction,
    Literal,
    Not,
    Ref,
    Rule,
)
from storyarn_pipelines.expressions.names import Names, write_ref

_SYMBOLS = {
    "equals": "==", "not_equals": "!=", "greater_than": ">", "greater_than_or_equal": ">=",
    "less_than": "<", "less_than_or_equal": "<=",
}  # fmt: skip
_CHANGES = {"set": "=", "add": "+=", "subtract": "-=", "set_if_unset": "?="}


def print_condition(condition: Condition, names: Names | None = None) -> str:
    """A condition on one line. With the names that read it, fewer names need their split."""
    match condition:
        case Rule():
            return _rule(condition, names)
        case Not(part):
            return _negation(part, names)
        case AllOf(()):
            return "true"
        case AnyOf(()):
            return "false"
        case AllOf((part,)) | AnyOf((part,)):
            return print_condition(part, names)
    mark = " && " if isinstance(condition, AllOf) else " || "
    return mark.join([_part(part, names) for part in condition.parts])


def print_instruction(assignments: Instruction, names: Names | None = None) -> str:
    """Assignments, one a line."""
    return "\n".join([_assignment(assignment, names) for assignment in assignments])


def _part(condition: Condition, names: Names | None) -> str:
    """A condition inside another one."""
    while isinstance(condition, AllOf | AnyOf) and len(condition.parts) == 1:
        condition = condition.parts[0]
    text = print_condition(condition, names)
    is_group = isinstance(condition, AllOf | AnyOf) and condition.parts
    return f"({text})" if is_group else text


def _negation(part: Condition, names: Names | None) -> str:
    while isinstance(part, AllOf | AnyOf) and len(part.parts) == 1:
        part = part.parts[0]
    if isinstance(part, Rule):
        ref = write_ref(part.ref, names)
        if part.operator == "is_nil":
            return f"{ref} != nil"
        if part.operator == "is_true":
            return f"!({ref} is_true)"  # `!x` would ask for false, which nil is not
        return f"!({_rule(part, names)})"
    text = _part(part, names)
    return f"!{text}"


def _rule(rule: Rule, names: Names | None) -> str:
    ref, value = write_ref(rule.ref, names), rule.value
    match rule.operator:
        case "is_true":
            return ref
        case "is_false":
            return f"!{ref}"
        case "is_nil":
            return f"{ref} == nil"
        case "is_empty":
            return f"{ref} is_empty"
    # Symbols of order are read as dates beside a text, so there the word stands.
    is_word = rule.operator in ORDER and value is not None and value.kind == "text"
    sign = rule.operator if is_word else _SYMBOLS.get(rule.operator, rule.operator)
    return f"{ref} {sign} {'?' if value is None or value.kind == 'nil' else _literal(value)}"


def _assignment(assignment: Assignment, names: Names | None) -> str:
    target, value = write_ref(assignment.target, names), assignment.value
    sign = _CHANGES.get(assignment.operator)
    if sign is not None:
        return f"{target} {sign} {_right_side(value, names)}"
    if value is not None:
        extra = _right_side(value, names)
        return f"{assignment.operator} {target} with {extra}"
    if assignment.operator in ("set_true", "set_false"):
        return f"{target} = {assignment.operator.removeprefix('set_')}"
    return f"{assignment.operator} {target}"


def _right_side(value: Literal | Ref | None, names: Names | None) -> str:
    """What is assigned. Booleans are texts there, so they are quoted."""
    if value is None:
        return '""'
    if isinstance(value, Ref):
        return write_ref(value, names)
    if value.kind == "json":
        return f"json {_quoted(value.text)}"
    return value.text if value.kind == "number" else _quoted(value.text)


def _literal(value: Literal) -> str:
    return value.text if value.kind in ("number", "boolean") else _quoted(value.text)


def _quoted(text: str) -> str:
    r"""A text in quotes, with ``\\`` and ``\"`` as the only escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
