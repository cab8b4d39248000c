"""Commands for one's own machine: the sample project, the UI, an empty database."""

import click

from storyarn_pipelines.cli.shared import (
    export_document,
    findings_in_short,
    json_option,
    output_path,
    print_json,
    progress_bar,
)
from storyarn_pipelines.settings import read_settings


@click.command()
@click.option("--out", metavar="DIR", help="Write the exports there instead of into the store.")
@json_option
def demo(out: str | None, as_json: bool) -> None:
    """Load the sample project, validate it and export it to every format.

    The database is STORYARN_DATABASE_URL, or an embedded PostgreSQL under .storyarn. Running it
    again exports again; the project is loaded once.
    """
    from storyarn_pipelines.services.demo import run_demo  # noqa: PLC0415 - loads Arrow

    settings = read_settings()
    directory = output_path(f"{out.rstrip('/')}/" if out else None)
    with progress_bar() as progress:
        project, results = run_demo(settings, directory, progress)
    if as_json:
        print_json([export_document(result) for result in results])
        return
    database = "STORYARN_DATABASE_URL" if settings.database_url else f"embedded, {settings.home}"
    click.echo(f"Sample project {project} in PostgreSQL ({database})")
    for result in results:
        counts = ", ".join(f"{number} {name}" for name, number in result.entities.items())
        click.echo(f"\n{result.format}: {result.location}")
        click.echo(f"  {result.bytes:,} bytes in {result.seconds} s, sha256 {result.sha256}")
        click.echo(f"  {counts}")
        if result.diagnostics:
            click.echo(f"  {findings_in_short(result.diagnostics)}")
    click.echo(
        "\nNext: `storyarn validate the-tide-clock` tells what was found, "
        "`storyarn dev` opens Dagster's UI."
    )


@click.command()
@click.option("--port", default=3000, show_default=True, help="Port of Dagster's UI.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def dev(port: int, host: str) -> None:
    """Start Dagster's UI and daemon on the same database.

    An empty database gets the sample project first. Ctrl-C stops everything.
    """
    from storyarn_pipelines.development import run_development  # noqa: PLC0415

    try:
        run_development(read_settings(), host, port, say=click.echo)
    except KeyboardInterrupt:
        click.echo("stopped")


@click.group()
def db() -> None:
    """Care for the database."""


@db.command("init")
@click.option("--url", help="Instead of STORYARN_DATABASE_URL or the embedded PostgreSQL.")
def init(url: str | None) -> None:
    """Create Storyarn's tables in an empty database (for tests and restore drills)."""
    from storyarn_pipelines.store.database import initialise  # noqa: PLC0415
    from storyarn_pipelines.store.embedded import database_url  # noqa: PLC0415

    initialise(url or database_url(read_settings()))
    click.echo("Storyarn's tables are ready")
