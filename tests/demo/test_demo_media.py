"""The files that the sample makes are real files, and its rows describe them."""

import io
import struct
import wave
import zlib
from collections.abc import Iterator
from hashlib import sha256

import pytest

from storyarn_pipelines.demo import DemoProject
from storyarn_pipelines.demo.media.deflate import compress

DIGEST = "bf05105e1d8d448782677322d5665eefce1cc36d2ecfeb40418d9d934730dcf6"


def test_media_match_their_rows(demo: DemoProject) -> None:
    assert {row["key"] for row in demo.rows["assets"]} == set(demo.media)
    for row in demo.rows["assets"]:
        content = demo.media[row["key"]]
        assert len(content) == row["size"]
        assert sha256(content).hexdigest() == row["blob_hash"]
        assert row["key"].endswith(f"/{row['filename']}")


def test_media_are_the_same_on_every_machine(demo: DemoProject) -> None:
    """The digest changes with the art, and must not change with Python, zlib or the platform."""
    assert sha256(b"".join(demo.media.values())).hexdigest() == DIGEST


def test_pictures_are_valid_png_of_the_stated_size(demo: DemoProject) -> None:
    for row in demo.rows["assets"]:
        if row["content_type"] == "image/png":
            chunks = dict(png_chunks(demo.media[row["key"]]))
            width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
            assert (width, height) == (row["metadata"]["width"], row["metadata"]["height"])
            assert len(zlib.decompress(chunks[b"IDAT"])) == height * (width + 1)


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(content):
        (size,) = struct.unpack(">I", content[place : place + 4])
        name, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        (check,) = struct.unpack(">I", content[place + 8 + size : place + 12 + size])
        assert check == zlib.crc32(name + body)
        yield name, body
        place += 12 + size


def test_sounds_are_readable_and_last_as_long_as_stated(demo: DemoProject) -> None:
    for row in demo.rows["assets"]:
        if row["content_type"] == "audio/wav":
            with wave.open(io.BytesIO(demo.media[row["key"]])) as file:
                assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
                seconds = file.getnframes() / file.getframerate()
            assert seconds == pytest.approx(row["metadata"]["duration"], abs=0.001)


@pytest.mark.parametrize(
    "data",
    [b"", b"a", b"abc" * 300, bytes(range(256)) * 3, bytes(1000), b"x" * 257 + b"y" * 258],
    ids=["nothing", "a letter", "a rhythm", "all bytes", "zeros", "two runs"],
)
def test_the_own_compressor_is_understood_by_zlib(data: bytes) -> None:
    assert zlib.decompress(compress(data, stride=7)) == data
