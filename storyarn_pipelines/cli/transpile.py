"""The command that writes conditions and instructions in the language of an engine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
import msgspec

from storyarn_pipelines.cli.shared import json_option, print_json, progress_bar
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.errors import ExpressionError, UsageError
from storyarn_pipelines.settings import read_settings

if TYPE_CHECKING:
    from storyarn_pipelines.services.transpile import Transpiler

_CHUNK = 1 << 16


@click.command()
@click.option("--to", "format_name", required=True, metavar="FORMAT",
              help="unity, godot, unreal, articy, ink or yarn.")  # fmt: skip
@click.option("--project", metavar="PROJECT", help="Take the variables of a project.")
@click.option("--variables", metavar="FILE", help='Types as JSON: {"mc.jaime.health": "number"}.')
@click.option("--condition", metavar="TEXT", help="A condition.")
@click.option("--instruction", metavar="TEXT", help="Assignments, parted by ; or line ends.")
@click.option("--file", "lines", metavar="JSONL", help="Many, one JSON object a line; - is stdin.")
@json_option
def transpile(
    format_name: str,
    *,
    project: str | None,
    variables: str | None,
    condition: str | None,
    instruction: str | None,
    lines: str | None,
    as_json: bool,
) -> None:
    """Write conditions and instructions in the language of a game engine.

    Types of variables come from --project or --variables; without either they are guessed from
    the literals. What the engine cannot say is told on standard error, and the text given for it
    is safe: a test that fails, an assignment left out.

    Each line of --file is {"id", "kind": "condition" or "instruction", "source": text or stored
    structure}; each line of output is {"id", "output", "diagnostics"}, in the same order. A line
    that cannot be read has null as its output.

    \b
    storyarn transpile --to unity --condition '{mc.jaime.health} > 50'
    storyarn transpile --to ink --project the-tide-clock --instruction 'toggle flags.met'
    storyarn transpile --to godot --variables types.json --file expressions.jsonl
    """
    given = {"--condition": condition, "--instruction": instruction, "--file": lines}
    if sum(x is not None for x in given.values()) != 1:
        raise UsageError(f"one of {', '.join(given)} is needed")
    if project is not None and variables is not None:
        raise UsageError("--project and --variables exclude each other")
    transpiler = _transpiler(format_name, project, variables)
    if lines is not None:
        for finding in transpiler.names_found:
            _tell(finding)
        _transpile_file(transpiler, lines)
        return
    kind, source = (
        ("condition", condition) if condition is not None else ("instruction", instruction)
    )
    try:
        emitted = transpiler.emit("condition" if kind == "condition" else "instruction", source)
    except ExpressionError as error:
        click.echo(f"error: {error}", err=True)  # with its caret, unlike other errors
        sys.exit(1)
    if as_json:
        print_json(
            {
                "format": format_name,
                "kind": kind,
                "source": emitted.source,
                "output": emitted.text,
                "diagnostics": [*transpiler.names_found, *emitted.diagnostics],
            }
        )
        return
    click.echo(emitted.text)
    for finding in (*transpiler.names_found, *emitted.diagnostics):
        _tell(finding)


def _transpiler(format_name: str, project: str | None, variables: str | None) -> "Transpiler":
    from storyarn_pipelines.services.transpile import (  # noqa: PLC0415 - loads Arrow
        Transpiler,
        project_transpiler,
    )
    from storyarn_pipelines.story.variables import declared_variables  # noqa: PLC0415

    if project is not None:
        with progress_bar() as progress:
            return project_transpiler(read_settings(), project, format_name, progress)
    if variables is None:
        return Transpiler(format_name)
    try:
        types = msgspec.json.decode(Path(variables).read_bytes())
    except OSError as error:
        raise UsageError(f"--variables {variables}: {error.strerror}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise UsageError(f"--variables {variables}: no JSON: {error}") from error
    return Transpiler(format_name, declared_variables(types))


def _transpile_file(transpiler: "Transpiler", path: str) -> None:
    """Lines in, lines out; what is written is on its way before the input ends."""
    if path == "-":
        _pass_on(transpiler, sys.stdin.buffer)
        return
    try:
        with Path(path).open("rb") as source:
            _pass_on(transpiler, source)
    except BrokenPipeError:
        raise  # not the file, but whoever read our output
    except OSError as error:
        raise UsageError(f"--file {path}: {error.strerror}") from error


def _pass_on(transpiler: "Transpiler", source: BinaryIO) -> None:
    out = sys.stdout.buffer
    waiting = bytearray()
    for line in transpiler.lines(source):
        waiting += line + b"\n"
        if len(waiting) >= _CHUNK:
            out.write(waiting)
            waiting = bytearray()
    out.write(waiting)
    out.flush()


def _tell(finding: Diagnostic) -> None:
    click.echo(f"{finding.severity} {finding.code}: {finding.message}", err=True)
