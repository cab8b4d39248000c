"""``metadata.json``: what the names in the Yarn files stand for, and what Yarn has no place for."""

from dataclasses import asdict
from typing import Any, BinaryIO

from storyarn_pipelines.serializers.engines.metadata import (
    write_characters,
    write_list,
    write_media_list,
)
from storyarn_pipelines.serializers.engines.spool import Objects, json_bytes
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.yarn.functions import UsedFunctions
from storyarn_pipelines.serializers.yarn.media import YarnMedia
from storyarn_pipelines.serializers.yarn.names import YarnNames
from storyarn_pipelines.serializers.yarn.tables import StringTables
from storyarn_pipelines.serializers.yarn.variables import YarnVariables

VERSION = "1"


class YarnMetadata:
    """Writes the document from what the other parts left."""

    def __init__(
        self,
        story: EngineStory,
        names: YarnNames,
        variables: YarnVariables,
        media: YarnMedia,
        tables: StringTables,
        functions: UsedFunctions,
    ) -> None:
        self._story, self._names, self._variables = story, names, variables
        self._media, self._tables, self._functions = media, tables, functions

    def write(
        self,
        file: BinaryIO,
        start: str | None,
        flows: Objects,
        lines: Objects,
        expressions: Objects,
    ) -> None:
        """The whole document."""
        story = self._story
        stream = JsonStream(file, pretty=story.options.pretty_print)
        stream.begin(b"{")
        stream.value(json_bytes(VERSION), "storyarn_yarn_metadata")
        project = {"name": story.project.name, "slug": story.project.slug}
        stream.value(json_bytes(project), "project")
        stream.value(json_bytes(start), "start_node")
        stream.value(json_bytes(f"${self._names.exit}"), "exit_variable")
        functions = [asdict(function) for function in self._functions.listed()]
        stream.value(json_bytes(functions), "required_functions")
        stream.value(json_bytes(self._localization()), "localization")
        write_list(stream, "variables", map(json_bytes, self._variables.facts()))
        write_characters(stream, story, self._names.sheet, self._media.place)
        write_list(stream, "flows", flows.finished())
        write_list(stream, "lines", lines.finished())
        write_list(stream, "voices", self._media.voices.finished())
        files = {key: self._media.named(key) for key in self._media.media_ids()}
        write_media_list(stream, story, files)
        write_list(stream, "expressions", expressions.finished())
        stream.end()
        stream.finish()

    def _localization(self) -> dict[str, Any]:
        tables = self._tables
        counts = {tables.source_locale: tables.source.count} | tables.translated
        return {
            "source": tables.source_locale,
            "policy": self._story.options.localization_policy,
            "lines": tables.source.count,
            "tables": {
                locale: {"file": tables.parts[locale], "translated": count}
                for locale, count in counts.items()
            },
        }
