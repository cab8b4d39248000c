"""Play a flow of a project by the reference player."""

from typing import Any

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.errors import OptionError, UsageError
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.story.choices import Choices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player


def play_project(
    settings: Settings,
    project: str,
    flow: str | None = None,
    choices: Choices | None = None,
    *,
    whole_numbers: bool = False,
    locale: str | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Collect a project and play a flow of it once; returns the trace as a document.

    ``flow`` is a shortcut or an id, None stands for the main flow; without ``choices`` the first
    response of every menu is taken. Raises UnknownFlowError, and UsageError for a locale that
    the project does not have or a choice that is not on offer.
    """
    sections: list[Section] = ["sheets", "flows", "scenes"]
    if locale is not None:
        locale = locale.strip().lower()
        sections.append("localization")
    with scratch_directory(settings) as work:
        try:
            collect(
                database_url(settings),
                project,
                parse_options({} if locale is None else {"languages": [locale]}),
                work,
                collected_at=settings.now(),
                sections=sections,
                progress=progress,
            )
        except OptionError as error:
            raise UsageError(str(error).replace("option languages", "--locale", 1)) from error
        story = read_story(StoryReader(work), locale)
        return Player(story, whole_numbers=whole_numbers).play(flow, choices)
