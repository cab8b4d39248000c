"""What the data of nodes says. It comes from jsonb and may be of any shape: nothing here raises."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from storyarn_pipelines.expressions.values import as_text

ExitMode = str
TERMINAL, FLOW_REFERENCE, CALLER_RETURN = "terminal", "flow_reference", "caller_return"

OUTPUT, DEFAULT, YES, NO = "output", "default", "true", "false"
"""Pins with fixed names."""

_ID = re.compile(r"[+-]?[0-9]{1,19}")


class AnyNode(Protocol):
    """What is read of a node here, so that readers of a snapshot may leave out the rest."""

    @property
    def type(self) -> str:
        """Its type, which decides what the data means."""

    @property
    def data(self) -> Any:
        """Its decoded JSON."""


def data_of(node: AnyNode) -> Mapping[str, Any]:
    """A node's data; empty if it is not an object."""
    return node.data if isinstance(node.data, dict) else {}


def as_id(value: object) -> int | None:
    """An id in JSON is an integer or a text of digits; anything else is none."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and _ID.fullmatch(value) else None


def text_of(value: object) -> str:
    """A text of the data; empty if it is missing or something else."""
    return value if isinstance(value, str) else ""


def responses_of(node: AnyNode) -> tuple[Mapping[str, Any], ...]:
    """The responses of a dialogue, in their order."""
    found = data_of(node).get("responses")
    items = found if isinstance(found, list) else ()
    return tuple(item for item in items if isinstance(item, dict))


def response_pins(response: Mapping[str, Any]) -> tuple[str, ...]:
    """The pins by which a response leaves, the one that is looked for first in front."""
    key = response.get("id")
    if isinstance(key, dict | list):
        return ()
    alias = f"resp_{as_text(key)}"
    return (key, alias) if isinstance(key, str) else (alias,)


def has_instruction(response: Mapping[str, Any]) -> bool:
    """Whether something runs when a response is taken, be it without effect."""
    listed, text = response.get("instruction_assignments"), response.get("instruction")
    return bool(isinstance(listed, list) and listed) or bool(isinstance(text, str) and text)


def is_switch(node: AnyNode) -> bool:
    """Whether a condition node picks one of several cases; any value but false and nil says so."""
    mode = data_of(node).get("switch_mode")
    return mode is not None and mode is not False


def exit_mode(node: AnyNode) -> ExitMode:
    """How an exit ends its flow; unknown modes are terminal."""
    mode = data_of(node).get("exit_mode")
    return mode if mode in (FLOW_REFERENCE, CALLER_RETURN) else TERMINAL


def is_call(node: AnyNode) -> bool:
    """Whether a node enters another flow: subflows do, and exits in the mode ``flow_reference``."""
    return node.type == "subflow" or (node.type == "exit" and exit_mode(node) == FLOW_REFERENCE)


def called_flow(node: AnyNode) -> object:
    """The id of the flow that a call names, as it is stored; None if it names none."""
    found = data_of(node).get("referenced_flow_id")
    return None if found == "" else found


def target_hub(node: AnyNode) -> object:
    """The hub that a jump names, as it is stored; None if it names none."""
    found = data_of(node).get("target_hub_id")
    return None if found == "" else found


def return_pin(exit_id: int) -> str:
    """The pin of a caller by which a play goes on after it returned from some exit."""
    return f"exit_{exit_id}"


def exit_label(node: AnyNode) -> str:
    """What the player shows at an exit."""
    data = data_of(node)
    label = data.get("label")
    return label if isinstance(label, str) else text_of(data.get("text")) or "The End"
