"""What our own articy export keeps of Storyarn, read back.

It leaves each variable's name in its description, the shortcut of a sheet in the entity's external
id, conditions and instructions as Storyarn writes them beside those of articy, and marks choices
and lines by templates.
"""

from collections.abc import Iterable
from functools import lru_cache

from storyarn_pipelines.domain.variables import Variable
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import (
    Assignment,
    Condition,
    Ref,
    rules_of,
)
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.parser import parse_condition, parse_instruction
from storyarn_pipelines.importers.articy.items import Item, VariableSet
from storyarn_pipelines.importers.articy.project import ArticyProject

LINE, RESPONSE, PLAYER = "StoryarnLine", "StoryarnResponse", "StoryarnPlayer"
_CALLS = "StoryarnCalls"
_KEPT = 4096


def is_ours(project: ArticyProject) -> bool:
    """Whether the project was written by our own export."""
    return {LINE, RESPONSE, PLAYER} <= project.templates.keys()


def is_choice(item: Item) -> bool:
    """Whether a fragment is a response, which says nothing itself."""
    return item.kind == "DialogueFragment" and item.template == RESPONSE


def is_call(name: str) -> bool:
    """Whether a variable only says how flows return."""
    return name.startswith(_CALLS)


def fact(item: Item, feature: str, name: str) -> str:
    """A text that a template's property keeps."""
    for one in item.properties:
        if one.feature == feature and one.name == name:
            value = one.value
            if isinstance(value, dict):
                value = next((x for x in value.values() if x), "")
            return value if isinstance(value, str) else ""
    return ""


def names_of(one: VariableSet, shortcuts: Iterable[str]) -> list[tuple[str, str] | None]:
    """Sheet and name of each variable of a set, None for those that Storyarn does not have."""
    if one.name.startswith(_CALLS):
        return [None] * len(one.variables)
    sheets = sorted(shortcuts, key=lambda x: -len(x))
    found: list[tuple[str, str] | None] = []
    for variable in one.variables:
        full = variable.description
        sheet = next((x for x in sheets if full.startswith(f"{x}.")), None)
        if sheet is None:
            head, _, tail = full.partition(".")
            found.append((head, tail) if head and tail else None)
        else:
            found.append((sheet, full[len(sheet) + 1 :]))
    return found


class Originals:
    """Reads expressions as Storyarn writes them; those that name what is not there are none."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        names = Names(variables)

        @lru_cache(maxsize=_KEPT)
        def condition(text: str) -> Condition | None:
            try:
                found = parse_condition(text, names)
            except (ExpressionError, RecursionError):
                return None
            return found if all(names.is_known(x.ref) for x in rules_of(found)) else None

        @lru_cache(maxsize=_KEPT)
        def instruction(text: str) -> tuple[Assignment, ...] | None:
            try:
                found = parse_instruction(text, names)
            except (ExpressionError, RecursionError):
                return None
            refs = [x.target for x in found]
            refs += [x.value for x in found if isinstance(x.value, Ref)]
            return found if all(map(names.is_known, refs)) else None

        self.condition, self.instruction = condition, instruction
