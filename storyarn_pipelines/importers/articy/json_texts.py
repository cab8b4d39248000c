"""The texts of a localised JSON export: by key, in all languages, kept in a file."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from storyarn_pipelines.importers.articy.items import Text
from storyarn_pipelines.importers.articy.json_stream import JsonStream
from storyarn_pipelines.importers.articy.store import IdMap

_DECODER = msgspec.msgpack.Decoder(tuple[str, Text])
_CONTEXT = "Context"


class Texts:
    """Texts by key; memory holds sixteen bytes each, per table."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._file = (scratch / "articy-texts").open("w+b")
        self._tables: list[IdMap] = []
        self._at = 0

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def read(self, stream: BinaryIO, name: str) -> None:
        """Take ``{key: {language: {"Text": …}, "Context": …}}``; of two keys the first counts."""
        document = JsonStream(stream, name)
        if not self._tables:
            self._tables.append(IdMap())
        for key in document.members():
            self._add(key, _spoken(document.value()))
        document.end()

    def take(self, language: str, said: Iterable[tuple[str, str]]) -> int:
        """Take texts of one language; returns their number."""
        self._tables.append(IdMap())
        number = 0
        for number, (key, text) in enumerate(said, 1):  # noqa: B007  # the last one is returned
            self._add(key, {language: text})
        return number

    def get(self, key: str) -> Text | None:
        """A text in all its languages, None if the key is not there."""
        number, found = _hash(key), None
        for table in self._tables:
            place = table.get(number)
            if place is None:
                continue
            self._file.seek(place)
            size = int.from_bytes(self._file.read(4), "little")
            known, text = _DECODER.decode(self._file.read(size))
            if known == key:
                found = {**(found or {}), **text}
        return found

    def _add(self, key: str, text: Text) -> None:
        block = msgspec.msgpack.encode((key, text))
        self._tables[-1].add(_hash(key), self._at)
        self._file.write(len(block).to_bytes(4, "little") + block)
        self._at += len(block) + 4


def _spoken(value: Any) -> Text:
    found: Text = {}
    if isinstance(value, dict):
        for language, inner in value.items():
            said = inner.get("Text") if isinstance(inner, dict) else None
            if language != _CONTEXT and isinstance(said, str):
                found[language] = said
    return found


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest())
