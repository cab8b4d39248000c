"""Scripts that an author has changed in our own export, as Storyarn stores them."""

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import ALWAYS, NEVER, Condition
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.structure import assignments_to_structure, to_structure
from storyarn_pipelines.importers.articy.book import Book, Json
from storyarn_pipelines.importers.articy.items import Item
from storyarn_pipelines.importers.articy.world import World


class EditedScripts:
    """Reads the scripts of one flow; what cannot be held is a note beside its node.

    ``lost`` are remarks with their places.
    """

    def __init__(self, book: Book, world: World, flow: Json) -> None:
        self._book, self._world, self._flow = book, world, flow
        self._names = Names(book.variables.values())
        self.lost: list[tuple[str, str]] = []

    def condition(self, item: Item, node: Json, script: str) -> Json:
        """A condition as it is stored; what cannot be held counts as true and is told."""
        asked = self._world.condition(script)
        if asked is not None and asked != NEVER:
            made = self._stored(asked)
            if made is not None:
                return made
        self._lost(item, node, script, "condition, which counts as true")
        self.lost.append(("conditions that cannot be held count as true", self._at(item, script)))
        return {"logic": "all", "blocks": []}

    def _stored(self, asked: Condition) -> Json | None:
        if asked == ALWAYS:
            return {"logic": "all", "blocks": []}
        try:
            return to_structure(asked, self._names)
        except ExpressionError:
            return None

    def instruction(self, item: Item, node: Json, script: str) -> list[Json]:
        """Assignments as they are stored; what cannot be held is left out and told."""
        found = self._world.instruction(script)
        for lost in found.lost:
            self._lost(item, node, lost, "instruction, which is left out")
            self.lost.append(
                ("instructions that cannot be held are left out", self._at(item, lost))
            )
        return assignments_to_structure(found.changes)

    def _lost(self, item: Item, node: Json, script: str, what: str) -> None:
        data = {"text": f"articy {what}:\n{script}", "color": "#fbbf24", "font_size": "sm"}
        self._flow["nodes"].append(
            self._book.draft.row(
                t.FLOW_NODES, type="annotation", position_x=item.x, position_y=item.y + 160.0,
                data=data, parent_id=node.get("parent_id"),
            )
        )  # fmt: skip

    def _at(self, item: Item, script: str) -> str:
        return f"{self._book.where(item)}: {' '.join(script.split())[:80]}"
