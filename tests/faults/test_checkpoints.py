"""A step that is killed anywhere goes on from its last checkpoint, to the same bytes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.serializers.checkpoints import ARCHIVE, PLAIN, Checkpoint
from storyarn_pipelines.services.cleanup import clean
from storyarn_pipelines.services.work import single_file
from storyarn_pipelines.settings import read_settings
from storyarn_pipelines.storage import open_store
from tests.faults.step import FIRST, RUNS, SECOND, STEP, Case, Outcome, run_step
from tests.serializers.counting import collect_batches, load_with_media, write_media
from tests.serializers.test_media_modes import KEYS

ROOT = Path(__file__).parents[2]
RETRY = RUNS[1]
EVERY = 2000
"""Bytes of a checkpoint: mini.sql has more than a dozen of them, and every medium is larger."""


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


@pytest.fixture
def make_case(url: str, media: Path, tmp_path: Path) -> Callable[..., Case]:
    """A step in a new work area: a directory, or a bucket."""

    def make(mode: str, work: str | None = None) -> Case:
        options = {"include_assets": mode, "validate_before_export": False}
        snapshot = tmp_path / "snapshot"
        collect_batches(url, parse_options(options), snapshot, batch_rows=2)
        scratch = str(tmp_path / "scratch")
        work = work or str(tmp_path / "work")
        return Case(str(snapshot), str(media), work, scratch, options, EVERY)

    return make


def killed(case: Case, kill: str, at: int = 0, run: int = 0) -> None:
    """Run a try, the first one's if nothing else is said, which must not survive."""
    case = msgspec.structs.replace(case, kill=kill, at=at, run=run)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.step", msgspec.json.encode(case).decode()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr[-2000:]


def uninterrupted(case: Case, tmp_path: Path) -> Outcome:
    """The same step in a work area of its own."""
    aside = msgspec.structs.replace(case, work=str(tmp_path / "aside"))
    return run_step(aside, RUNS[0])


def facts(checkpoint: Checkpoint) -> tuple[str, int, str, str]:
    """What a checkpoint says of the file, without the serializer's own state."""
    return checkpoint.file, checkpoint.bytes, checkpoint.sha256, checkpoint.last


def number_of(whole: Outcome, checkpoint: Checkpoint | None) -> int:
    """Which of an uninterrupted step's checkpoints this is."""
    assert checkpoint is not None
    return list(map(facts, whole.made)).index(facts(checkpoint))


def assert_same_and_only_the_rest(again: Outcome, whole: Outcome, at: int) -> None:
    """The retry went on from the checkpoint number ``at``, and read none of the rows before."""
    assert single_file(again.record) == single_file(whole.record)
    assert again.kept is not None
    assert facts(again.kept) == facts(whole.made[at])
    assert list(map(facts, again.made)) == list(map(facts, whole.made[at + 1 :]))
    assert sum(again.rows.values()) < sum(whole.rows.values())


def assert_only_the_artifact_is_left(case: Case, again: Outcome) -> None:
    """Neither journals nor pieces, nothing of the first try."""
    place = f"{FIRST}/{STEP}/{SECOND}"
    artifact = f"{place}/{single_file(again.record).name}"
    assert {x.key for x in case.store().list("")} == {f"{place}.json", artifact}
    assert [x for x in Path(case.scratch).rglob("*") if x.is_file()] == []


@pytest.mark.parametrize(
    ("mode", "kill", "number", "at"),
    [
        ("references", "after_checkpoint", 0, 0),
        ("references", "after_checkpoint", 5, 5),
        ("references", "after_checkpoint", -1, -1),
        ("references", "inside_a_journal_line", 5, 4),
        ("references", "before_the_record", 0, -1),
        ("embedded", "after_checkpoint", -2, -2),
        ("bundled", "after_checkpoint", -2, -2),
    ],
)
def test_a_step_killed_behind_a_checkpoint_goes_on_from_it(
    make_case: Callable[..., Case], mode: str, kill: str, number: int, at: int, tmp_path: Path
) -> None:
    case = make_case(mode)
    whole = uninterrupted(case, tmp_path)
    count = len(whole.made)
    assert count > 10
    killed(case, kill, number % count)
    assert case.area().find(RETRY, STEP, whole.record.options_digest) is None
    again = run_step(case, RETRY)
    assert_same_and_only_the_rest(again, whole, at % count)
    assert_only_the_artifact_is_left(case, again)


@pytest.mark.parametrize(
    ("mode", "kill", "number", "file"),
    [
        ("references", "inside_a_part", 25, PLAIN),
        ("references", "inside_a_part", 40, PLAIN),
        ("bundled", "before_the_join", 0, PLAIN),
        ("bundled", "inside_an_entry", 0, PLAIN),
        ("bundled", "inside_an_entry", 1, ARCHIVE),
        ("bundled", "inside_an_entry", len(KEYS), ARCHIVE),
    ],
)
def test_a_step_killed_between_checkpoints_goes_on_from_the_last_one(
    make_case: Callable[..., Case], mode: str, kill: str, number: int, file: str, tmp_path: Path
) -> None:
    case = make_case(mode)
    whole = uninterrupted(case, tmp_path)
    killed(case, kill, number)
    again = run_step(case, RETRY)
    assert again.kept is not None
    assert again.kept.file == file
    assert_same_and_only_the_rest(again, whole, number_of(whole, again.kept))
    if file == ARCHIVE:
        assert len(again.made) == len(KEYS) + 1 - number
    assert_only_the_artifact_is_left(case, again)


def test_a_step_killed_behind_its_record_is_done(
    make_case: Callable[..., Case], tmp_path: Path
) -> None:
    case = make_case("references")
    whole = uninterrupted(case, tmp_path)
    killed(case, "after_the_record")
    record = case.area().find(RETRY, STEP, whole.record.options_digest)
    assert record is not None
    assert single_file(record) == single_file(whole.record)


def test_a_step_killed_again_and_again_gets_further_each_time(
    make_case: Callable[..., Case], tmp_path: Path
) -> None:
    """The run's worker is started again under the same id, as run monitoring does."""
    case = make_case("references")
    whole = uninterrupted(case, tmp_path)
    for _ in range(3):
        killed(case, "after_checkpoint", 1)
    again = run_step(case, RETRY)
    assert_same_and_only_the_rest(again, whole, 5)
    assert_only_the_artifact_is_left(case, again)


def test_a_retry_killed_while_it_copies_loses_nothing(
    make_case: Callable[..., Case], tmp_path: Path
) -> None:
    case = make_case("references")
    whole = uninterrupted(case, tmp_path)
    killed(case, "after_checkpoint", 5)
    killed(case, "while_it_copies", 3, run=1)
    assert_same_and_only_the_rest(run_step(case, RUNS[2]), whole, 5)


def test_other_options_or_another_snapshot_begin_anew(
    make_case: Callable[..., Case], tmp_path: Path
) -> None:
    case = make_case("references")
    killed(case, "after_checkpoint", 5)
    options = case.options | {"include_trash": True}
    again = run_step(msgspec.structs.replace(case, options=options), RETRY)
    assert again.kept is None


@pytest.mark.parametrize("machine", ["same", "other"])
@pytest.mark.parametrize(("mode", "number"), [("references", 5), ("bundled", -2)])
def test_where_the_work_area_is_a_bucket_any_machine_goes_on(
    make_case: Callable[..., Case],
    bucket: str,
    machine: str,
    mode: str,
    number: int,
    tmp_path: Path,
) -> None:
    case = make_case(mode, f"s3://{bucket}/work")
    whole = uninterrupted(case, tmp_path)
    count = len(whole.made)
    killed(case, "after_checkpoint", number % count)
    if machine == "other":
        case = msgspec.structs.replace(case, scratch=str(tmp_path / "other"))
    again = run_step(case, RETRY)
    assert_same_and_only_the_rest(again, whole, number % count)
    assert_only_the_artifact_is_left(case, again)


def test_a_piece_that_is_half_stored_is_passed_over(
    make_case: Callable[..., Case], bucket: str, tmp_path: Path
) -> None:
    case = make_case("references", f"s3://{bucket}/work")
    whole = uninterrupted(case, tmp_path)
    killed(case, "inside_a_piece", 1)
    case = msgspec.structs.replace(case, scratch=str(tmp_path / "other"))
    again = run_step(case, RETRY)
    assert_same_and_only_the_rest(again, whole, number_of(whole, again.kept))


@pytest.mark.parametrize("place", ["directory", "bucket"])
def test_what_nobody_goes_on_with_is_cleaned_up(
    make_case: Callable[..., Case], place: str, bucket: str, tmp_path: Path
) -> None:
    case = make_case("references", f"s3://{bucket}/work" if place == "bucket" else None)
    killed(case, "after_checkpoint", 5)
    settings = read_settings({"STORYARN_HOME": str(tmp_path)})
    store = case.store()
    assert list(store.list(""))
    clean(settings, store, open_store(str(tmp_path / "storage")), keep=())
    assert list(store.list("")) == []
