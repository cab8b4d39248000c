"""Steps find the files of their own run and its ancestors, and nobody else's."""

from pathlib import Path

import pytest

from storyarn_pipelines.errors import StorageError
from storyarn_pipelines.services.work import RunIds, WorkArea, single_file

FIRST = RunIds("run-1")
RETRY = RunIds("run-2", parent="run-1", root="run-1")
THIRD = RunIds("run-3", parent="run-2", root="run-1")
OTHER = RunIds("run-9")


@pytest.fixture
def area(tmp_path: Path) -> WorkArea:
    """An empty work area."""
    return WorkArea(str(tmp_path))


def finish(area: WorkArea, ids: RunIds, content: bytes = b"x", digest: str = "d") -> None:
    """Do the step `collect` in a run."""
    (area.start(ids, "collect") / "rows").write_bytes(content)
    area.finish(ids, "collect", digest, {"n": 1})


def test_a_step_is_found_once_it_is_finished(area: WorkArea) -> None:
    (area.start(FIRST, "collect") / "rows").write_bytes(b"x")
    assert area.find(FIRST, "collect", "d") is None
    area.finish(FIRST, "collect", "d", {})
    record = area.find(FIRST, "collect", "d")
    assert record is not None
    assert (area.directory(record) / single_file(record).name).read_bytes() == b"x"


def test_a_re_execution_finds_its_parents_and_roots_steps(area: WorkArea) -> None:
    finish(area, FIRST)
    for ids in (RETRY, THIRD):
        record = area.find(ids, "collect", "d")
        assert record is not None
        assert record.run == "run-1"


def test_its_own_step_comes_before_its_parents(area: WorkArea) -> None:
    finish(area, FIRST, b"old")
    finish(area, RETRY, b"new")
    record = area.find(THIRD, "collect", "d")
    assert record is not None
    assert (area.directory(record) / "rows").read_bytes() == b"new"


def test_another_run_or_other_options_are_never_taken(area: WorkArea) -> None:
    finish(area, FIRST)
    assert area.find(OTHER, "collect", "d") is None
    assert area.find(FIRST, "collect", "other options") is None
    assert area.find(FIRST, "other step", "d") is None


def test_a_step_that_starts_again_starts_empty_and_one_that_fails_leaves_nothing(
    area: WorkArea, tmp_path: Path
) -> None:
    (area.start(FIRST, "collect") / "rows").write_bytes(b"x")
    assert list(area.start(FIRST, "collect").iterdir()) == []
    area.abandon(FIRST, "collect")
    assert [x for x in tmp_path.rglob("*") if x.is_file()] == []


@pytest.mark.parametrize("damage", ["gone", "short"])
def test_files_that_are_gone_or_cut_short_are_noticed(
    area: WorkArea, tmp_path: Path, damage: str
) -> None:
    finish(area, FIRST, b"content")
    path = next(tmp_path.rglob("rows"))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"cont")
    record = area.find(FIRST, "collect", "d")
    assert record is not None
    with pytest.raises(StorageError, match="run that step again"):
        area.directory(record)
