"""Storyarn JSON, the native format: lossless, streamed, deterministic."""

from typing import ClassVar

import orjson

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import FORMAT_VERSION, ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import SECTIONS, Section
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.document import Document
from storyarn_pipelines.serializers.storyarn.entities import (
    write_flows,
    write_maps,
    write_pages,
    write_project,
)
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.localization import write_localization
from storyarn_pipelines.serializers.storyarn.media import write_assets, write_bundle
from storyarn_pipelines.snapshot.reader import StoryReader

PROJECT_FILE = "project.json"


class StoryarnSerializer:
    """Everything that the database holds, as one JSON document."""

    format: ClassVar[str] = "storyarn"
    label: ClassVar[str] = "Storyarn JSON (full backup)"
    content_type: ClassVar[str] = "application/json"
    file_extension: ClassVar[str] = "json"
    sections: ClassVar[tuple[Section, ...]] = SECTIONS
    target_language: ClassVar[str | None] = None

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the document and, for bundled media, their files. Nothing is ever lost here."""
        counter = Counter(
            progress, "serialize", sum(x.rows for x in story.manifest.tables.values())
        )
        bundled = options.include_assets == "bundled"
        out.as_zip = bundled
        with out.part(PROJECT_FILE) as file:
            stream = JsonStream(file, pretty=options.pretty_print)
            _write_document(Document(story, stream, counter), options)
        if bundled:
            write_bundle(story, out)
        counter.finish()
        return []


def _write_document(document: Document, options: ExportOptions) -> None:
    manifest, stream = document.story.manifest, document.stream
    stream.begin(b"{")
    stream.value(orjson.dumps(FORMAT_VERSION), "storyarn_version")
    stream.value(orjson.dumps(options.version), "export_version")
    stream.value(orjson.dumps(manifest.collected_at), "exported_at")
    stream.value(orjson.dumps(manifest.schema_version), "schema_version")
    write_project(document)
    if "sheets" in manifest.sections:
        write_pages(document)
    if "flows" in manifest.sections:
        write_flows(document)
    if "scenes" in manifest.sections:
        write_maps(document)
    if "localization" in manifest.sections:
        write_localization(document)
    write_assets(document, options.include_assets)
    metadata = {
        "statistics": document.statistics.as_dict(),
        "validation": document.story.validation,
    }
    stream.value(orjson.dumps(metadata), "metadata")
    stream.end()
    stream.finish()
