"""The ``assets`` section in its three modes: keys only, Base64 inside, or files beside."""

import base64
import hashlib
import re
from collections.abc import Iterator
from itertools import islice

import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.domain.options import AssetMode
from storyarn_pipelines.errors import MediaError, StorageError
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn import layouts
from storyarn_pipelines.serializers.storyarn.document import Document
from storyarn_pipelines.snapshot.reader import StoryReader

BLOCK_BYTES = 3 << 18
"""Read size: a multiple of three, so that Base64 blocks join without padding in between."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def write_assets(document: Document, mode: AssetMode) -> None:
    """The ``assets`` object; embedded media are read and checked on their way."""
    stream = document.stream
    if not document.goes_on_with(t.ASSETS):
        stream.begin(b"{", "assets")
        stream.value(b'"%s"' % mode.encode(), "mode")
        stream.value(b"null", "base_url")
        stream.begin(b"[", "items")
    all_media = islice(document.story.media(), document.position(t.ASSETS).taken, None)
    rows = document.rows(t.ASSETS, layouts.MEDIA)
    for (key, text), media in zip(rows, all_media, strict=True):
        stream.begin(text[1:])
        if mode == "embedded":
            blocks = checked_blocks(document.story, media)
            stream.text_member("data", map(base64.b64encode, blocks))
        elif mode == "bundled":
            stream.value(orjson.dumps(bundled_name(document.story, media)), "file")
        stream.end()
        document.end_entity(t.ASSETS, key)
    stream.end()
    stream.end()


def write_bundle(story: StoryReader, out: Output) -> None:
    """The files of a bundle, each content once; those that an earlier try has stored stay."""
    done: set[str] = set()
    for media in story.media():
        name = bundled_name(story, media)
        if name in done or out.has(name):
            continue
        done.add(name)
        with out.part(name, compress=False) as entry:
            for block in checked_blocks(story, media):
                entry.write(block)


def bundled_name(story: StoryReader, media: Media) -> str:
    """``assets/<sha256>.<ext>``; content without a recorded hash is read to learn it."""
    sha256 = media.blob_hash
    if sha256 is None:
        hasher = hashlib.sha256()
        for block in _blocks(story, media):
            hasher.update(block)
        sha256 = hasher.hexdigest()
    elif not _SHA256.fullmatch(sha256):
        raise MediaError(f"{media}: blob_hash {sha256!r} is not a SHA-256")
    return f"assets/{sha256}{media.extension}"


def checked_blocks(story: StoryReader, media: Media) -> Iterator[bytes]:
    """The bytes of one medium; raises MediaError when they are missing or not what was stored."""
    hasher = hashlib.sha256()
    for block in _blocks(story, media):
        hasher.update(block)
        yield block
    if media.blob_hash is not None and hasher.hexdigest() != media.blob_hash:
        raise MediaError(
            f"{media}: its bytes have SHA-256 {hasher.hexdigest()}, the database says "
            f"{media.blob_hash}; upload it again or export with include_assets=references"
        )


def _blocks(story: StoryReader, media: Media) -> Iterator[bytes]:
    try:
        with story.media_source.open_read(media.key) as file:
            while block := file.read(BLOCK_BYTES):
                yield block
    except StorageError as error:
        raise MediaError(
            f"{media}: {error}; check STORYARN_MEDIA_URL, or export with include_assets=references"
        ) from error
