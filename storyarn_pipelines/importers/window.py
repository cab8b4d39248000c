"""A window that slides over a huge JSON text: reads on when it must, forgets what is behind."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.brackets import BracketFinder
from storyarn_pipelines.importers.refusal import refused

MAX_DEPTH = 1000
"""JSON that nests deeper is refused; decoders give up at about this depth."""

MAX_PIECE_BYTES = 512 << 20
"""The largest value that is held in memory."""

MAX_NAME_BYTES = 1 << 16
"""The longest name of a member that is cut off, as written, quotes included."""

_BYTES = tuple(bytes((code,)) for code in range(256))
_LAST_BLANK = ord(" ")
_BLANKS = re.compile(rb"[ \t\n\r]*")
_PLAIN_WORD = re.compile(rb"[-+.0-9A-Za-z]*")
_PLAIN_NAME = re.compile(rb'"[^"\\\x00-\x1f]*"')
_TRUNCATED = "the file ends too early (truncated)"


class Window:
    """Reads tokens and whole values of a JSON text, front to back.

    ``pointer`` is set by the caller and names the place in errors; ``shallow`` is the most levels
    that may be open around a value that is taken.
    """

    def __init__(
        self, stream: BinaryIO, name: str, shallow: int, block_bytes: int, max_piece: int
    ) -> None:
        self.pointer = ""
        self._stream, self._name = stream, name
        self._block_bytes, self._max_piece = block_bytes, max_piece
        self._finder = BracketFinder(shallow, MAX_DEPTH)
        self._brackets: Iterator[tuple[int, int]] = iter(())
        self._buffer = bytearray()
        # The offset in the text of the buffer's first byte, and the reader's place in the buffer.
        self._base = self._at = 0

    @property
    def offset(self) -> int:
        """The number of bytes before the reader's place."""
        return self._base + self._at

    def peek(self) -> bytes:
        """The next byte that is not blank, left where it is; nothing at the end."""
        buffer, at = self._buffer, self._at
        if at < len(buffer) and buffer[at] > _LAST_BLANK:
            return _BYTES[buffer[at]]
        while True:
            blanks = _BLANKS.match(buffer, self._at)
            assert blanks
            self._at = blanks.end()
            if self._at < len(buffer):
                return _BYTES[buffer[self._at]]
            if not self._more(self._at):
                return b""

    def take(self, wanted: bytes) -> bytes:
        """Step over the next byte, which must be one of ``wanted``."""
        found = self.peek()
        if not found or found not in wanted:
            choices = " or ".join(repr(chr(byte)) for byte in wanted)
            raise self.unexpected(choices, found)
        self._at += 1
        return found

    def name(self) -> bytes:
        """Step over a text and give it with its quotes, as written."""
        if self.peek() != b'"':
            raise self.unexpected("a name in quotes", self.peek())
        found = _PLAIN_NAME.match(self._buffer, self._at)
        size = found.end() - self._at if found else self._text_bytes(MAX_NAME_BYTES)
        if size > MAX_NAME_BYTES:
            raise self._too_large(MAX_NAME_BYTES)
        return self._cut(size)

    def value(self, levels: int) -> bytes:
        """Step over a value around which ``levels`` are open, and give it as written."""
        first = self.peek()
        if first in (b"{", b"["):
            return self._cut(self._container_bytes(first, levels))
        if first == b'"':
            return self._cut(self._text_bytes(self._max_piece))
        return self._cut(self._word_bytes(first))

    def error(self, reason: str, offset: int | None = None) -> ImportFileError:
        """An error for the place that the window stands at."""
        byte = self.offset if offset is None else offset
        place = f"{self.pointer[:150]}, byte {byte}" if self.pointer else f"byte {byte}"
        return refused(self._name, place, reason)

    def unexpected(self, wanted: str, found: bytes) -> ImportFileError:
        """An error for a byte that does not belong here, or for the end of the file."""
        if not found:
            return self.error(_TRUNCATED)
        return self.error(f"expected {wanted}, found {chr(found[0])!a}")

    def _container_bytes(self, opener: bytes, levels: int) -> int:
        start = self.offset
        while True:
            for offset, depth in self._brackets:
                if depth <= levels and offset > start:
                    return self._closed(opener, start, offset)
            self._check_depth(start, None)
            self._grow(self._max_piece)

    def _closed(self, opener: bytes, start: int, last: int) -> int:
        self._check_depth(start, last)
        if last + 1 - start > self._max_piece:
            raise self._too_large(self._max_piece)
        closer = self._buffer[last - self._base]
        if closer != (ord("}") if opener == b"{" else ord("]")):
            raise self.error(f"{chr(opener[0])!r} is closed by {chr(closer)!r}", last)
        return last + 1 - start

    def _check_depth(self, start: int, last: int | None) -> None:
        deep = self._finder.too_deep
        if deep is not None and deep > start and (last is None or deep < last):
            raise self.error(f"it nests deeper than {MAX_DEPTH:,} levels", deep)

    def _text_bytes(self, limit: int) -> int:
        """The size of the text here: up to the first quote after an even run of backslashes."""
        scanned = 1
        while True:
            place = self._buffer.find(b'"', self._at + scanned)
            if place < 0:
                scanned += self._even_part(self._at + scanned)
                self._grow(limit)
                continue
            between = self._buffer[self._at + scanned : place]
            scanned = place + 1 - self._at
            if (len(between) - len(between.rstrip(b"\\"))) % 2 == 0:
                if scanned > limit:
                    raise self._too_large(limit)
                return scanned

    def _even_part(self, start: int) -> int:
        """How much of the rest of the buffer can be left behind: not half of an escape."""
        rest = self._buffer[start:]
        run = len(rest) - len(rest.rstrip(b"\\"))
        return len(rest) - run % 2

    def _word_bytes(self, first: bytes) -> int:
        """The size of a number, true, false or null; what it says is for others to check."""
        size = 0
        while True:
            found = _PLAIN_WORD.match(self._buffer, self._at + size)
            assert found
            size = found.end() - self._at
            if found.end() < len(self._buffer):
                break
            if size > self._max_piece or not self._more(self._at):
                break
        if size > self._max_piece:
            raise self._too_large(self._max_piece)
        if not size:
            raise self.unexpected("a value", first)
        return size

    def _cut(self, size: int) -> bytes:
        with memoryview(self._buffer) as view, view[self._at : self._at + size] as part:
            found = bytes(part)
        self._at += size
        return found

    def _grow(self, limit: int) -> None:
        """Read on inside a value that is not at its end."""
        if len(self._buffer) - self._at > limit:
            raise self._too_large(limit)
        if not self._more(self._at):
            raise self.error(_TRUNCATED, self._base + len(self._buffer))

    def _too_large(self, limit: int) -> ImportFileError:
        return self.error(f"it is larger than {limit:,} bytes, which is the most that is read")

    def _more(self, keep: int) -> bool:
        """Append the next block, dropping what lies before ``keep``; says whether there was one."""
        try:
            block = self._stream.read(self._block_bytes)
        except OSError as error:
            raise self.error(f"it cannot be read ({error.strerror or error})") from error
        if not block:
            return False
        del self._buffer[:keep]
        self._base += keep
        self._at -= keep
        self._buffer += block
        self._brackets = self._finder.feed(block)
        return True
