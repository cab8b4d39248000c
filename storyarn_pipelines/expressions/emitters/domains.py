"""What kinds of values a variable may ever hold, which tells what an emitter must guard against.

Storyarn guards no types: ``set`` on a boolean stores a text, ``clear`` on a number leaves nil.
A story that never does this gets plain expressions; for one that does they stay right.
"""

from collections.abc import Iterable, Mapping

import msgspec

from storyarn_pipelines.domain.variables import Value, Variable
from storyarn_pipelines.expressions.ast import Assignment, Instruction, Ref
from storyarn_pipelines.expressions.limits import limited
from storyarn_pipelines.expressions.values import day, leading_number

Domain = frozenset[str]
"""Some of ``nil boolean number text date list``; a ``date`` is a text ``YYYY-MM-DD``."""

TEXT_TYPES = frozenset({"text", "rich_text", "select", "date"})
"""Types of variables that hold a text."""

ORDINARY: Mapping[str, Domain] = {
    "text": frozenset({"text", "date"}),
    "rich_text": frozenset({"text", "date"}),
    "select": frozenset({"text", "date"}),
    "date": frozenset({"date", "text"}),
    "number": frozenset({"number"}),
    "formula": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "multi_select": frozenset({"list"}),
}
"""What the variables of a type hold besides nil, unless a story is odd."""

HOLDABLE: Mapping[str, Domain] = {
    **ORDINARY, "multi_select": frozenset({"list", "text", "date"}),
}  # fmt: skip
"""What they hold where variables keep their types: lists are kept as texts, so texts fit too."""

_NIL: Domain = frozenset({"nil"})


def kind_of(value: Value) -> str:
    """The kind of one value. A date with a sign is a text, since it is ordered in its own way."""
    match value:
        case None:
            return "nil"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "date" if len(value) == 10 and day(value) is not None else "text"
    return "list"


def usual_domain(variable: Variable) -> Domain:
    """What a variable may hold if nothing is known of the instructions of its story."""
    kinds = ORDINARY.get(variable.type, frozenset({"text"}))
    if variable.type == "date":
        kinds = frozenset({"date"})
    return kinds | _NIL | {kind_of(variable.initial)}


def story_domains(
    variables: Mapping[str, Variable], instructions: Iterable[Instruction]
) -> dict[str, Domain]:
    """What each variable may hold, by full name, if these are all instructions of the story."""
    found = {name: frozenset({kind_of(x.initial)}) for name, x in variables.items()}
    for name, variable in variables.items():
        if variable.type == "formula":
            found[name] = frozenset({"number", "nil"})
    assignments = list(dict.fromkeys(x for one in instructions for x in one))
    changed = True
    while changed:
        changed = False
        for assignment in assignments:
            name = assignment.target.full_name
            target = variables.get(name)
            if target is None or target.type == "formula":
                continue
            kinds = found[name] | _results(assignment, target, variables, found)
            changed = changed or kinds != found[name]
            found[name] = kinds
    return found


def _results(
    assignment: Assignment,
    variable: Variable,
    variables: Mapping[str, Variable],
    found: Mapping[str, Domain],
) -> Domain:
    """The kinds that one assignment may leave in its variable."""
    value, operator = assignment.value, assignment.operator
    source: Domain = frozenset()
    if isinstance(value, Ref):
        if value.full_name not in variables:
            return source
        source = found[value.full_name]
    if operator in ("set_true", "set_false", "toggle"):
        return frozenset({"boolean"})
    if variable.type == "number" and operator in ("add", "subtract"):
        return frozenset({"number"})
    if not isinstance(value, Ref):
        return frozenset({kind_of(constant(assignment, variable))})
    if operator == "clear" and variable.type in ("text", "rich_text"):
        return _NIL
    if variable.type == "number" and operator != "clear":
        source = _as_numbers(source)
    if variable.type == "boolean" and "nil" in source and not is_tri_state(variable):
        source = source - _NIL | {"boolean"}
    return source


def _as_numbers(kinds: Domain) -> Domain:
    """What becomes of values that a number variable gets: a text may begin with a number."""
    texts = kinds & {"text", "date"}
    numbers = {"number"} if texts or "number" in kinds else set[str]()
    return frozenset(numbers | ({"nil"} if kinds - {"number"} else set[str]()))


def is_tri_state(variable: Variable) -> bool:
    """Whether an assignment of nil to a boolean stays nil."""
    config = variable.config if isinstance(variable.config, Mapping) else {}
    return config.get("mode") == "tri_state"


def constant(assignment: Assignment, variable: Variable) -> Value:
    """What ``set``, ``set_if_unset``, ``clear`` or a change of no number stores: a literal.

    Limits are kept. Only for assignments without another variable.
    """
    written = assignment.value
    assert not isinstance(written, Ref)
    value: Value = None
    if assignment.operator == "clear":
        if variable.type not in ("text", "rich_text") and written is not None:
            value = msgspec.json.decode(written.text) if written.kind == "json" else written.text
    elif written is not None:
        value = leading_number(written.text) if variable.type == "number" else written.text
    return limited(variable, value)
