"""The ``assets`` section in its three modes: keys only, Base64 inside, or files beside."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec
import pyarrow as pa

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import AssetMode
from storyarn_pipelines.errors import MediaError, StorageError
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn import layouts
from storyarn_pipelines.serializers.storyarn.document import Document
from storyarn_pipelines.snapshot.reader import StoryReader

BLOCK_BYTES = 3 << 18
"""Read size: a multiple of three, so that Base64 blocks join without padding."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")


class MediaFile(msgspec.Struct, frozen=True):
    """What is needed to find and check one medium's bytes."""

    id: int
    filename: str
    key: str
    blob_hash: str | None

    @property
    def extension(self) -> str:
        """A harmless lower-case extension; names come from outside."""
        suffix = PurePosixPath(self.filename).suffix.lower()
        return suffix if _EXTENSION.fullmatch(suffix) else ".bin"


def write_assets(document: Document, mode: AssetMode) -> None:
    """The ``assets`` object; embedded media are read and checked on their way."""
    stream = document.stream
    stream.begin(b"{", "assets")
    stream.value(b'"%s"' % mode.encode(), "mode")
    stream.value(b"null", "base_url")
    stream.begin(b"[", "items")
    for _, text, batch, row in document.rows(t.ASSETS, layouts.MEDIA):
        stream.begin(text[1:])
        if mode == "embedded":
            _write_base64(document, _media_file(batch, row))
        elif mode == "bundled":
            name = bundled_name(document.story, _media_file(batch, row))
            stream.value(b'"%s"' % name.encode(), "file")
        stream.end()
    stream.end()
    stream.end()


def write_bundle(story: StoryReader, out: Output) -> None:
    """The files of a bundle, each content once."""
    done: set[str] = set()
    for media in media_files(story):
        name = bundled_name(story, media)
        if name in done:
            continue
        done.add(name)
        with out.part(name, compress=False) as entry:
            for block in checked_blocks(story, media):
                entry.write(block)


def media_files(story: StoryReader) -> Iterator[MediaFile]:
    """The media of a snapshot, in their order."""
    for batch in story.batches(t.ASSETS):
        for row in range(batch.num_rows):
            yield _media_file(batch, row)


def bundled_name(story: StoryReader, media: MediaFile) -> str:
    """``assets/<sha256>.<ext>``; content without a recorded hash is read to learn it."""
    sha256 = media.blob_hash
    if sha256 is None:
        hasher = hashlib.sha256()
        for block in _blocks(story, media):
            hasher.update(block)
        sha256 = hasher.hexdigest()
    elif not _SHA256.fullmatch(sha256):
        raise MediaError(f"{_label(media)}: blob_hash {sha256!r} is not a SHA-256")
    return f"assets/{sha256}{media.extension}"


def checked_blocks(story: StoryReader, media: MediaFile) -> Iterator[bytes]:
    """The bytes of one medium; raises MediaError when they are missing or not what was stored."""
    hasher = hashlib.sha256()
    for block in _blocks(story, media):
        hasher.update(block)
        yield block
    if media.blob_hash is not None and hasher.hexdigest() != media.blob_hash:
        raise MediaError(
            f"{_label(media)}: its bytes have SHA-256 {hasher.hexdigest()}, the database says "
            f"{media.blob_hash}; upload it again or export with include_assets=references"
        )


def _blocks(story: StoryReader, media: MediaFile) -> Iterator[bytes]:
    try:
        with story.media_source.open_read(media.key) as file:
            while block := file.read(BLOCK_BYTES):
                yield block
    except StorageError as error:
        raise MediaError(
            f"{_label(media)}: {error}; check STORYARN_MEDIA_URL, "
            "or export with include_assets=references"
        ) from error


def _write_base64(document: Document, media: MediaFile) -> None:
    pieces = (base64.b64encode(block) for block in checked_blocks(document.story, media))
    document.stream.text_member("data", pieces)


def _media_file(batch: pa.RecordBatch, row: int) -> MediaFile:
    fields = MediaFile.__struct_fields__
    return MediaFile(*(batch.column(name)[row].as_py() for name in fields))


def _label(media: MediaFile) -> str:
    return f"media {media.id} ({media.filename})"
