"""Assets with their bytes, where those came with the project."""

import hashlib
import uuid
from contextlib import closing
from pathlib import PurePosixPath

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.articy import names
from storyarn_pipelines.importers.articy.asides import lose
from storyarn_pipelines.importers.articy.book import Book
from storyarn_pipelines.importers.articy.items import Item, hexadecimal
from storyarn_pipelines.importers.articy.kept import is_row
from storyarn_pipelines.importers.tree import Tree

_LARGEST = 52_428_800
_BLOCK = 1 << 20
_HEADS = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"%PDF", "pdf", "application/pdf"),
    (b"OggS", "ogg", "audio/ogg"),
    (b"ID3", "mp3", "audio/mpeg"),
    (b"\xff\xfb", "mp3", "audio/mpeg"),
    (b"\xff\xf3", "mp3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "webm", "audio/webm"),
)


def draft_assets(book: Book, tree: Tree) -> dict[str, str]:
    """An asset for each file that is there; returns their files by what the draft calls them.

    Names from the export are only looked for among the files of the tree: none leads elsewhere.
    """
    files = {x.casefold(): x for x in tree.names()}
    by_name: dict[str, list[str]] = {}
    for name in tree.names():
        by_name.setdefault(PurePosixPath(name).name.casefold(), []).append(name)
    media: dict[str, str] = {}
    taken = names.Taken("-", 200)
    for number in book.store.of_kinds(["Asset"]):
        item = book.store.item(number)
        assert item is not None
        found = _file(item, files, by_name)
        if found is None and book.kept is not None and hexadecimal(number) in book.kept.media:
            book.notes.add("media whose files are not in the upload are left out",
                           [book.where(item)])  # fmt: skip
            continue
        if found is None:
            lose(book, item, "assets whose files are not in the upload are kept as notes")
            continue
        _draft(book, tree, item, found, media, taken)
    return media


def _file(item: Item, files: dict[str, str], by_name: dict[str, list[str]]) -> str | None:
    """The file of an asset: the longest end of its path that is there."""
    for path in (item.file, item.source):
        parts = [x for x in path.replace("\\", "/").split("/") if x not in ("", ".", "..")]
        if not parts:
            continue
        wanted = "/".join(parts).casefold()
        if wanted in files:
            return files[wanted]
        same = by_name.get(parts[-1].casefold(), [])
        ends = [x for x in same if x.casefold().endswith(f"/{wanted}")]
        if len(ends) == 1:
            return ends[0]
        if len(same) == 1:
            return same[0]
    return None


def _draft(
    book: Book, tree: Tree, item: Item, file: str, media: dict[str, str], taken: names.Taken
) -> None:
    size = tree.size(file)
    if size > _LARGEST:
        lose(book, item, "assets larger than 50 MiB are kept as notes")
        return
    digest, head = hashlib.sha256(), b""
    with closing(tree.open(file)) as stream:
        while block := stream.read(_BLOCK):
            head = head or block[:64]
            digest.update(block)
    kind = _kind(head)
    if kind is None:
        lose(book, item, "assets of a type that Storyarn does not take are kept as notes")
        return
    extension, content_type = kind
    sha256 = digest.hexdigest()
    stem = PurePosixPath(file).stem[:80] or "asset"
    filename = taken.give(stem) + f".{extension}"
    own = book.kept.media.get(hexadecimal(item.id), {}) if book.kept is not None else {}
    fixed = {"id": own["id"]} if is_row(own, t.ASSETS) else {}
    if isinstance(own.get("filename"), str):
        filename = own["filename"]
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"articy:{item.id}")
    row = book.draft.row(
        t.ASSETS,
        filename=filename,
        content_type=content_type,
        size=size,
        key=f"projects/1/assets/{key}/{filename}",
        metadata={},
        blob_hash=sha256,
        deletion_generation=0,
        file=f"assets/{sha256}.{extension}",
        **({"id": fixed["id"]} if fixed else {}),
    )
    book.draft.asset(row)
    media[f"assets/{sha256}.{extension}"] = file
    book.assets.add(item.id, int(row["id"]))
    if content_type.startswith("image/"):
        book.pictures.add(int(row["id"]))


def _kind(head: bytes) -> tuple[str, str] | None:
    """Extension and type of a file, by its first bytes."""
    if head.startswith(b"RIFF"):
        return {b"WAVE": ("wav", "audio/wav"), b"WEBP": ("webp", "image/webp")}.get(head[8:12])
    return next(((end, kind) for mark, end, kind in _HEADS if head.startswith(mark)), None)
