"""The command that plays a story."""

import json
import re

import click

from storyarn_pipelines.cli.shared import json_option, progress_bar
from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.settings import read_settings

_INDEX = re.compile(r"[0-9]{1,9}")


@click.command()
@click.argument("project")
@click.argument("flow", required=False, metavar="[FLOW_SHORTCUT]")
@click.option(
    "--choices",
    metavar="0,2,1",
    help="Which response to take at each menu, counted from 0 among those on offer. "
    "When the list runs out, the first is taken.",
)
@click.option("--seed", type=int, help="Draw the responses; the same number gives the same play.")
@click.option("--whole-numbers", is_flag=True, help="Show 50.0 as 50.")
@click.option(
    "--locale", metavar="L", help="Names, lines and responses in this language, where final."
)
@json_option
def play(
    project: str,
    flow: str | None,
    *,
    choices: str | None,
    seed: int | None,
    whole_numbers: bool,
    locale: str | None,
    as_json: bool,
) -> None:
    """Play a flow of PROJECT and print what a reader would see.

    Without FLOW_SHORTCUT the main flow is played. The play follows Storyarn's own rules: what
    engines show is compared with it. Menus take the first response unless --choices or --seed
    says otherwise; a response that is the only one available is taken without a menu. A play
    stops after 10,000 nodes.

    \b
    storyarn play the-tide-clock                        the main flow
    storyarn play the-tide-clock night.market --seed 3
    storyarn play the-tide-clock --choices 0,2,1 --locale es
    storyarn play the-tide-clock --json                 events, final variables, nodes visited
    """
    from storyarn_pipelines.services.play import play_project  # noqa: PLC0415 - loads Arrow
    from storyarn_pipelines.story.choices import ScriptedChoices, SeededChoices  # noqa: PLC0415
    from storyarn_pipelines.story.script import script  # noqa: PLC0415

    if choices is not None and seed is not None:
        raise UsageError("--choices and --seed exclude each other")
    indexes = _indexes(choices or "")
    with progress_bar() as progress:
        trace = play_project(
            read_settings(),
            project,
            flow,
            ScriptedChoices(indexes) if seed is None else SeededChoices(seed),
            whole_numbers=whole_numbers,
            locale=locale,
            progress=progress,
        )
    if as_json:
        # Not orjson: numbers of a story may be larger than 64 bits.
        click.echo(json.dumps(trace, ensure_ascii=False, indent=2))
        return
    for line in script(trace):
        click.echo(line)


def _indexes(text: str) -> list[int]:
    """Choices as numbers; raises UsageError."""
    words = [word.strip() for word in text.split(",")] if text.strip() else []
    for word in words:
        if not _INDEX.fullmatch(word):
            raise UsageError(f"--choices: {word[:40]!r} is no number such as those in 0,2,1")
    return [int(word) for word in words]
