"""`make bench`: measures everything in one run and prints the table that the README quotes."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.exports import VALIDATED, compare, timed_export
from benchmarks.imports import compare_import
from benchmarks.orchestration import launched_runs
from benchmarks.projects import LARGE, SMALL, TORMENT, Size, generate
from benchmarks.table import Row, print_table, ratio
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.store.database import create_database, initialise
from storyarn_pipelines.store.embedded import embedded_url

ROUNDS = 3
_NATIVE = "storyarn"
_ENGINES = tuple(name for name in FORMATS if name != _NATIVE)
_TIMES_NATIVE = 5
_GROWTH_MB = 20


class Bench:
    """The databases of one run, each made when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server = embedded_url(directory)
        self.native = cache(self._native)
        """Seconds of a native export of some database, after one to warm up."""

    @cached_property
    def small(self) -> str:
        """5,000 nodes."""
        return self._database("small", SMALL)

    @cached_property
    def large(self) -> str:
        """500,000 nodes."""
        return self._database("large", LARGE)

    @cached_property
    def torment(self) -> str:
        """The size of Planescape: Torment."""
        return self._database("torment", TORMENT)

    def _database(self, name: str, size: Size) -> str:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = self.server.replace("/postgres?", f"/{name}?")
        initialise(url)
        generate(url, size)
        return url

    def export(self, url: str, format_name: str) -> float:
        """Seconds of one export."""
        out = self.directory / "export.out"
        return timed_export(url, self.directory, out, format_name=format_name)

    def _native(self, url: str) -> float:
        self.export(url, _NATIVE)
        return median(self.export(url, _NATIVE) for _ in range(ROUNDS))

    def peak(self, url: str, format_name: str) -> float:
        """The peak memory, in MB, of a process that exports once."""
        command = [sys.executable, "-m", "benchmarks.exports", url, str(self.directory)]
        done = subprocess.run([*command, format_name], check=True, capture_output=True, text=True)
        return float(done.stdout)


def exports(bench: Bench) -> Iterator[Row]:
    """Compact native exports beside a COPY of the same rows, and their memory."""
    yield _native_row(bench, f"compact native export, {LARGE.nodes:,} nodes", bench.large)
    yield _native_row(bench, "the same, the size of Planescape: Torment", bench.torment)
    yield _memory_row(bench, _NATIVE)


def _native_row(bench: Bench, what: str, url: str) -> Row:
    export, copy = compare(url, bench.directory, ROUNDS)
    return ratio(what, export, "COPY", copy, 2)


def _memory_row(bench: Bench, format_name: str) -> Row:
    """How much more memory a hundred times the nodes take, names of flows included."""
    small, large = (bench.peak(url, format_name) for url in (bench.small, bench.large))
    what = f"peak memory of {format_name}, {SMALL.nodes:,} to {LARGE.nodes:,} nodes"
    growth = large - small
    return Row(
        what, f"{large:.0f} MB", f"{small:.0f} MB", f"{growth:+.0f} MB", f"<= {_GROWTH_MB} MB",
        growth <= _GROWTH_MB,
    )  # fmt: skip


def engines(bench: Bench) -> Iterator[Row]:
    """Exports to engines beside the native one, and their memory; one round each."""
    for name in _ENGINES:
        what = f"export to {name}, {LARGE.nodes:,} nodes"
        made = bench.export(bench.large, name)
        yield ratio(what, made, "native", bench.native(bench.large), _TIMES_NATIVE)
    for name in _ENGINES:
        made, native = bench.export(bench.torment, name), bench.native(bench.torment)
        what = f"export to {name}, the size of Planescape: Torment"
        times = f"{made / native:.1f} x"
        yield Row(what, f"{made:.2f} s", f"native {native:.2f} s", times, "seconds", True)
    for name in _ENGINES:
        yield _memory_row(bench, name)


def imports(bench: Bench) -> Iterator[Row]:
    """An import into an empty database beside a COPY of the same rows."""
    made, copy = compare_import(bench.server, bench.large, bench.directory, 1)
    what = f"import into an empty database, {LARGE.nodes:,} nodes"
    yield ratio(what, made, "COPY FROM", copy, 3)


def dagster(bench: Bench) -> Iterator[Row]:
    """What Dagster adds to the service call, with its state in PostgreSQL and in SQLite."""
    yield _orchestration(bench, create_database(bench.server, "dagster"), 1)
    yield _orchestration(bench, None, 2.5)


def _orchestration(bench: Bench, dagster_url: str | None, limit: float) -> Row:
    """A launched run beside the service call, its waiting told apart."""
    where = "PostgreSQL, as in production" if dagster_url else "SQLite, as in development"
    home = bench.directory / ("dagster-postgres" if dagster_url else "dagster-sqlite")
    times = launched_runs(bench.torment, home, ROUNDS, dagster_url)
    out = bench.directory / "x.json"
    service = median(
        timed_export(bench.torment, bench.directory, out, VALIDATED) for _ in range(ROUNDS)
    )
    added = times.working - service
    waiting = f"queue {times.queued:.1f} s, worker start {times.starting:.1f} s"
    return Row(
        f"Dagster on {where}, over the service call, both validating, {TORMENT.nodes:,} nodes "
        f"({waiting} beside it)",
        f"{times.working:.2f} s", f"call {service:.2f} s", f"+{added:.2f} s", f"<= {limit:g} s",
        added <= limit,
    )  # fmt: skip


GROUPS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    group.__name__: group for group in (exports, engines, imports, dagster)
}


def _chosen() -> list[str]:
    described = [f"  {name:8} {group.__doc__}" for name, group in GROUPS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="\n".join(["groups:", *described]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP",
        help=f"what to measure, any of {', '.join(GROUPS)}; everything if none is named",
    )  # fmt: skip
    groups: list[str] = parser.parse_args().groups
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    return groups or list(GROUPS)


def main() -> None:
    """Measure, print the table, and fail when a target is missed."""
    chosen = _chosen()
    with TemporaryDirectory(prefix="storyarn-bench-") as name:
        bench = Bench(Path(name))
        rows = [row for group in chosen for row in GROUPS[group](bench)]
    print_table(rows)
    sys.exit(0 if all(row.met for row in rows) else 1)


if __name__ == "__main__":
    main()
