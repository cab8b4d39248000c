"""Media files of an engine export: where they lie in the artifact, and their bytes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from storyarn_pipelines.domain.media import Media
from storyarn_pipelines.errors import MediaError
from storyarn_pipelines.expressions.emitters.identifiers import ascii_word
from storyarn_pipelines.serializers.engines.findings import Told
from storyarn_pipelines.serializers.output import Output
from storyarn_pipelines.serializers.storyarn.media import checked_blocks
from storyarn_pipelines.snapshot.reader import StoryReader


def media_names(
    media: Mapping[int, Media], clean: Callable[[str], str] = ascii_word
) -> dict[int, str]:
    """A file name for each medium: its own, cleaned; where two are alike they get their ids."""
    chosen = {x.id: clean(PurePosixPath(x.filename).stem) or "media" for x in media.values()}
    while alike := _alike(chosen):
        for number in alike:
            chosen[number] += f"_{number}"
    return {number: f"{name}{media[number].extension}" for number, name in chosen.items()}


def _alike(names: Mapping[int, str]) -> list[int]:
    counts = Counter(name.casefold() for name in names.values())
    return [number for number, name in names.items() if counts[name.casefold()] > 1]


def write_media(
    story: StoryReader,
    out: Output,
    places: Mapping[int, str],
    media: Mapping[int, Media],
    told: Told,
) -> None:
    """The bytes of media under their places in the artifact (``include_assets=bundled``).

    What has no bytes is told, not fatal: the engine shows a placeholder.
    """
    for number, place in sorted(places.items()):
        blocks = checked_blocks(story, media[number])
        try:
            first = next(blocks, b"")
        except MediaError as error:
            told.add("XP0301", str(error), f"media {media[number].filename}")
            continue
        with out.part(place, compress=False) as file:
            file.write(first)
            _copy(blocks, file.write)


def _copy(blocks: Iterator[bytes], write: Callable[[bytes], int]) -> None:
    for block in blocks:
        write(block)
