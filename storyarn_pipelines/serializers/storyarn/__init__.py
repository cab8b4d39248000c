"""Storyarn JSON, the native format: lossless, streamed, deterministic."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import orjson

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import FORMAT_VERSION, ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import SECTIONS, Section, Table
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.document import Document, DocumentState
from storyarn_pipelines.serializers.storyarn.entities import (
    write_flows,
    write_maps,
    write_pages,
    write_project,
)
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.localization import (
    write_glossary,
    write_languages,
    write_strings,
)
from storyarn_pipelines.serializers.storyarn.media import write_assets, write_bundle
from storyarn_pipelines.snapshot.reader import StoryReader

PROJECT_FILE = "project.json"

# In the order of the file; each writes the list of one table's entities and what is nested there.
_SECTIONS: tuple[tuple[Section, Table, Callable[[Document], None]], ...] = (
    ("sheets", t.SHEETS, write_pages),
    ("flows", t.FLOWS, write_flows),
    ("scenes", t.SCENES, write_maps),
    ("localization", t.PROJECT_LANGUAGES, write_languages),
    ("localization", t.LOCALIZED_TEXTS, write_strings),
    ("localization", t.GLOSSARY_ENTRIES, write_glossary),
)


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
        state = out.restore(DocumentState)
        if not out.has(PROJECT_FILE):
            with out.part(PROJECT_FILE) as file:
                stream = JsonStream(file, pretty=options.pretty_print)
                document = Document(story, out, stream, counter, state)
                _write_document(document, options, state.table if state else t.PROJECTS.name)
        if bundled:
            write_bundle(story, out)
        counter.finish()
        return []


def _write_document(document: Document, options: ExportOptions, start: str) -> None:
    """Write the document from the list of the table ``start`` on."""
    writers: dict[str, Callable[[], None]] = {
        t.PROJECTS.name: lambda: _write_head(document, options)
    }
    for section, table, write in _SECTIONS:
        if section in document.story.manifest.sections:
            writers[table.name] = partial(write, document)
    writers[t.ASSETS.name] = lambda: write_assets(document, options.include_assets)
    writers[""] = lambda: _write_tail(document)
    names = list(writers)
    for name in names[names.index(start) :]:
        writers[name]()


def _write_head(document: Document, options: ExportOptions) -> None:
    manifest, stream = document.story.manifest, document.stream
    stream.begin(b"{")
    stream.value(orjson.dumps(FORMAT_VERSION), "storyarn_version")
    stream.value(orjson.dumps(options.version), "export_version")
    stream.value(orjson.dumps(manifest.collected_at), "exported_at")
    stream.value(orjson.dumps(manifest.schema_version), "schema_version")
    write_project(document)


def _write_tail(document: Document) -> None:
    metadata = {
        "statistics": document.statistics.as_dict(),
        "validation": document.story.validation,
    }
    document.stream.value(orjson.dumps(metadata), "metadata")
    document.stream.end()
    document.stream.finish()
