"""Ink: a story that compiles without warnings, with string tables and metadata beside it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.serializers.engines.media import write_media
from storyarn_pipelines.serializers.engines.story import EngineStory, engine_story
from storyarn_pipelines.serializers.ink.metadata import InkMetadata
from storyarn_pipelines.serializers.ink.script import InkScript, script_name
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader

METADATA_FILE = "metadata.json"


class InkSerializer:
    """One ``.ink`` file, one string table a language, and what stands beside the story."""

    format: ClassVar[str] = "ink"
    label: ClassVar[str] = "Ink (inklecate, inkjs and others)"
    content_type: ClassVar[str] = "application/zip"
    file_extension: ClassVar[str] = "ink"
    sections: ClassVar[tuple[Section, ...]] = (
        "sheets", "flows", "scenes", "localization", "media",
    )  # fmt: skip
    target_language: ClassVar[str | None] = "ink"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the story flow by flow; tells what Ink cannot say."""
        tables = story.manifest.tables
        nodes = tables["flow_nodes"].rows if "flow_nodes" in tables else 0
        counter = Counter(progress, "serialize", nodes)
        with (
            engine_story(story, options, "ink") as told,
            TemporaryDirectory(dir=story.directory.parent, prefix="ink-") as directory,
        ):
            _write(told, out, counter, Path(directory))
        counter.finish()
        return told.told.found


def _write(story: EngineStory, out: Output, counter: Counter, directory: Path) -> None:
    with InkScript(story, directory) as script:
        with out.part(script_name(story)) as file:
            for text in script.texts(counter):
                file.write(text.encode("utf-8", "replace"))
        metadata = InkMetadata(story, script.names, script.variables, script.media, script.tables)
        with out.part(METADATA_FILE) as file:
            metadata.write(file, script.flows, script.expressions)
        for part, rows in script.tables.by_part():
            with out.part(part) as file:
                rows.copy_to(file)
        if story.options.include_assets == "bundled":
            places = {key: script.media.places[key] for key in sorted(script.media.used)}
            write_media(story.reader, out, places, story.media, story.told)
