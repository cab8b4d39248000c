"""The command line as scripts see it: exit codes, one line for errors, JSON on standard output."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import NO_BYTECODE, limit_file_size, wait_until

PROGRAM = [sys.executable, "-m", "storyarn_pipelines.cli"]
# mini.sql is full of mistakes on purpose.
MINI = ("mini", "--format", "storyarn", "-o", "validate_before_export=false")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(mini_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a program that works on mini.sql, in a directory of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "STORYARN_DATABASE_URL": mini_url,
        "STORYARN_HOME": str(tmp_path / "home"),
        "SOURCE_DATE_EPOCH": "1767225600",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs the program with some arguments."""

    def start(*arguments: str, **changes: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment | changes.pop("env", {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **changes,
        )

    return start


def files_in(directory: Path) -> list[str]:
    """All files below a directory."""
    return sorted(str(x.relative_to(directory)) for x in directory.rglob("*") if x.is_file())


def test_an_export_goes_to_the_store_and_its_key_is_printed(run: Run, tmp_path: Path) -> None:
    done = run("export", *MINI)
    assert done.returncode == 0, done.stderr
    key = done.stdout.strip()
    assert key.startswith("exports/7/")
    assert key.endswith("/mini-storyarn.json")
    assert files_in(tmp_path / "home") == [f"storage/{key}"]


def test_the_json_document_is_the_contracts(run: Run, tmp_path: Path) -> None:
    done = run("export", "7", *MINI[1:], "--out", "x.json", "--json")
    document = json.loads(done.stdout)
    assert list(document) == [
        "format", "path", "bytes", "sha256", "files", "entities", "diagnostics", "seconds",
    ]  # fmt: skip
    assert document["path"] == "x.json"
    assert document["entities"]["nodes"] == 19
    assert document["bytes"] == (tmp_path / "x.json").stat().st_size


def test_source_date_epoch_makes_the_golden_file(run: Run, tmp_path: Path) -> None:
    done = run("export", "studio/mini", *MINI[1:], "--out", "made/")
    assert done.stdout.strip() == "made/mini-storyarn.json"
    golden = Path(__file__).parents[1] / "data" / "mini.json"
    assert (tmp_path / "made" / "mini-storyarn.json").read_bytes() == golden.read_bytes()


def test_the_bytes_do_not_depend_on_locale_or_hash_seed(run: Run, tmp_path: Path) -> None:
    for number, env in enumerate(
        ({"PYTHONHASHSEED": "1", "LC_ALL": "C"}, {"PYTHONHASHSEED": "2", "LC_ALL": "de_DE.UTF-8"})
    ):
        done = run("export", *MINI, "--out", str(number), env=env)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["export", "nope", "--format", "storyarn"], 1, "project 'nope' does not exist"),
        (["export", "mini", "--format", "unknown"], 2, "the formats are storyarn"),
        (["export", "mini"], 2, "Missing option '--format'"),
        (["export", *MINI, "-o", "colour=red"], 2, "does not exist"),
        (["export", *MINI, "-o", "languages"], 2, "NAME=VALUE"),
        (["export", *MINI, "-o", "format=unity"], 2, "contradicts"),
        (["export", *MINI, "-o", "flow_ids=9"], 2, "flow_ids"),
        (["export", *MINI, "-o", "include_assets=bundled"], 1, "media"),
        (["export", "mini", "--format", "storyarn"], 3, "validation found"),
        (["validate", "nope"], 1, "does not exist"),
        (["validate", "mini", "--format", "unknown"], 2, "the formats are storyarn"),
        (["frobnicate"], 2, "No such command"),
        (["db", "init"], 1, "needs an empty database"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_leaves_nothing(
    run: Run, arguments: list[str], status: int, said: str, tmp_path: Path
) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORYARN_DATABASE_URL", "postgresql://x@127.0.0.1:1/none", "connection"),
        ("STORYARN_DATABASE_URL", "mysql://x", "must start with postgresql://"),
        ("STORYARN_STORAGE_URL", "gs://bucket", "gs://"),
        ("SOURCE_DATE_EPOCH", "today", "not a number of seconds"),
    ],
)
def test_a_wrong_environment_is_named(run: Run, name: str, value: str, said: str) -> None:
    done = run("export", *MINI, env={name: value})
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize("out", [["--out", "x.json"], []])
def test_a_full_disk_is_one_clear_line_and_no_file(
    run: Run, out: list[str], tmp_path: Path
) -> None:
    done = run("export", *MINI, *out, preexec_fn=limit_file_size, env=NO_BYTECODE)
    assert done.returncode == 1
    assert done.stderr.startswith("error: disk: ")
    assert done.stderr.count("\n") == 1
    assert files_in(tmp_path) == []


def test_an_existing_file_survives_a_failed_export(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("precious")
    run("export", *MINI, "--out", "x.json", "-o", "include_assets=embedded")
    assert (tmp_path / "x.json").read_text() == "precious"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_export_leaves_nothing(
    sent: signal.Signals, environment: dict[str, str], mini_copy: str, tmp_path: Path
) -> None:
    """The export hangs on a locked table until the signal comes."""
    with psycopg.connect(mini_copy) as connection:
        connection.execute("LOCK TABLE scenes IN ACCESS EXCLUSIVE MODE")
        process = subprocess.Popen(
            [*PROGRAM, "export", *MINI, "--out", "x.json"],
            cwd=tmp_path,
            env=environment | {"STORYARN_DATABASE_URL": mini_copy},
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: waits_for_a_lock(mini_copy))
        process.send_signal(sent)
        _, stderr = process.communicate(timeout=10)
    assert process.returncode == 130
    assert stderr.strip() == "error: cancelled; nothing was left behind"
    assert files_in(tmp_path) == []


def waits_for_a_lock(url: str) -> bool:
    """Whether a session of this database waits for another (tests beside this one wait, too)."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE NOT granted AND d.datname = current_database()"
        ).fetchone()
    return row is not None and row[0] > 0


def test_projects_and_formats_are_listed_for_people_and_programs(run: Run) -> None:
    assert "studio/mini" in run("projects").stdout
    listed = json.loads(run("projects", "--json").stdout)
    assert listed[0] == {"id": 7, "name": "Mini 🎲", "slug": "mini", "workspace": "studio"}
    assert "Storyarn JSON" in run("formats").stdout
    formats = json.loads(run("formats", "--json").stdout)
    assert formats[0]["format"] == "storyarn"
    assert formats[0]["file_extension"] == "json"


def test_validation_tells_what_it_found_and_fails_on_errors(run: Run) -> None:
    done = run("validate", "mini")
    assert done.returncode == 3
    assert "error SA0301 " in done.stdout
    assert done.stderr.startswith("errors: ")
    document = json.loads(run("validate", "mini", "--json").stdout)
    assert list(document)[:5] == ["status", "errors", "warnings", "info", "statistics"]
    assert document["status"] == "errors"
    first = document["errors"][0]
    assert {"rule", "severity", "message", "source_type", "source_id", "code"} <= set(first)


def test_a_story_without_errors_passes_with_its_warnings_in_the_file(
    run: Run, tmp_path: Path
) -> None:
    embedded = {"STORYARN_DATABASE_URL": ""}
    assert run("demo", env=embedded).returncode == 0
    done = run("validate", "the-tide-clock", "--json", env=embedded)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["status"] == "warnings"
    arguments = ("--format", "storyarn", "--out", "x.json", "--json")
    made = run("export", "the-tide-clock", *arguments, env=embedded)
    listed = {x["code"] for x in json.loads(made.stdout)["diagnostics"]}
    assert listed == {x["code"] for x in (*found["warnings"], *found["info"])}
    told = json.loads((tmp_path / "x.json").read_bytes())["metadata"]["validation"]
    assert told["status"] == "warnings"
    assert len(told["warnings"]) == len(found["warnings"])


@pytest.mark.parametrize(
    "command", [[], ["export"], ["demo"], ["dev"], ["db", "init"], ["projects"], ["validate"]]
)
def test_help_teaches_every_command(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    if command == ["export"]:
        assert "include_trash" in done.stdout


def test_a_reader_that_goes_away_is_no_error(environment: dict[str, str], tmp_path: Path) -> None:
    line = f"{' '.join(PROGRAM)} formats --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stderr == ""


def test_the_demo_loads_once_and_exports_every_time(run: Run, tmp_path: Path) -> None:
    """Without a setting, the embedded PostgreSQL is started, used and stopped."""
    results = [run("demo", "--json", env={"STORYARN_DATABASE_URL": ""}) for _ in range(2)]
    assert [done.returncode for done in results] == [0, 0], results[0].stderr
    first, second = (json.loads(done.stdout) for done in results)
    assert first[0]["sha256"] == second[0]["sha256"]
    assert first[0]["entities"]["flows"] >= 12
    assert (tmp_path / "home" / "storage" / first[0]["key"]).is_file()
    bundle = run(
        "export", "the-tide-clock", "--format", "storyarn", "--out", "x.zip",
        "-o", "include_assets=bundled", env={"STORYARN_DATABASE_URL": ""},
    )  # fmt: skip
    assert bundle.returncode == 0, bundle.stderr
    assert (tmp_path / "x.zip").read_bytes()[:2] == b"PK"
