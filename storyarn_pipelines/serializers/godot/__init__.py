"""Godot: timelines and characters of Dialogic 2, and the generic JSON of the specification."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, ClassVar

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.sheets import Sheet
from storyarn_pipelines.domain.tables import Section
from storyarn_pipelines.serializers.engines.media import write_media
from storyarn_pipelines.serializers.engines.story import EngineStory, engine_story
from storyarn_pipelines.serializers.godot.characters import character
from storyarn_pipelines.serializers.godot.expressions import FlowExpressions, KnownExpressions
from storyarn_pipelines.serializers.godot.formulas import GodotFormulas
from storyarn_pipelines.serializers.godot.generic import GenericStory
from storyarn_pipelines.serializers.godot.names import FOLDER, GodotNames, portraits
from storyarn_pipelines.serializers.godot.notes import (
    instructions,
    tell_embedded,
    tell_flow,
    tell_rest,
    tell_scenes,
)
from storyarn_pipelines.serializers.godot.settings import first_value, project_file
from storyarn_pipelines.serializers.godot.speech import GodotSpeech
from storyarn_pipelines.serializers.godot.survey import Survey, callees, surveyed
from storyarn_pipelines.serializers.godot.tables import Tables
from storyarn_pipelines.serializers.godot.timeline import Kit, Timeline
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.structure import structured


class GodotSerializer:
    """One ZIP: a folder for ``res://`` and a project file with what Dialogic keeps there.

    The option ``godot_output`` leaves out Dialogic's files or the generic JSON.
    """

    format: ClassVar[str] = "godot"
    label: ClassVar[str] = "Godot 4 (Dialogic 2, and generic JSON)"
    content_type: ClassVar[str] = "application/zip"
    file_extension: ClassVar[str] = "zip"
    sections: ClassVar[tuple[Section, ...]] = (
        "sheets", "flows", "scenes", "localization", "media",
    )  # fmt: skip
    target_language: ClassVar[str | None] = "gdscript"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the story flow by flow; tells what Dialogic cannot say."""
        counter = Counter(progress, "serialize", story.manifest.tables["flow_nodes"].rows)
        with (
            engine_story(story, options, "gdscript") as told,
            TemporaryDirectory(dir=story.directory.parent, prefix="godot-") as directory,
        ):
            writer = _Writer(told, out, Path(directory))
            try:
                writer.write(counter)
            finally:
                writer.close()
        counter.finish()
        return told.told.found


class _Writer:
    """Writes the parts. The generic file grows beside the timelines, and follows them."""

    def __init__(self, story: EngineStory, out: Output, directory: Path) -> None:
        self._story, self._out = story, out
        output = story.options.godot_output
        self._has_timelines = output != "json"
        self._names = GodotNames(story)
        self._tables = Tables(
            story, directory, dialogic=self._has_timelines, generic=output != "dialogic"
        )
        self._formulas = GodotFormulas(story)
        self._expressions = KnownExpressions()
        self._values = {
            name: first_value(story, variable, self._formulas.first_values[name])
            for name, variable in story.variables.variables.items()
        }
        self._survey: Survey = surveyed(story)
        sheets = story.each_sheet() if story.sheets else ()
        self._portraits = {sheet.id: portraits(sheet) for sheet in sheets}
        self._speech = GodotSpeech(story, self._names, self._survey, self._tables, self._portraits)
        self._kit = Kit(story, self._names, self._survey, self._speech)
        self._callees = callees(story.flows)
        self._generic: GenericStory | None = None
        if output != "dialogic":
            self._json = (directory / "story.json").open("w+b")
            self._generic = GenericStory(self._json, story, self._names, self._speech)

    def close(self) -> None:
        """Close all files."""
        if self._generic is not None:
            self._json.close()
        self._tables.close()

    def write(self, counter: Counter) -> None:
        """All parts, one after the other."""
        story, out = self._story, self._out
        out.as_zip = True
        story.told.found.extend(story.emitter.identifiers.diagnostics)
        story.told.found.extend(self._names.diagnostics)
        if self._has_timelines:
            with out.part(f"{FOLDER}/README.md") as file:
                _write(file, [instructions(story, self._names)])
        if self._generic is not None:
            self._generic.begin(self._values)
        for sheet in story.each_sheet() if story.sheets else ():
            self._sheet(sheet)
        if self._generic is not None:
            self._generic.begin_dialogues()
        for flow in story.each_flow() if story.flows else ():
            self._flow(flow)
            counter.add(len(flow.nodes))
        tell_scenes(story)
        tell_embedded(story)
        if self._generic is not None:
            self._finish(self._generic)
        if self._has_timelines:
            self._settings()
        if story.options.include_assets == "bundled":
            places = {key: self._names.media[key] for key in sorted(self._speech.used_media)}
            write_media(story.reader, out, places, story.media, story.told)

    def _sheet(self, sheet: Sheet) -> None:
        story = self._story
        key = f"sheet.{self._names.sheet_keys[sheet.id]}"
        if self._has_timelines:
            facts, names = story.sheets[sheet.id], self._portraits[sheet.id]
            text = character(sheet, facts, key, names, self._speech.place, story.told)
            with self._out.part(self._names.character_path(sheet.id)) as file:
                _write(file, [text])
        self._tables.name(key, sheet.id, sheet.name)
        if self._generic is not None:
            self._generic.character(sheet, self._portraits[sheet.id], self._values)

    def _flow(self, flow: Flow) -> None:
        story, graph = self._story, FlowGraph.of(flow)
        expressions = FlowExpressions(story, self._formulas, self._expressions, flow)
        self._speech.begin()
        if self._has_timelines:
            structure = structured(graph, callees=self._callees)
            guarded = self._survey.guarded(graph, structure, self._callees)
            timeline = Timeline(self._kit, flow, graph, structure, expressions, guarded)
            with self._out.part(self._names.timeline_path(flow.id)) as file:
                _write(file, [timeline.text()])
            tell_flow(story, flow, structure)
        if self._generic is not None:
            self._generic.dialogue(flow, graph, expressions)
        tell_rest(story, flow, self._speech)

    def _finish(self, generic: GenericStory) -> None:
        story = self._story
        sections = story.reader.manifest.sections
        generic.scenes(story.each_scene() if "scenes" in sections else ())
        generic.finish(self._tables, story.options.include_assets == "embedded")
        self._json.seek(0)
        with self._out.part(f"{FOLDER}/story.json") as file:
            shutil.copyfileobj(self._json, file)

    def _settings(self) -> None:
        """Translations, and the project file that names them all."""
        for path in self._tables.files:
            with self._out.part(f"{path}.csv") as file:
                self._tables.copy_to(path, file)
        with self._out.part("project.godot") as file:
            channels = [x.channel for x in self._survey.empty.sounds]
            lines = project_file(self._story, self._names, self._tables, self._values, channels)
            _write(file, (f"{line}\n" for line in lines))


def _write(file: BinaryIO, lines: Iterable[str]) -> None:
    for line in lines:
        file.write(line.encode("utf-8", "replace"))
