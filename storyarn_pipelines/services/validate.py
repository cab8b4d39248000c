"""Validate a project, or a snapshot on its way into an export."""

from pathlib import Path

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.errors import ValidationFailedError
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.validation import ValidationResult, validate


def validate_project(
    settings: Settings, project: str, options: ExportOptions, progress: Progress = silent
) -> ValidationResult:
    """Collect a project and validate it."""
    with scratch_directory(settings) as work:
        snapshot = work / "snapshot"
        snapshot.mkdir()
        moment, url = settings.now(), database_url(settings)
        collect(url, project, options, snapshot, collected_at=moment, progress=progress)
        return validate_story(open_story(settings, snapshot), options, progress)


def open_story(settings: Settings, snapshot: Path) -> StoryReader:
    """A snapshot with the media that the settings name."""
    return StoryReader(snapshot, open_store(settings.media_url))


def validate_story(
    story: StoryReader, options: ExportOptions, progress: Progress = silent
) -> ValidationResult:
    """Apply all rules; bytes of media are looked for where the export will need them."""
    return validate(story, options, progress, check_media=options.include_assets != "references")


def refuse_errors(result: ValidationResult, project: str) -> None:
    """Raise ValidationFailedError naming the first errors, unless there are none."""
    if result.status != "errors":
        return
    count = result.counts_by_severity["error"]
    first = result.errors[0]
    raise ValidationFailedError(
        f"project {project}: validation found {count} error{'s' * (count != 1)}, the first: "
        f"{first.code} {first.message} `storyarn validate` lists all; "
        "-o validate_before_export=false exports all the same"
    )
