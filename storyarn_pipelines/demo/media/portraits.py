"""The faces of the cast: one drawing with many hats, beards and moods, and one heron."""

from dataclasses import dataclass, replace

from storyarn_pipelines.demo.media.canvas import Canvas

SIZE = 48
INK = "#2a2233"
WHITE = "#f5efe0"


@dataclass(frozen=True)
class Look:
    """What makes a face somebody's."""

    skin: str
    shade: str
    hair: str
    coat: str
    trim: str
    sky: tuple[str, str]
    style: str
    mouth: str = "calm"
    brows: str = "level"


WREN = Look("#e8b990", "#cf9668", "#7a3b22", "#2f7f86", "#f4c95d", ("#1d3557", "#3b6ea5"), "cap")
ODILE = Look("#d9a77c", "#b98458", "#b9b4c4", "#7a4b76", "#e6d3b3", ("#4a2c3f", "#8a5a6a"), "bun")
TOBIAS = Look(
    "#8a5a3c", "#6d4329", "#2b1d18", "#3f6b4f", "#d9c7a0", ("#17323a", "#2f6b66"), "beard"
)
PIM = Look("#f0c8a0", "#d9a070", "#d9772f", "#c2703d", "#ffd27f", ("#3b2350", "#7a4a7d"), "braids")
AMBROSE = Look(
    "#e3bd9f", "#c29473", "#e9e6df", "#39506e", "#c2b280", ("#0f1b33", "#41597d"), "whiskers"
)


def face(look: Look, mouth: str = "calm", brows: str = "level") -> Canvas:
    """Draw somebody in a mood."""
    look = replace(look, mouth=mouth, brows=brows)
    canvas = Canvas(SIZE, SIZE)
    canvas.gradient(0, SIZE, look.sky)
    canvas.disc((24, 21), (19, 19), look.sky[1])
    if look.style == "braids":
        canvas.rect((11, 20, 4, 18), look.hair)
        canvas.rect((33, 20, 4, 18), look.hair)
        canvas.dots([(11, 34), (14, 34), (33, 34), (36, 34)], look.trim)
    _body(canvas, look)
    _head(canvas, look)
    _hair(canvas, look)
    _features(canvas, look)
    return canvas


def _body(canvas: Canvas, look: Look) -> None:
    canvas.disc((24, 50), (18, 14), look.coat)
    canvas.rect((20, 31, 9, 8), look.shade)
    canvas.roof((24, 37), 6, 9, look.trim)
    canvas.line((24, 40), (24, 47), look.coat)
    canvas.dots([(26, 43), (26, 46)], INK)


def _head(canvas: Canvas, look: Look) -> None:
    canvas.disc((24, 21), (11, 13), look.shade)
    canvas.disc((23, 21), (10, 12), look.skin)
    canvas.disc((13, 22), (2, 3), look.shade)
    canvas.disc((35, 22), (2, 3), look.shade)


def _hair(canvas: Canvas, look: Look) -> None:
    top = look.style
    canvas.disc((24, 12), (11, 6), look.hair)
    canvas.rect((13, 12, 2, 8), look.hair)
    canvas.rect((33, 12, 3, 8), look.hair)
    if top == "cap":
        canvas.disc((24, 10), (12, 7), look.coat)
        canvas.rect((12, 12, 25, 3), look.coat)
        canvas.rect((12, 15, 16, 2), INK)
        canvas.disc((24, 9), (2, 2), look.trim)
    elif top == "bun":
        canvas.disc((24, 5), (6, 5), look.hair)
        canvas.line((16, 4), (33, 8), look.trim)
    elif top == "beard":
        canvas.disc((24, 31), (9, 7), look.hair)
        canvas.rect((13, 21, 2, 9), look.hair)
        canvas.rect((34, 21, 2, 9), look.hair)
        canvas.rect((11, 9, 27, 2), look.trim)
        canvas.disc((24, 7), (10, 4), look.trim)
    elif top == "whiskers":
        canvas.disc((15, 28), (3, 6), look.hair)
        canvas.disc((33, 28), (3, 6), look.hair)
        canvas.disc((24, 8), (9, 3), look.skin)
        canvas.rect((18, 27, 13, 2), look.hair)
    elif top == "braids":
        canvas.dots([(x, 16 + x % 3) for x in range(15, 34)], look.hair)
        canvas.dots([(18, 25), (20, 26), (28, 26), (30, 25)], look.shade)


def _features(canvas: Canvas, look: Look) -> None:
    for x in (19, 28):
        canvas.rect((x - 1, 20, 3, 3), WHITE)
        canvas.rect((x, 20, 2, 3), INK)
        left, right = {
            "level": (18, 18),
            "raised": (17, 17),
            "worried": (19, 17),
            "stern": (17, 19),
        }[look.brows]
        outer, inner = (left, right) if x < SIZE // 2 else (right, left)
        canvas.line((x - 2, outer), (x + 2, inner), INK)
    canvas.rect((23, 22, 2, 4), look.shade)
    _mouth(canvas, look.mouth)


def _mouth(canvas: Canvas, mouth: str) -> None:
    red = "#a8433f"
    canvas.line((21, 29), (27, 29), red)
    if mouth == "smile":
        canvas.dots([(20, 28), (28, 28)], red)
        canvas.line((22, 30), (26, 30), red)
    elif mouth == "frown":
        canvas.dots([(20, 30), (28, 30)], red)
    elif mouth == "laugh":
        canvas.disc((24, 30), (4, 2), red)
        canvas.line((21, 29), (27, 29), WHITE)


def heron() -> Canvas:
    """Draw Old Stilt, who has one expression and needs no other."""
    canvas = Canvas(SIZE, SIZE)
    canvas.gradient(0, SIZE, ("#17323a", "#41597d", "#7fa3b8"))
    canvas.disc((30, 44), (20, 12), "#6f8190")
    canvas.disc((32, 46), (17, 10), "#56687a")
    for x, y in zip(range(18, 27), (16, 19, 22, 25, 28, 30, 32, 34, 36), strict=True):
        canvas.disc((x, y), (4, 4), "#aebbc4")
    canvas.disc((21, 13), (8, 6), "#d5dde2")
    canvas.line((20, 8), (36, 12), INK)
    canvas.line((22, 9), (38, 16), INK)
    for row in range(4):
        canvas.line((14, 12 + row), (1 + row * 2, 15 + row // 2), "#e0a94a")
    canvas.rect((17, 11, 3, 3), "#f4c95d")
    canvas.dot(18, 12, INK)
    canvas.dots([(20, y) for y in range(22, 40, 3)], INK)
    return canvas
