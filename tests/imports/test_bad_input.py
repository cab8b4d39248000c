"""Whatever a file says, it is refused with its place and a reason, and nothing has changed."""

import base64
import copy
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings

from .conftest import MINI_TRASH, copy_people, whole_database

Change = Callable[[Any], None]
Make = Callable[[str], Settings]

BYTES = b"\x89PNG picture"
SHA256 = hashlib.sha256(BYTES).hexdigest()
LONG_PATH = "../" * 3 + "etc/passwd"


@pytest.fixture(scope="module")
def untouched(new_database: Callable[[], str], mini_url: str) -> str:
    """A database with people and no project, which no test here changes."""
    url = new_database()
    copy_people(mini_url, url)
    return url


@pytest.fixture
def refusal(untouched: str, make_settings: Make) -> Iterator[Callable[[Path], str]]:
    """Why a file is refused; the database is the same after the test."""
    before = whole_database(untouched)

    def of(path: Path) -> str:
        with pytest.raises(ImportFileError) as caught:
            import_file(make_settings(untouched), path, ImportOptions(new="studio"))
        return str(caught.value)

    yield of
    assert whole_database(untouched) == before


def put(pointer: str, value: Any) -> Change:
    """Change one value; the pointer's names hold no slash."""

    def change(document: Any) -> None:
        *way, last = [int(x) if x.isdigit() else x for x in pointer.split("/")[1:]]
        place = document
        for name in way:
            place = place[name]
        if value is GONE:
            del place[last]
        else:
            place[last] = value

    return change


GONE = object()


def twice(pointer: str) -> Change:
    """Append a copy of a list's first element."""

    def change(document: Any) -> None:
        place = document
        for name in pointer.split("/")[1:]:
            place = place[int(name) if name.isdigit() else name]
        place.append(copy.deepcopy(place[0]))

    return change


def same(pointer: str, other: str, **more: Any) -> Change:
    """Give one place the value of another; ``more`` changes its siblings."""

    def change(document: Any) -> None:
        source = document
        for name in other.split("/")[1:]:
            source = source[int(name) if name.isdigit() else name]
        put(pointer, source)(document)
        for name, value in more.items():
            put(f"{pointer.rsplit('/', 1)[0]}/{name}", value)(document)

    return change


def text_slot(document: Any) -> None:
    """Two rows for the same text in the same language."""
    strings = document["localization"]["strings"]
    name = next(x for x in strings if x.startswith("sheet."))
    again = copy.deepcopy(strings[name])
    for number, row in enumerate(again["translations"].values()):
        row["id"] = str(70_000 + number)
    strings["sheet.again.name"] = again


def dialogue(document: Any) -> None:
    """Two live dialogues with one id."""
    live = [
        node
        for flow in document["flows"]
        for node in flow["nodes"]
        if node["type"] == "dialogue" and not node["deleted_at"] and not flow["deleted_at"]
        if isinstance(node["data"], dict) and node["data"].get("localization_id")
    ]
    live[-1]["data"]["localization_id"] = live[0]["data"]["localization_id"]


def locale(code: str) -> Change:
    return put("/localization/languages/0/locale_code", code)


CASES: dict[str, tuple[Change, str, str]] = {
    "a version of tomorrow": (put("/export_version", "2.0.0"), "/export_version", "2.0.0"),
    "no version": (put("/export_version", GONE), "changed.json", "export_version is missing"),
    "a version that is a number": (put("/export_version", 1), "/export_version", "1.0.0"),
    "no project": (put("/project", GONE), "changed.json", "no project"),
    "a project that is a list": (put("/project", []), "/project", "object"),
    "a time that is none": (put("/exported_at", "today"), "/exported_at", "time"),
    "no id": (put("/pages/0/id", GONE), "/pages/0/id", "text"),
    "an empty id": (put("/flows/0/id", ""), "/flows/0/id", "not empty"),
    "an id that is a number": (put("/flows/0/id", 5), "/flows/0/id", "text"),
    "a page twice": (twice("/pages"), "/pages/10", "sheets_pkey"),
    "a node twice": (twice("/flows/1/nodes"), "/flows/1/nodes/", "flow_nodes_pkey"),
    "a language twice": (twice("/localization/languages"), "/localization/languages/", "unique"),
    "pages that are an object": (put("/pages", {}), "/pages", "'['"),
    "a page that is a text": (put("/pages/0", "x"), "/pages/0", "object"),
    "blocks that are a text": (put("/pages/0/blocks", "x"), "/pages/0/blocks", "list"),
    "strings that are a number": (put("/localization/strings", 5), "/localization/strings", "'{'"),
    "half of a surrogate pair": (put("/pages/0/name", "x\ud800"), "/pages/0/name", "surrogate"),
    "half of one in JSON": (
        put("/flows/1/nodes/0/data", {"a": ["\udfff"]}), "/flows/1/nodes/0/data/a/0", "surrogate",
    ),
    "NUL in a text": (put("/pages/0/name", "x\0"), "/pages/0/name", "NUL"),
    "NUL in JSON": (put("/flows/1/nodes/0/data", {"a": "\0"}), "/flows/1/nodes/0/data", "NUL"),
    "NUL in a key of JSON": (put("/flows/1/nodes/0/data", {"\0": 1}), "/nodes/0/data", "NUL"),
    "a long name": (put("/pages/0/name", "x" * 256), "/pages/0/name", "256 characters, 255"),
    "a large number": (put("/pages/0/position", 1 << 31), "/pages/0/position", "2147483647"),
    "a huge number": (put("/flows/1/nodes/0/position_x", 10**400), "/position_x", "too large"),
    "a fraction": (put("/pages/0/position", 1.5), "/pages/0/position", "whole number"),
    "a day that is none": (
        put("/pages/0/inserted_at", "2026-02-30T00:00:00Z"), "/pages/0/inserted_at", "no such time",
    ),
    "a year that is none": (
        put("/pages/0/inserted_at", "999999-01-01T00:00:00Z"), "/pages/0/inserted_at", "year",
    ),
    "a locale in capitals": (locale("DE"), "/localization/languages/0", "locale_code"),
    "a locale with a blank": (locale("d e"), "/localization/languages/0", "locale_code"),
    "a locale as a key": (
        lambda x: x["localization"]["strings"]["sheet.mc.mira.name"]["translations"].update(
            {"D'E": {"id": "80000"}}
        ),
        "/localization/strings/sheet.mc.mira.name/translations/D'E", "",
    ),
    "a shortcut twice": (
        same("/pages/1/shortcut", "/pages/0/shortcut", deleted_at=None), "/pages/", "shortcut",
    ),
    "a text slot twice": (text_slot, "/localization/strings/sheet.", "source_locale_unique"),
    "a dialogue id twice": (dialogue, "/flows/", "same localization_id"),
    "a source that is a planet": (
        put("/localization/strings/sheet.mc.mira.name/source_type", "planet"),
        "/localization/strings/sheet.mc.mira.name/", "source_type: it must be one of",
    ),
    "a source beyond its column": (
        put("/localization/strings/sheet.mc.mira.name/source_id", str(1 << 40)),
        "/localization/strings/sheet.mc.mira.name/", "column",
    ),
    "an asset outside": (put("/assets/items/0/key", LONG_PATH), "/assets/items/0/key", "leads out"),
    "an asset of the root": (put("/assets/items/0/key", "/abs"), "/assets/items/0/key", "leads"),
    "an asset of Windows": (put("/assets/items/0/key", "a\\..\\b"), "/assets/items/0/key", "leads"),
    "Base64 that is none": (put("/assets/items/0/data", "§"), "/assets/items/0/data", "Base64"),
    "data that is a number": (put("/assets/items/0/data", 5), "/assets/items/0/data", "Base64"),
    "data of other bytes": (
        put("/assets/items/0/data", base64.b64encode(BYTES).decode()), "/assets/items/0/", SHA256,
    ),
    "media that is not here": (put("/assets/items/0/file", "assets/x.png"), "assets/x.png", "ZIP"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_bad_document_is_refused_with_its_place(
    refusal: Callable[[Path], str], document: Any, changed: Callable[[Any], Path], case: str
) -> None:
    change, place, reason = CASES[case]
    change(document)
    message = refusal(changed(document))
    assert message.startswith("import: ")
    assert (place in message, reason in message, "\n" in message) == (True, True, False), message


def bad_files(directory: Path) -> Iterator[tuple[str, Path, str]]:
    """Files that are bad as a whole: what is wrong, the file, what the refusal says."""
    text = MINI_TRASH.read_bytes()

    def write(name: str, content: bytes) -> Path:
        path = directory / name
        path.write_bytes(content)
        return path

    for place in (1, 100, len(text) // 2, len(text) - 3):
        yield "cut off", write(f"{place}.json", text[:place]), "truncated"
    yield "nothing", write("empty.json", b""), "empty"
    yield (
        "no JSON",
        write("words.json", text.replace(b'"pages": [', b'"pages": [ what', 1)),
        "/pages",
    )
    yield "a key twice", write("twice.json", text.replace(b'"maps"', b'"flows"', 1)), "twice"
    yield "something behind", write("more.json", text + b"{}"), "end of the file"
    yield "no UTF-8", write("latin.json", text.replace("Å".encode(), b"\xc5", 1)), "/pages/"
    deep = b'{"export_version": "1.0.0", "project": ' + b"[" * 100_000
    yield "very deep", write("deep.json", deep), "deeper"
    deep = text.replace(b'"data": {},', b'"data": %s,' % (b"[" * 950 + b"]" * 950), 1)
    yield "too deep for its column", write("deep2.json", deep), "levels"
    yield "a long string", sparse(directory / "long.json"), "larger than"


def sparse(path: Path) -> Path:
    """A document whose one string has 600 MB, which no disk holds."""
    with path.open("wb") as file:
        file.write(b'{"export_version": "1.0.0", "project": {"name": "')
        file.truncate(600 << 20)
    return path


def test_a_bad_file_is_refused(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    for what, path, reason in bad_files(tmp_path):
        message = refusal(path)
        assert reason in message, (what, message)
        assert "\n" not in message, what
        path.unlink()


def bundle(path: Path, document: Any, *files: tuple[str, bytes]) -> Path:
    """A ZIP bundle."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("project.json", json.dumps(document))
        for name, content in files:
            out.writestr(name, content)
    return path


BUNDLES: dict[str, tuple[str, str, bytes, str]] = {
    "other bytes": (f"assets/{SHA256}.png", f"assets/{SHA256}.png", b"no", SHA256),
    "a name without hash": ("assets/picture.png", "assets/picture.png", BYTES, "assets/picture"),
    "a file that is missing": (f"assets/{SHA256}.png", "assets/other.png", BYTES, SHA256),
    "a way out": (f"assets/{SHA256}.png", "../evil.png", BYTES, "../evil"),
    "the root": (f"assets/{SHA256}.png", "/evil.png", BYTES, "/evil"),
    "a bomb": (f"assets/{SHA256}.png", f"assets/{SHA256}.png", b"\0" * (32 << 20), "times"),
}


@pytest.mark.parametrize("case", BUNDLES)
def test_a_bad_bundle_is_refused(
    refusal: Callable[[Path], str], document: Any, tmp_path: Path, case: str
) -> None:
    told, name, content, reason = BUNDLES[case]
    document["assets"]["items"][0] |= {"file": told, "blob_hash": SHA256, "checksum": None}
    message = refusal(bundle(tmp_path / "bundle.zip", document, (name, content)))
    assert reason in message
    assert "\n" not in message
    assert not (tmp_path / "evil.png").exists()


def columns_of(document: Any) -> Iterator[tuple[str, str]]:
    """A pointer for each kind of value in a document, and the kind's name."""
    seen: set[str] = set()
    waiting: list[tuple[Any, str, str]] = [(document, "", "")]
    while waiting:
        value, pointer, kind = waiting.pop(0)
        if pointer and kind not in seen:
            seen.add(kind)
            yield pointer, kind
        is_open = kind.rsplit("/", 1)[-1] not in JSON
        if isinstance(value, dict) and is_open:
            shared = kind.endswith(("strings", "translations"))
            waiting += (
                (x, f"{pointer}/{name}", f"{kind}/{'*' if shared else name}")
                for name, x in value.items()
            )
        if isinstance(value, list) and is_open:
            waiting += ((x, f"{pointer}/{n}", f"{kind}/-") for n, x in enumerate(value))


JSON = ("data", "config", "value", "cells", "settings", "condition", "metadata", "action_data")
WRONG: tuple[Any, ...] = (
    17,
    "wrong",
    True,
    [],
    {},
    None,
    -1,
    "9" * 20,
    [[1]],
    {"a": [None]},
    0.5,
    "x" * 70_000,
)
EVERY_KIND = os.environ.get("STORYARN_TEST_EVERY_KIND") == "1"


def test_a_wrong_type_anywhere_is_refused_or_harmless(
    new_database: Callable[[], str], mini_url: str, make_settings: Make,
    document: Any, changed: Callable[[Any], Path],
) -> None:  # fmt: skip
    """Each kind of value once with one wrong value: no traceback, no complaint of the database."""
    url = new_database()
    copy_people(mini_url, url)
    settings, options = make_settings(url), ImportOptions(new="studio", dry_run=True)
    before = whole_database(url)
    wrong = cycle(WRONG)
    refused = 0
    for pointer, kind in list(columns_of(document))[:: 1 if EVERY_KIND else 13]:
        other = copy.deepcopy(document)
        value = next(wrong)
        put(pointer, value)(other)
        message = ""
        try:
            import_file(settings, changed(other), options)
        except ImportFileError as error:
            message = str(error)
        refused += bool(message)
        assert not message or re.fullmatch(r"import: [^\n]*/[^\n]*", message), kind
    assert refused > 10
    assert whole_database(url) == before


def test_json_may_nest_as_deep_as_its_column_takes_it(
    new_database: Callable[[], str], mini_url: str, make_settings: Make, tmp_path: Path
) -> None:
    url = new_database()
    copy_people(mini_url, url)
    path = tmp_path / "deep.json"
    nested = b'"data": %s,' % (b"[" * 880 + b"]" * 880)
    path.write_bytes(MINI_TRASH.read_bytes().replace(b'"data": {},', nested, 1))
    import_file(make_settings(url), path, ImportOptions(new="studio"))


def test_references_to_nothing_and_circles_come_in_and_are_told(
    new_database: Callable[[], str], mini_url: str, make_settings: Make,
    document: Any, changed: Callable[[Any], Path],
) -> None:  # fmt: skip
    url = new_database()
    copy_people(mini_url, url)
    put("/flows/0/scene_id", "31337")(document)
    put("/pages/0/banner_asset_id", "x-31337")(document)
    put("/assets/items/0/uploaded_by_email", "stranger@example.test")(document)
    pages = [x for x in document["pages"] if not x["deleted_at"]][:2]
    pages[0]["parent_id"], pages[1]["parent_id"] = pages[1]["id"], pages[0]["id"]
    report = import_file(
        make_settings(url), changed(document), ImportOptions(new="studio", ids="new")
    )
    for expected in (
        "flows: set to null, since scene_id names no scenes row: 1 (/flows/0)",
        "sheets: set to null, since banner_asset_id names no assets row: 1 (/pages/0)",
        "people without an account here, set to null: 1 (stranger@example.test)",
    ):
        assert expected in report.warnings
    assert any(x.startswith("sheets whose parents go round in a circle") for x in report.warnings)


@pytest.mark.parametrize("case", ["a node twice", "NUL in JSON", "an asset outside", "cut off"])
def test_the_command_says_it_in_one_line(
    untouched: str, document: Any, changed: Callable[[Any], Path], tmp_path: Path, case: str
) -> None:
    if case == "cut off":
        path, place = changed(document), "changed.json"
        path.write_bytes(path.read_bytes()[:-9])
    else:
        change, place, _ = CASES[case]
        change(document)
        path = changed(document)
    before = whole_database(untouched)
    done = storyarn("import", str(path), "--new", "studio", url=untouched, home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    lines = [x for x in done.stderr.splitlines() if x.startswith("error: ")]
    assert len(lines) == 1
    assert place in lines[0]
    assert "Traceback" not in done.stderr
    assert whole_database(untouched) == before


def storyarn(*words: str, url: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command line."""
    environment = {**os.environ, "STORYARN_DATABASE_URL": url, "STORYARN_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "storyarn_pipelines.cli", *words],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_column_type_that_only_the_database_knows_is_refused_with_its_place(
    new_database: Callable[[], str], mini_url: str, make_settings: Make,
    document: Any, changed: Callable[[Any], Path],
) -> None:  # fmt: skip
    url = new_database()
    copy_people(mini_url, url)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('good')")
        connection.execute("CREATE DOMAIN small AS int CHECK (VALUE < 9)")
        connection.execute("ALTER TABLE sheets ADD mood mood, ADD small small, ADD tags text[]")
        connection.execute("ALTER TABLE flows ADD born date")
    before = whole_database(url)
    for name, key, value in (
        ("pages", "mood", "bad"), ("pages", "small", 12), ("pages", "tags", "{"),
        ("flows", "born", "someday"), ("flows", "born", 7),
    ):  # fmt: skip
        other = copy.deepcopy(document)
        other[name][2][key] = value
        with pytest.raises(ImportFileError, match=f"/{name}/2"):
            import_file(make_settings(url), changed(other), ImportOptions(new="studio"))
    assert whole_database(url) == before
