"""What happened in a play: plain dictionaries, as ``storyarn play --json`` prints them.

::

    {"say": {"speaker": name or None, "text": text, "node": id}}
    {"choose": {"index": i, "text": text, "options": [text]}}    with "auto": True if there was one
    {"set": {name: value}}                                       what really changed
    {"end": reason, "node": id}                                  last; further keys tell more
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from storyarn_pipelines.domain.variables import Value

Event = dict[str, Any]
EndReason = Literal[
    "exit", "returned_to_nobody", "returned_to_exit", "dead_end", "no_valid_response", "no_hub",
    "no_flow", "hub_not_found", "flow_not_found", "node_not_found", "no_entry", "step_limit",
]  # fmt: skip


class Trace:
    """The events of one play, in their order, and the number of nodes that it visited."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.steps = 0

    def say(self, speaker: str | None, text: str, node_id: int) -> None:
        """A line was shown."""
        self.events.append({"say": {"speaker": speaker, "text": text, "node": node_id}})

    def choose(self, index: int, options: Sequence[str], *, auto: bool) -> None:
        """A response was taken; ``auto`` if it was the only one on offer."""
        event: Event = {"index": index, "text": options[index], "options": list(options)}
        self.events.append({"choose": event | {"auto": True} if auto else event})

    def set(self, changes: Mapping[str, Value]) -> None:
        """Variables changed, by one instruction or response."""
        if changes:
            self.events.append({"set": dict(changes)})

    def end(self, reason: EndReason, node_id: int | None, **more: Any) -> None:
        """The play is over. ``more`` helps people and is not compared."""
        self.events.append({"end": reason, "node": node_id, **more})

    def document(self, variables: Mapping[str, Value]) -> dict[str, Any]:
        """The whole trace with the final values."""
        return {"events": self.events, "variables": dict(variables), "steps": self.steps}
