"""Opening a file: what it is by its content, and no harm from what it claims."""

import gzip
import hashlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.limits import Limits
from storyarn_pipelines.importers.source import Source, open_source

DOCUMENT = json.dumps({"storyarn_version": "1.0.0", "x": list(range(500))}).encode()
PICTURE = b"\x89PNG picture"
MEDIA = f"assets/{hashlib.sha256(PICTURE).hexdigest()}.png"
BOM = b"\xef\xbb\xbf"


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


def streamed_zstd(data: bytes) -> bytes:
    """As backups are written: a frame that does not tell its size."""
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    packed: bytes = out.getvalue().to_pybytes()
    return packed


SKIPPED_FRAME = b"\x5a\x2a\x4d\x18" + struct.pack("<L", 4) + b"{}{}"


def bundle(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # zipfile warns of names that come twice
        for name, data in entries:
            if isinstance(name, zipfile.ZipInfo):
                archive.writestr(name, data)
            else:
                info = zipfile.ZipInfo("x")
                info.filename = name  # as it is, not as this system would clean it
                archive.writestr(info, data, method)
    return out.getvalue()


GOOD = (("project.json", DOCUMENT), (MEDIA, PICTURE))


class Opener:
    """Opens bytes as a file to import, and says what an open source holds."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "x.bin"
        self.scratch = directory / "scratch"
        self.scratch.mkdir()

    def document(self, data: bytes, **limits: int) -> bytes:
        self.path.write_bytes(data)
        with open_source(self.path, self.scratch, Limits(**limits)) as source:
            with source.open_json() as stream:
                first = stream.read()
            with source.open_json() as stream:
                assert stream.read() == first
        assert list(self.scratch.iterdir()) == []
        return first

    def refusal(self, data: bytes, **limits: int) -> str:
        with pytest.raises(ImportFileError) as refusal:
            self.document(data, **limits)
        assert list(self.scratch.iterdir()) == []
        message = str(refusal.value)
        assert message.startswith("import: x.bin: ")
        assert message.isprintable()
        return message


@pytest.fixture
def opener(tmp_path: Path) -> Opener:
    return Opener(tmp_path)


@pytest.mark.parametrize(
    "pack",
    [
        lambda x: x,
        lambda x: x + b" \r\n\t",
        zstd,
        streamed_zstd,
        lambda x: zstd(x[:9]) + zstd(b"") + SKIPPED_FRAME + zstd(x[9:]),
        lambda x: SKIPPED_FRAME + zstd(x),
        gzip.compress,
        lambda x: gzip.compress(x[:9]) + gzip.compress(x[9:]),
        lambda x: bundle(("project.json", x), (MEDIA, PICTURE)),
        lambda x: bundle(("project.json", x), method=zipfile.ZIP_STORED),
        lambda x: bundle(("assets/", b""), (MEDIA, PICTURE), ("project.json", x)),
    ],
)
@pytest.mark.parametrize("lead", [b"", BOM, b" \r\n\t", BOM + b" "])
def test_a_document_is_read_as_often_as_needed_however_it_is_packed(
    opener: Opener, pack: Callable[[bytes], bytes], lead: bytes
) -> None:
    document = opener.document(pack(lead + DOCUMENT))
    assert document.startswith(lead.removeprefix(BOM) + b"{")
    assert document.strip() == DOCUMENT


def test_only_compressed_documents_are_copied(opener: Opener) -> None:
    stored = bundle(*GOOD, method=zipfile.ZIP_STORED)
    for data, copies in ((DOCUMENT, 0), (stored, 0), (bundle(*GOOD), 1), (zstd(DOCUMENT), 1)):
        opener.path.write_bytes(data)
        with open_source(opener.path, opener.scratch) as source:
            assert len(list(opener.scratch.iterdir())) == copies
            assert source.json_bytes == len(DOCUMENT)
            assert source.name == "x.bin"
        assert list(opener.scratch.iterdir()) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_media_of_a_bundle_are_opened_by_the_names_in_the_document(
    opener: Opener, method: int
) -> None:
    extra = (("notes.txt", b"hello"), ("assets/readme.txt", b"hello"), ("assets/sub/", b""))
    opener.path.write_bytes(bundle(*GOOD, *extra, method=method))
    with open_source(opener.path, opener.scratch) as source:
        assert source.media_names() == {MEDIA}
        assert source.ignored == ("assets/readme.txt", "notes.txt")
        with source.open_json() as document, source.open_media(MEDIA) as medium:
            assert (document.read(1), medium.read(), document.read()) == (
                DOCUMENT[:1],
                PICTURE,
                DOCUMENT[1:],
            )
        for name in ("project.json", "notes.txt", "assets/../project.json", "assets/", "\n"):
            with pytest.raises(ImportFileError, match="no such file among its media"):
                source.open_media(name)


def test_a_document_alone_has_no_media(opener: Opener) -> None:
    opener.path.write_bytes(DOCUMENT)
    with open_source(opener.path, opener.scratch) as source:
        assert source.media_names() == frozenset()
        with pytest.raises(ImportFileError, match="ZIP bundle"):
            source.open_media(MEDIA)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "an empty file"),
        (b" \n\t", "a blank file"),
        (PICTURE, "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 30, "a JPEG picture"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a WAV sound"),
        (b"a" * 257 + b"ustar\x0000" + b"\0" * 300, "a tar archive"),
        (b"%PDF-1.7", "a PDF document"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (BOM + b'{"Settings":{}', "an articy:draft JSON"),
        (b'{"inkVersion":21,"root":[]}', "a compiled Ink story"),
        (b'{"project_id":7,"file":"x"}', "the manifest of a backup"),
        (b"=== tavern ===\nHello\n-> END\n", "an Ink script"),
        (b"[1,2]", "a JSON list"),
        (b'"text"', "not a JSON object"),
        (b"id,name\n1,Jaime\n", "plain text"),
        ('{"a":1}'.encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02", "binary data"),
        (b"abc\xff", "binary data"),
        ("é".encode() * 40_000, "plain text"),
        (b"x" + "é".encode() * 40_000, "plain text"),
    ],
)
@pytest.mark.parametrize("pack", [None, zstd, gzip.compress])
def test_what_is_none_of_ours_is_named_packed_or_not(
    opener: Opener, data: bytes, what: str, pack: Callable[[bytes], bytes] | None
) -> None:
    message = opener.refusal(pack(data) if pack else data)
    assert f"it looks like {what}" in message or f" {what}" in message
    assert "importable are Storyarn JSON" in message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'<?xml version="1.0"?>\n<Export CreatorTool="articy:draft">', "line 2"),
        (b'{\n  "Settings": {"set_Localization": "False"}, "Project": {}', "truncated"),
        (b"title: Start\n---\n<<if>>\n===\n", "line 3"),
    ],
)
@pytest.mark.parametrize("pack", [None, zstd, gzip.compress])
def test_broken_files_of_other_tools_are_refused_with_their_place(
    opener: Opener, data: bytes, place: str, pack: Callable[[bytes], bytes] | None
) -> None:
    assert place in opener.refusal(pack(data) if pack else data)


@pytest.mark.parametrize("inner", [zstd(DOCUMENT), gzip.compress(DOCUMENT), bundle(*GOOD)])
def test_what_is_packed_twice_is_refused(opener: Opener, inner: bytes) -> None:
    assert "packed twice" in opener.refusal(zstd(inner))
    assert "packed twice" in opener.refusal(bundle(("project.json", inner)))


def test_directories_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        (".", "a folder with nothing to import"),
        ("pipe", "a pipe or a device"),
        ("nothing", "No such file"),
        ("zero\0", "cannot be read"),
    ):
        with (
            pytest.raises(ImportFileError, match=reason),
            open_source(tmp_path / name, tmp_path),
        ):
            pass
    with (
        pytest.raises(ImportFileError, match="a pipe or a device"),
        open_source(Path("/dev/zero"), tmp_path),
    ):
        pass


NOISE = random.Random(1).randbytes(3000).hex().encode()


@pytest.mark.parametrize(
    "data",
    [
        zstd(b'{"a":"' + NOISE + b'"}'),
        zstd(b'{"a":"') + zstd(NOISE + b'"}'),
        gzip.compress(b'{"a":"' + NOISE + b'"}'),
        bundle(("project.json", b'{"a":"' + NOISE + b'"}')),
        bundle(("project.json", DOCUMENT), method=zipfile.ZIP_STORED),
    ],
)
def test_a_compressed_file_that_ends_early_is_called_truncated(opener: Opener, data: bytes) -> None:
    for length in (len(data) - 1, len(data) - 5, len(data) // 2, 5):
        assert "the file ends too early (truncated)" in opener.refusal(data[:length])


def test_a_file_of_the_zstd_program_with_a_window_beyond_reason_is_refused(opener: Opener) -> None:
    """The header alone asks for 2 GiB of memory."""
    header = b"\x28\xb5\x2f\xfd" + b"\0" + bytes([21 << 3])
    assert "compress it again without --long" in opener.refusal(header + b"\1\0\0")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zstd(DOCUMENT) + b"junk", "it is damaged"),
        (zstd(DOCUMENT)[:40] + b"\xff" * 40 + zstd(DOCUMENT)[80:], "it is damaged"),
        (gzip.compress(DOCUMENT) + b"junk", "it is damaged"),
        (gzip.compress(DOCUMENT)[:-8] + b"\0" * 8, "it is damaged"),
    ],
)
def test_damaged_compressed_files_are_refused(opener: Opener, data: bytes, reason: str) -> None:
    assert reason in opener.refusal(data)


@pytest.mark.parametrize("pack", [zstd, gzip.compress, lambda x: bundle(("project.json", x))])
def test_more_bytes_than_the_limit_are_not_unpacked(
    opener: Opener, pack: Callable[[bytes], bytes]
) -> None:
    data = pack(b'{"a":"' + NOISE + b'"}')
    assert opener.document(data, json_bytes=len(NOISE) + 8)
    assert "unpacks to more than 6,007 bytes" in opener.refusal(data, json_bytes=len(NOISE) + 7)


def test_a_bomb_is_stopped_by_its_ratio_long_before_the_limit(opener: Opener) -> None:
    bomb = zstd(b'{"a":"' + b" " * (64 << 20))
    assert len(bomb) < 32 << 10
    assert "more than 2,000 times its size" in opener.refusal(bomb)
    assert opener.document(zstd(b'{"a":"' + b" " * (15 << 20) + b'"}'))


def info(name: str, mode: int = 0o100644, **changes: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    for field, value in changes.items():
        setattr(made, field, value)
    return made


PROJECT = ("project.json", DOCUMENT)


@pytest.mark.parametrize(
    ("entries", "place", "reason"),
    [
        ([PROJECT, ("/etc/passwd", b"x")], "/etc/passwd", "the name is absolute"),
        ([PROJECT, ("../x", b"x")], "../x", "leads out"),
        ([PROJECT, ("assets/../../x", b"x")], "assets/../../x", "leads out"),
        ([PROJECT, ("..\\x", b"x")], "..\\x", "backslash"),
        ([PROJECT, ("assets\\x.png", b"x")], "assets\\x.png", "backslash"),
        ([PROJECT, ("C:/x", b"x")], "C:/x", "absolute"),
        ([PROJECT, ("c:x", b"x")], "c:x", "absolute"),
        ([PROJECT, ("a//b", b"x")], "a//b", "not one of a file"),
        ([PROJECT, ("./a", b"x")], "./a", "not one of a file"),
        ([PROJECT, ("a\nb", b"x")], "a\\nb", "not one of a file"),
        ([PROJECT, ("a\0b", b"x")], "a\\x00b", "not one of a file"),
        ([PROJECT, PROJECT], "project.json", "this name twice"),
        ([PROJECT, ("PROJECT.json", b"{}")], "PROJECT.json", "this name twice"),
        ([PROJECT, ("é", b"1"), ("e\u0301", b"2")], "e\u0301", "this name twice"),
        ([PROJECT, ("a", b"1"), ("a/", b"")], "a/", "this name twice"),
        ([PROJECT, (info("l", 0o120777), b"project.json")], "l", "it is a link"),
        ([(info("project.json", 0o120777), b"/etc/passwd")], "project.json", "it is a link"),
        ([PROJECT, (info("d", 0o020666), b"")], "d", "neither a file nor a folder"),
        ([PROJECT, (info("d", 0o010666), b"")], "d", "neither a file nor a folder"),
        ([PROJECT, (info("d", 0o040755), b"")], "d", "neither a file nor a folder"),
        ([PROJECT, (info("b", compress_type=zipfile.ZIP_BZIP2), b"x")], "b", "unusual way"),
        ([PROJECT, (info("b", compress_type=zipfile.ZIP_LZMA), b"x")], "b", "unusual way"),
        ([(MEDIA, PICTURE)], "a ZIP without a project.json", "importable are"),
        ([("out/project.json", DOCUMENT)], "project.json lies in the folder out/", "without it"),
        ([], "a ZIP without a project.json", "importable are"),
        ([("project.json", PICTURE)], "project.json", "it looks like a PNG picture"),
        ([("project.json", b"")], "project.json", "it looks like an empty file"),
        ([PROJECT, (MEDIA, b"\0" * (17 << 20))], MEDIA, "more than 200 times its size"),
    ],
)
def test_an_unsafe_bundle_is_refused_by_the_name_of_its_entry(
    opener: Opener, entries: list[tuple[str | zipfile.ZipInfo, bytes]], place: str, reason: str
) -> None:
    message = opener.refusal(bundle(*entries))
    assert message.startswith(f"import: x.bin: {place}")
    assert reason in message


def test_many_small_bombs_are_one_large_one(opener: Opener) -> None:
    media = [(f"assets/{number:064}.png", b"\0" * (1 << 20)) for number in range(20)]
    assert "more than 200 times its size" in opener.refusal(bundle(PROJECT, *media))


def test_too_many_entries_are_refused_whatever_the_zip_says_their_number_is(
    opener: Opener,
) -> None:
    data = bytearray(bundle(PROJECT, *((f"f{number}", b"") for number in range(50))))
    assert opener.document(bytes(data), entries=51)
    assert "more than 50 entries" in opener.refusal(bytes(data), entries=50)
    data[-14:-10] = struct.pack("<HH", 1, 1)
    assert "more than 50 entries" in opener.refusal(bytes(data), entries=50)
    assert "directory is larger" in opener.refusal(bytes(data), directory_bytes=1000)


def patched(data: bytes, name: str, local: dict[int, bytes], central: dict[int, bytes]) -> bytes:
    """A ZIP with some header fields of one entry overwritten."""
    changed = bytearray(data)
    encoded = name.encode()
    start = data.index(encoded) - 30
    directory = data.rindex(encoded) - 46
    for place, value in local.items():
        changed[start + place : start + place + len(value)] = value
    for place, value in central.items():
        changed[directory + place : directory + place + len(value)] = value
    return bytes(changed)


def test_an_encrypted_entry_is_refused(opener: Opener) -> None:
    data = patched(bundle(*GOOD), MEDIA, {6: b"\1\0"}, {8: b"\1\0"})
    assert "encrypted" in opener.refusal(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("told", [5, len(DOCUMENT) + 5])
def test_a_size_that_lies_is_found_out(opener: Opener, method: int, told: int) -> None:
    size = struct.pack("<L", told)
    data = patched(bundle(PROJECT, method=method), "project.json", {22: size}, {24: size})
    message = opener.refusal(data)
    assert "x.bin: project.json: " in message
    assert "damaged" in message or f"but says {told:,}" in message


def test_a_size_that_lies_with_a_fitting_checksum_is_found_out(opener: Opener) -> None:
    """The entry says 5 bytes more than it has, which its checksum does not cover."""
    size = struct.pack("<L", len(PICTURE) + 5)
    opener.path.write_bytes(patched(bundle(*GOOD), MEDIA, {22: size}, {24: size}))
    with (
        open_source(opener.path, opener.scratch) as source,
        source.open_media(MEDIA) as medium,
        pytest.raises(ImportFileError, match=f"{MEDIA}: it holds {len(PICTURE)} bytes, but says"),
    ):
        medium.read()


def test_damaged_media_are_refused_when_they_are_read(opener: Opener) -> None:
    data = bundle(*GOOD, method=zipfile.ZIP_STORED).replace(PICTURE, PICTURE[:-1] + b"X")
    opener.path.write_bytes(data)
    with (
        open_source(opener.path, opener.scratch) as source,
        source.open_media(MEDIA) as medium,
        pytest.raises(ImportFileError, match=f"{MEDIA}: it is damaged"),
    ):
        medium.read()


def test_entries_that_share_bytes_are_refused(opener: Opener) -> None:
    """Two names for one body: the second entry points at the first one's data."""
    other = MEDIA.replace(".png", ".jpg")
    data = bundle(PROJECT, (MEDIA, PICTURE), (other, PICTURE))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.getinfo(MEDIA).header_offset
    shared = patched(data, other, {}, {42: struct.pack("<L", first)})
    assert "lies over another entry" in opener.refusal(shared)
    outside = patched(data, other, {}, {42: struct.pack("<L", len(data) - 50)})
    assert "lies outside" in opener.refusal(outside)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_random_damage_raises_nothing_but_refusals(opener: Opener, data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                bundle(*GOOD),
                bundle(*GOOD, method=zipfile.ZIP_STORED),
                zstd(DOCUMENT),
                gzip.compress(DOCUMENT),
            ]
        )
    )
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    opener.path.write_bytes(damaged[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    try:
        with open_source(opener.path, opener.scratch) as source:
            _read_all(source)
    except ImportFileError:
        pass
    assert list(opener.scratch.iterdir()) == []


def _read_all(source: Source) -> None:
    with source.open_json() as stream:
        stream.read()
    for name in source.media_names():
        with source.open_media(name) as stream:
            stream.read()


def test_a_name_with_control_characters_stays_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "evil\n\x1b[31m.json"
    path.write_bytes(b"")
    with pytest.raises(ImportFileError) as refusal, open_source(path, tmp_path):
        pass
    assert str(refusal.value).startswith("import: evil\\n\\x1b[31m.json: it looks like an empty")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.importers.source import open_source

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
scratch = Path(sys.argv[2])
try:
    with open_source(Path(sys.argv[1]), scratch):
        pass
except StorageError as error:
    print(error, list(scratch.iterdir()))
"""


def test_a_scratch_directory_that_takes_no_more_is_named_and_left_clean(opener: Opener) -> None:
    """A bound on the size of files stands for the full disk: the same call fails the same way."""
    noise = random.Random(1).randbytes(1 << 20).hex().encode()
    opener.path.write_bytes(zstd(b'{"a":"' + noise + b'"}'))
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(opener.path), str(opener.scratch)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "x.bin: it cannot be unpacked into the work area after" in done.stdout
    assert "make room there []" in done.stdout


def test_a_missing_scratch_directory_is_no_fault_of_the_file(opener: Opener) -> None:
    opener.path.write_bytes(zstd(DOCUMENT))
    opener.scratch.rmdir()
    with (
        pytest.raises(Exception, match="work area") as failure,
        open_source(opener.path, opener.scratch),
    ):
        pass
    assert type(failure.value).__name__ == "StorageError"
