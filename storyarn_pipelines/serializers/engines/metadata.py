"""What metadata files beside a script have in common: lists, characters and media."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from storyarn_pipelines.domain.sheets import Block, Sheet
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.serializers.engines.spool import json_bytes
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.storyarn.json_stream import JsonStream
from storyarn_pipelines.serializers.storyarn.media import checked_blocks

_BATCH = 1_000
"""So many items are written at once."""


def write_list(stream: JsonStream, key: str, items: Iterable[bytes]) -> None:
    """A member that is a list of objects, which are JSON already."""
    stream.begin(b"[", key)
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        stream.many(b"".join([b"," + item for item in batch]))
    stream.end()


def write_characters(
    stream: JsonStream,
    story: EngineStory,
    name_of: Callable[[int], str],
    place: Callable[[int | None], str],
) -> None:
    """The sheets by their names in the target; ``place`` is where it finds a medium by its id."""
    stream.begin(b"{", "characters")
    for sheet in story.each_sheet() if story.sheets else ():
        stream.value(json_bytes(_character(story, sheet, place)), name_of(sheet.id))
    stream.end()


def write_media_list(stream: JsonStream, story: EngineStory, files: Mapping[int, str]) -> None:
    """The media that the files name, by their ids; with their bytes if they are to be embedded."""
    stream.begin(b"[", "media")
    for number, file in files.items():
        media = story.media[number]
        stream.begin(b"{")
        facts = {
            "file": file,
            "key": media.key,
            "content_type": media.content_type,
            "bytes": media.size,
            "sha256": media.blob_hash,
        }
        for key, value in facts.items():
            stream.value(json_bytes(value), key)
        if story.options.include_assets == "embedded":
            _embed(stream, story, number)
        stream.end()
    stream.end()


def _embed(stream: JsonStream, story: EngineStory, number: int) -> None:
    media = story.media[number]
    blocks = checked_blocks(story.reader, media)
    try:
        first = next(blocks, b"")
    except MediaError as error:
        story.told.add("XP0301", str(error), str(media))
        return
    stream.text_member("data", map(base64.b64encode, _joined(first, blocks)))


def _joined(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _character(
    story: EngineStory, sheet: Sheet, place: Callable[[int | None], str]
) -> dict[str, Any]:
    facts = story.sheets[sheet.id]
    return {
        "id": sheet.id,
        "name": sheet.name,
        "description": sheet.description,
        "color": sheet.color,
        "path": sheet.path,
        "portrait": place(facts.portrait),
        "portraits": [place(x) for x in facts.avatars.values()],
        "properties": {key: value for block in sheet.blocks for key, value in _property(block)},
    }


def _property(block: Block) -> Iterator[tuple[str, Any]]:
    """Constants: what is no variable can be read here only."""
    label = block.config.get("label") if isinstance(block.config, dict) else None
    key = block.variable_name or label
    if not block.is_variable and isinstance(key, str) and isinstance(block.value, dict):
        content = block.value.get("content")
        if content is not None:
            yield key, content
