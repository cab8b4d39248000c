"""Export a project: collect, serialize, publish; each step also on its own, for Dagster."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyarn_pipelines import __version__
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.errors import SnapshotError
from storyarn_pipelines.serializers import get_serializer
from storyarn_pipelines.serializers.checkpoints import Checkpoints
from storyarn_pipelines.serializers.output import Artifact, Output
from storyarn_pipelines.services.results import ExportResult
from storyarn_pipelines.services.scratch import disk_errors, scratch_directory
from storyarn_pipelines.services.validate import open_story, refuse_errors, validate_story
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.manifest import Manifest
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.storage import open_store
from storyarn_pipelines.storage.local import move_whole
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.count import ENTITIES
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.store.scope import sections_of


@dataclass(frozen=True, slots=True)
class Serialized:
    """An artifact on the disk of the step that made it."""

    artifact: Artifact
    file_name: str
    entities: dict[str, int]
    diagnostics: list[Diagnostic]


def export_project(
    settings: Settings,
    project: str,
    format_name: str,
    options: ExportOptions,
    *,
    out: Path | None = None,
    progress: Progress = silent,
) -> ExportResult:
    """Export one project in one format.

    With ``out``, a file or a directory, the artifact is written there, else into the object
    store. Nothing is left behind under a final name when it fails.
    """
    started = time.perf_counter()
    get_serializer(format_name)
    with scratch_directory(settings) as work:
        snapshot = work / "snapshot"
        snapshot.mkdir()
        manifest = collect(
            database_url(settings),
            project,
            options,
            snapshot,
            collected_at=settings.now(),
            progress=progress,
        )
        story = open_story(settings, snapshot)
        validation, summary = None, None
        if options.validate_before_export:
            validation = validate_story(story, options, progress)
            refuse_errors(validation, manifest.project_slug)
            summary = validation.summary()
        made = serialize_story(story, format_name, options, work, progress, summary)
        path, stored = None, None
        if out is None:
            key = export_key(manifest.project_id, str(uuid.uuid4()), made.file_name)
            stored = open_store(settings.storage_url).put_file(key, made.artifact.path)
        else:
            path = _write_out(made.artifact.path, out, made.file_name)
    return ExportResult(
        format=format_name,
        path=path,
        key=stored.key if stored else None,
        location=stored.location if stored else str(path),
        bytes=made.artifact.bytes,
        sha256=made.artifact.sha256,
        files=_file_names(made),
        entities=made.entities,
        diagnostics=[*(validation.diagnostics() if validation else ()), *made.diagnostics],
        seconds=round(time.perf_counter() - started, 3),
    )


def serialize_story(
    story: StoryReader,
    format_name: str,
    options: ExportOptions,
    directory: Path,
    progress: Progress = silent,
    validation: dict[str, Any] | None = None,
    *,
    checkpoints: Callable[[str], Checkpoints] | None = None,
) -> Serialized:
    """Write one format into ``directory``; raises SnapshotError when sections are lacking.

    ``validation`` is the summary of what was found before, if anyone looked, for the file.
    ``checkpoints`` are made, and gone on from, where the caller has a place for them.
    """
    serializer = get_serializer(format_name)
    manifest = story.manifest
    lacking = set(serializer.sections) & set(sections_of(options)) - set(manifest.sections)
    if lacking:
        raise SnapshotError(
            f"snapshot of {manifest.project_slug}: {', '.join(sorted(lacking))} not collected; "
            "collect all sections in one run"
        )
    story.validation = validation
    with disk_errors(directory):
        kept = checkpoints(_binding(manifest, format_name, options)) if checkpoints else None
        with Output(directory, serializer.file_extension, kept) as out:
            diagnostics = serializer.write(story, out, options, progress)
            artifact = out.finish()
    name = f"{manifest.project_slug}-{format_name}.{artifact.extension}"
    return Serialized(artifact, name, entity_counts(manifest), diagnostics)


def _binding(manifest: Manifest, format_name: str, options: ExportOptions) -> str:
    """All that the bytes of an artifact depend on, the moment printed in it included."""
    parts = (manifest.content_hash, manifest.collected_at, options.digest(), format_name)
    return " ".join((*parts, __version__))


def export_key(project_id: int, job_id: str, file_name: str) -> str:
    """Where an export lies in the object store."""
    return f"exports/{project_id}/{job_id}/{file_name}"


def entity_counts(manifest: Manifest) -> dict[str, int]:
    """What a snapshot holds, in the words that people count in."""
    return {name: manifest.rows(table.name) for name, table in ENTITIES.items()}


def _write_out(artifact: Path, out: Path, file_name: str) -> Path:
    target = out / file_name if out.is_dir() or str(out).endswith("/") else out
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        move_whole(artifact, target)
    return target


def _file_names(made: Serialized) -> tuple[str, ...]:
    """The names inside a ZIP, or the name of the one file."""
    return made.artifact.parts if made.artifact.extension == "zip" else (made.file_name,)
