"""A database for "Dialogue System for Unity", as its JSON import reads it."""

import base64
from collections.abc import Iterable, Mapping
from typing import ClassVar

import orjson

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.tables import SECTIONS, Section
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.serializers.engines.media import media_names, write_media
from storyarn_pipelines.serializers.engines.story import EngineStory, engine_story
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
from storyarn_pipelines.serializers.unity.cast import Cast, clip_names, locations
from storyarn_pipelines.serializers.unity.conversation import conversation_json
from storyarn_pipelines.serializers.unity.fields import NO_OBJECT, quoted
from storyarn_pipelines.serializers.unity.formulas import FormulaScripts
from storyarn_pipelines.serializers.unity.lines import Lines
from storyarn_pipelines.serializers.unity.markup import Texts
from storyarn_pipelines.serializers.unity.shared import (
    Shared,
    callers,
    circles,
    conversation_ids,
    conversation_titles,
)
from storyarn_pipelines.serializers.unity.variables import Runtime, Variables, shows_otherwise
from storyarn_pipelines.snapshot.reader import StoryReader

DATABASE_FILE = "dialogue-database.json"
MEDIA_DIRECTORY = "Assets/Resources"
"""Where Unity looks for what is loaded by name."""

_WHITE = {"r": 1, "g": 1, "b": 1, "a": 1}
# Bold, italic, underlined, and plain for code, which a game may give a colour.
_EMPHASES = [
    {"color": _WHITE, "bold": style == 0, "italic": style == 1, "underline": style == 2}
    for style in range(4)
]
_SYNC = b"{%b,%b}" % (
    b",".join(b'"sync%b":false' % x for x in (b"Actors", b"Items", b"Locations", b"Variables")),
    b",".join(
        b'"sync%bDatabase":%b' % (x, NO_OBJECT)
        for x in (b"Actors", b"Items", b"Locations", b"Variables")
    ),
)


class UnitySerializer:
    """One JSON file, or a ZIP with the media beside it."""

    format: ClassVar[str] = "unity"
    label: ClassVar[str] = "Dialogue System for Unity"
    content_type: ClassVar[str] = "application/json"
    file_extension: ClassVar[str] = "json"
    sections: ClassVar[tuple[Section, ...]] = SECTIONS
    target_language: ClassVar[str | None] = "lua"

    def write(
        self,
        story: StoryReader,
        out: Output,
        options: ExportOptions,
        progress: Progress = silent,
    ) -> list[Diagnostic]:
        """Write the database and, for bundled media, their files."""
        bundled = options.include_assets == "bundled"
        out.as_zip = bundled
        with engine_story(story, options, "lua") as told:
            names = media_names(told.media)
            with out.part(DATABASE_FILE) as file:
                stream = JsonStream(file, pretty=options.pretty_print)
                _write_database(_shared(told, clip_names(names)), stream, progress)
                if options.include_assets == "embedded":
                    _write_embedded(told, names, stream)
                stream.end()
                stream.finish()
            if bundled:
                places = {key: f"{MEDIA_DIRECTORY}/{name}" for key, name in names.items()}
                write_media(story, out, places, told.media, told.told)
            return told.told.found


def _shared(story: EngineStory, clips: dict[int, str]) -> Shared:
    formulas = FormulaScripts(story.variables, story.emitter, story.told)
    unsure = {
        name
        for name, variable in story.emitter.variables.items()
        if name in formulas.fractions
        or shows_otherwise(formulas.initial.get(name, variable.initial))
    }
    return Shared(
        story=story,
        cast=Cast(story, clips),
        texts=Texts(story.emitter, unsure),
        formulas=formulas,
        runtime=Runtime.beside(story.emitter),
        clips=clips,
        conversations=conversation_ids(story.flows),
        titles=conversation_titles(story.flows),
        callers=callers(story.flows),
        circles=circles(story.flows),
    )


def _write_database(shared: Shared, stream: JsonStream, progress: Progress) -> None:
    """Everything but the end of the outermost object."""
    story = shared.story
    sections = story.reader.manifest.sections
    variables = Variables(story.emitter, shared.formulas.initial, shared.runtime, story.told)
    written = list(variables.written())
    stream.begin(b"{")
    stream.value(b'"1.0"', "version")
    stream.value(quoted(story.project.workspace_slug), "author")
    stream.value(quoted(story.project.description or story.project.name), "description")
    stream.value(quoted(variables.script), "globalUserScript")
    stream.value(orjson.dumps(_EMPHASES), "emphasisSettings")
    stream.value(b"1", "baseID")
    _write_list(stream, "actors", shared.cast.actors())
    _write_list(stream, "items", ())
    scenes = story.each_scene() if "scenes" in sections else ()
    _write_list(stream, "locations", locations(scenes))
    _write_list(stream, "variables", written)
    counter = Counter(progress, "serialize", len(story.flows))
    stream.begin(b"[", "conversations")
    lines = Lines(shared)
    for flow in story.each_flow() if "flows" in sections else ():
        stream.value(conversation_json(shared, lines, flow))
        counter.add(1)
    stream.end()
    counter.finish()
    stream.value(_SYNC, "syncInfo")
    stream.value(b'""', "templateJson")


def _write_list(stream: JsonStream, name: str, items: Iterable[bytes]) -> None:
    stream.begin(b"[", name)
    for item in items:
        stream.value(item)
    stream.end()


def _write_embedded(story: EngineStory, names: Mapping[int, str], stream: JsonStream) -> None:
    """Media inside the file, under a key that the plugin passes over."""
    stream.begin(b"[", "storyarnMedia")
    for number, name in names.items():
        medium = story.media[number]
        try:
            first = b"".join(checked_blocks(story.reader, medium))
        except MediaError as error:
            story.told.add("XP0301", str(error), f"media {medium.filename}")
            continue
        stream.begin(b"{")
        stream.value(quoted(name), "name")
        stream.value(quoted(medium.content_type), "contentType")
        stream.value(b'"%b"' % base64.b64encode(first), "data")
        stream.end()
    stream.end()
    message = "the plugin does not read embedded media: bundled ones lie where Unity finds them"
    story.told.add("XP0203", message, "storyarnMedia")
