"""Single nodes of Storyarn."""

from typing import Any

from storyarn_pipelines.expressions.ast import Instruction
from storyarn_pipelines.expressions.structure import assignments_to_structure
from storyarn_pipelines.importers.yarn.graph import Made

OUTPUT, YES, NO = "output", "true", "false"


def does(assignments: Instruction, after: Made) -> Made:
    """An instruction node."""
    data = {"assignments": assignments_to_structure(assignments), "description": ""}
    return Made("instruction", data, {OUTPUT: after})


def fork(structure: dict[str, Any], yes: Made, no: Made) -> Made:
    """A condition node."""
    data = {"switch_mode": False, "condition": structure}
    return Made("condition", data, {YES: yes, NO: no})
