"""What exports to engines tell: codes as data, findings with the place in the story."""

from storyarn_pipelines.domain.diagnostics import Diagnostic, Severity
from storyarn_pipelines.domain.flows import Flow, Node

CODES: dict[str, tuple[Severity, str]] = {
    "XP0101": ("warning", "a flow that cannot be started: it has no entry"),
    "XP0102": ("warning", "a part of the story outside of this export"),
    "XP0103": ("warning", "a loop without a line, which would never end"),
    "XP0104": ("info", "nodes that a play cannot reach"),
    "XP0105": ("warning", "a way that ends nowhere"),
    "XP0201": ("warning", "a name that had to change in the target"),
    "XP0202": ("warning", "text that the target cannot show as it is"),
    "XP0203": ("info", "something that the target has no place for, kept beside it"),
    "XP0204": ("warning", "something that the target plays differently"),
    "XP0301": ("warning", "media whose bytes are not there"),
    "XP0302": ("warning", "media of a kind that the target does not take"),
}
"""Every code with its severity and what it means."""


class Told:
    """Collects the findings of one export."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, code: str, message: str, where: str) -> None:
        """Tell one finding; equal ones are told once."""
        diagnostic = Diagnostic(code, CODES[code][0], message, where)
        if not self.found or self.found[-1] != diagnostic:
            self.found.append(diagnostic)


def flow_place(flow: Flow) -> str:
    """A flow as people find it."""
    return f"flow {flow.shortcut or flow.id} ({flow.name})"


def node_place(flow: Flow, node: Node) -> str:
    """A node as people find it."""
    return f"{flow_place(flow)}, {node.type} {node.id}"
