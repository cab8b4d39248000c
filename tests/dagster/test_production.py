"""Dagster's storage on PostgreSQL, everything else in a bucket: machines share nothing more."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from storyarn_pipelines.storage import open_store
from tests.conftest import S3Server
from tests.dagster.worker import finished, start_worker

ROOT = Path(__file__).parents[2]
OPTIONS = '{"validate_before_export": false}'


@pytest.fixture
def worker(
    new_database: Callable[..., str],
    mini_url: str,
    bucket: str,
    s3_server: S3Server,
    tmp_path: Path,
) -> Callable[..., list[str]]:
    """Runs one process on a machine of its own: home, work directory and cwd are new."""
    dagster_url = new_database(empty=True)

    def run(machine: str, failed: str = "-", **changes: str) -> list[str]:
        home = tmp_path / machine
        home.mkdir()
        (home / "dagster.yaml").write_text((ROOT / "deploy" / "dagster.yaml").read_text("utf-8"))
        environment = {
            "DAGSTER_POSTGRES_URL": dagster_url,
            "STORYARN_HOME": str(home / "storyarn"),
            "STORYARN_DATABASE_URL": mini_url,
            "STORYARN_STORAGE_URL": f"s3://{bucket}/studio",
            **s3_server.environment,
            **changes,
        }
        done = finished(start_worker(home, environment, failed, OPTIONS))
        leftovers = [x for x in (home / "storyarn").rglob("*") if x.is_file()]
        assert leftovers == []
        return done

    return run


def test_a_run_that_failed_on_one_machine_is_finished_by_another(
    worker: Callable[..., list[str]], bucket: str
) -> None:
    """The first machine cannot reach the bucket of the exports, only that of the work area."""
    work = f"s3://{bucket}/studio/work"
    first, succeeded, steps = worker(
        "one", STORYARN_STORAGE_URL="s3://no-such-bucket", STORYARN_WORK_URL=work
    )
    assert (succeeded, steps) == ("False", "snapshot,storyarn__artifact,validation_report")
    _, succeeded, steps = worker("two", first)
    assert (succeeded, steps) == ("True", "storyarn__published")
    store = open_store(f"s3://{bucket}/studio")
    key = f"exports/7/{first}/mini-storyarn.json"
    with store.open_read(key) as file:
        golden = (Path(__file__).parents[1] / "data" / "mini.json").read_bytes()
        assert file.read() == golden
    assert json.loads(golden)["project"]["id"] == "7"
