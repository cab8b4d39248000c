"""`storyarn diff`: what it prints and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.importers.documents import DATA, load, write

MINI = DATA / "mini.json"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """mini.json with a new name that a terminal should not see, and without a scene."""
    document = load("mini.json")
    document["pages"][2]["name"] = "Mira \x1b[31m" + "x" * 500
    del document["maps"][1]
    return write(tmp_path / "b.json", document)


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "storyarn_pipelines.cli", "diff", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_equal_files_are_the_same_and_end_with_0(tmp_path: Path) -> None:
    done = run(MINI, MINI, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the same\n", "")


def test_differences_are_told_by_section_and_end_with_4(tmp_path: Path, changed: Path) -> None:
    done = run(MINI, changed, cwd=tmp_path)
    assert done.returncode == 4
    lines = done.stdout.splitlines()
    assert lines[0] == "sheets: 1 changed"
    assert lines[1].startswith("  ~ sheet mc.mira  Mira \\x1b[31mxxx")
    assert lines[2].startswith('      name: "Mira Ångström" -> "Mira \\u001b[31mxxx')
    assert lines[2].endswith("x…")
    assert "  - scene world.inn  Inn" in lines
    assert all(len(line) < 300 and "\x1b" not in line for line in lines)


def test_json_is_one_document(tmp_path: Path, changed: Path) -> None:
    done = run(MINI, changed, "--json", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert set(found) == {"same", "added", "removed", "changed", "counts", "remarks"}
    assert found["same"] is False
    assert found["counts"]["scenes"]["removed"] == 1
    assert json.loads(run(MINI, MINI, "--json", cwd=tmp_path).stdout)["same"] is True


def test_keys_to_rows_left_in_the_trash_are_notes_on_standard_error(tmp_path: Path) -> None:
    document = load("mini.json")
    document["pages"][3]["banner_asset_id"] = None
    done = run(MINI, write(tmp_path / "b.json", document), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "the same\n")
    assert done.stderr.startswith("note: Characters/Zoë: banner_asset_id names a row")


@pytest.mark.parametrize("content", [None, "", "{", "hello"])
def test_a_file_that_cannot_be_read_is_one_line_and_ends_with_1(
    tmp_path: Path, content: str | None
) -> None:
    bad = tmp_path / "bad.json"
    if content is not None:
        bad.write_text(content)
    done = run(MINI, bad, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: import: bad.json")
    assert done.stderr.count("\n") == 1


def test_a_missing_argument_is_wrong_usage(tmp_path: Path) -> None:
    assert run(MINI, cwd=tmp_path).returncode == 2


def test_help_teaches_the_marks_and_exit_codes(tmp_path: Path) -> None:
    text = run("--help", cwd=tmp_path).stdout
    assert "before -> after" in text
    assert "Exit code 0" in text
