"""Which backups stay, and which are found."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from storyarn_pipelines.errors import UsageError
from storyarn_pipelines.services.backup import BackupManifest, BackupMedia
from storyarn_pipelines.services.backup_catalogue import (
    Retention,
    backups_of,
    find_backup,
    prune,
)
from storyarn_pipelines.storage import ObjectStore, open_store

TODAY = date(2026, 6, 30)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """An empty store of either kind."""
    if request.param == "directory":
        return open_store(str(tmp_path_factory.mktemp("storage")))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/studio")


def put(store: ObjectStore, tmp: pytest.TempPathFactory, key: str, content: bytes = b"x") -> None:
    """Store some bytes."""
    path = tmp.mktemp("source") / "file"
    path.write_bytes(content)
    store.put_file(key, path)


def back_up(
    store: ObjectStore, tmp: pytest.TempPathFactory, day: date, media: tuple[str, ...] = (),
    project: int = 7, slug: str = "mini",
) -> None:  # fmt: skip
    """A backup of one day that names some media."""
    name = f"backups/{project}/{day}/{slug}"
    listed = [BackupMedia(1, "k", 1, f"backups/{project}/media/{x}", x) for x in media]
    manifest = BackupManifest(
        project, slug, f"{day}T02:00:00Z", 1, "hash", {}, f"{name}.json.zst", 1, "", 1, "", {},
        listed,
    )  # fmt: skip
    put(store, tmp, f"{name}.json.zst")
    for content in media:
        put(store, tmp, f"backups/{project}/media/{content}")
    put(store, tmp, f"{name}.manifest.json", msgspec.json.encode(manifest))


def days(number: int) -> list[date]:
    """The last so many days, the newest first."""
    return [TODAY - timedelta(days=x) for x in range(number)]


def test_the_newest_days_the_last_of_each_week_and_of_each_month_stay() -> None:
    kept = sorted(Retention(daily=3, weekly=2, monthly=3).kept(days(120)), reverse=True)
    assert [f"{day:%m-%d}" for day in kept] == ["06-30", "06-29", "06-28", "05-31", "04-30"]


@pytest.mark.parametrize("number", [0, 1, 5, 400])
def test_the_newest_backup_always_stays(number: int) -> None:
    kept = Retention(1, 0, 0).kept(days(number))
    assert kept == set(days(1) if number else [])


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, -1, 1)])
def test_a_retention_that_keeps_nothing_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError, match="at least 1 daily"):
        Retention(*numbers)


def test_pruning_removes_old_backups_and_media_that_none_of_the_kept_needs(
    store: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for age, media in ((0, ("shared", "new")), (1, ("shared",)), (2, ("shared", "old"))):
        back_up(store, tmp_path_factory, TODAY - timedelta(days=age), media)
    pruned = prune(store, 7, Retention(2, 0, 0), LATER)
    assert (pruned.backups, pruned.media) == (1, 1)
    assert [backup.day for backup in backups_of(store)] == days(2)[::-1]
    left = [x.key for x in store.list("backups/7/media/")]
    assert left == ["backups/7/media/new", "backups/7/media/shared"]


def test_media_that_are_fresh_may_belong_to_a_backup_being_made(
    store: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back_up(store, tmp_path_factory, TODAY)
    put(store, tmp_path_factory, "backups/7/media/fresh")
    assert prune(store, 7, Retention(), datetime.now(UTC)).media == 0
    assert prune(store, 7, Retention(), LATER).media == 1


def test_a_broken_manifest_keeps_all_media(
    store: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    back_up(store, tmp_path_factory, TODAY, ("a",))
    put(store, tmp_path_factory, "backups/7/media/orphan")
    put(store, tmp_path_factory, f"backups/7/{TODAY}/mini.manifest.json", b"{")
    assert prune(store, 7, Retention(), LATER).media == 0


def test_a_backup_is_found_by_id_slug_and_day(
    store: ObjectStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for day in days(2):
        back_up(store, tmp_path_factory, day)
    back_up(store, tmp_path_factory, TODAY, project=8, slug="other")
    assert find_backup(store, "7").day == TODAY
    assert find_backup(store, "studio/mini", days(2)[1]).day == days(2)[1]
    with pytest.raises(UsageError, match=f"no backup of 2020-01-01; there are: {days(2)[1]}"):
        find_backup(store, "mini", date(2020, 1, 1))
    with pytest.raises(UsageError, match="'nothing' has no backup"):
        find_backup(store, "nothing")
    back_up(store, tmp_path_factory, TODAY, project=9)
    with pytest.raises(UsageError, match="ambiguous; say one of the ids 7, 9"):
        find_backup(store, "mini")
