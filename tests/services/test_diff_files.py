"""Files in all their forms, compared by the service."""

import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.services.diff import diff_files
from storyarn_pipelines.settings import Settings
from tests.importers.documents import DATA, Document, Renumbered, load, write

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 9
OTHER = b"\x89PNG\r\n\x1a\n" + b"another" * 9


@pytest.fixture
def settings(make_settings: Callable[[str], Settings]) -> Settings:
    return make_settings("postgresql://127.0.0.1:1/none")


def compressed(path: Path, document: Document) -> Path:
    plain = write(path.with_suffix(".plain"), document)
    with pa.CompressedOutputStream(str(path), "zstd") as out:
        out.write(plain.read_bytes())
    return path


def bundle(path: Path, document: Document, *media: bytes, method: int = zipfile.ZIP_STORED) -> Path:
    plain = write(path.with_suffix(".plain"), document)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.write(plain, "project.json")
        for content in media:
            archive.writestr(f"assets/{hashlib.sha256(content).hexdigest()}.png", content)
    return path


def deflated(path: Path, document: Document) -> Path:
    return bundle(path, document, method=zipfile.ZIP_DEFLATED)


FORMS: dict[str, Callable[[Path, Document], Path]] = {
    "json": write,
    "zst": compressed,
    "stored zip": bundle,
    "deflated zip": deflated,
}


@pytest.mark.parametrize("first", FORMS)
@pytest.mark.parametrize("second", FORMS)
def test_every_form_of_a_file_is_the_same_as_every_other(
    settings: Settings, tmp_path: Path, first: str, second: str
) -> None:
    document = load("mini.json")
    other = Renumbered(document, random.Random(3)).document
    one = FORMS[first](tmp_path / "one", document)
    two = FORMS[second](tmp_path / "two", other)
    assert diff_files(settings, one, two).same
    other["flows"][0]["name"] = "Act One"
    found = diff_files(settings, one, FORMS[second](tmp_path / "three", other))
    assert not found.same
    assert len(found.changed) + len(found.added) + len(found.removed) > 0
    assert list(settings.scratch.iterdir()) == []


def test_the_result_has_every_row_once_with_its_section_type_key_and_name(
    settings: Settings, tmp_path: Path
) -> None:
    document = load("mini.json")
    document["pages"][2]["name"] = "Mira"
    document["pages"][2]["blocks"][0]["config"]["max_length"] = 50
    del document["flows"][1]["nodes"][8]
    document["maps"][0]["layers"].append(
        {**document["maps"][0]["layers"][1], "id": "499", "name": "New"}
    )
    found = diff_files(settings, DATA / "mini.json", write(tmp_path / "b.json", document))
    assert json.loads(orjson.dumps(found.as_dict())) == {
        "same": False,
        "added": [{"section": "scenes", "type": "layer", "key": "world/layers/New", "name": "New"}],
        "removed": [
            {
                "section": "flows",
                "type": "node",
                "key": "act1.tavern/nodes/annotation@0,700",
                "name": "",
            }
        ],
        "changed": [
            {
                "section": "sheets",
                "type": "sheet",
                "key": "mc.mira",
                "name": "Mira",
                "fields": [{"field": "name", "before": "Mira Ångström", "after": "Mira"}],
            },
            {
                "section": "sheets",
                "type": "block",
                "key": "mc.mira/blocks/title",
                "name": "title",
                "fields": [{"field": "config.max_length", "before": 40, "after": 50}],
            },
        ],
        "counts": {
            "project": {"added": 0, "removed": 0, "changed": 0},
            "sheets": {"added": 0, "removed": 0, "changed": 2},
            "flows": {"added": 0, "removed": 1, "changed": 0},
            "scenes": {"added": 1, "removed": 0, "changed": 0},
            "localization": {"added": 0, "removed": 0, "changed": 0},
            "media": {"added": 0, "removed": 0, "changed": 0},
        },
        "remarks": [],
    }


def test_numbers_stand_in_the_result_as_they_stand_in_the_file(
    settings: Settings, tmp_path: Path
) -> None:
    document = load("mini.json")
    document["project"]["settings"]["ratio"] = 2
    document["pages"][2]["blocks"][1]["value"]["content"] = 1
    found = diff_files(settings, DATA / "mini.json", write(tmp_path / "b.json", document))
    text = orjson.dumps(found.as_dict())
    assert b'"before":1.50,"after":2' in text
    assert b'"before":12345678901234567890.10,"after":1' in text


@pytest.mark.parametrize(
    ("before", "after", "added", "removed"),
    [
        ((PNG,), (PNG,), 0, 0),
        ((PNG,), (OTHER,), 1, 1),
        ((PNG, OTHER), (PNG,), 0, 1),
        ((), (PNG,), 0, 0),  # the first file says nothing about bytes
    ],
)
def test_bundles_are_compared_down_to_their_media(
    settings: Settings,
    tmp_path: Path,
    before: tuple[bytes, ...],
    after: tuple[bytes, ...],
    added: int,
    removed: int,
) -> None:
    document = load("mini.json")
    one = bundle(tmp_path / "one.zip", document, *before)
    two = bundle(tmp_path / "two.zip", document, *after)
    found = diff_files(settings, one, two)
    assert (len(found.added), len(found.removed)) == (added, removed)
    assert {entry.type for entry in (*found.added, *found.removed)} <= {"file"}


def test_media_of_one_name_and_other_bytes_are_changed(settings: Settings, tmp_path: Path) -> None:
    document = load("mini.json")
    one = bundle(tmp_path / "one.zip", document, PNG)
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(one) as source, zipfile.ZipFile(two, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content if name == "project.json" else OTHER)
    (entry,) = diff_files(settings, one, two).changed
    assert entry.section == "media"
    assert [x.field for x in entry.fields] == ["sha256"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"export_version": "1.0.0"}', b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"[]"],
)
def test_what_cannot_be_read_is_refused_on_either_side(
    settings: Settings, tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    for pair in ((bad, DATA / "mini.json"), (DATA / "mini.json", bad)):
        with pytest.raises(ImportFileError):
            diff_files(settings, *pair)
    assert not settings.scratch.exists() or list(settings.scratch.iterdir()) == []


def test_json_as_deep_as_the_format_allows_is_compared(settings: Settings, tmp_path: Path) -> None:
    documents = [load("mini.json"), load("mini.json")]
    texts = []
    for number, document in enumerate(documents):
        document["flows"][1]["nodes"][8]["data"] = {"deep": "DEEP"}
        text = write(tmp_path / f"{number}.json", document).read_bytes()
        inner = b"[" * 800 + b"%d" % number + b"]" * 800
        texts.append(tmp_path / f"deep{number}.json")
        texts[-1].write_bytes(text.replace(b'"DEEP"', inner))
    assert diff_files(settings, texts[0], texts[0]).same
    (entry,) = diff_files(settings, *texts).changed
    assert entry.fields[0].field == "data.deep" + ".0" * 800
