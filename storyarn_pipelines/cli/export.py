"""Commands about projects and their exports."""

import sys

import click

from storyarn_pipelines.cli.group import VALIDATION_ERRORS
from storyarn_pipelines.cli.shared import (
    OPTIONS_HELP,
    assignments_option,
    export_document,
    findings_in_short,
    json_option,
    options_from,
    output_path,
    print_json,
    progress_bar,
)
from storyarn_pipelines.settings import read_settings


@click.command()
@json_option
def formats(as_json: bool) -> None:
    """List the export formats."""
    from storyarn_pipelines.serializers import FORMATS, describe  # noqa: PLC0415 - loads Arrow

    if as_json:
        print_json([describe(serializer) for serializer in FORMATS.values()])
        return
    for serializer in FORMATS.values():
        click.echo(f"{serializer.format:<10} {serializer.label}")


@click.command()
@json_option
def projects(as_json: bool) -> None:
    """List the projects of the database."""
    from storyarn_pipelines.services.projects import projects as found  # noqa: PLC0415

    listed = found(read_settings())
    if as_json:
        fields = ("id", "name", "slug", "workspace")
        print_json([{name: getattr(project, name) for name in fields} for project in listed])
        return
    for project in listed:
        click.echo(f"{project.id:>6}  {project.full_slug}  {project.name}")
    if not listed:
        click.echo("no projects; `storyarn demo` loads the sample project", err=True)


@click.command(epilog=OPTIONS_HELP)
@click.argument("project")
@click.option("--format", "format_name", required=True, help="One of `storyarn formats`.")
@click.option("--out", metavar="FILE_OR_DIR", help="Write there instead of into the object store.")
@assignments_option
@json_option
def export(
    project: str, format_name: str, out: str | None, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Export PROJECT: its id, workspace/project, or its slug if that is unique.

    Prints the key in the object store, or with --out the path of the file; a directory gets
    {project-slug}-{format}.{ext}.
    """
    from storyarn_pipelines.services.export import export_project  # noqa: PLC0415 - loads Arrow

    options = options_from(assignments, format_name)
    with progress_bar() as progress:
        result = export_project(
            read_settings(), project, format_name, options, out=output_path(out), progress=progress
        )
    if as_json:
        print_json(export_document(result))
        return
    click.echo(result.key or str(result.path))
    counts = ", ".join(f"{number} {name}" for name, number in result.entities.items() if number)
    click.echo(f"{result.bytes:,} bytes in {result.seconds} s: {counts}", err=True)
    if result.diagnostics:
        click.echo(
            f"{findings_in_short(result.diagnostics)}; --json tells them all, "
            f"`storyarn validate {project}` those of the story",
            err=True,
        )


@click.command(epilog=OPTIONS_HELP)
@click.argument("project")
@click.option("--format", "format_name", help="Judge for one of `storyarn formats`.")
@assignments_option
@json_option
def validate(
    project: str, format_name: str | None, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Check PROJECT for what would go wrong in a game, and say what to do about it.

    Exit code 3 when there are errors; those stop an export too, unless
    -o validate_before_export=false is given.
    """
    from storyarn_pipelines.serializers import get_serializer  # noqa: PLC0415 - loads Arrow
    from storyarn_pipelines.services.validate import validate_project  # noqa: PLC0415

    if format_name is not None:
        get_serializer(format_name)
    options = options_from(assignments, format_name)
    with progress_bar() as progress:
        result = validate_project(read_settings(), project, options, progress)
    if as_json:
        print_json(result.as_dict())
    else:
        for finding in (*result.errors, *result.warnings, *result.info):
            click.echo(f"{finding.severity} {finding.code} {finding.entity.where}")
            click.echo(f"    {finding.message}")
        for code, number in result.omitted.items():
            click.echo(f"… and {number} more of {code}")
        short = findings_in_short(result.diagnostics()) or "nothing found"
        click.echo(f"{result.status}: {short}", err=True)
    if result.status == "errors":
        sys.exit(VALIDATION_ERRORS)
