"""Cuts a native document into its entities without loading it.

Between the pieces the text must be strict JSON. What a piece holds is not looked at: its reader
decodes it, and finds what is wrong in it. So a document whose pieces all decode is valid JSON.
"""

from array import array
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

import msgspec

from storyarn_pipelines.importers.window import MAX_PIECE_BYTES, Window

BLOCK_BYTES = 1 << 18
"""How much is read at a time: more is slower, since it does not fit the processor's cache."""

_LISTS = frozenset({"pages", "sheets", "flows", "maps", "scenes"})
_OBJECTS = frozenset({"localization", "assets"})
_INNER_LISTS = frozenset({"localization/languages", "localization/glossary", "assets/items"})
_STRINGS = "localization/strings"
_DEEPEST = 3


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One value of a document, as it is written there.

    ``pointer`` is its JSON pointer; ``key`` the names on the way to it, joined with ``/``, those of
    its list where it is the element ``index`` of one; ``offset`` the number of bytes before it.
    """

    pointer: str
    key: str
    index: int | None
    raw: bytes
    offset: int = 0


def cut(
    stream: BinaryIO,
    name: str,
    *,
    block_bytes: int = BLOCK_BYTES,
    max_piece: int = MAX_PIECE_BYTES,
) -> Iterator[Piece]:
    """The pieces of the document in ``stream``, in order; ``name`` is the file's in errors.

    Elements of ``pages``, ``sheets``, ``flows``, ``maps`` and ``scenes`` are pieces, and so are
    the elements and members of lists and objects in ``localization`` and ``assets``, the values
    beside those, and every other value of the top level. An empty list or object of that kind
    gives no piece. Memory holds one block and one piece, and eight bytes for each name of a string
    (more where names are out of order).

    Raises ImportFileError, with pointer and offset, for a text that is no JSON between the pieces,
    ends early, says a name twice, has another type where a list or an object must be, nests
    deeper than ``MAX_DEPTH``, or holds a piece of more than ``max_piece`` bytes.
    """
    yield from _Cutter(Window(stream, name, _DEEPEST, block_bytes, max_piece)).document()


class _Cutter:
    """One walk through a document."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def document(self) -> Iterator[Piece]:
        window = self._window
        for key, pointer in self._members(""):
            opener = window.peek()
            if key in _LISTS:
                yield from self._list(key, pointer, 1)
            elif key in _OBJECTS:
                yield from self._section(key, pointer)
            elif not opener:
                raise window.unexpected("a value", opener)
            else:
                yield self._piece(pointer, key, None, 1)
        window.pointer = ""
        if rest := window.peek():
            raise window.unexpected("the end of the file", rest)

    def _section(self, section: str, outer: str) -> Iterator[Piece]:
        """An object whose lists and objects are cut in turn."""
        for name, pointer in self._members(outer):
            key = f"{section}/{name}"
            opener = self._window.peek()
            if opener == b"[" or key in _INNER_LISTS:
                yield from self._list(key, pointer, 2)
            elif opener == b"{" or key == _STRINGS:
                for member, inner in self._members(pointer):
                    yield self._piece(inner, f"{key}/{member}", None, 3)
            else:
                yield self._piece(pointer, key, None, 2)

    def _piece(self, pointer: str, key: str, index: int | None, levels: int) -> Piece:
        window = self._window
        window.pointer = pointer
        window.peek()
        offset = window.offset
        return Piece(pointer, key, index, window.value(levels), offset)

    def _list(self, key: str, pointer: str, levels: int) -> Iterator[Piece]:
        window = self._window
        window.take(b"[")
        index = 0
        if window.peek() == b"]":
            window.take(b"]")
            return
        while True:
            yield self._piece(f"{pointer}/{index}", key, index, levels + 1)
            index += 1
            if window.take(b",]") == b"]":
                return

    def _members(self, pointer: str) -> Iterator[tuple[str, str]]:
        """Names and pointers of an object's members; the caller takes each value."""
        window, names = self._window, _Names()
        window.take(b"{")
        if window.peek() == b"}":
            window.take(b"}")
            return
        while True:
            window.pointer = pointer
            window.peek()
            offset = window.offset
            try:
                name = msgspec.json.decode(window.name(), type=str)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise window.error("a name is no valid JSON", offset) from error
            window.pointer = f"{pointer}/{_escaped(name)}"
            if names.has(name):
                raise window.error("the same name stands there twice", offset)
            window.take(b":")
            yield name, window.pointer
            if window.take(b",}") == b"}":
                return


class _Names:
    """Tells whether a name was there before, by hashes of 64 bits.

    Strings come sorted in files of ours: while they do, the hashes only wait in an array for a
    name that does not. Then they become a set, which costs eight times the memory.
    """

    def __init__(self) -> None:
        self._last: str | None = None
        self._waiting = array("Q")
        self._seen: set[int] | None = None

    def has(self, name: str) -> bool:
        """Note a name; says whether it is known."""
        digest = blake2b(name.encode(), digest_size=8).digest()
        number = int.from_bytes(digest, "little")
        if self._seen is None and self._last is not None and name <= self._last:
            self._seen = set(self._waiting)
            self._waiting = array("Q")
        if self._seen is None:
            self._waiting.append(number)
            self._last = name
            return False
        known = number in self._seen
        self._seen.add(number)
        return known


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
