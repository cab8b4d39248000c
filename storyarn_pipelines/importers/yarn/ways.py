"""Ways out of a node of Yarn: jumps, calls, returns and ends."""

from typing import Any

from storyarn_pipelines.expressions.ast import Assignment
from storyarn_pipelines.importers.yarn.desk import Desk, Unit
from storyarn_pipelines.importers.yarn.graph import Made
from storyarn_pipelines.importers.yarn.parts import does
from storyarn_pipelines.importers.yarn.problems import ScriptError
from storyarn_pipelines.importers.yarn.script import (
    DeadEnd,
    Goto,
    Jump,
    Leave,
    Node,
    Return,
    Statement,
    Stop,
)
from storyarn_pipelines.importers.yarn.speech import LONGEST_ID
from storyarn_pipelines.importers.yarn.sums import number
from storyarn_pipelines.importers.yarn.types import NUMBER
from storyarn_pipelines.importers.yarn.unique import Unique


class Ways:
    """The hubs and exits of one flow; ``node`` is what is being built."""

    def __init__(self, desk: Desk, unit: Unit) -> None:
        self._desk, self._unit = desk, unit
        self._hub_ids = Unique(LONGEST_ID)
        self._exits: dict[str, Made] = {}
        self.hubs: dict[str, Made] = {}
        self.node: Node | None = None

    def out(self, statement: Statement, line: int, after: Made) -> Made:
        """Where a statement leads that ends its block."""
        match statement:
            case Jump(target=None):
                raise ScriptError(line, "where to go is worked out in the game: name the node")
            case Jump(target=str() as target, detour=True):
                return self._call(line, target, after)
            case Jump(target=str() as target):
                return self._jump(line, target)
            case Goto(_, title):
                return self._goto(title)
            case Return():
                return self._left(self._back())
            case Leave(_, exit_id) if exit_id in self._unit.exits:
                return self._left(self.known_exit(exit_id))
            case Stop() | Leave():
                return self._left(_exit("terminal", "Stop"))
            case DeadEnd():
                return Made("")
        return after

    def end(self) -> Made:
        """What follows the last statement of a node: back to the caller, or the end."""
        if self._unit.called:
            return self._left(self._back())
        return self._left(self._exits.setdefault("end", _exit("terminal", "End")))

    def hub(self, title: str, label: str = "") -> Made:
        """The hub of a node of Yarn, or of something in it."""
        found = self.hubs.get(title)
        if found is None:
            key = title.removeprefix(f"{self._unit.title}_").strip("_ ") or title
            hub_id = self._hub_ids.take(key)
            data = {"hub_id": hub_id, "label": label or title, "color": "#be185d"}
            found = self.hubs[title] = Made("hub", data)
        return found

    def called(self, target: str) -> tuple[Made, Unit]:
        """A call of a flow, whose ways back are not connected yet."""
        unit = self._desk.units[target]
        return Made("subflow", {"referenced_flow_id": int(unit.row["id"])}), unit

    def known_exit(self, key: str) -> Made:
        """An exit whose id others know."""
        found = self._exits.get(f"row {key}")
        if found is None:
            found = self._exits[f"row {key}"] = self._restored(key)
            found.row = self._unit.exits[key]
        return found

    def _restored(self, key: str) -> Made:
        exits = self._unit.own.exits if self._unit.own else []
        own = next((x for x in exits if x.id == key), None)
        if own is None:
            return _exit("caller_return", "Return")
        found = _exit(own.mode, own.label)
        found.data["technical_id"] = own.technical_id
        found.data["outcome_tags"] = own.outcome_tags
        called = self._desk.units.get(own.continues_in or "")
        if own.mode == "flow_reference" and called is not None:
            found.data["referenced_flow_id"] = int(called.row["id"])
        return found

    def _goto(self, title: str) -> Made:
        """A jump to a hub of this flow."""
        hub = self.hub(title)
        return self._left(Made("jump", {"target_hub_id": hub.data["hub_id"]}))

    def _jump(self, line: int, title: str) -> Made:
        unit = self._whole(line, title)
        if unit is self._unit and (unit.own is not None or not unit.called):
            return self._goto(title)
        return self._left(_exit("flow_reference", title, int(unit.row["id"])))

    def _call(self, line: int, title: str, after: Made) -> Made:
        self._whole(line, title)
        made, unit = self.called(title)
        for row in unit.returns.values():
            made.ways[f"exit_{row['id']}"] = after
        if not unit.returns:
            place = f"{self.node.file if self.node else ''} line {line}"
            self._desk.notes.add("a detour never comes back", [place])
        return made

    def _whole(self, line: int, title: str) -> Unit:
        unit = self._desk.units[title]
        if unit.title != title and unit is not self._unit:
            raise ScriptError(line, f"{title} is a part of the flow {unit.title}: go to that one")
        return unit

    def _back(self) -> Made:
        if "" in self._unit.exits:
            return self.known_exit("")
        return _exit("caller_return", "Return")

    def _left(self, way: Made) -> Made:
        """A way out of a node, which counts its visits if somebody asks for them."""
        node, index = self.node, self._desk.world.index
        if node is None or node.title not in index.counted or node.header("tracking") == "never":
            return way
        visits = self._desk.world.stock.helper(NUMBER, f"visits_{node.title}")
        return does((Assignment(visits, "add", number(1.0)),), way)


def _exit(mode: str, label: str, flow: int | None = None) -> Made:
    data: dict[str, Any] = {
        "label": label, "technical_id": "", "outcome_tags": [], "outcome_color": "#22c55e",
        "exit_mode": mode, "referenced_flow_id": flow, "target_type": None, "target_id": None,
    }  # fmt: skip
    return Made("exit", data)
