"""Files of other tools on their whole way into a database, in whatever they come."""

import gzip
import hashlib
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.validate import validate_project
from storyarn_pipelines.settings import Settings
from tests.imports.articy.documents import ENTITIES, Document

from .conftest import MINI, Import, rows_of, whole_database

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
OGG = b"OggS" + bytes(range(256))
ASSETS = 0x030000004C3DAF54
Change = Callable[[str], str]


def articy() -> str:
    """A dialogue with a choice, a speaker, a language more, and a picture."""
    document = Document()
    document.sets = {"Game": {"met": ("Boolean", "False"), "gold": ("Integer", "3")}}
    ann = document.add("Entity", ENTITIES, name="Ann", technical="Chr_Ann")
    picture = "<AssetFilename>ann.png</AssetFilename>"
    document.add("Asset", ASSETS, name="Portrait", inner=picture)
    top = document.add("Dialogue", name="Tavern")
    ask = document.fragment(top, {"en": "Well?", "de": "Nun?"}, speaker=ann)
    buy = document.fragment(top, {"en": "I buy", "de": "Ich kaufe"}, asked="Game.gold > 1")
    leave = document.fragment(top, {"en": "I go"}, done="Game.met = true", y=900.0)
    for begin, end in ((top, ask), (ask, buy), (ask, leave), (buy, top), (leave, top)):
        document.lead(begin, end)
    other = document.add("Dialogue", name="Street")
    document.lead(other, document.fragment(other, {"en": "Rain", "de": "Regen"}))
    return document.xml()


YARN = """title: Start
---
<<declare $gold = 3>>
Ann: Well? #line:well
-> I buy <<if $gold > 1>> #line:buy
    <<set $gold -= 1>>
-> I go #line:go
<<jump Street>>
===
title: Street
---
Ann: Rain #line:rain
===
"""
_PROJECT = """{"projectFileVersion": 3, "sourceFiles": ["*.yarn"], "excludeFiles": [],
 "baseLanguage": "en", "localisation": {"de": {"strings": "de.csv", "assets": "de"}}}"""
_TABLE = "language,id,text\nde,line:well,Nun?\nde,line:rain,Regen\n"


@dataclass(frozen=True)
class Tool:
    """A tool's files: the main one, those beside it, and what an import of all of them brings."""

    main: str
    text: str
    beside: Mapping[str, bytes]
    media: bytes
    alone: Mapping[str, int]
    whole: Mapping[str, int]
    old: str
    new: str

    def files(self, change: Change = str) -> dict[str, bytes]:
        """Everything."""
        return {self.main: change(self.text).encode(), **self.beside}


ARTICY_TOOL = Tool(
    "story.xml", articy(), {"Assets/ann.png": PNG}, PNG,
    alone={"sheets": 2, "flows": 3, "media": 0}, whole={"sheets": 2, "flows": 2, "media": 1},
    old=">Rain<", new=">Storm<",
)  # fmt: skip
YARN_TOOL = Tool(
    "story.yarn", YARN,
    {"story.yarnproject": _PROJECT.encode(), "de.csv": _TABLE.encode(), "de/rain.ogg": OGG}, OGG,
    alone={"sheets": 2, "flows": 2, "media": 0}, whole={"sheets": 2, "flows": 2, "media": 1},
    old="Ann: Rain", new="Ann: Storm",
)  # fmt: skip
TOOLS = {"articy": ARTICY_TOOL, "yarn": YARN_TOOL}


@pytest.fixture(params=list(TOOLS))
def tool(request: pytest.FixtureRequest) -> Tool:
    """One of the tools."""
    return TOOLS[request.param]


def zipped(path: Path, files: Mapping[str, bytes], folder: str = "") -> Path:
    """A ZIP of files, perhaps in a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(folder + name, data)
    return path


def laid_out(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of files."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def written(path: Path, data: bytes) -> Path:
    """A file."""
    path.write_bytes(data)
    return path


SINGLE: dict[str, Callable[[Path, Tool], Path]] = {
    "plain": lambda d, x: written(d / x.main, x.text.encode()),
    "another name": lambda d, x: written(d / "story", x.text.encode()),
    "a byte order mark": lambda d, x: written(d / x.main, b"\xef\xbb\xbf" + x.text.encode()),
    "gzip": lambda d, x: written(d / f"{x.main}.gz", gzip.compress(x.text.encode())),
    "zstd": lambda d, x: written(
        d / f"{x.main}.zst", pa.compress(x.text.encode(), "zstd", asbytes=True)
    ),
}
MANY: dict[str, Callable[[Path, Tool], Path]] = {
    "zip": lambda d, x: zipped(d / "story.zip", x.files()),
    "a folder in a zip": lambda d, x: zipped(d / "story.zip", x.files(), "my story/"),
    "folder": lambda d, x: laid_out(d / "story", x.files()),
}


def new(report: ImportReport) -> dict[str, int]:
    """What an import brought."""
    return {x: y["new"] for x, y in report.sections.items()}


@pytest.mark.parametrize("form", SINGLE)
def test_one_file_comes_in_plain_or_packed(
    bring: Import, tool: Tool, tmp_path: Path, form: str
) -> None:
    report = bring(SINGLE[form](tmp_path, tool))
    assert report.errors == []
    assert new(report).items() >= tool.alone.items()
    assert report.conversions[0].startswith("read as files of ")
    assert not any("converted" in x for x in report.conversions)


@pytest.mark.parametrize("form", MANY)
def test_many_files_come_in_with_their_media(
    bring: Import, studio: str, make_settings: Callable[[str], Settings], tool: Tool,
    tmp_path: Path, form: str,
) -> None:  # fmt: skip
    report = bring(MANY[form](tmp_path, tool))
    assert report.errors == []
    assert new(report).items() >= tool.whole.items()
    rows = rows_of(studio, report.project["id"])
    assert [x["locale_code"] for x in rows["project_languages"]] == ["en", "de"]
    assert {"Nun?", "Regen"} <= {
        (x["translated_text"] or "").replace("<p>", "").replace("</p>", "")
        for x in rows["localized_texts"]
    }
    (asset,) = rows["assets"]
    assert asset["blob_hash"] == hashlib.sha256(tool.media).hexdigest()
    stored = Path(make_settings(studio).media_url) / asset["key"]
    assert stored.read_bytes() == tool.media


def _with_link(path: Path, tool: Tool) -> None:
    with zipfile.ZipFile(path, "a") as packed:
        info = zipfile.ZipInfo("link" + Path(tool.main).suffix)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(info, "/etc/passwd")


HOSTILE: dict[str, tuple[str, str]] = {
    "out of the ZIP": ("../{}", "leads out"),
    "deep out of it": ("a/../../{}", "leads out"),
    "absolute": ("/tmp/{}", "absolute"),
    "a drive": ("C:{}", "absolute"),
    "backslashes": ("..\\{}", "backslash"),
    "a control character": ("a\n{}", "not one of a file"),
    "twice": ("STORY.{}", "twice"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_names_that_lead_elsewhere_refuse_a_zip(
    bring: Import, studio: str, tool: Tool, tmp_path: Path, case: str
) -> None:
    pattern, reason = HOSTILE[case]
    name = pattern.format(tool.main.partition(".")[2] if case == "twice" else tool.main)
    before = whole_database(studio)
    path = zipped(tmp_path / "story.zip", {**tool.files(), name: b"x"})
    with pytest.raises(ImportFileError, match=reason) as refused:
        bring(path)
    assert "\n" not in str(refused.value)
    assert whole_database(studio) == before


def test_links_in_a_zip_refuse_it_and_links_in_a_folder_are_left_alone(
    bring: Import, tool: Tool, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "story.zip", tool.files())
    _with_link(path, tool)
    with pytest.raises(ImportFileError, match="a link"):
        bring(path)
    folder = laid_out(tmp_path / "story", tool.files())
    (folder / f"z{tool.main}").symlink_to("/etc/passwd")
    assert new(bring(folder)).items() >= tool.whole.items()


def test_a_zip_with_a_document_of_ours_is_ours_and_names_what_it_ignores(
    bring: Import, tool: Tool, tmp_path: Path
) -> None:
    files = {"project.json": MINI.read_bytes(), tool.main: tool.text.encode()}
    report = bring(zipped(tmp_path / "both.zip", files))
    assert report.project["slug"] == "mini"
    assert any("no part of the format" in x and tool.main in x for x in report.warnings)


def test_of_two_tools_in_one_upload_one_is_read_and_the_other_told(
    bring: Import, tmp_path: Path
) -> None:
    files = {**ARTICY_TOOL.files(), **YARN_TOOL.files(), "second.xml": articy().encode()}
    report = bring(zipped(tmp_path / "both.zip", files))
    assert new(report).items() >= ARTICY_TOOL.whole.items()
    told = "\n".join(report.conversions)
    assert "files of Yarn Spinner beside them are left out" in told
    assert "the others are left out: 1 (story.xml)" in told


@pytest.mark.parametrize("files", [{}, {"notes.txt": b"hello"}, {".hidden.yarn": YARN.encode()}])
def test_a_folder_or_zip_with_nothing_to_import_is_refused(
    bring: Import, tmp_path: Path, files: dict[str, bytes]
) -> None:
    folder = laid_out(tmp_path / "empty", files)
    folder.mkdir(exist_ok=True)
    with pytest.raises(ImportFileError, match="a folder with nothing to import"):
        bring(folder)
    with pytest.raises(ImportFileError, match=r"a ZIP without a project\.json"):
        bring(zipped(tmp_path / "empty.zip", {x: y for x, y in files.items() if x[0] != "."}))


@pytest.mark.parametrize("conflicts", ["skip", "overwrite", "merge"])
def test_the_same_files_again_change_nothing(
    bring: Import, studio: str, tool: Tool, tmp_path: Path, conflicts: str
) -> None:
    first = bring(zipped(tmp_path / "one.zip", tool.files()))
    before = rows_of(studio, first.project["id"])
    folder = laid_out(tmp_path / "again", tool.files())
    again = bring(folder, into=str(first.project["id"]), conflicts=conflicts)
    for name, outcomes in again.sections.items():
        assert sum(outcomes.values()) == outcomes["unchanged"], name
    assert again.plan == []
    after = rows_of(studio, first.project["id"])
    assert {x: y for x, y in after.items() if x != "projects"} == {
        x: y for x, y in before.items() if x != "projects"
    }


@pytest.mark.parametrize("conflicts", ["overwrite", "merge"])
def test_of_a_changed_file_only_what_differs_changes(
    bring: Import, studio: str, tool: Tool, tmp_path: Path, conflicts: str
) -> None:
    first = bring(zipped(tmp_path / "one.zip", tool.files()))
    project = first.project["id"]
    with psycopg.connect(studio) as connection:  # a merge asks which side is newer
        connection.execute("UPDATE flows SET updated_at = updated_at - interval '1 hour'")
    before = rows_of(studio, project)
    changed = tool.files(lambda text: text.replace(tool.old, tool.new))
    again = bring(zipped(tmp_path / "two.zip", changed), into=str(project), conflicts=conflicts)
    touched = {
        name: sum(outcomes[x] for x in ("new", "updated", "merged"))
        for name, outcomes in again.sections.items()
    }
    assert {x: y for x, y in touched.items() if y and x != "localization"} == {"flows": 1}
    after = rows_of(studio, project)
    for table in ("flows", "flow_nodes", "flow_connections", "sheets", "blocks"):
        assert [x["id"] for x in after[table]] == [x["id"] for x in before[table]], table
    nodes = zip(before["flow_nodes"], after["flow_nodes"], strict=True)
    (pair,) = [(x, y) for x, y in nodes if x["data"] != y["data"]]
    assert "Rain" in pair[0]["data"]["text"]
    assert pair[1]["data"] == {
        **pair[0]["data"], "text": pair[0]["data"]["text"].replace("Rain", "Storm"),
    }  # fmt: skip


def test_a_dry_run_tells_the_same_and_changes_nothing(
    bring: Import, studio: str, tool: Tool, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "story.zip", tool.files())
    before = whole_database(studio)
    rehearsed = bring(path, dry_run=True)
    assert whole_database(studio) == before
    done = bring(path)
    assert rehearsed.sections == done.sections
    assert rehearsed.conversions == done.conversions
    again = bring(
        zipped(tmp_path / "b.zip", tool.files(lambda text: text.replace(tool.old, tool.new))),
        into=str(done.project["id"]), conflicts="overwrite", dry_run=True,
    )  # fmt: skip
    assert [x["outcome"] for x in again.plan if x["section"] == "flows"] == ["updated"]


def errors_of(settings: Settings, project: Any) -> set[str]:
    """The codes of all errors in a project."""
    return {x.code for x in validate_project(settings, str(project), parse_options({})).errors}


def test_what_comes_in_has_no_errors(
    bring: Import, studio: str, make_settings: Callable[[str], Settings], tool: Tool, tmp_path: Path
) -> None:
    report = bring(zipped(tmp_path / "story.zip", tool.files()))
    assert errors_of(make_settings(studio), report.project["id"]) == set()


@pytest.mark.parametrize("kind", ["yarn", "articy"])
def test_the_demo_by_way_of_another_tool_has_no_errors_of_its_own(
    bring: Import, studio: str, new_database: Callable[..., str],
    make_settings: Callable[[str], Settings], tmp_path: Path, kind: str,
) -> None:  # fmt: skip
    settings = make_settings(new_database(empty=True))
    project = ensure_demo(settings)
    out = tmp_path / "demo.zip"
    export_project(settings, project, kind, parse_options({}), out=out)
    report = bring(out)
    assert report.errors == []
    found = errors_of(make_settings(studio), report.project["id"])
    assert found <= errors_of(settings, project)
