"""`storyarn dev`: Dagster's UI and daemon on one machine, on the same database as the CLI."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg

from storyarn_pipelines.errors import SettingsError
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.sensors import partition_requests
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.services.projects import projects as list_projects
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.database import has_storyarn_tables
from storyarn_pipelines.store.embedded import database_url

POOL_LIMITS: Mapping[str, int] = {"exports": 3, "imports": 2, "maintenance": 1}
"""How many runs of each kind go side by side."""

_STOP_SECONDS = 15.0
_INSTANCE_FILE, _WORKSPACE_FILE = "dagster.yaml", "workspace.yaml"


def dagster_home() -> Path:
    """The directory of ``dagster.yaml``: DAGSTER_HOME, the current one, or the checkout's."""
    checkout = Path(__file__).resolve().parents[1]
    named = os.environ.get("DAGSTER_HOME")
    candidates = [Path(named).expanduser()] if named else [Path.cwd(), checkout]
    for directory in candidates:
        if (directory / _INSTANCE_FILE).is_file():
            return directory.resolve()
    raise SettingsError(
        f"no {_INSTANCE_FILE} in {' or '.join(map(str, candidates))}; "
        "run `storyarn dev` in the project's directory or set DAGSTER_HOME"
    )


def prepare_instance(settings: Settings) -> None:
    """Give a Dagster instance its pools and the partitions of today's projects."""
    with dg.DagsterInstance.get() as instance:
        for pool, limit in POOL_LIMITS.items():
            instance.event_log_storage.set_concurrency_slots(pool, limit)
        new, gone = partition_requests(instance, settings)
        if new:
            instance.add_dynamic_partitions(projects.name or "", new)
        for key in gone:
            instance.delete_dynamic_partition(projects.name or "", key)


def run_development(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Run until Ctrl-C or SIGTERM; raises SettingsError when one of the programs ends early."""
    home = dagster_home()
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "STORYARN_HOME": str(settings.home),
    }
    os.environ.update(environment)
    os.chdir(home)
    (settings.home / "dagster").mkdir(parents=True, exist_ok=True)
    url = database_url(settings)
    if not has_storyarn_tables(url) or not list_projects(settings):
        say(f"Loading the sample project {ensure_demo(settings)}")
    prepare_instance(settings)
    workspace = ["-w", str(home / _WORKSPACE_FILE)]
    commands = {
        "Dagster's UI": ["dagster-webserver", "-h", host, "-p", str(port), *workspace],
        "Dagster's daemon": ["dagster-daemon", "run", *workspace],
    }
    say(f"Dagster's UI: http://{host}:{port}  (Ctrl-C stops it)")
    _run_together(commands)


def _run_together(commands: Mapping[str, list[str]]) -> None:
    """Keep all programs running; when one ends, or we are told to, end the others."""
    scripts = Path(sys.executable).parent
    running = {
        name: subprocess.Popen([str(scripts / program), *arguments])  # noqa: S603 - our own list
        for name, (program, *arguments) in commands.items()
    }
    try:
        while True:
            for name, process in running.items():
                if process.poll() is not None:
                    raise SettingsError(
                        f"{name} ended with exit code {process.returncode}; "
                        "its reason is above, often a port that is taken (--port)"
                    )
            time.sleep(0.2)
    finally:
        _stop(list(running.values()))


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
