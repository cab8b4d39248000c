"""Things one can hold, and two sketches from somebody's notebook."""

from storyarn_pipelines.demo.media.canvas import Canvas

SIZE = 24
INK, GOLD, STEEL = "#2a2233", "#d9a94a", "#b8c4cc"


def letter() -> Canvas:
    """Draw the sealed letter."""
    canvas = Canvas(SIZE, SIZE)
    canvas.rect((2, 6, 20, 13), INK)
    canvas.rect((3, 7, 18, 11), "#f1e4c3")
    canvas.line((3, 7), (11, 13), "#c2a878")
    canvas.line((20, 7), (12, 13), "#c2a878")
    canvas.disc((12, 13), (3, 3), "#3b6ea5")
    canvas.dot(11, 12, "#8fb4dd")
    return canvas


def key() -> Canvas:
    """Draw the winding key."""
    canvas = Canvas(SIZE, SIZE)
    canvas.disc((7, 7), (5, 5), GOLD)
    canvas.disc((7, 7), (2, 2), "#00000000")
    for shift in range(2):
        canvas.line((10 + shift, 11), (20 + shift, 21), GOLD)
    canvas.line((16, 18), (13, 21), GOLD)
    canvas.line((19, 20), (16, 23), GOLD)
    canvas.dots([(4, 5), (5, 4)], "#fff3cf")
    return canvas


def fork() -> Canvas:
    """Draw the tuning fork."""
    canvas = Canvas(SIZE, SIZE)
    canvas.rect((8, 2, 2, 12), STEEL)
    canvas.rect((14, 2, 2, 12), STEEL)
    canvas.rect((9, 13, 6, 2), STEEL)
    canvas.rect((11, 15, 2, 7), STEEL)
    canvas.dots([(8, 2), (14, 2), (11, 21)], "#f5f8fa")
    canvas.dots([(5, 4), (4, 6), (5, 8), (18, 4), (19, 6), (18, 8)], "#7fb4d8")
    return canvas


def jar() -> Canvas:
    """Draw a jar with three bored moths."""
    canvas = Canvas(SIZE, SIZE)
    canvas.disc((12, 14), (8, 8), "#7fb4d8a0")
    canvas.rect((6, 6, 13, 4), "#7fb4d8a0")
    canvas.rect((6, 3, 13, 3), "#8a5a3c")
    for x, y in ((9, 13), (15, 11), (12, 17)):
        canvas.disc((x, y), (2, 1), "#ffe9a8")
        canvas.dot(x, y, INK)
    return canvas


def cake() -> Canvas:
    """Draw the honey cake."""
    canvas = Canvas(SIZE, SIZE)
    canvas.disc((12, 19), (10, 3), "#c9c2b8")
    canvas.rect((4, 11, 17, 8), "#b5702f")
    canvas.disc((12, 11), (8, 3), "#e0a94a")
    canvas.rect((4, 14, 17, 2), "#f0d08a")
    for x in (6, 10, 15, 18):
        canvas.rect((x, 11, 1, 3 + x % 3), "#f6c94a")
    canvas.dots([(9, 5), (10, 4), (9, 3), (14, 6), (15, 5), (14, 4)], "#d5dde2")
    return canvas


def satchel_sketch() -> Canvas:
    """Draw the satchel in brown ink."""
    canvas = _page()
    canvas.line((7, 9), (12, 3), "#6b4a2f")
    canvas.line((17, 9), (12, 3), "#6b4a2f")
    canvas.rect((4, 9, 16, 11), "#6b4a2f")
    canvas.rect((5, 10, 14, 9), "#c49a6a")
    canvas.rect((5, 10, 14, 4), "#a87b4c")
    canvas.rect((11, 13, 2, 3), "#f4c95d")
    return canvas


def tower_sketch() -> Canvas:
    """Draw the tower in brown ink, from memory."""
    canvas = _page()
    canvas.roof((12, 2), 5, 5, "#6b4a2f")
    canvas.rect((8, 7, 9, 13), "#a87b4c")
    canvas.rect((9, 8, 7, 11), "#c49a6a")
    canvas.disc((12, 10), (2, 2), "#efe2c0")
    canvas.dot(12, 10, "#6b4a2f")
    for x in range(3, 21, 3):
        canvas.dots([(x, 20), (x + 1, 19), (x + 2, 20)], "#3b6ea5")
    return canvas


def _page() -> Canvas:
    canvas = Canvas(SIZE, SIZE, "#efe2c0")
    canvas.rect((0, 0, SIZE, 1), "#d9c7a0")
    canvas.rect((0, SIZE - 1, SIZE, 1), "#d9c7a0")
    return canvas
