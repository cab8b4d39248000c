"""The command line: reads arguments, calls a service, prints what came of it."""

import signal
from typing import NoReturn

import click

from storyarn_pipelines import __version__
from storyarn_pipelines.cli.diff import diff
from storyarn_pipelines.cli.export import export, formats, projects, validate
from storyarn_pipelines.cli.group import OneLineErrors
from storyarn_pipelines.cli.imports import import_command, restore
from storyarn_pipelines.cli.local import db, demo, dev
from storyarn_pipelines.cli.play import play
from storyarn_pipelines.cli.transpile import transpile


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="storyarn")
def main() -> None:
    """Backups, engine exports and imports for Storyarn projects.

    The database is STORYARN_DATABASE_URL; without it, an embedded PostgreSQL under .storyarn is
    used. Exports go to STORYARN_STORAGE_URL, a directory (default .storyarn/storage); media are
    read from STORYARN_MEDIA_URL (default: media/ in the storage). Start with `storyarn demo`.
    """
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(signum: int, frame: object) -> NoReturn:
    """End like Ctrl-C does, so that temporary files go away."""
    del signum, frame
    raise KeyboardInterrupt


for command in (
    demo,
    dev,
    db,
    projects,
    formats,
    validate,
    export,
    import_command,
    diff,
    restore,
    play,
    transpile,
):
    main.add_command(command)
