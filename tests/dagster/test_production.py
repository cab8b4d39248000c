"""Dagster's storage on PostgreSQL, everything else in a bucket: machines share nothing more."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storyarn_pipelines.storage import open_store
from tests.conftest import S3Server

ROOT = Path(__file__).parents[2]
# One process of a deployment: launches a run, or re-executes another from its failure.
WORKER = """
import os, sys
import dagster as dg
from storyarn_pipelines.definitions import defs

def job():
    return defs.resolve_job_def("export_storyarn")

tags = {"dagster/partition": "mini.7"}
with dg.DagsterInstance.get() as instance:
    instance.add_dynamic_partitions("projects", ["mini.7"])
    again = None
    if len(sys.argv) > 1:
        again = dg.ReexecutionOptions.from_failure(sys.argv[1], instance)
    config = {"resources": {"export_options": {"config": {"validate_before_export": False}}}}
    result = dg.execute_job(
        dg.reconstructable(job), instance, run_config=config, tags=tags, reexecution_options=again
    )
    steps = sorted(x.step_key for x in result.get_step_success_events())
    print(result.run_id, result.success, ",".join(steps))
"""


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

    def run(machine: str, *arguments: str, **changes: str) -> list[str]:
        home = tmp_path / machine
        home.mkdir()
        (home / "dagster.yaml").write_text((ROOT / "deploy" / "dagster.yaml").read_text("utf-8"))
        (home / "worker.py").write_text(WORKER)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(home),
            "DAGSTER_POSTGRES_URL": dagster_url,
            "STORYARN_HOME": str(home / "storyarn"),
            "STORYARN_DATABASE_URL": mini_url,
            "STORYARN_STORAGE_URL": f"s3://{bucket}/studio",
            "SOURCE_DATE_EPOCH": "1767225600",
            **s3_server.environment,
            **changes,
        }
        done = subprocess.run(
            [sys.executable, "worker.py", *arguments],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stdout, done.stderr[-2000:]
        leftovers = [x for x in (home / "storyarn").rglob("*") if x.is_file()]
        assert leftovers == []
        return done.stdout.splitlines()[-1].split()

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
