"""JSON written piece by piece, compact or indented, from texts that are JSON already.

Numbers and strings are never decoded: indentation happens at token level, so what PostgreSQL
printed inside jsonb arrives as it was.
"""

import re
from collections.abc import Iterable
from typing import BinaryIO

import msgspec
import orjson

Text = bytes | memoryview
_INDENT = 2
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class JsonStream:
    """A document under construction; ``depth`` counts the open objects and lists."""

    def __init__(self, out: BinaryIO, *, pretty: bool) -> None:
        self._out, self._pretty = out, pretty
        self._closers: list[bytes] = []
        self._empty: list[bool] = []

    @property
    def brackets(self) -> tuple[list[str], list[bool]]:
        """The closers of what is open, outermost first, and which of them are still empty."""
        return [closer.decode() for closer in self._closers], list(self._empty)

    def go_on(self, closers: list[str], empty: list[bool]) -> None:
        """Go on inside what another stream has opened and written: its ``brackets``."""
        self._closers, self._empty = [closer.encode() for closer in closers], list(empty)

    def begin(self, head: Text, key: str | None = None) -> None:
        """Open an object or list: ``{``, ``[`` or an object that lacks its closing brace."""
        self._lead(key)
        opener = bytes(head[:1])
        bare = len(head) == 1
        if self._pretty and not bare:
            formatted = self._format(bytes(head) + b"}")
            self._out.write(formatted[: formatted.rindex(b"\n")])
        else:
            self._out.write(head)
        self._closers.append(b"}" if opener == b"{" else b"]")
        self._empty.append(bare)

    def end(self) -> None:
        """Close what was opened last."""
        closer, empty = self._closers.pop(), self._empty.pop()
        if self._pretty and not empty:
            self._out.write(self._newline())
        self._out.write(closer)

    def value(self, text: Text, key: str | None = None) -> None:
        """Write one whole value as a member or an element."""
        self._lead(key)
        self._out.write(self._format(bytes(text)) if self._pretty else text)

    def text_member(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write a long text piece by piece; the pieces need no escaping."""
        self._lead(key)
        self._out.write(b'"')
        for piece in pieces:
            self._out.write(piece)
        self._out.write(b'"')

    def many(self, texts: Text) -> None:
        """Write whole members or elements, each led by a comma: ``,{…},{…}`` or ``,"a":1``."""
        if not len(texts):
            return
        if not self._pretty:
            self._out.write(texts[1:] if self._empty[-1] else texts)
            self._empty[-1] = False
            return
        opener, closer = (b"[", b"]") if self._closers[-1] == b"]" else (b"{", b"}")
        formatted = indented(opener + texts[1:] + closer)
        self._lead(None)
        inner = formatted[2 + _INDENT : -2]
        self._out.write(inner.replace(b"\n", self._newline(-1)))

    def splice(self, texts: Text, frames: bytes, before: int, after: int) -> None:
        """Write tokens that close and open objects on their own, such as ``}},"b":{"t":{"es":1``.

        ``frames`` are the brackets involved, the one that ``begin`` opened last first; ``before``
        and ``after`` say how many of them are open around the text, which leads with a comma or
        a closer. Used where one write a row would be too slow.
        """
        if not self._pretty:
            self._out.write(texts[1:] if self._empty[-1] else texts)
            self._empty[-1] = False
            return
        head, closers = _wrapper(frames[:before]), _closers(frames[:after])
        formatted = indented(head + texts + closers)
        start = formatted.index(b"0") + 1 + self._empty[-1]
        stop = -sum(2 + _INDENT * level for level in range(after))
        self._empty[-1] = False
        self._out.write(formatted[start:stop].replace(b"\n", self._newline(-1)))

    def finish(self) -> None:
        """End the document with its newline."""
        self._out.write(b"\n")

    def _lead(self, key: str | None) -> None:
        if self._empty:
            if not self._empty[-1]:
                self._out.write(b",")
            self._empty[-1] = False
            if self._pretty:
                self._out.write(self._newline())
        if key is not None:
            self._out.write(orjson.dumps(key) + (b": " if self._pretty else b":"))

    def _newline(self, less: int = 0) -> bytes:
        return b"\n" + b" " * (_INDENT * (len(self._closers) + less))

    def _format(self, text: bytes) -> bytes:
        return indented(text).replace(b"\n", self._newline())


def _wrapper(frames: bytes) -> bytes:
    """Makes a text whole that continues inside open brackets: a dummy member to follow."""
    return b"".join(b"[" if frame == ord("[") else b'{"":' for frame in frames) + b"0"


def _closers(frames: bytes) -> bytes:
    return b"".join(b"]" if frame == ord("[") else b"}" for frame in reversed(frames))


def indented(text: bytes) -> bytes:
    """JSON indented at token level; msgspec is quick, but gives up on about 1,000 levels."""
    try:
        return msgspec.json.format(text, indent=_INDENT)
    except RecursionError:
        return _indented_deep(text)


def _indented_deep(text: bytes) -> bytes:
    """The same for any depth, one token at a time."""
    out: list[bytes] = []
    depth = 0
    last = b""
    for token in _TOKENS.findall(text):
        if token in (b"}", b"]"):
            depth -= 1
            if last not in (b"{", b"["):
                out.append(b"\n" + b" " * (_INDENT * depth))
        elif last in (b"{", b"[", b","):
            out.append(b"\n" + b" " * (_INDENT * depth))
        elif last == b":":
            out.append(b" ")
        if token in (b"{", b"["):
            depth += 1
        out.append(token)
        last = token
    return b"".join(out)
