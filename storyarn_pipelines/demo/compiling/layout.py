"""Where nodes stand on the canvas, so that a flow can be read from left to right."""

from collections import deque
from collections.abc import Iterable, Mapping

Position = tuple[float, float]

COLUMN_WIDTH = 340.0
ROW_HEIGHT = 220.0
LEFT, TOP = 100.0, 300.0
FRAME_MARGIN = 40.0
NODE_SIZE = (260.0, 160.0)


def place(
    start: str, ways: Mapping[str, Iterable[str]], loose: Iterable[str]
) -> dict[str, Position]:
    """Put each node as many columns to the right as it is steps away; loose ones on top."""
    columns = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for target in ways.get(here, ()):
            if target not in columns:
                columns[target] = columns[here] + 1
                queue.append(target)
    filled: dict[int, int] = {}
    places: dict[str, Position] = {}
    for key, column in columns.items():
        row = filled.get(column, 0)
        filled[column] = row + 1
        places[key] = (LEFT + column * COLUMN_WIDTH, TOP + row * ROW_HEIGHT)
    for number, key in enumerate(loose):
        places[key] = (LEFT + number * COLUMN_WIDTH, TOP - ROW_HEIGHT)
    return places


def frame(inside: Iterable[Position]) -> tuple[Position, Position]:
    """Draw a frame around nodes: its corner and its size."""
    xs, ys = zip(*inside, strict=True)
    corner = (min(xs) - FRAME_MARGIN, min(ys) - FRAME_MARGIN)
    width = max(xs) + NODE_SIZE[0] + FRAME_MARGIN - corner[0]
    height = max(ys) + NODE_SIZE[1] + FRAME_MARGIN - corner[1]
    return corner, (width, height)
