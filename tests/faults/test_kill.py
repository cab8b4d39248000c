"""A worker that is killed leaves nothing half-done, and another one finishes its run."""

import json
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.serializers.checkpoints import JOURNAL
from storyarn_pipelines.services.cleanup import clean
from storyarn_pipelines.settings import read_settings
from storyarn_pipelines.storage import open_store
from tests.conftest import S3Server, wait_until
from tests.dagster.worker import ROOT, finished, start_worker

MEDIA = "projects/7/assets/a3/thème.mp3"
LARGE_BYTES = 200 << 20
GOES_ON = "goes on behind "
"""What the log of a step says that uses a checkpoint."""

OPTIONS = {"include_assets": "embedded", "validate_before_export": False}


@pytest.fixture
def url(mini_copy: str) -> str:
    """mini.sql with one medium that has no recorded hash."""
    with psycopg.connect(mini_copy) as connection:
        connection.execute(
            "UPDATE assets SET deleted_at = now(), deletion_reason = 'user', "
            "deletion_generation = 1 WHERE project_id = 7 AND id NOT IN (103, 105)"
        )
    return mini_copy


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The directory of a deployment."""
    text = (ROOT / "dagster.yaml").read_text("utf-8")
    (tmp_path / "dagster.yaml").write_text(text)
    (tmp_path / ".storyarn" / "dagster").mkdir(parents=True)
    media = tmp_path / "media" / MEDIA
    media.parent.mkdir(parents=True)
    media.write_bytes(b"a voice" * 1000)
    return tmp_path


@contextmanager
def busy_in_artifact(url: str, home: Path, environment: dict[str, str]) -> Iterator[None]:
    """A medium is so large that its Base64 takes much longer than the worker lives."""
    del url, environment
    yield


@pytest.fixture
def environment(url: str, home: Path) -> dict[str, str]:
    """Its settings."""
    return {
        "STORYARN_DATABASE_URL": url,
        "STORYARN_HOME": str(home / ".storyarn"),
        "STORYARN_MEDIA_URL": str(home / "media"),
        "STORYARN_CHECKPOINT_BYTES": "1000",
        "STORYARN_CHECKPOINT_SECONDS": "0",
    }


@contextmanager
def stuck_in_collect(url: str, home: Path, environment: dict[str, str]) -> Iterator[None]:
    """A table is locked until the worker is dead."""
    del home, environment
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE scene_zones IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def stuck_in_validation(url: str, home: Path, environment: dict[str, str]) -> Iterator[None]:
    """A medium is a pipe that nobody writes to."""
    del url, environment
    path = home / "media" / MEDIA
    content = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    yield
    path.unlink()
    path.write_bytes(content)


@contextmanager
def stuck_in_published(url: str, home: Path, environment: dict[str, str]) -> Iterator[None]:
    """The bucket's server takes connections and never answers."""
    del url, home
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bucket = {
            "STORYARN_WORK_URL": f"{environment['STORYARN_HOME']}/storage/work",
            "STORYARN_STORAGE_URL": "s3://bucket",
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        environment.update(bucket)
        yield
        for name in bucket:
            del environment[name]


@pytest.mark.parametrize(
    ("stuck", "step"),
    [
        (stuck_in_collect, "snapshot"),
        (stuck_in_validation, "validation_report"),
        (busy_in_artifact, "storyarn__artifact"),
        (stuck_in_published, "storyarn__published"),
    ],
)
def test_a_killed_worker_leaves_nothing_half_done_and_its_run_is_finished_by_another(
    stuck: object, step: str, url: str, home: Path, environment: dict[str, str]
) -> None:
    options = json.dumps(OPTIONS)
    if stuck is busy_in_artifact:
        os.truncate(home / "media" / MEDIA, LARGE_BYTES)
    whole, succeeded, _ = finished(start_worker(home, environment, options=options))
    assert succeeded == "True"
    exports = home / ".storyarn" / "storage" / "exports"
    expected = next(exports.rglob(f"{whole}/*.json")).read_bytes()

    with ExitStack() as stack:
        stack.enter_context(stuck(url, home, environment))  # type: ignore[operator]
        process = start_worker(home, environment, options=options)
        wait_until(lambda: started_step(home, whole) == step, 60)
        if stuck is busy_in_artifact:
            wait_until(lambda: any((home / ".storyarn").rglob(JOURNAL)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert [path.parent.name for path in exports.rglob("*.json")] == [whole]

    killed = last_run(home)
    again, succeeded, steps = finished(start_worker(home, environment, killed, options))
    assert (again != killed, succeeded) == (True, "True")
    assert step in steps.split(",")
    assert (GOES_ON in messages(home, again)) == (stuck is busy_in_artifact)
    assert next(exports.rglob(f"{killed}/*.json")).read_bytes() == expected

    settings = read_settings(environment)
    clean(settings, open_store(settings.work_url), open_store(settings.storage_url), keep=())
    work = Path(settings.work_url)
    assert [path for path in work.rglob("*") if path.is_file()] == []


def test_another_machine_goes_on_inside_the_step_that_was_killed(
    home: Path,
    environment: dict[str, str],
    bucket: str,
    s3_server: S3Server,
    new_database: Callable[..., str],
) -> None:
    """Two machines share a bucket and Dagster's database, and no directory but the media."""
    os.truncate(home / "media" / MEDIA, LARGE_BYTES // 4)
    environment |= s3_server.environment | {
        "DAGSTER_POSTGRES_URL": new_database(empty=True),
        "STORYARN_STORAGE_URL": f"s3://{bucket}",
    }

    def machine(name: str) -> Path:
        own = home / name
        own.mkdir()
        (own / "dagster.yaml").write_text((ROOT / "deploy" / "dagster.yaml").read_text("utf-8"))
        environment["STORYARN_HOME"] = str(own / "storyarn")
        return own

    options = json.dumps(OPTIONS)
    whole, succeeded, _ = finished(start_worker(machine("one"), environment, options=options))
    assert succeeded == "True"
    files = s3_server.root / bucket
    process = start_worker(machine("two"), environment, options=options)
    wait_until(lambda: any(files.rglob("*.lines")), 60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    killed = next(files.rglob("*.lines")).relative_to(files / "work").parts[0]
    again, succeeded, steps = finished(start_worker(machine("three"), environment, killed, options))
    assert (succeeded, steps) == ("True", "storyarn__artifact,storyarn__published")
    with psycopg.connect(environment["DAGSTER_POSTGRES_URL"]) as connection:
        query = "SELECT count(*) FROM event_logs WHERE run_id = %s AND event LIKE %s"
        assert connection.execute(query, (again, f"%{GOES_ON}%")).fetchone() == (1,)
    made = [next(files.rglob(f"exports/7/{run}/*.json")).read_bytes() for run in (whole, killed)]
    assert made[0] == made[1]
    assert not any(files.rglob("*.lines"))


def messages(home: Path, run: str) -> str:
    """All events of a run."""
    database = home / ".storyarn" / "dagster" / "history" / "runs" / f"{run}.db"
    with sqlite3.connect(database) as connection:
        return "".join(row[0] for row in connection.execute("SELECT event FROM event_logs"))


def started_step(home: Path, other_run: str) -> str | None:
    """The step that the newest run is in, unless that is ``other_run``."""
    run = last_run(home)
    database = home / ".storyarn" / "dagster" / "history" / "runs" / f"{run}.db"
    if run == other_run or not database.exists():
        return None
    with sqlite3.connect(database) as connection:
        try:
            row = connection.execute(
                "SELECT step_key FROM event_logs WHERE dagster_event_type = 'STEP_START' "
                "ORDER BY id DESC LIMIT 1"
            ).fetchone()
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


def last_run(home: Path) -> str:
    """The id of the newest run."""
    with sqlite3.connect(home / ".storyarn" / "dagster" / "history" / "runs.db") as connection:
        row = connection.execute("SELECT run_id FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    return str(row[0])
