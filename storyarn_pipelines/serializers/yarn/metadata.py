"""``metadata.json``: what the names in the Yarn files stand for, and what Yarn has no place for."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.serializers.engines.spool import Objects, json_bytes
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
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
        _write_list(stream, "variables", map(json_bytes, self._variables.facts()))
        stream.begin(b"{", "characters")
        for sheet in story.each_sheet() if story.sheets else ():
            stream.value(json_bytes(self._character(sheet)), self._names.sheet(sheet.id))
        stream.end()
        _write_list(stream, "flows", flows.finished())
        _write_list(stream, "lines", lines.finished())
        _write_list(stream, "voices", self._media.voices.finished())
        self._write_media(stream)
        _write_list(stream, "expressions", expressions.finished())
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

    def _character(self, sheet: Sheet) -> dict[str, Any]:
        facts = self._story.sheets[sheet.id]
        return {
            "id": sheet.id,
            "name": sheet.name,
            "description": sheet.description,
            "color": sheet.color,
            "path": sheet.path,
            "portrait": self._media.place(facts.portrait),
            "portraits": [self._media.place(x) for x in facts.avatars.values()],
            "properties": {key: value for block in sheet.blocks for key, value in _property(block)},
        }

    def _write_media(self, stream: JsonStream) -> None:
        """The media that the files name; with their bytes if they are to be embedded."""
        story = self._story
        stream.begin(b"[", "media")
        for number in self._media.media_ids():
            media = story.media[number]
            stream.begin(b"{")
            facts = {
                "file": self._media.named(number),
                "key": media.key,
                "content_type": media.content_type,
                "bytes": media.size,
                "sha256": media.blob_hash,
            }
            for key, value in facts.items():
                stream.value(json_bytes(value), key)
            if story.options.include_assets == "embedded":
                self._embed(stream, number)
            stream.end()
        stream.end()

    def _embed(self, stream: JsonStream, number: int) -> None:
        media = self._story.media[number]
        blocks = checked_blocks(self._story.reader, media)
        try:
            first = next(blocks, b"")
        except MediaError as error:
            self._story.told.add("XP0301", str(error), str(media))
            return
        stream.text_member("data", map(base64.b64encode, _whole(first, blocks)))


def _property(block: Block) -> Iterator[tuple[str, Any]]:
    """Constants: what is no variable can be read here only."""
    label = block.config.get("label") if isinstance(block.config, dict) else None
    key = block.variable_name or label
    if not block.is_variable and isinstance(key, str) and isinstance(block.value, dict):
        content = block.value.get("content")
        if content is not None:
            yield key, content


def _whole(first: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces whose lengths are multiples of three, so that their Base64 texts can be joined."""
    left = first
    for block in blocks:
        left += block
        cut = len(left) - len(left) % 3
        yield left[:cut]
        left = left[cut:]
    yield left


def _write_list(stream: JsonStream, key: str, items: Iterable[bytes]) -> None:
    stream.begin(b"[", key)
    for item in items:
        stream.value(item)
    stream.end()
