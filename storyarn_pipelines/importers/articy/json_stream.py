"""JSON that comes from outside, front to back and a member or an element at a time."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from storyarn_pipelines.importers.cut import BLOCK_BYTES
from storyarn_pipelines.importers.kinds import BOM
from storyarn_pipelines.importers.refusal import refused
from storyarn_pipelines.importers.window import Window

MAX_PIECE_BYTES = 64 << 20
"""The largest object that is held whole; a hierarchy may be larger."""

MAX_INDEX_BYTES = 512 << 20
_DEEPEST = 5


class JsonStream:
    """Walks one document. Whoever asks for members or elements takes or skips each value."""

    def __init__(self, stream: BinaryIO, name: str, max_piece: int = MAX_INDEX_BYTES) -> None:
        self._name, self._depth = name, 0
        self._window = Window(_WithoutBom(stream), name, _DEEPEST, BLOCK_BYTES, max_piece)  # type: ignore[arg-type]  # it only reads

    def members(self) -> Iterator[str]:
        """The names of an object's members; a name may come twice, the value is the caller's."""
        window, outer = self._window, self._window.pointer
        window.take(b"{")
        self._depth += 1
        if window.peek() == b"}":
            window.take(b"}")
        else:
            while True:
                name = self._decoded(window.name())
                window.pointer = f"{outer}/{name}"
                window.take(b":")
                yield str(name)
                window.pointer = outer
                if window.take(b",}") == b"}":
                    break
        self._depth -= 1

    def elements(self) -> Iterator[int]:
        """The places of a list's elements."""
        window, outer = self._window, self._window.pointer
        window.take(b"[")
        self._depth += 1
        if window.peek() == b"]":
            window.take(b"]")
        else:
            index = 0
            while True:
                window.pointer = f"{outer}/{index}"
                yield index
                window.pointer = outer
                index += 1
                if window.take(b",]") == b"]":
                    break
        self._depth -= 1

    @property
    def pointer(self) -> str:
        """Where the reader stands."""
        return self._window.pointer

    def opens(self) -> bytes:
        """The first byte of the next value."""
        return self._window.peek()

    def value(self, kind: Any = Any) -> Any:
        """The next value, decoded as ``kind``. Raises ImportFileError with its place."""
        return self._decoded(self._window.value(self._depth), kind)

    def skip(self) -> None:
        """Step over the next value, a part at a time; what it holds must be JSON all the same."""
        opener = self._window.peek() if self._depth < _DEEPEST - 1 else b""
        if opener == b"{":
            for _ in self.members():
                self.skip()
        elif opener == b"[":
            for _ in self.elements():
                self.skip()
        else:
            self._decoded(self._window.value(self._depth), msgspec.Raw)

    def end(self) -> None:
        """Refuse what stands behind the document."""
        self._window.pointer = ""
        if rest := self._window.peek():
            raise self._window.unexpected("the end of the file", rest)

    def _decoded(self, raw: bytes, kind: Any = Any) -> Any:
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            reason = f"this is no JSON as articy writes it ({str(error)[:120]})"
            raise refused(self._name, self._window.pointer[:150], reason) from None
        except RecursionError:
            raise refused(self._name, self._window.pointer[:150], "it nests too deep") from None


class _WithoutBom:
    """A stream whose byte order mark, if it has one, is not read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._head: bytes | None = None

    def read(self, size: int) -> bytes:
        if self._head is None:
            self._head = b""
            block = self._stream.read(max(size, len(BOM)))
            if block.startswith(BOM):
                block = block[len(BOM) :] or self._stream.read(size)
            return block
        return self._stream.read(size)
