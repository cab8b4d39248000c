"""Ways between flows that no call takes: jumps to other flows, and how those lead on."""

from typing import TYPE_CHECKING

from storyarn_pipelines.expressions.ast import ALWAYS
from storyarn_pipelines.expressions.structure import to_structure
from storyarn_pipelines.importers.articy.book import Json
from storyarn_pipelines.importers.articy.items import CONTAINERS, NOTHING, Item
from storyarn_pipelines.importers.articy.sketch import Point
from storyarn_pipelines.importers.articy.ways import End

if TYPE_CHECKING:
    from storyarn_pipelines.importers.articy.flow import FlowBuilder


class Crossing:
    """The jumps of one flow, and those to it."""

    def __init__(self, flow: "FlowBuilder") -> None:
        self._flow = flow

    def leave(self, number: int, pin: int, x: float, y: float) -> int:
        """Nodes that go to an object of another flow; returns the first of them."""
        flow = self._flow
        plan, sketch = flow.plan, flow.sketch
        outer = plan.outermost(number)
        data: Json = {
            "label": "", "technical_id": "", "outcome_tags": [], "outcome_color": "#22c55e",
            "exit_mode": "flow_reference", "referenced_flow_id": outer.flow,
            "target_type": None, "target_id": None,
        }  # fmt: skip
        key = plan.key(number, pin)
        needs_aim = outer.container != number or not plan.is_first(number, pin)
        node = sketch.node("exit", x + (250 if needs_aim else 0), y, data)
        if not needs_aim:
            return node
        item = flow.book.store.item(number)
        shown = flow.book.name(item) if item else ""
        aim = sketch.change(x, y, (plan.aim(key),), f"→ {shown}"[:200])
        sketch.wire((aim, "output"), node)
        return aim

    def into_pin(self, item: Item, pin: int, core: int) -> int:
        """A node that tells a container by which of its inputs it is entered."""
        flow = self._flow
        aim = flow.sketch.change(
            item.x - 200, item.y + 80, (flow.plan.aim(flow.plan.key(item.id, pin)),), ""
        )
        flow.sketch.wire((aim, "output"), core)
        return aim

    def sort_out(self, entry: int, x: float) -> Point:
        """Behind the entry, a way for each goal of a jump; returns where all else goes on."""
        flow = self._flow
        blocks = []
        for key in flow.unit.goals:
            structure = to_structure(flow.plan.aimed(key))
            blocks.append({**structure["blocks"][0], "id": key, "label": key})
        data = {"switch_mode": True, "condition": {"logic": "all", "blocks": blocks}}
        node = flow.sketch.node("condition", x, 0.0, data)
        flow.sketch.wire((entry, "output"), node)
        for place, (key, (number, pin)) in enumerate(flow.unit.goals.items()):
            self._sorted((node, key), number, pin, (x + 200, -150.0 * (place + 1)))
        return node, "default"

    def _sorted(self, begin: Point, number: int, pin: int, at: tuple[float, float]) -> None:
        """Lead from a case to its goal; who is there forgets where the jump led."""
        flow = self._flow
        plan, sketch = flow.plan, flow.sketch
        key = begin[1]
        container = flow.ground.container
        is_own = container is not None and number == container.id
        is_there = key == plan.key(number, pin) and not (
            flow.book.store.kind(number) in CONTAINERS
            and not plan.is_first(number, pin)
            and not is_own
        )
        if is_there:
            done = sketch.change(*at, (plan.arrived(),), "")
            sketch.wire(begin, done)
            begin = (done, "output")
        if is_own:
            assert container is not None
            found = next((x for x in container.inputs() if x.id == pin), None)
            flow.enter(begin, found)
            return
        item = flow.ground.items.get(number)
        if item is None:
            return
        if pin == NOTHING and not is_there:
            sketch.wire(begin, flow.core(number))
            return
        inputs = item.inputs()
        end = End(number, pin or (inputs[0].id if inputs else NOTHING), False)
        direct = is_there or flow.ground.condition(end) == ALWAYS
        sketch.wire(begin, flow.into(end) if direct else flow.core(number))
