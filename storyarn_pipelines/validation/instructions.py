"""Assignments in their structured form, in instruction nodes, responses and zones."""

from typing import Any

import msgspec

from storyarn_pipelines.domain.json_values import filled, kind_of
from storyarn_pipelines.expressions.ast import CHANGES, CHANGES_WITHOUT_VALUE
from storyarn_pipelines.validation import operators
from storyarn_pipelines.validation.findings import Here
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.variables import Variable


def check_assignments(run: Run, here: Here, assignments: object, what: str) -> None:
    """Check a list of assignments; ``what`` names it in the findings."""
    if assignments is None:
        return
    if not isinstance(assignments, list):
        run.add("SA0601", here, what=what, kind=kind_of(assignments))
        return
    for assignment in assignments:
        if isinstance(assignment, dict):
            _check_assignment(run, here, assignment)
        else:
            run.add("SA0602", here, what=what, kind=kind_of(assignment))


def check_response_assignments(run: Run, here: Here, response: dict[str, Any], what: str) -> None:
    """Check what a response does: its list, or the older JSON text if that is empty."""
    assignments = response.get("instruction_assignments")
    if assignments:
        check_assignments(run, here, assignments, what)
        return
    text = response.get("instruction")
    if text is None or text == "":
        return
    if not isinstance(text, str):
        run.add("SA0601", here, what=what, kind=kind_of(text))
        return
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        run.add("SA0601", here, what=what, kind="not readable as JSON")
        return
    check_assignments(run, here, decoded, what)


def _check_assignment(run: Run, here: Here, assignment: dict[str, Any]) -> None:
    parts = [filled(assignment.get(name)) for name in ("sheet", "variable", "operator")]
    sheet, name, operator = parts
    if not sheet or not name or not operator:
        missing = ("sheet", "variable", "operator")[parts.index(None)]
        run.add("SA0604", here, missing=missing, change=_wording(assignment))
    elif operator not in CHANGES:
        run.add("SA0603", here, operator=operator, change=_wording(assignment))
    else:
        target = _target(run, here, f"{sheet}.{name}", assignment)
        kind = target.type if target else None
        if kind == "formula":
            run.add("SA0606", here, change=_wording(assignment))
        elif kind and operator not in operators.changes_of(kind):
            usable = ", ".join(sorted(operators.changes_of(kind)))
            change = _wording(assignment)
            run.add("SA0707", here, change=change, operator=operator, type=kind, usable=usable)
        _check_value(run, here, assignment, kind)


def _target(run: Run, here: Here, name: str, assignment: dict[str, Any]) -> Variable | None:
    index = run.index.variables
    target = index.by_name(name)
    if target is not None:
        index.mark_written(target)
    elif index.is_surely_unknown(name):
        run.add("SA0702", here, name=name, change=_wording(assignment))
    return target


def _check_value(run: Run, here: Here, assignment: dict[str, Any], target_type: str | None) -> None:
    """Check the right-hand side: another variable, or a literal if the operator needs one."""
    if assignment.get("value_type") == "variable_ref":
        _check_source(run, here, assignment)
    elif assignment["operator"] not in CHANGES_WITHOUT_VALUE:
        value = assignment.get("value")
        if filled(value) is None:
            kind = "an empty value" if value == "" else f"{kind_of(value)} as its value"
            run.add("SA0605", here, change=_wording(assignment), kind=kind)
        elif target_type and not operators.suits(target_type, value):
            run.add("SA0709", here, change=_wording(assignment), value=value, type=target_type)


def _check_source(run: Run, here: Here, assignment: dict[str, Any]) -> None:
    sheet, name = filled(assignment.get("value_sheet")), filled(assignment.get("value"))
    if not sheet or not name:
        run.add("SA0604", here, missing="source", change=_wording(assignment))
        return
    index = run.index.variables
    source = index.find(sheet, name)
    if source is not None:
        index.mark_read(source)
    elif index.is_surely_unknown(f"{sheet}.{name}"):
        run.add("SA0703", here, name=f"{sheet}.{name}", change=_wording(assignment))


def _wording(assignment: dict[str, Any]) -> str:
    """The assignment as a writer would read it aloud."""
    sheet, name, operator = (
        filled(assignment.get(key)) or "?" for key in ("sheet", "variable", "operator")
    )
    value = assignment.get("value")
    if operator in CHANGES_WITHOUT_VALUE or value is None:
        return f"{sheet}.{name} {operator}"
    if assignment.get("value_type") == "variable_ref":
        return f"{sheet}.{name} {operator} {assignment.get('value_sheet') or '?'}.{value}"
    return f'{sheet}.{name} {operator} "{value}"'
