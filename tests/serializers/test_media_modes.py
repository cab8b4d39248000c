"""Media travel as keys, as Base64 or as files, and only with the bytes that were stored."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings

KEYS = {
    101: "projects/7/assets/a1/mira.png",
    102: "projects/7/assets/a2/mira.webp",
    103: "projects/7/assets/a3/thème.mp3",
    104: "projects/7/assets/a4/map.jpg",
}
# More than two read blocks, of a length that Base64 has to pad.
CONTENT = {number: bytes([number % 256]) * (number * 17_001 + 1) for number in KEYS}


@pytest.fixture
def settings(mini_copy: str, make_settings: Callable[[str], Settings]) -> Settings:
    """mini.sql with media whose bytes are there; 104 has the same content as 102."""
    made = make_settings(mini_copy)
    content = CONTENT | {104: CONTENT[102]}
    with psycopg.connect(mini_copy) as connection:
        for number, key in KEYS.items():
            path = Path(made.media_url) / key
            path.parent.mkdir(parents=True)
            path.write_bytes(content[number])
            if number != 103:
                digest = hashlib.sha256(content[number]).hexdigest()
                connection.execute(
                    "UPDATE assets SET blob_hash = %s, filename = %s WHERE id = %s",
                    (digest, f"m{number}.PNG", number),
                )
    return made


def exported(settings: Settings, mode: str) -> bytes:
    """The artifact with media in some mode."""
    options = parse_options({"include_assets": mode, "validate_before_export": False})
    result = export_project(settings, "mini", "storyarn", options)
    return Path(result.location).read_bytes()


def test_embedded_media_are_base64_of_their_bytes(settings: Settings) -> None:
    assets = json.loads(exported(settings, "embedded"))["assets"]
    assert assets["mode"] == "embedded"
    data = {int(x["id"]): base64.b64decode(x["data"], validate=True) for x in assets["items"]}
    assert data == CONTENT | {104: CONTENT[102]}
    assert list(assets["items"][0])[-2:] == ["checksum", "data"]


def test_bundled_media_are_files_once_for_each_content(settings: Settings) -> None:
    with zipfile.ZipFile(BytesIO(exported(settings, "bundled"))) as archive:
        names = archive.namelist()
        document = json.loads(archive.read("project.json"))
        for item in document["assets"]["items"]:
            content = archive.read(item["file"])
            digest = hashlib.sha256(content).hexdigest()
            suffix = "mp3" if item["id"] == "103" else "png"
            assert item["file"] == f"assets/{digest}.{suffix}"
    assert names[0] == "project.json"
    assert len(names) == len(set(names)) == 4


def test_bundles_of_the_same_project_have_the_same_bytes(settings: Settings) -> None:
    fixed = replace(settings, source_date=datetime(2026, 1, 1, tzinfo=UTC))
    assert exported(fixed, "bundled") == exported(fixed, "bundled")


@pytest.mark.parametrize("mode", ["embedded", "bundled"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("remove", r"media 103 .*thème\.mp3 is not in .*STORYARN_MEDIA_URL"),
        ("change", r"media 101 \(m101\.PNG\): its bytes have SHA-256 .* the database says"),
        ("escape", r"media 103 .*is not a relative path"),
    ],
)
def test_media_that_are_missing_or_changed_stop_the_export_and_leave_nothing(
    settings: Settings, mode: str, damage: str, message: str
) -> None:
    if damage == "remove":
        (Path(settings.media_url) / KEYS[103]).unlink()
    elif damage == "change":
        (Path(settings.media_url) / KEYS[101]).write_bytes(b"another picture")
    else:
        assert settings.database_url
        with psycopg.connect(settings.database_url) as connection:
            connection.execute("UPDATE assets SET key = '../../../etc/passwd' WHERE id = 103")
    with pytest.raises(MediaError, match=message):
        exported(settings, mode)
    assert not (Path(settings.storage_url) / "exports").exists()
    assert list(settings.scratch.iterdir()) == []


def test_a_hash_that_is_none_cannot_become_a_file_name(settings: Settings) -> None:
    assert settings.database_url
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("UPDATE assets SET blob_hash = '../../x' WHERE id = 101")
    with pytest.raises(MediaError, match="is not a SHA-256"):
        exported(settings, "bundled")


def test_references_need_no_bytes(mini_url: str, make_settings: Callable[[str], Settings]) -> None:
    result = export_project(
        make_settings(mini_url), "mini", "storyarn", ExportOptions(validate_before_export=False)
    )
    assert result.bytes > 0
