"""Commands that bring files in."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from storyarn_pipelines.cli.shared import json_option, print_json, progress_bar
from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.settings import read_settings


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", metavar="PROJECT", help="An existing project: id, workspace/project, slug.")
@click.option("--new", metavar="WORKSPACE", help="Make a new project in this workspace (slug).")
@click.option("--name", help="Name of the new project; the file's otherwise.")
@click.option(
    "--owner",
    metavar="EMAIL",
    help="Owner of the new project; otherwise the file's, or the workspace's.",
)
@click.option(
    "--conflicts",
    type=click.Choice(["skip", "overwrite", "merge"]),
    default="skip",
    show_default=True,
    help="What wins where the project has an entity already.",
)
@click.option(
    "--ids",
    type=click.Choice(["auto", "keep", "new"]),
    default="auto",
    show_default=True,
    help="Keep the file's ids if none is taken (auto), insist on them (keep), never (new).",
)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would happen.")
@json_option
def import_command(file: Path, as_json: bool, **choices: Any) -> None:
    """Import FILE: Storyarn's own, or what articy:draft or Yarn Spinner have written.

    \b
    Storyarn       JSON, its ZIP bundle, or a backup (.json.zst)
    articy:draft   an XML or JSON export, or the folder of articy:draft X, zipped or not
    Yarn Spinner   .yarn files or a project with its string tables, in a folder or a ZIP

    \b
    The database changes in one transaction at the very end, or not at all.
      skip       what the project has stays; only new entities come in
      overwrite  what both have becomes what the file says
      merge      of each entity the newer one wins, children of both are kept
    """
    from storyarn_pipelines.services.imports import import_file  # noqa: PLC0415 - loads SQLAlchemy

    options = ImportOptions(**choices)
    with progress_bar() as progress:
        report = import_file(read_settings(), file, options, progress)
    if as_json:
        print_json(report.as_dict())
        return
    _print_report(report)


def _print_report(report: ImportReport) -> None:
    project = report.project
    done = "would go into" if report.dry_run else "is in"
    click.echo(f"{project['name']} {done} {project['workspace']}/{project['slug']}", nl=False)
    click.echo(f" (project {project['id']}, ids {report.ids})")
    for section, outcomes in report.sections.items():
        counts = ", ".join(f"{number} {name}" for name, number in outcomes.items() if number)
        if counts:
            click.echo(f"  {section:<13} {counts}")
    for line in report.conversions:
        click.echo(f"  converted: {line}")
    for line in report.warnings:
        click.echo(f"warning: {line}", err=True)
    for line in report.errors:
        click.echo(f"error: {line}", err=True)


@click.command()
@click.argument("project")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="That day's backup.")
@click.option("--new", "workspace", required=True, metavar="WORKSPACE", help="Where to (slug).")
@click.option("--name", help="Name of the restored project; the backup's otherwise.")
@json_option
def restore(
    project: str, day: datetime | None, workspace: str, name: str | None, as_json: bool
) -> None:
    """Bring a backup of PROJECT back as a new project, media included.

    PROJECT is an id, or the slug by which it was backed up; it need not exist any longer. The
    newest backup is taken unless --date says another.
    """
    from storyarn_pipelines.services.restore import restore_project  # noqa: PLC0415

    with progress_bar() as progress:
        backup, report = restore_project(
            read_settings(),
            project,
            workspace,
            day=day.date() if day else None,
            name=name,
            progress=progress,
        )
    if as_json:
        print_json({"backup": backup.key, **report.as_dict()})
        return
    click.echo(f"restored {backup.key}")
    _print_report(report)
