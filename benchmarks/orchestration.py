"""What Dagster adds to a run over the service call, as launched in its UI."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.exports import VALIDATED
from benchmarks.projects import PROJECT

ROOT = Path(__file__).resolve().parents[1]
_START_SECONDS, _RUN_SECONDS = 120.0, 300.0
_LAUNCH = """
mutation ($selector: JobOrPipelineSelector!, $tags: [ExecutionTag!], $config: RunConfigData) {
  launchRun(executionParams: {selector: $selector, runConfigData: $config,
                              executionMetadata: {tags: $tags}}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
_RUN = """
query ($id: ID!) {
  runOrError(runId: $id) {
    ... on Run { status creationTime startTime endTime stats {
      ... on RunStatsSnapshot { enqueuedTime launchTime startTime endTime } } }
  }
}"""


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Seconds of one launched run: waiting in the queue, starting a worker, and working."""

    queued: float
    starting: float
    working: float


def launched_runs(
    url: str, directory: Path, rounds: int, dagster_url: str | None = None
) -> RunTimes:
    """Medians over some runs of ``export_storyarn`` after one to warm up.

    With ``dagster_url`` Dagster keeps its state in that PostgreSQL, as ``deploy/dagster.yaml``
    has it for production, else in SQLite files, as in development.
    """
    with _deployment(url, directory, dagster_url) as address:
        times = [_run(address) for _ in range(rounds + 1)][1:]
    return RunTimes(
        median(x.queued for x in times),
        median(x.starting for x in times),
        median(x.working for x in times),
    )


@contextmanager
def _deployment(url: str, directory: Path, dagster_url: str | None) -> Iterator[str]:
    directory.mkdir(parents=True, exist_ok=True)
    instance = ROOT / "deploy" / "dagster.yaml" if dagster_url else ROOT / "dagster.yaml"
    shutil.copy(instance, directory / "dagster.yaml")
    shutil.copy(ROOT / "workspace.yaml", directory / "workspace.yaml")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(directory),
        "STORYARN_HOME": str(directory / "home"),
        "STORYARN_DATABASE_URL": url,
        **({"DAGSTER_POSTGRES_URL": dagster_url} if dagster_url else {}),
    }
    command = [sys.executable, "-m", "storyarn_pipelines.cli", "dev", "--port", str(port)]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=directory, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("`storyarn dev` did not come up; see the log beside dagster.yaml")


def _run(address: str) -> RunTimes:
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "storyarn_pipelines",
        "jobName": "export_storyarn",
    }
    options = VALIDATED.changes()
    variables = {
        "selector": selector,
        "tags": [{"key": "dagster/partition", "value": f"{PROJECT}.1"}],
        "config": {"resources": {"export_options": {"config": options}}},
    }
    launched = _ask(address, _LAUNCH, variables)["launchRun"]
    run = launched["run"]["runId"]
    deadline = time.monotonic() + _RUN_SECONDS
    while time.monotonic() < deadline:
        found = _ask(address, _RUN, {"id": run})["runOrError"]
        if found["status"] == "SUCCESS":
            stats = found["stats"]
            created = stats["enqueuedTime"] or found["creationTime"]
            return RunTimes(
                stats["launchTime"] - created,
                stats["startTime"] - stats["launchTime"],
                stats["endTime"] - stats["startTime"],
            )
        if found["status"] in ("FAILURE", "CANCELED"):
            raise RuntimeError(f"run {run} ended as {found['status']}")
        time.sleep(0.1)
    raise RuntimeError(f"run {run} did not end")


def _ask(address: str, query: str, variables: dict[str, Any]) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(
        f"{address}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]
