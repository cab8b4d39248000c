"""What a file is, by its first bytes. Names are not asked: they say what people hope."""

import re
from enum import Enum, auto

HEAD_BYTES = 1 << 16
"""How much of a file is looked at."""

BOM = b"\xef\xbb\xbf"
IMPORTABLE = (
    "importable are Storyarn JSON, plain or compressed with zstd or gzip, ZIP bundles with a "
    "project.json, articy:draft's XML and JSON exports, and Yarn Spinner scripts"
)


class Kind(Enum):
    """What can be opened, if other tools' files are left aside."""

    JSON = auto()
    ZSTD = auto()
    GZIP = auto()
    ZIP = auto()
    FOLDER = auto()


_SKIPPABLE_FRAME = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_FIRST_NAME = re.compile(rb'\s*\{\s*"([^"\\]{0,100})"')
_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"%PDF", "a PDF document"),
    (b"OggS", "an Ogg sound"),
    (b"ID3", "an MP3 sound"),
    (b"fLaC", "a FLAC sound"),
    (b"PK\7\x08", "a part of a split ZIP"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PGDMP", "a PostgreSQL dump"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8"),
)
# Files that begin as JSON objects do, told by the first name in them.
_OTHER_JSON = {
    b"Settings": "an articy:draft JSON export",
    b"inkVersion": "a compiled Ink story",
    b"project_id": "the manifest of a backup; the backup is the .json.zst file beside it",
}
_TEXTS = (
    (re.compile(r"\s*<.*articy", re.DOTALL | re.IGNORECASE), "an articy:draft XML export"),
    (re.compile(r"\s*<(!doctype )?html", re.IGNORECASE), "a web page"),
    (re.compile(r"\s*<"), "XML"),
    (re.compile(r"(.*\n)?title:.*\n---\s*\n", re.DOTALL), "a Yarn Spinner script"),
    (re.compile(r"(.*\n)?\s*(={2,}\s*(function\s+)?\w+|->\s*\w+\s*$)", re.DOTALL), "an Ink script"),
    (re.compile(r"\s*\["), "a JSON list"),
    (re.compile(r'\s*("|-?\d|true|false|null)'), "text or a JSON value, but not a JSON object"),
)


def kind_of(head: bytes) -> Kind | str:
    """The kind of a file that begins with ``head``, or in words what else it looks like."""
    if not head:
        return "an empty file"
    if head.startswith(b"\x28\xb5\x2f\xfd") or _SKIPPABLE_FRAME.match(head):
        return Kind.ZSTD
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return Kind.ZIP
    text = head.removeprefix(BOM)
    if text.lstrip(b" \t\r\n").startswith(b"{"):
        first = _FIRST_NAME.match(text)
        other = _OTHER_JSON.get(first[1]) if first else None
        return other or Kind.JSON
    return _media_or_other(head) or _text(text)


def _media_or_other(head: bytes) -> str | None:
    if head.startswith(b"RIFF"):
        return {b"WAVE": "a WAV sound", b"WEBP": "a WebP picture"}.get(head[8:12], "a RIFF file")
    if head[257:262] == b"ustar":
        return "a tar archive"
    return next((what for magic, what in _MAGIC if head.startswith(magic)), None)


def _text(head: bytes) -> str:
    """A text's kind; a letter that the head cuts in half does not count against it."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD_BYTES - len(BOM):
            return "binary data"
        text = head[: error.start].decode("utf-8")
    if "\0" in text:
        return "binary data"
    if not text.strip():
        return "a blank file"
    return next((what for pattern, what in _TEXTS if pattern.match(text)), "plain text")
