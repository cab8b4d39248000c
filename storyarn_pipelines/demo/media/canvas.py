"""A sheet of pixels with a palette, and the PNG it becomes."""

import struct
import zlib
from collections.abc import Iterable, Sequence

from storyarn_pipelines.demo.media.deflate import compress

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DITHER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
_LEVELS = 16

TRANSPARENT = "#00000000"


class Canvas:
    """Pixels that are drawn small and shown large, as pixel art is."""

    def __init__(self, width: int, height: int, background: str = TRANSPARENT) -> None:
        """Begin with one colour everywhere, by default with none."""
        self.width = width
        self.height = height
        self._palette: dict[str, int] = {}
        self._pixels = bytearray([self._index(background)]) * (width * height)

    def dot(self, x: int, y: int, color: str) -> None:
        """Set one pixel; what lies outside is lost."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._pixels[y * self.width + x] = self._index(color)

    def dots(self, points: Iterable[tuple[int, int]], color: str) -> None:
        """Set several pixels."""
        for x, y in points:
            self.dot(x, y, color)

    def rect(self, box: tuple[int, int, int, int], color: str) -> None:
        """Fill a rectangle, given as left, top, width and height."""
        left, top, width, height = box
        self.dots(
            ((x, y) for y in range(top, top + height) for x in range(left, left + width)), color
        )

    def disc(self, center: tuple[int, int], radii: tuple[int, int], color: str) -> None:
        """Fill an ellipse."""
        (cx, cy), (rx, ry) = center, radii
        self.dots(
            (
                (x, y)
                for y in range(cy - ry, cy + ry + 1)
                for x in range(cx - rx, cx + rx + 1)
                if ((x - cx) * ry) ** 2 + ((y - cy) * rx) ** 2 <= (rx * ry) ** 2
            ),
            color,
        )

    def line(self, start: tuple[int, int], end: tuple[int, int], color: str) -> None:
        """Draw a line, one pixel wide."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps, color)

    def gradient(self, top: int, bottom: int, colors: Sequence[str]) -> None:
        """Fill the rows with colours that blend into each other dot by dot."""
        span = max(bottom - top, 1)
        for y in range(top, bottom):
            place = (y - top) * (len(colors) - 1) * _LEVELS // span
            first, share = divmod(place, _LEVELS)
            for x in range(self.width):
                further = share > _DITHER[y % 4][x % 4]
                self.dot(x, y, colors[min(first + further, len(colors) - 1)])

    def roof(self, peak: tuple[int, int], half_width: int, height: int, color: str) -> None:
        """Fill a triangle that stands on its base."""
        x, top = peak
        for row in range(height):
            reach = half_width * row // max(height - 1, 1)
            self.rect((x - reach, top + row, 2 * reach + 1, 1), color)

    def png(self, scale: int) -> bytes:
        """Write the picture as PNG, each pixel as a square."""
        width, height = self.width * scale, self.height * scale
        rows = bytearray()
        for y in range(self.height):
            row = self._pixels[y * self.width : (y + 1) * self.width]
            wide = bytes(pixel for pixel in row for _ in range(scale))
            rows += (b"\0" + wide) * scale
        colors = [bytes.fromhex(color[1:].ljust(8, "f")) for color in self._palette]
        chunks = (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(color[:3] for color in colors)),
            (b"tRNS", bytes(color[3] for color in colors)),
            (b"IDAT", compress(bytes(rows), stride=width + 1)),
            (b"IEND", b""),
        )
        return _SIGNATURE + b"".join(_chunk(name, body) for name, body in chunks)

    def _index(self, color: str) -> int:
        return self._palette.setdefault(color, len(self._palette))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
