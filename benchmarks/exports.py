"""Exports: time beside an anchor, and memory from the system."""

import resource
import sys
import time
from pathlib import Path
from statistics import median

import psycopg
from psycopg import sql

from benchmarks.projects import PROJECT
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import TABLES
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings

OPTIONS = ExportOptions(pretty_print=False, validate_before_export=False)
VALIDATED = ExportOptions(pretty_print=False)


def settings_for(url: str, home: Path) -> Settings:
    """Settings for a database, everything else below ``home``."""
    storage = str(home / "storage")
    return Settings(
        home=home,
        database_url=url,
        storage_url=storage,
        media_url=f"{storage}/media",
        work_url=f"{storage}/work",
    )


def timed_export(
    url: str,
    home: Path,
    out: Path,
    options: ExportOptions = OPTIONS,
    format_name: str = "storyarn",
) -> float:
    """Seconds of one service call, database to file."""
    started = time.perf_counter()
    export_project(settings_for(url, home), PROJECT, format_name, options, out=out)
    return time.perf_counter() - started


def timed_copy(url: str, out: Path) -> float:
    """Seconds of ``COPY (SELECT row_to_json(t) …) TO STDOUT`` of every table that travels."""
    started = time.perf_counter()
    with psycopg.connect(url) as connection, out.open("wb") as file:
        for table in TABLES:
            query = sql.SQL("COPY (SELECT row_to_json(t) FROM {} t) TO STDOUT").format(
                sql.Identifier(table.name)
            )
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                for block in copy:
                    file.write(block)
    return time.perf_counter() - started


def compare(url: str, directory: Path, rounds: int) -> tuple[float, float]:
    """Median seconds of export and anchor, taken in turn after a warm-up of both."""
    exports, copies = [], []
    for number in range(rounds + 1):
        made = timed_export(url, directory, directory / "export.json")
        copied = timed_copy(url, directory / "copy.json")
        if number:
            exports.append(made)
            copies.append(copied)
    return median(exports), median(copies)


def main() -> None:
    """Export once and print this process's peak memory in MB, as the system counted it."""
    url, directory, format_name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    timed_export(url, directory, directory / "memory.out", format_name=format_name)
    print(_peak_memory())


def _peak_memory() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts what the parent had before this program began into ``ru_maxrss``.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


if __name__ == "__main__":
    main()
