"""The texts of a localised JSON export: by key, in all languages, kept in a file."""

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
    """Texts by key; memory holds sixteen bytes each."""

    def __init__(self, scratch: Path) -> None:
        self._file = (scratch / "articy-texts").open("w+b")
        self._places = IdMap()
        self._at = 0
        self.languages: dict[str, None] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def read(self, stream: BinaryIO, name: str) -> None:
        """Take ``{key: {language: {"Text": …}, "Context": …}}``; of two keys the first counts."""
        document = JsonStream(stream, name)
        for key in document.members():
            self._add(key, _spoken(document.value()))
        document.end()

    def get(self, key: str) -> Text | None:
        """A text, None if the key is not there."""
        place = self._places.get(_hash(key))
        if place is None:
            return None
        self._file.seek(place)
        size = int.from_bytes(self._file.read(4), "little")
        known, text = _DECODER.decode(self._file.read(size))
        return text if known == key else None

    def _add(self, key: str, text: Text) -> None:
        self.languages.update(dict.fromkeys(text))
        block = msgspec.msgpack.encode((key, text))
        self._places.add(_hash(key), self._at)
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
