"""The command that compares two native files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storyarn_pipelines.cli.group import DIFFERENT
from storyarn_pipelines.cli.shared import json_option, print_json
from storyarn_pipelines.settings import read_settings

if TYPE_CHECKING:
    from storyarn_pipelines.services.diff import DiffResult

_LONGEST = 72
_REMARKS_SHOWN = 5


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@json_option
def diff(before: str, after: str, as_json: bool) -> None:
    """Compare two native files: what B adds to A, lacks, or says differently.

    A and B are exports of the format `storyarn` or backups: JSON, ZIP or .zst. Ids do not count:
    entities are known by shortcuts, variable names, dialogue ids, contents of media; those
    without such a name by what they say and where they stand. Neither do the project's slug,
    workspace, owner and last activity, nor what is worked out from the rest (paths, statistics).
    A key to a row that a file does not hold counts as empty and is only remarked upon.

    \b
      + flow act1.fight              in B only
      - block mc.mira/blocks/title   in A only
      ~ sheet mc.mira                in both, with each field: before -> after

    Exit code 0 when they are the same, 4 when they differ, 1 when one cannot be read.
    """
    from storyarn_pipelines.services.diff import diff_files  # noqa: PLC0415 - loads Arrow

    result = diff_files(read_settings(), Path(before).expanduser(), Path(after).expanduser())
    if as_json:
        print_json(result.as_dict())
    else:
        _print(result)
    if not result.same:
        sys.exit(DIFFERENT)


def _print(result: "DiffResult") -> None:
    marks = (("+", result.added), ("-", result.removed), ("~", result.changed))
    for section, counts in result.counts.items():
        found = [f"{number} {kind}" for kind, number in counts.items() if number]
        if not found:
            continue
        click.echo(f"{section}: {', '.join(found)}")
        for mark, entries in marks:
            for entry in entries:
                if entry.section == section:
                    name = f"  {_line(entry.name)}" if entry.name not in ("", entry.key) else ""
                    click.echo(f"  {mark} {entry.type} {_line(entry.key, 200)}{name}")
                    for x in entry.fields:
                        click.echo(f"      {_line(x.field)}: {_line(x.before)} -> {_line(x.after)}")
    if result.same:
        click.echo("the same")
    for line in _remarks(result.remarks):
        click.echo(line, err=True)


def _remarks(remarks: list[str]) -> Iterator[str]:
    for remark in remarks[:_REMARKS_SHOWN]:
        yield f"note: {_line(remark, 200)}"
    if len(remarks) > _REMARKS_SHOWN:
        yield f"note: and {len(remarks) - _REMARKS_SHOWN:,} more; --json has them all"


def _line(text: str, longest: int = _LONGEST) -> str:
    """A text from a file, safe for a terminal and within bounds."""
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return "".join(x if x.isprintable() else x.encode("unicode_escape").decode() for x in text)
