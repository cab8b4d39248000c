"""A document that was cut anywhere is finished with the same bytes, from the last checkpoint on."""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from storyarn_pipelines.domain.options import ExportOptions, parse_options
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.checkpoints import (
    ARCHIVE,
    JOURNAL,
    PLAIN,
    Checkpoint,
    Checkpoints,
    ignore,
)
from storyarn_pipelines.serializers.output import Artifact, Output
from storyarn_pipelines.serializers.storyarn.document import DocumentState
from storyarn_pipelines.snapshot.reader import StoryReader
from tests.serializers.counting import (
    CountingReader,
    collect_batches,
    load_with_media,
    write_media,
)
from tests.serializers.test_media_modes import KEYS

BINDING = "snapshot options format version"
GARBAGE = b"what came after the checkpoint"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The media of mini.sql."""
    root = tmp_path_factory.mktemp("media")
    write_media(root)
    return root


@pytest.fixture(scope="module")
def url(new_database: Callable[..., str]) -> str:
    """mini.sql with media."""
    return load_with_media(new_database())


@dataclass(frozen=True)
class Story:
    """A snapshot and how it is exported."""

    snapshot: Path
    media: Path
    options: ExportOptions

    def reader(self) -> CountingReader:
        return CountingReader(self.snapshot, self.media)


@pytest.fixture
def make_story(url: str, media: Path, tmp_path: Path) -> Callable[..., Story]:
    """Collects a snapshot whose tables come in batches of some rows."""

    def make(mode: str = "references", pretty: bool = False, batch_rows: int = 1000) -> Story:
        options = parse_options({"include_assets": mode, "pretty_print": pretty})
        snapshot = tmp_path / "snapshot"
        collect_batches(url, options, snapshot, batch_rows)
        return Story(snapshot, media, options)

    return make


def write(
    story: Story,
    directory: Path,
    every: int = 1,
    *,
    earlier: Path | None = None,
    watch: Callable[[Checkpoint, bytes], None] = ignore,
    reader: StoryReader | None = None,
) -> Artifact:
    """Write the native format, going on with an earlier directory if there is one."""
    directory.mkdir()
    checkpoints = Checkpoints(directory, BINDING, every, watch)
    if earlier:
        checkpoints.adopt(earlier)
    with Output(directory, "json", checkpoints) as out:
        FORMATS["storyarn"].write(reader or story.reader(), out, story.options)
        return out.finish()


def cut_everywhere(
    story: Story, tmp_path: Path, every: int = 1
) -> tuple[Artifact, list[tuple[Path, Checkpoint]]]:
    """An artifact, and its directory as it was after each of its checkpoints."""
    directory, cuts = tmp_path / "whole", list[tuple[Path, Checkpoint]]()

    def copy(checkpoint: Checkpoint, line: bytes) -> None:
        place = tmp_path / f"cut-{len(cuts)}"
        shutil.copytree(directory, place)
        with (place / checkpoint.file).open("r+b") as file:
            file.truncate(checkpoint.bytes)
            file.seek(0, os.SEEK_END)
            file.write(GARBAGE)
        cuts.append((place, checkpoint))

    return write(story, directory, every, watch=copy), cuts


@pytest.mark.parametrize(
    ("mode", "pretty", "batch_rows"),
    [
        ("references", True, 1),
        ("references", False, 2),
        ("embedded", True, 1000),
        ("bundled", False, 3),
    ],
)
def test_cut_after_any_entity_only_the_rest_is_made_and_the_bytes_are_the_same(
    make_story: Callable[..., Story], mode: str, pretty: bool, batch_rows: int, tmp_path: Path
) -> None:
    story = make_story(mode, pretty, batch_rows)
    plain = write(story, tmp_path / "plain", every=1 << 30)
    whole, cuts = cut_everywhere(story, tmp_path)
    assert whole.sha256 == plain.sha256
    assert len(cuts) > 20
    totals = {name: entry.rows for name, entry in story.reader().manifest.tables.items()}
    for number, (place, checkpoint) in enumerate(cuts):
        reader = story.reader()
        made = write(story, tmp_path / f"again-{number}", earlier=place, reader=reader)
        assert (made.sha256, made.bytes, made.parts) == (whole.sha256, whole.bytes, whole.parts)
        if checkpoint.file == ARCHIVE:
            assert set(reader.rows) == {"assets"}
            continue
        state = msgspec.json.decode(checkpoint.state, type=DocumentState)
        for table, position in state.positions.items():
            if table != "assets":
                assert reader.rows[table] <= totals[table] - position.taken


def test_every_kind_of_entity_is_a_place_to_cut(
    make_story: Callable[..., Story], tmp_path: Path
) -> None:
    _, cuts = cut_everywhere(make_story("bundled"), tmp_path)
    kinds = {checkpoint.last.partition(" ")[0] for _, checkpoint in cuts}
    tables = {"sheets", "flows", "scenes", "localized_texts", "localization_glossary_entries"}
    assert {*tables, "assets", "project.json"} <= kinds
    assert sum(checkpoint.file == ARCHIVE for _, checkpoint in cuts) == 1 + len(KEYS)


def test_a_checkpoint_waits_until_enough_is_written(
    make_story: Callable[..., Story], tmp_path: Path
) -> None:
    _, cuts = cut_everywhere(make_story(), tmp_path, every=4000)
    ends = [0, *(checkpoint.bytes for _, checkpoint in cuts)]
    assert len(ends) > 3
    assert all(end - start >= 4000 for start, end in pairwise(ends))


def flip_last_byte(place: Path, checkpoint: Checkpoint) -> None:
    with (place / checkpoint.file).open("r+b") as file:
        file.seek(checkpoint.bytes - 1)
        file.write(b"\x00")


def shorten(place: Path, checkpoint: Checkpoint) -> None:
    os.truncate(place / checkpoint.file, checkpoint.bytes - 1)


def break_last_line(place: Path, checkpoint: Checkpoint) -> None:
    text = (place / JOURNAL).read_bytes()
    (place / JOURNAL).write_bytes(text[:-10])


def change_last_line(place: Path, checkpoint: Checkpoint) -> None:
    lines = (place / JOURNAL).read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].replace(b'"taken":1', b'"taken":2')
    (place / JOURNAL).write_bytes(b"".join(lines))


@pytest.mark.parametrize("damage", [flip_last_byte, shorten, break_last_line, change_last_line])
def test_a_broken_checkpoint_is_passed_over_for_the_one_before(
    make_story: Callable[..., Story],
    damage: Callable[[Path, Checkpoint], None],
    tmp_path: Path,
) -> None:
    story = make_story()
    whole, cuts = cut_everywhere(story, tmp_path)
    number = next(x for x, (_, mark) in enumerate(cuts) if mark.last.startswith("flows"))
    place, checkpoint = cuts[number]
    damage(place, checkpoint)
    directory = tmp_path / "probe"
    directory.mkdir()
    kept = Checkpoints(directory, BINDING, 1)
    assert kept.adopt(place)
    assert kept.last == cuts[number - 1][1]
    assert write(story, tmp_path / "again", earlier=place).sha256 == whole.sha256


def test_a_checkpoint_of_something_else_is_ignored(
    make_story: Callable[..., Story], tmp_path: Path
) -> None:
    _, cuts = cut_everywhere(make_story(), tmp_path)
    directory = tmp_path / "other"
    directory.mkdir()
    other = Checkpoints(directory, "another snapshot", 1)
    assert not other.adopt(cuts[-1][0])
    assert list(directory.iterdir()) == []


def test_a_state_that_cannot_be_read_makes_the_document_begin_anew(
    make_story: Callable[..., Story], tmp_path: Path
) -> None:
    story = make_story()
    whole = write(story, tmp_path / "whole", every=1 << 30)
    place = tmp_path / "strange"
    place.mkdir()
    (place / PLAIN).write_bytes(b"{")
    strange = Checkpoint(
        PLAIN, 1, hashlib.sha256(b"{").hexdigest(), "?", [], msgspec.Raw(b'{"table":1}')
    )
    Checkpoints(place, BINDING, 1).add(strange)
    assert write(story, tmp_path / "again", earlier=place).sha256 == whole.sha256


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"storyarn"}))
def test_formats_that_do_not_go_on_make_no_checkpoints(
    make_story: Callable[..., Story], name: str, tmp_path: Path
) -> None:
    story = make_story()
    hashes = []
    for number, kept in enumerate((False, True)):
        directory = tmp_path / str(number)
        directory.mkdir()
        journal = Checkpoints(directory, BINDING, 1)
        serializer = FORMATS[name]
        with Output(directory, serializer.file_extension, journal if kept else None) as out:
            serializer.write(story.reader(), out, story.options)
            hashes.append(out.finish().sha256)
        assert not (directory / JOURNAL).exists()
    assert hashes[0] == hashes[1]
