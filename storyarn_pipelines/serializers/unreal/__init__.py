"""Unreal Engine: data tables, a conversation graph, a string table and a PO for each culture."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import orjson

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import FORMAT_VERSION, ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import SECTIONS, Section
from storyarn_pipelines.serializers.engines.story import EngineStory, engine_story
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.unreal.context import Export
from storyarn_pipelines.serializers.unreal.files import TableFile, copy_part
from storyarn_pipelines.serializers.unreal.flows import write_flow
from storyarn_pipelines.serializers.unreal.header import HEADER, header
from storyarn_pipelines.serializers.unreal.media import (
    MediaPaths,
    write_media_files,
    write_media_table,
)
from storyarn_pipelines.serializers.unreal.names import dialogue_names, entity_names
from storyarn_pipelines.serializers.unreal.sheets import write_characters, write_variables
from storyarn_pipelines.serializers.unreal.strings import STRING_TABLE, StringFiles
from storyarn_pipelines.serializers.unreal.tables import TABLES
from storyarn_pipelines.snapshot.reader import StoryReader

CONVERSATIONS = "Conversations.json"


class UnrealSerializer:
    """A ZIP of tables that Unreal imports, and the graph that a small interpreter plays."""

    format: ClassVar[str] = "unreal"
    label: ClassVar[str] = "Unreal Engine (data tables, string table)"
    content_type: ClassVar[str] = "application/zip"
    file_extension: ClassVar[str] = "zip"
    sections: ClassVar[tuple[Section, ...]] = SECTIONS
    target_language: ClassVar[str | None] = "unreal"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write all parts. The story is read once; what grows meanwhile lies on disk."""
        out.as_zip = True
        with (
            engine_story(story, options, "unreal") as engine,
            TemporaryDirectory(dir=story.directory.parent, prefix="unreal-") as name,
            ExitStack() as closing,
        ):
            directory = Path(name)
            export = _open(engine, directory, closing)
            _write_rows(export, directory / CONVERSATIONS, progress)
            _write_parts(export, directory / CONVERSATIONS, out)
            return engine.told.found


def _open(story: EngineStory, directory: Path, closing: ExitStack) -> Export:
    pretty, told = story.options.pretty_print, story.told
    tables = {table.name: TableFile(directory, table, pretty=pretty) for table in TABLES}
    for table in tables.values():
        closing.callback(table.close)
    strings = StringFiles(directory, _locales(story), story.project.name, told)
    closing.callback(strings.close)
    return Export(
        story,
        tables,
        strings,
        MediaPaths(story.media),
        entity_names(((x.id, x.shortcut) for x in story.sheets.values()), "sheet", told),
        entity_names(((x.id, x.shortcut) for x in story.flows.values()), "flow", told),
        closing.enter_context(dialogue_names(directory, told)),
    )


def _locales(story: EngineStory) -> tuple[str, ...]:
    if not story.options.include_localization:
        return ()
    wanted = story.options.languages
    return tuple(x for x in story.locales if wanted is None or x in wanted)


def _write_rows(export: Export, conversations: Path, progress: Progress) -> None:
    story, tables = export.story, export.tables
    story.told.found.extend(story.emitter.identifiers.diagnostics)
    counter = Counter(
        progress, "serialize", sum(x.rows for x in story.reader.manifest.tables.values())
    )
    shown = write_characters(
        story, export.characters, export.media, tables["DT_Characters"], export.strings
    )
    write_variables(story, shown, tables["DT_Variables"], export.strings)
    write_media_table(story, export.media, tables["DT_Media"])
    with conversations.open("wb") as file:
        stream = JsonStream(file, pretty=story.options.pretty_print)
        _begin(export, stream)
        for flow in story.each_flow() if story.flows else ():
            write_flow(export, flow, stream)
            counter.add(1 + len(flow.nodes) + len(flow.connections))
        stream.end()
        stream.end()
        stream.finish()
    export.strings.close()
    for table in tables.values():
        table.finish()
    counter.finish()


def _begin(export: Export, stream: JsonStream) -> None:
    story = export.story
    main = next((x.id for x in story.flows.values() if x.is_main), None)
    head = {
        "format": "storyarn_unreal",
        "version": FORMAT_VERSION,
        "project": {"name": story.project.name, "slug": story.project.slug},
        "source_language": story.source_locale,
        "cultures": list(export.strings.cultures.values()),
        "string_table": STRING_TABLE,
        "main": None if main is None else export.conversations[main],
    }
    stream.begin(b"{")
    for key, value in head.items():
        stream.value(orjson.dumps(value), key)
    stream.begin(b"[", "conversations")


def _write_parts(export: Export, conversations: Path, out: Output) -> None:
    with out.part(HEADER) as part:
        part.write(header().encode())
    for table in export.tables.values():
        table.write_csv(out)
    for table in export.tables.values():
        table.write_json(out)
    copy_part(out, conversations, CONVERSATIONS)
    export.strings.write(out)
    write_media_files(export.story, export.media, out)
