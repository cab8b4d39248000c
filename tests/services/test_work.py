"""Steps find the files of their own run and its ancestors, and nobody else's."""

import hashlib
from pathlib import Path
from threading import enumerate as enumerate_threads

import pytest

from storyarn_pipelines.errors import StorageError, StorageUnavailableError
from storyarn_pipelines.serializers.checkpoints import PLAIN, Checkpoint
from storyarn_pipelines.services.tries import CheckpointLimits
from storyarn_pipelines.services.work import RunIds, WorkArea, WorkRecord, single_file
from storyarn_pipelines.storage import ObjectStore, open_store
from tests.conftest import S3Server, wait_until

FIRST = RunIds("run-1")
RETRY = RunIds("run-2", parent="run-1", root="run-1")
THIRD = RunIds("run-3", parent="run-2", root="run-1")
OTHER = RunIds("run-9")


@pytest.fixture(params=["directory", "bucket"])
def area(request: pytest.FixtureRequest, tmp_path: Path) -> WorkArea:
    """An empty work area in either kind of store."""
    if request.param == "directory":
        return WorkArea(open_store(str(tmp_path / "work")), tmp_path / "scratch")
    bucket = request.getfixturevalue("bucket")
    return WorkArea(open_store(f"s3://{bucket}/work"), tmp_path / "scratch")


def finish(area: WorkArea, ids: RunIds, content: bytes = b"x", digest: str = "d") -> WorkRecord:
    """Do the step `collect` in a run."""
    with area.step(ids, "collect") as step:
        (step.directory / "rows").write_bytes(content)
        return step.finish(digest, {"n": 1})


def rows_of(area: WorkArea, record: WorkRecord | None) -> bytes:
    """What the step wrote."""
    assert record is not None
    with area.files(record) as directory:
        return (directory / single_file(record).name).read_bytes()


def files_in(directory: Path) -> list[Path]:
    """All files below a directory."""
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_step_is_found_once_it_is_finished(area: WorkArea) -> None:
    with area.step(FIRST, "collect") as step:
        (step.directory / "rows").write_bytes(b"x")
        assert area.find(FIRST, "collect", "d") is None
        step.finish("d", {})
    assert rows_of(area, area.find(FIRST, "collect", "d")) == b"x"


def test_a_re_execution_finds_its_parents_and_roots_steps(area: WorkArea) -> None:
    finish(area, FIRST)
    for ids in (RETRY, THIRD):
        record = area.find(ids, "collect", "d")
        assert record is not None
        assert record.run == "run-1"


def test_its_own_step_comes_before_its_parents(area: WorkArea) -> None:
    finish(area, FIRST, b"old")
    finish(area, RETRY, b"new")
    assert rows_of(area, area.find(THIRD, "collect", "d")) == b"new"


def test_another_run_or_other_options_are_never_taken(area: WorkArea) -> None:
    finish(area, FIRST)
    assert area.find(OTHER, "collect", "d") is None
    assert area.find(FIRST, "collect", "other options") is None
    assert area.find(FIRST, "other step", "d") is None


def test_a_step_that_fails_leaves_nothing(area: WorkArea, tmp_path: Path) -> None:
    def fail() -> None:
        with area.step(FIRST, "collect") as step:
            (step.directory / "rows").write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert files_in(tmp_path) == []
    assert area.find(FIRST, "collect", "d") is None


def test_a_step_that_starts_again_starts_empty(area: WorkArea) -> None:
    finish(area, FIRST)
    with area.step(FIRST, "collect") as step:
        assert list(step.directory.iterdir()) == []


def test_nothing_stays_on_this_machine_when_the_work_area_is_a_bucket(
    bucket: str, tmp_path: Path
) -> None:
    area = WorkArea(open_store(f"s3://{bucket}"), tmp_path)
    rows_of(area, finish(area, FIRST))
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("damage", ["gone", "short"])
def test_files_that_are_gone_or_cut_short_are_noticed(tmp_path: Path, damage: str) -> None:
    area = WorkArea(open_store(str(tmp_path)), tmp_path / "scratch")
    record = finish(area, FIRST, b"content")
    path = next(tmp_path.rglob("rows"))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"cont")
    with pytest.raises(StorageError, match="run that step again"):
        rows_of(area, record)


def test_files_that_changed_in_a_bucket_are_noticed(
    bucket: str, s3: S3Server, tmp_path: Path
) -> None:
    area = WorkArea(open_store(f"s3://{bucket}"), tmp_path)
    record = finish(area, FIRST, b"content")
    next((s3.root / bucket).rglob("rows")).write_bytes(b"another")
    with pytest.raises(StorageError, match="run that step again"):
        rows_of(area, record)


def half_an_artifact(area: WorkArea, error: BaseException) -> None:
    """A step that fails behind a checkpoint."""
    with area.step(FIRST, "artifact") as step:
        (step.directory / PLAIN).write_bytes(b"first, second")
        sha256 = hashlib.sha256(b"first").hexdigest()
        step.checkpoints("all the same").add(Checkpoint(PLAIN, 5, sha256, "flows 1"))
        raise error


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of either kind for a work area."""
    if request.param == "directory":
        return open_store(str(tmp_path / "work"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/work")


@pytest.mark.parametrize("machine", ["scratch", "another"])
def test_a_failure_that_may_pass_keeps_what_is_finished_for_the_next_try(
    store: ObjectStore, machine: str, tmp_path: Path
) -> None:
    limits = CheckpointLimits(1, 0)
    with pytest.raises(StorageUnavailableError):
        half_an_artifact(
            WorkArea(store, tmp_path / "scratch", limits), StorageUnavailableError("away")
        )
    if machine == "another" and store.local_path("x") is None:
        wait_until(lambda: any(x.key.endswith(".lines") for x in store.list("")))
    again = WorkArea(store, tmp_path / machine, limits)
    with again.step(FIRST, "artifact") as step:
        kept = step.checkpoints("all the same")
        assert kept.last is not None
        assert kept.last.last == "flows 1"
        assert (step.directory / PLAIN).read_bytes() == b"first"
        record = step.finish("d", {})
    assert [file.name for file in record.files] == [PLAIN]
    assert {x.key for x in store.list("")} == {f"{record.key}.json", f"{record.key}/{PLAIN}"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StorageError("final")])
def test_a_step_that_is_cancelled_or_cannot_be_done_leaves_no_checkpoints(
    store: ObjectStore, error: BaseException, tmp_path: Path
) -> None:
    with pytest.raises(type(error)):
        half_an_artifact(WorkArea(store, tmp_path / "scratch", CheckpointLimits(1, 0)), error)
    wait_until(lambda: not any(x.name.startswith("storyarn-pieces") for x in enumerate_threads()))
    assert list(store.list("")) == []
    assert files_in(tmp_path / "scratch") == []
