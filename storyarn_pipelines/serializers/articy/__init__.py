"""articy:draft: the XML export of articy:draft X and the JSON of articy:draft 3."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import SECTIONS, Section
from storyarn_pipelines.serializers.articy.book import Book
from storyarn_pipelines.serializers.articy.flow import build_flow
from storyarn_pipelines.serializers.articy.objects import Thing
from storyarn_pipelines.serializers.articy.places import assets, location
from storyarn_pipelines.serializers.articy.player import player
from storyarn_pipelines.serializers.articy.project import ProjectFiles
from storyarn_pipelines.serializers.articy.sheets import Templates, entities
from storyarn_pipelines.serializers.articy.variables import VariableSet, variable_sets
from storyarn_pipelines.serializers.engines.media import media_names, write_media
from storyarn_pipelines.serializers.engines.story import engine_story
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.snapshot.reader import StoryReader

_MEDIA = "Assets"
_NAME = "articy"


class ArticySerializer:
    """The story as a project that importers of articy:draft read."""

    format: ClassVar[str] = "articy"
    label: ClassVar[str] = "articy:draft (XML and JSON)"
    content_type: ClassVar[str] = "application/zip"
    file_extension: ClassVar[str] = "zip"
    sections: ClassVar[tuple[Section, ...]] = SECTIONS
    target_language: ClassVar[str | None] = "expresso"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write both documents, translations by key, and media where they are asked for."""
        counter = Counter(progress, "serialize", story.manifest.rows(t.FLOW_NODES.name))
        out.as_zip = True
        with engine_story(story, options, self.target_language or "") as told:
            book = Book(told)
            told.told.found.extend(book.names.diagnostics)
            has_sheets = "sheets" in story.manifest.sections
            templates = Templates(book, told.each_sheet() if has_sheets else ())
            places = {x: f"{_MEDIA}/{name}" for x, name in media_names(told.media).items()}
            sets = list(variable_sets(book))
            collected = _instant(story.manifest.collected_at)
            bundled = options.include_assets == "bundled"
            with ProjectFiles(book, templates, _NAME, collected) as files:
                groups = _groups(book, templates, sets, places if bundled else {}, counter)
                files.write_xml(out, groups, sets)
                files.write_json(out, sets)
                files.write_texts(out)
            if bundled:
                write_media(story, out, places, told.media, told.told)
            counter.finish()
            return told.told.found


def _groups(
    book: Book,
    templates: Templates,
    sets: Sequence[VariableSet],
    places: dict[int, str],
    counter: Counter,
) -> Iterator[tuple[str, Sequence[Thing]]]:
    """All objects, a parent and its children at a time, each group with its folder."""
    sections = book.story.reader.manifest.sections
    yield "Entities", [player(book, sets)]
    for thing in entities(book, templates) if "sheets" in sections else ():
        yield "Entities", [thing]
    for thing in assets(book, places):
        yield "Assets", [thing]
    for scene in book.story.each_scene() if "scenes" in sections else ():
        yield "Locations", location(book, scene)
    for flow in book.story.each_flow() if "flows" in sections else ():
        yield "Flow", build_flow(book, flow)
        counter.add(len(flow.nodes))


def _instant(text: str) -> str:
    """A moment as articy writes it."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%SZ")
