"""Halfwater by night and by day: maps, banners, and rain to lay over them."""

from itertools import islice

from storyarn_pipelines.demo.media.canvas import Canvas
from storyarn_pipelines.demo.media.noise import noise

WIDTH, HEIGHT, BANNER = 160, 90, 45

NIGHT = ("#0b1026", "#16264a", "#24486b", "#3d6f86")
DAWN = ("#2b3a67", "#7a5a86", "#d98a6f", "#f6c98a")
SEA = ("#1d4a5f", "#123247", "#0b1f33")
WALL, ROOF, LAMP, STONE = "#171c33", "#0f1326", "#f4c95d", "#2c3350"


def town() -> Canvas:
    """Draw the map: roofs to the left, the tower, stairs into the sea, and the Sea Mark."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.gradient(0, 52, NIGHT)
    _stars(canvas, 40)
    canvas.disc((118, 14), (7, 7), "#f5efe0")
    canvas.disc((121, 12), (6, 6), "#16264a")
    canvas.gradient(40, HEIGHT, SEA)
    canvas.disc((28, 72), (66, 34), STONE)
    _ripples(canvas, 46, HEIGHT, left=96)
    _houses(canvas, 0, 46, 12, seed=5)
    _tower(canvas, 51, 8)
    _houses(canvas, 60, 50, 5, seed=11)
    for step in range(7):
        canvas.rect((74 + step * 3, 60 + step * 3, 14, 3), "#5a6485" if step % 2 else "#464f70")
    _beacon(canvas, 141, 34)
    _rafts(canvas, 64, 74)
    return canvas


def market() -> Canvas:
    """Draw rafts between strings of lanterns."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.gradient(0, 50, ("#0b1026", "#241a3d", "#4a2c4f"))
    canvas.gradient(50, HEIGHT, ("#2a3a5c", "#123247", "#0b1f33"))
    for row, color in ((8, "#f4c95d"), (20, "#e07a4f"), (14, "#7fd1c1")):
        for x in range(row % 5, WIDTH, 13):
            sag = (x - 80) ** 2 // 900
            canvas.line((x, row + 8 - sag), (x + 13, row + 8 - sag), "#3b3050")
            canvas.disc((x + 4, row + 11 - sag), (2, 3), color)
            canvas.dot(x + 4, row + 11 - sag, "#fff3cf")
    for x, roof in ((6, "#a8433f"), (46, "#2f7f86"), (88, "#c2703d"), (128, "#5b4a8a")):
        canvas.rect((x, 42, 26, 18), "#3a2a33")
        canvas.roof((x + 13, 32), 17, 11, roof)
        canvas.rect((x + 3, 46, 20, 7), "#f4c95d")
        canvas.rect((x + 3, 51, 20, 3), "#8a5a3c")
        canvas.rect((x - 3, 60, 32, 4), "#6d4329")
    _ripples(canvas, 64, HEIGHT, left=0)
    for x in range(10, WIDTH, 11):
        canvas.line((x, 66), (x, 70 + x % 7), "#c9a24f")
    return canvas


def clock_room() -> Canvas:
    """Draw the clock from inside, with the sea where others have numbers."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.gradient(0, HEIGHT, ("#1a1420", "#33263a", "#4a3a3f"))
    for x in range(0, WIDTH, 20):
        canvas.rect((x, 0, 3, HEIGHT), "#2a1f2b")
    canvas.disc((80, 34), (33, 33), "#8a6d3b")
    canvas.disc((80, 34), (30, 30), "#efe2c0")
    canvas.disc((80, 34), (26, 26), "#d9c7a0")
    canvas.rect((56, 44, 49, 2), "#3b6ea5")
    for x in range(57, 104, 4):
        canvas.dots([(x, 43), (x + 1, 42), (x + 2, 43)], "#3b6ea5")
    for x, y in ((80, 7), (80, 61), (53, 34), (107, 34), (61, 15), (99, 15), (61, 53), (99, 53)):
        canvas.disc((x, y), (1, 1), "#5a3d2a")
    for shift in range(2):
        canvas.line((80 + shift, 34), (68 + shift, 19), "#2a2233")
        canvas.line((80, 34 + shift), (98, 28 + shift), "#2a2233")
    canvas.disc((80, 34), (3, 3), "#a8433f")
    for x, y, radius in ((36, 72, 14), (60, 80, 9), (122, 70, 16), (100, 82, 8)):
        _gear(canvas, (x, y), radius)
    return canvas


def rooftops() -> Canvas:
    """Draw a strip of roofs in the rain."""
    canvas = Canvas(WIDTH, BANNER)
    canvas.gradient(0, BANNER, NIGHT)
    _stars(canvas, 18)
    _houses(canvas, -4, 22, 16, seed=23)
    return canvas


def quay() -> Canvas:
    """Draw the ferry, lit by moths, off the quay."""
    canvas = Canvas(WIDTH, BANNER)
    canvas.gradient(0, 24, NIGHT)
    canvas.gradient(24, BANNER, SEA)
    _houses(canvas, 0, 10, 4, seed=31)
    _ripples(canvas, 26, BANNER, left=30)
    canvas.rect((84, 26, 38, 5), "#6d4329")
    canvas.rect((88, 31, 30, 2), "#4a2c1d")
    canvas.line((103, 8), (103, 26), "#8a5a3c")
    canvas.disc((103, 8), (3, 3), LAMP)
    for (x, y), _ in zip(_scatter(7, 26, 20), range(9), strict=False):
        canvas.dot(90 + x, y, "#fff3cf")
    return canvas


def dawn() -> Canvas:
    """Draw the Sea Mark in the first light."""
    canvas = Canvas(WIDTH, BANNER)
    canvas.gradient(0, 28, DAWN)
    canvas.disc((46, 28), (12, 9), "#fff0c2")
    canvas.gradient(28, BANNER, ("#d98a6f", "#6f6a8f", "#2b3a67"))
    _ripples(canvas, 29, BANNER, left=0)
    canvas.rect((40, 30, 13, 1), "#fff0c2")
    _beacon(canvas, 124, 12)
    return canvas


def rain() -> Canvas:
    """Draw nothing but rain, to be laid over other pictures."""
    canvas = Canvas(WIDTH, HEIGHT)
    for x, y in islice(_scatter(41, WIDTH, HEIGHT), 130):
        canvas.line((x, y), (x - 2, y + 5), "#9cc4dd90")
    return canvas


def _scatter(seed: int, width: int, height: int) -> "zip[tuple[int, int]]":
    return zip(noise(seed, width), noise(seed + 1, height), strict=False)


def _stars(canvas: Canvas, below: int) -> None:
    for x, y in islice(_scatter(3, canvas.width, below), 45):
        canvas.dot(x, y, "#dfe8f2" if x % 3 else "#8fa8c4")


def _ripples(canvas: Canvas, top: int, bottom: int, left: int) -> None:
    for x, y in islice(_scatter(13, canvas.width - left, bottom - top), 70):
        canvas.rect((left + x, top + y, 3 + x % 5, 1), "#4f8aa0" if y % 2 else "#2a5d75")


def _houses(canvas: Canvas, left: int, top: int, count: int, seed: int) -> None:
    sizes = noise(seed, 8)
    x = left
    for _ in range(count):
        width, lift = 8 + next(sizes) % 6, next(sizes)
        canvas.rect((x, top - lift, width, canvas.height), WALL if lift % 2 else "#1e2542")
        canvas.roof((x + width // 2, top - lift - 6), width // 2 + 1, 7, ROOF)
        for y in range(top - lift + 4, min(top + 20, canvas.height), 7):
            lit = next(sizes)
            canvas.rect((x + 2, y, 2, 3), "#2c3350" if lit % 2 else LAMP)
            canvas.rect((x + width - 4, y, 2, 3), LAMP if lit % 3 == 0 else "#2c3350")
        x += width


def _tower(canvas: Canvas, x: int, top: int) -> None:
    canvas.rect((x - 5, top + 6, 11, 50), "#222a48")
    canvas.roof((x, top - 2), 7, 9, ROOF)
    canvas.disc((x, top + 14), (4, 4), "#efe2c0")
    canvas.line((x, top + 14), (x, top + 11), "#2a2233")
    canvas.line((x, top + 14), (x + 2, top + 15), "#2a2233")
    for y in range(top + 24, top + 50, 8):
        canvas.rect((x - 1, y, 2, 4), "#2c3350")


def _beacon(canvas: Canvas, x: int, top: int) -> None:
    canvas.roof((x, top + 10), 12, 9, "#1a2036")
    canvas.rect((x - 2, top + 1, 5, 10), "#c9c2b8")
    canvas.rect((x - 2, top + 5, 5, 2), "#a8433f")
    for reach in range(4, 20, 2):
        canvas.dots([(x - reach, top - 1), (x + reach, top - 1)], LAMP)
    canvas.rect((x - 2, top - 3, 5, 4), LAMP)
    canvas.roof((x, top - 6), 3, 3, "#1a2036")


def _rafts(canvas: Canvas, x: int, y: int) -> None:
    for number, color in enumerate(("#e07a4f", LAMP, "#7fd1c1", "#e07a4f")):
        left = x + number * 12 - (number % 2) * 3
        canvas.rect((left, y + number * 3, 9, 2), "#6d4329")
        canvas.disc((left + 4, y + number * 3 - 3), (1, 2), color)


def _gear(canvas: Canvas, center: tuple[int, int], radius: int) -> None:
    x, y = center
    canvas.rect((x - radius - 2, y - 2, 2 * radius + 5, 5), "#6b5230")
    canvas.rect((x - 2, y - radius - 2, 5, 2 * radius + 5), "#6b5230")
    canvas.disc(center, (radius, radius), "#8a6d3b")
    canvas.disc(center, (radius - 4, radius - 4), "#5f4a2b")
    canvas.disc(center, (2, 2), "#d9c7a0")
