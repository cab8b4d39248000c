"""Yarn Spinner 3: a file for each flow, a project file, string tables, and metadata."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.serializers.engines.story import EngineStory, engine_story
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.yarn.export import YarnExport
from storyarn_pipelines.serializers.yarn.functions import (
    CSHARP_FILE,
    DEFINITIONS_FILE,
    csharp,
    definitions,
)
from storyarn_pipelines.serializers.yarn.names import OWN_FILE
from storyarn_pipelines.snapshot.reader import StoryReader

METADATA_FILE = "metadata.json"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


class YarnSerializer:
    """A ``.yarn`` file for each flow, and what stands beside them."""

    format: ClassVar[str] = "yarn"
    label: ClassVar[str] = "Yarn Spinner 3"
    content_type: ClassVar[str] = "application/zip"
    file_extension: ClassVar[str] = "yarn"
    sections: ClassVar[tuple[Section, ...]] = (
        "sheets", "flows", "scenes", "localization", "media",
    )  # fmt: skip
    target_language: ClassVar[str | None] = "yarn"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the story flow by flow; tells what Yarn cannot say."""
        counter = Counter(progress, "serialize", story.manifest.tables["flow_nodes"].rows)
        with (
            engine_story(story, options, "yarn") as told,
            TemporaryDirectory(dir=story.directory.parent, prefix="yarn-") as directory,
            YarnExport(told, Path(directory)) as export,
        ):
            _write(told, export, out, counter)
        counter.finish()
        return told.told.found


def _write(story: EngineStory, export: YarnExport, out: Output, counter: Counter) -> None:
    _write_text(out, f"{OWN_FILE}.yarn", export.own_file())
    for flow in _flows(story):
        _write_text(out, f"{export.names.flow(flow.id)}.yarn", export.flow_file(flow))
        counter.add(len(flow.nodes))
    slug = story.project.slug
    name = slug if _SLUG.fullmatch(slug) else "story"
    _write_text(out, f"{name}.yarnproject", _project_file(story, export))
    for part, rows in export.tables.by_part():
        with out.part(part) as file:
            rows.copy_to(file)
    if export.functions:
        _write_text(out, CSHARP_FILE, csharp(export.functions.listed()))
        _write_text(out, DEFINITIONS_FILE, definitions(export.functions.listed()))
    with out.part(METADATA_FILE) as file:
        export.write_metadata(file)
    if story.options.include_assets == "bundled":
        export.media.write(out)


def _flows(story: EngineStory) -> Iterator[Flow]:
    return story.each_flow() if story.flows else iter(())


def _write_text(out: Output, part: str, text: str) -> None:
    with out.part(part) as file:
        file.write(text.encode("utf-8", "replace"))


def _project_file(story: EngineStory, export: YarnExport) -> str:
    """The ``.yarnproject``: which files belong to the story, and the tables of its languages."""
    tables, media = export.tables, export.media
    bundled = story.options.include_assets == "bundled"
    languages: dict[str, dict[str, str]] = {}
    for locale in (tables.source_locale, *tables.others):
        found = {} if locale == tables.source_locale else {"strings": tables.parts[locale]}
        if bundled and media.has_voices(locale):
            found["assets"] = media.folder(locale)
        languages[locale] = found
    project: dict[str, object] = {
        "projectFileVersion": 3,
        "sourceFiles": ["*.yarn"],
        "excludeFiles": [],
        "localisation": languages,
        "baseLanguage": tables.source_locale,
        "compilerOptions": {},
    }
    if export.functions:
        project["definitions"] = DEFINITIONS_FILE
    pretty = story.options.pretty_print
    style: dict[str, object] = {"indent": 2} if pretty else {"separators": (",", ":")}
    return json.dumps(project, ensure_ascii=False, **style) + "\n"  # type: ignore[arg-type]  # both are options of dumps
