"""What several commands share: options, progress, and JSON on standard output."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions, option_help, parse_options
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.services.results import ExportResult

OPTIONS_HELP = "\b\nExport options, each as -o NAME=VALUE:\n" + "\n".join(
    f"  {name:<23} {text}" for name, text in option_help().items()
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)
assignments_option = click.option(
    "-o", "assignments", multiple=True, metavar="NAME=VALUE", help="Set an option; repeatable."
)


def options_from(assignments: tuple[str, ...], format_name: str | None = None) -> ExportOptions:
    """Export options from ``NAME=VALUE`` texts; ``format`` may be repeated but not contradicted."""
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"option {assignment!r} is not NAME=VALUE")
        values[name.strip()] = value.strip()
    wanted = values.pop("format", format_name)
    if wanted != format_name:
        raise UsageError(f"option format: {wanted!r} contradicts --format {format_name}")
    return parse_options(values)


def output_path(text: str | None) -> Path | None:
    """``--out`` as a path; a text that ends in a slash is a directory, made if needed."""
    if text is None:
        return None
    path = Path(text).expanduser()
    if text.endswith(os.sep) and not path.is_dir():
        if path.exists():
            raise UsageError(f"--out {text}: it is a file, not a directory")
        path.mkdir(parents=True)
    return path


def print_json(value: object) -> None:
    """One JSON document."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def export_document(result: ExportResult) -> dict[str, Any]:
    """What ``storyarn export --json`` prints."""
    place = {"key": result.key} if result.key else {"path": str(result.path)}
    return {
        "format": result.format,
        **place,
        "bytes": result.bytes,
        "sha256": result.sha256,
        "files": list(result.files),
        "entities": result.entities,
        "diagnostics": [
            {"code": x.code, "severity": x.severity, "message": x.message, "where": x.where}
            for x in result.diagnostics
        ],
        "seconds": result.seconds,
    }


def findings_in_short(findings: list[Diagnostic]) -> str:
    """How many findings of each severity there are, empty for none."""
    counts: Counter[str] = Counter(finding.severity for finding in findings)
    names = {"error": "errors", "warning": "warnings", "info": "remarks"}
    return ", ".join(f"{counts[key]} {name}" for key, name in names.items() if counts[key])


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar on standard error while work is long, where a person is watching."""
    if not sys.stderr.isatty():
        yield silent
        return
    written = 0

    def show(step: str, done: int, total: int) -> None:
        nonlocal written
        share = done / total if total else 1.0
        text = f"{step:<10} [{'#' * int(30 * share):<30}] {share:4.0%} {done:,} rows"
        click.echo("\r" + text.ljust(written), err=True, nl=False)
        written = len(text)

    try:
        yield show
    finally:
        if written:
            click.echo("\r" + " " * written + "\r", err=True, nl=False)
