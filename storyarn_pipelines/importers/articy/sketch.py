"""A Storyarn flow in the making: nodes, connections, and notes beside them."""

from collections.abc import Iterable

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.errors import ExpressionError
from storyarn_pipelines.expressions.ast import ALWAYS, NEVER, Assignment, Condition
from storyarn_pipelines.expressions.names import Names
from storyarn_pipelines.expressions.structure import assignments_to_structure, to_structure
from storyarn_pipelines.importers.articy.book import Book, Json

Point = tuple[int, str]
"""An output: a node and its pin."""

NOTE_COLOR = "#fbbf24"
_LABEL = 200


class Sketch:
    """Nodes and connections of one flow."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.nodes: list[Json] = []
        self.wires: list[Json] = []
        self.data: dict[int, Json] = {}
        self._names = Names(book.variables.values())
        self._drawn: set[tuple[int, str, int]] = set()

    def node(self, kind: str, x: float, y: float, data: Json, number: int | None = None) -> int:
        """A node; returns its id."""
        fixed = {} if number is None else {"id": str(number)}
        row = self.book.draft.row(
            t.FLOW_NODES,
            type=kind,
            position_x=round(x, 2),
            position_y=round(y, 2),
            data=data,
            **fixed,
        )
        self.nodes.append(row)
        self.data[int(row["id"])] = data
        return int(row["id"])

    def wire(self, begin: Point, end: int | None, label: str = "") -> None:
        """A connection; of several on one pin the first is followed."""
        if end is None or (*begin, end) in self._drawn:
            return
        self._drawn.add((*begin, end))
        self.wires.append(
            self.book.draft.row(
                t.FLOW_CONNECTIONS,
                source_handle=begin[1],
                target_handle="input",
                label=" ".join(label.split())[:_LABEL] or None,
                source_node_id=str(begin[0]),
                target_node_id=str(end),
            )
        )

    def note(self, x: float, y: float, text: str, color: str = NOTE_COLOR) -> None:
        """A note, such as one beside what could not be said."""
        self.node("annotation", x, y, {"text": text, "color": color, "font_size": "sm"})

    def structure(self, condition: Condition) -> Json | None:
        """A condition as it is stored, None if nothing says it."""
        try:
            return to_structure(condition, self._names)
        except ExpressionError:
            return None

    def question(self, x: float, y: float, condition: Condition) -> tuple[Point, Point] | None:
        """A condition node, its two outputs; None if the structure cannot say it."""
        asked = {"logic": "all", "blocks": []} if condition in (ALWAYS, NEVER) else self.structure(
            condition
        )  # fmt: skip
        if asked is None:
            return None
        node = self.node("condition", x, y, {"switch_mode": False, "condition": asked})
        yes, no = (node, "true"), (node, "false")
        # Nothing says "never", so its outputs change places: the empty one always holds.
        return (no, yes) if condition == NEVER else (yes, no)

    def change(self, x: float, y: float, changes: Iterable[Assignment], description: str) -> int:
        """An instruction node."""
        data = {
            "assignments": assignments_to_structure(tuple(changes)),
            "description": description[:2000],
        }
        return self.node("instruction", x, y, data)
