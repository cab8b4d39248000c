"""`make bench`: measures everything in one run and prints the table that the README quotes."""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.exports import VALIDATED, compare, timed_export
from benchmarks.imports import compare_import
from benchmarks.orchestration import launched_runs
from benchmarks.projects import LARGE, SMALL, TORMENT, Size, generate
from storyarn_pipelines.store.database import create_database, initialise
from storyarn_pipelines.store.embedded import embedded_url

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    anchor: str
    result: str
    target: str
    met: bool


def database(server: str, name: str, size: Size) -> str:
    """A new database with a project of some size."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = server.replace("/postgres?", f"/{name}?")
    initialise(url)
    generate(url, size)
    return url


def speed(what: str, url: str, directory: Path, limit: float) -> Row:
    """A compact native export beside a COPY of the same rows."""
    export, copy = compare(url, directory, ROUNDS)
    ratio = export / copy
    return Row(
        what, f"{export:.2f} s", f"COPY {copy:.2f} s", f"{ratio:.2f} x", f"<= {limit:g} x",
        ratio <= limit,
    )  # fmt: skip


def importing(what: str, server: str, url: str, directory: Path, limit: float) -> Row:
    """An import into an empty database beside a COPY of the same rows."""
    made, copy = compare_import(server, url, directory, 1)
    ratio = made / copy
    return Row(
        what, f"{made:.2f} s", f"COPY FROM {copy:.2f} s", f"{ratio:.2f} x", f"<= {limit:g} x",
        ratio <= limit,
    )  # fmt: skip


def memory(small: str, large: str, directory: Path, limit: float) -> Row:
    """How much more memory a hundred times the nodes take."""
    peaks = [_peak(url, directory) for url in (small, large)]
    growth = peaks[1] - peaks[0]
    return Row(
        f"peak memory of an export, {SMALL.nodes:,} to {LARGE.nodes:,} nodes",
        f"{peaks[1]:.0f} MB", f"{peaks[0]:.0f} MB", f"+{growth:.0f} MB", f"<= {limit:g} MB",
        growth <= limit,
    )  # fmt: skip


def _peak(url: str, directory: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.exports", url, str(directory)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def orchestration(url: str, directory: Path, dagster_url: str | None, limit: float) -> Row:
    """A launched run beside the service call, its waiting told apart."""
    where = "PostgreSQL, as in production" if dagster_url else "SQLite, as in development"
    home = directory / ("dagster-postgres" if dagster_url else "dagster-sqlite")
    times = launched_runs(url, home, ROUNDS, dagster_url)
    service = median(
        timed_export(url, directory, directory / "x.json", VALIDATED) for _ in range(ROUNDS)
    )
    added = times.working - service
    waiting = f"queue {times.queued:.1f} s, worker start {times.starting:.1f} s"
    return Row(
        f"Dagster on {where}, over the service call, both validating, {TORMENT.nodes:,} nodes "
        f"({waiting} beside it)",
        f"{times.working:.2f} s", f"call {service:.2f} s", f"+{added:.2f} s", f"<= {limit:g} s",
        added <= limit,
    )  # fmt: skip


def main() -> None:
    """Measure, print the table, and fail when a target is missed."""
    with TemporaryDirectory(prefix="storyarn-bench-") as name:
        directory = Path(name)
        server = embedded_url(directory)
        small = database(server, "small", SMALL)
        large = database(server, "large", LARGE)
        torment = database(server, "torment", TORMENT)
        rows = [
            speed(f"compact native export, {LARGE.nodes:,} nodes", large, directory, 2),
            speed("the same, the size of Planescape: Torment", torment, directory, 2),
            memory(small, large, directory, 20),
            importing(
                f"import into an empty database, {LARGE.nodes:,} nodes", server, large, directory, 3
            ),
            orchestration(torment, directory, create_database(server, "dagster"), 1),
            orchestration(torment, directory, None, 2.5),
        ]
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}\n")  # fmt: skip
    print("| what | measured | anchor | result | target |\n|---|---|---|---|---|")
    for row in rows:
        mark = "" if row.met else " (missed)"
        print(f"| {row.what} | {row.measured} | {row.anchor} | {row.result} | {row.target}{mark} |")
    sys.exit(0 if all(row.met for row in rows) else 1)


if __name__ == "__main__":
    main()
