"""``metadata.json``: what the names in the Ink file stand for, and what Ink has no place for."""

from typing import Any, BinaryIO

from storyarn_pipelines.serializers.engines.metadata import (
    write_characters,
    write_list,
    write_media_list,
)
from storyarn_pipelines.serializers.engines.spool import Objects, json_bytes
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.ink.names import InkNames
from storyarn_pipelines.serializers.ink.tables import InkMedia, StringTables
from storyarn_pipelines.serializers.ink.variables import InkVariables
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream

VERSION = "1"


class InkMetadata:
    """Writes the document from what the other parts left."""

    def __init__(
        self,
        story: EngineStory,
        names: InkNames,
        variables: InkVariables,
        media: InkMedia,
        tables: StringTables,
    ) -> None:
        self._story, self._names, self._variables = story, names, variables
        self._media, self._tables = media, tables

    def write(self, file: BinaryIO, flows: Objects, expressions: Objects) -> None:
        """The whole document."""
        story = self._story
        stream = JsonStream(file, pretty=story.options.pretty_print)
        stream.begin(b"{")
        stream.value(json_bytes(VERSION), "storyarn_ink_metadata")
        project = {"name": story.project.name, "slug": story.project.slug}
        stream.value(json_bytes(project), "project")
        stream.value(json_bytes(self._names.own["exit"]), "exit_variable")
        stream.value(json_bytes(self._localization()), "localization")
        write_list(stream, "variables", map(json_bytes, self._variables.facts()))
        write_characters(stream, story, self._names.sheet, self._media.place)
        write_list(stream, "flows", flows.finished())
        files = {key: self._media.places[key] for key in sorted(self._media.used)}
        write_media_list(stream, story, files)
        write_list(stream, "expressions", expressions.finished())
        stream.end()
        stream.finish()

    def _localization(self) -> dict[str, Any]:
        tables = self._tables
        counts = {tables.source_locale: tables.source.count} | {
            locale: rows.count for locale, rows in tables.others.items()
        }
        return {
            "source": tables.source_locale,
            "policy": self._story.options.localization_policy,
            "tables": {
                locale: {"file": tables.parts[locale], "strings": count}
                for locale, count in counts.items()
            },
        }
