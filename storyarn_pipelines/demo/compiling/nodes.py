"""What each type of node keeps in its `data`, and which pins lead out of it."""

from collections.abc import Iterator
from functools import singledispatchmethod
from typing import Any

from storyarn_pipelines.demo.authoring.flows import (
    Call,
    Check,
    Do,
    Entry,
    Exit,
    Hub,
    Jump,
    Node,
    Note,
    Reply,
    Say,
    Sequence,
    Switch,
)
from storyarn_pipelines.demo.authoring.text import Text
from storyarn_pipelines.demo.compiling.expressions import (
    assignments,
    case_pin,
    condition,
    condition_text,
    switch,
)
from storyarn_pipelines.demo.compiling.ledger import Ledger
from storyarn_pipelines.demo.compiling.markup import html

NODE_TYPES: dict[type[Node], str] = {
    Entry: "entry",
    Say: "dialogue",
    Check: "condition",
    Switch: "condition",
    Do: "instruction",
    Hub: "hub",
    Jump: "jump",
    Call: "subflow",
    Exit: "exit",
    Note: "annotation",
    Sequence: "sequence",
}


def response_id(reply: Reply) -> str:
    """Name a response; the same name is its pin."""
    return f"response_{reply.key}"


class NodeData:
    """Writes the `data` of the nodes of one flow."""

    def __init__(self, ledger: Ledger, flow: str) -> None:
        """Take the ids that data refers to, and the flow whose name marks its lines."""
        self._ledger = ledger
        self._prefix = flow.replace(".", "_").replace("-", "_")

    @singledispatchmethod
    def of(self, node: Node) -> dict[str, Any]:
        """Write the data of a node; entries and sequences have none."""
        if not isinstance(node, Entry | Sequence):
            raise TypeError(f"{type(node).__name__} has no data to write")
        return {}

    @of.register
    def _(self, node: Say) -> dict[str, Any]:
        return {
            "speaker_sheet_id": self._ledger.id("sheets", node.who),
            "text": html(node.text.en, self._ledger),
            "stage_directions": node.stage.en if node.stage else "",
            "menu_text": node.menu.en if node.menu else "",
            "technical_id": f"{self._prefix}.{node.key}",
            "localization_id": f"{self._prefix}_{node.key}",
            "audio_asset_id": self._maybe("assets", node.voice),
            "avatar_id": self._maybe("sheet_avatars", node.face and f"{node.who}/{node.face}"),
            "location_sheet_id": self._maybe("sheets", node.at),
            "responses": [_response(reply) for reply in node.replies],
        }

    @of.register
    def _(self, node: Check) -> dict[str, Any]:
        return {"switch_mode": False, "condition": condition(node.when)}

    @of.register
    def _(self, node: Switch) -> dict[str, Any]:
        return {"switch_mode": True, "condition": switch(node.cases)}

    @of.register
    def _(self, node: Do) -> dict[str, Any]:
        return {"assignments": assignments(node.changes), "description": node.why}

    @of.register
    def _(self, node: Hub) -> dict[str, Any]:
        return {"hub_id": node.key, "label": node.label, "color": node.color}

    @of.register
    def _(self, node: Jump) -> dict[str, Any]:
        return {"target_hub_id": node.hub}

    @of.register
    def _(self, node: Call) -> dict[str, Any]:
        return {"referenced_flow_id": self._ledger.id("flows", node.flow)}

    @of.register
    def _(self, node: Exit) -> dict[str, Any]:
        return {
            "label": node.label.en,
            "technical_id": node.key,
            "outcome_tags": list(node.tags),
            "outcome_color": node.color,
            "exit_mode": node.mode,
            "referenced_flow_id": self._maybe("flows", node.flow),
            "target_type": "scene" if node.scene else None,
            "target_id": self._maybe("scenes", node.scene),
        }

    @of.register
    def _(self, node: Note) -> dict[str, Any]:
        return {"text": node.text, "color": node.color, "font_size": node.size}

    def _maybe(self, table: str, key: str | None) -> int | None:
        return None if key is None else self._ledger.id(table, key)


def wires(node: Node, ledger: Ledger) -> list[tuple[str, str]]:
    """List the pins of a node with the nodes they lead to."""
    match node:
        case Say(replies=(_, *_)):
            return [(response_id(reply), reply.to) for reply in node.replies]
        case Say(to=str(target)) | Entry(to=target) | Do(to=target) | Hub(to=target):
            return [("output", target)]
        case Check():
            return [("true", node.yes), ("false", node.no)]
        case Switch():
            return [*((case_pin(c), c.to) for c in node.cases), ("default", node.default)]
        case Call():
            return [
                (f"exit_{ledger.id('flow_nodes', f'{node.flow}/{key}')}", target)
                for key, target in node.outcomes.items()
            ]
    return []


def node_texts(node: Node) -> Iterator[tuple[str, Text]]:
    """List the fields of a node that have to be translated, as they are stored but for markup."""
    if isinstance(node, Say):
        yield "text", node.text
        if node.stage:
            yield "stage_directions", node.stage
        if node.menu:
            yield "menu_text", node.menu
        for reply in node.replies:
            yield f"response.{response_id(reply)}.text", reply.text
    elif isinstance(node, Exit):
        yield "label", node.label


def _response(reply: Reply) -> dict[str, Any]:
    return {
        "id": response_id(reply),
        "text": reply.text.en,
        "condition": condition_text(reply.when),
        "instruction": None,
        "instruction_assignments": assignments(reply.do),
    }
