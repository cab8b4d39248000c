"""Whatever ends an import, the database is as before."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import Ids, ImportOptions
from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.services.imports import import_file, import_was_committed
from storyarn_pipelines.settings import Settings
from tests.conftest import NO_BYTECODE, limit_file_size, wait_until

from .conftest import MINI_TRASH, Import, whole_database

MOMENTS = ("staging", "transaction", "commit")


@contextmanager
def hanging(
    url: str, home: Path, moment: str, path: Path = MINI_TRASH, into: str | None = None
) -> "Iterator[subprocess.Popen[str]]":
    """An import that has come to a moment and waits there."""
    environment = {**os.environ, "STORYARN_DATABASE_URL": url, "STORYARN_HOME": str(home)}
    command = [sys.executable, "-m", "tests.imports.hanging", moment, str(path)]
    command += [into] if into else []
    with subprocess.Popen(
        command, env=environment, cwd=Path(__file__).parents[2], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "hanging\n"
        try:
            yield process
        finally:
            process.kill()


def others(url: str) -> list[int]:
    """The server's processes that work for other sessions in a database."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in found]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_import_leaves_nothing(
    studio: str, tmp_path: Path, bring: Import, moment: str
) -> None:
    before = whole_database(studio)
    with hanging(studio, tmp_path, moment) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until(lambda: not others(studio))
    assert whole_database(studio) == before
    assert bring(MINI_TRASH).ids == "kept"


def test_others_do_not_wait_for_an_import(studio: str, tmp_path: Path, bring: Import) -> None:
    bring(MINI_TRASH)
    with hanging(studio, tmp_path, "commit"), psycopg.connect(studio) as connection:
        connection.execute("SET lock_timeout = '500ms'")
        for command in (
            "UPDATE flow_nodes SET word_count = word_count + 1",
            "UPDATE sheets SET name = name || '!'",
            "UPDATE projects SET name = 'other'",
            "UPDATE localized_texts SET word_count = 1",
            "UPDATE users SET email = email",
            "UPDATE workspaces SET name = 'other'",
            "INSERT INTO flows (id, name, project_id, inserted_at, updated_at) "
            "VALUES (999999, 'new', 7, now(), now())",
            "DELETE FROM flow_connections",
        ):
            connection.execute(command.encode())


def test_other_projects_do_not_wait_for_an_import_into_one(
    studio: str, tmp_path: Path, bring: Import, document: Any, changed: Callable[..., Path]
) -> None:
    """The project itself can be read meanwhile, as it was."""
    first, other = (bring(MINI_TRASH).project["id"] for _ in range(2))
    for flow in document["flows"]:
        flow["description"] = "another one"
    path = changed(document)
    with (
        hanging(studio, tmp_path, "commit", path, into=str(first)),
        psycopg.connect(studio) as connection,
    ):
        connection.execute("SET lock_timeout = '500ms'")
        for command in (
            "UPDATE flow_nodes SET word_count = word_count + 1 "
            "WHERE flow_id IN (SELECT id FROM flows WHERE project_id = %(other)s)",
            "UPDATE sheets SET name = name || '!' WHERE project_id = %(other)s",
            "UPDATE projects SET name = 'other' WHERE id = %(other)s",
            "UPDATE workspaces SET name = 'other'",
            "INSERT INTO flows (id, name, project_id, inserted_at, updated_at) "
            "VALUES (999999, 'new', %(other)s, now(), now())",
        ):
            connection.execute(command, {"other": other})
        read = "SELECT count(*) FROM flows WHERE project_id = %s AND description = 'another one'"
        assert connection.execute(read, [first]).fetchone() == (0,)


def test_a_disk_that_fills_up_is_one_clear_line(studio: str, tmp_path: Path) -> None:
    """The document is unpacked into the work area, which takes only a part of it."""
    packed = tmp_path / "mini.json.gz"
    packed.write_bytes(gzip.compress(MINI_TRASH.read_bytes()))
    home = tmp_path / "home"
    places = {"STORYARN_DATABASE_URL": studio, "STORYARN_HOME": str(home)}
    before = whole_database(studio)
    done = subprocess.run(
        [sys.executable, "-m", "storyarn_pipelines.cli", "import", str(packed), "--new", "studio"],
        env={**os.environ, **places, **NO_BYTECODE},
        preexec_fn=limit_file_size, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "make room there" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [x for x in home.rglob("*") if x.is_file()] == []
    assert whole_database(studio) == before


def test_a_broken_connection_is_one_line(studio: str, tmp_path: Path) -> None:
    before = whole_database(studio)

    script = tmp_path / "strike.py"
    script.write_text(
        "import sys\n"
        "from storyarn_pipelines.cli import main\n"
        "from storyarn_pipelines.store import apply\n"
        "def strike(staging, *_, **__):\n"
        "    staging.execute('SELECT pg_terminate_backend(pg_backend_pid())')\n"
        "apply.insert_references = strike\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), "import", str(MINI_TRASH), "--new", "studio"],
        env={**os.environ, "STORYARN_DATABASE_URL": studio, "STORYARN_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = [x for x in done.stderr.splitlines() if x.startswith("error: database: ")]
    assert (done.returncode, done.stdout, len(errors)) == (1, "", 1), done.stderr
    assert "Traceback" not in done.stderr
    assert whole_database(studio) == before


@pytest.mark.parametrize("what", ["work area", "media store"])
def test_a_place_that_takes_nothing_is_one_line(
    studio: str, make_settings: Callable[[str], Settings], document: object,
    changed: Callable[..., Path], what: str,
) -> None:  # fmt: skip
    """A file stands where a directory must be made, which stops every user, root too."""
    settings = make_settings(studio)
    blocked = settings.home if what == "work area" else Path(settings.media_url)
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_bytes(b"")
    document["assets"]["items"][0] |= {  # type: ignore[index]
        "data": "AAAA",
        "blob_hash": None,
        "checksum": None,
    }
    before = whole_database(studio)
    with pytest.raises(StorageError, match=r"\A[^\n]+\Z"):
        import_file(settings, changed(document), ImportOptions(new="studio"))
    assert whole_database(studio) == before


@pytest.mark.parametrize("ids", ["auto", "new"])
def test_imports_at_the_same_time_do_not_meet(
    studio: str, make_settings: Callable[[str], Settings], ids: Ids
) -> None:
    settings, number = make_settings(studio), 4
    gate = threading.Barrier(number)
    found: list[tuple[str, str]] = []

    def run() -> None:
        gate.wait()
        report = import_file(settings, MINI_TRASH, ImportOptions(new="studio", ids=ids))
        found.append((report.project["slug"], str(report.project["id"])))

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slug for slug, _ in found) == ["mini", "mini-2", "mini-3", "mini-4"]
    assert len({project for _, project in found}) == number


def test_what_became_of_a_transaction_can_be_told(
    studio: str, make_settings: Callable[[str], Settings]
) -> None:
    settings = make_settings(studio)
    heard: list[str] = []

    def fail(_: object, transaction: str) -> None:
        heard.append(transaction)
        if len(heard) == 1:
            raise StorageError("storage: no more")

    options = ImportOptions(new="studio")
    with pytest.raises(StorageError):
        import_file(settings, MINI_TRASH, options, before_commit=fail)
    import_file(settings, MINI_TRASH, options, before_commit=fail)
    assert [import_was_committed(settings, x) for x in heard] == [False, True]
