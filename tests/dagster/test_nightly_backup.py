"""The nightly backup as Dagster runs it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.definitions import defs
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.schedules import nightly_backup_schedule, verify_backups_schedule

MINI = "mini.7"


@pytest.fixture
def instance(
    mini_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """An instance that knows two projects."""
    monkeypatch.setenv("STORYARN_DATABASE_URL", mini_url)
    monkeypatch.setenv("STORYARN_HOME", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as made:
        made.add_dynamic_partitions("projects", [MINI, "other.8"])
        yield made


def backed_up(instance: dg.DagsterInstance) -> dict[str, Any]:
    """Run the job and return the metadata of its result."""
    job = defs.resolve_job_def("nightly_backup")
    result = job.execute_in_process(instance=instance, partition_key=MINI)
    events = result.asset_materializations_for_node("backup__stored")
    return {name: value.value for name, value in events[0].metadata.items()}


def test_the_job_needs_no_configuration_and_skips_what_has_not_changed(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    first = backed_up(instance)
    assert first["result"] == "stored"
    assert first["manifest"] == "backups/7/2026-01-01/mini.manifest.json"
    assert (tmp_path / "storage" / first["manifest"]).is_file()
    # None of mini.sql's media has bytes: noted, and tried again the next night.
    assert first["warnings"] == 5
    assert backed_up(instance)["result"] == "stored"


def test_a_backup_with_other_options_is_refused(instance: dg.DagsterInstance) -> None:
    job = defs.resolve_job_def("nightly_backup")
    config = {
        "resources": {
            "export_options": {"config": {"flow_ids": [502], "validate_before_export": False}}
        }
    }
    result = job.execute_in_process(
        instance=instance, partition_key=MINI, run_config=config, raise_on_error=False
    )
    assert not result.success
    failures = [x for x in result.all_events if x.event_type_value == "STEP_FAILURE"]
    assert [x.step_key for x in failures] == ["backup__stored"]


def test_the_schedule_asks_for_one_run_a_project_and_night(instance: dg.DagsterInstance) -> None:
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime(2026, 1, 5, 2, tzinfo=UTC)
    )
    requests: Any = nightly_backup_schedule(context)
    assert [(x.run_key, x.partition_key) for x in requests] == [
        ("backup-2026-01-05-mini.7", MINI),
        ("backup-2026-01-05-other.8", "other.8"),
    ]


def test_the_restore_drill_is_a_check_that_passes_for_a_good_backup_and_fails_for_a_bad_one(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    backed_up(instance)
    job = defs.resolve_job_def("verify_backups")
    result = job.execute_in_process(instance=instance, partition_key=MINI)
    checks = result.get_asset_check_evaluations()
    assert [(x.check_name, x.passed) for x in checks] == [("restores", True)]
    (tmp_path / "storage" / "backups/7/2026-01-01/mini.json.zst").write_bytes(b"x")
    again = job.execute_in_process(instance=instance, partition_key=MINI, raise_on_error=False)
    assert not again.success


def test_the_drill_is_asked_for_projects_that_have_a_backup(instance: dg.DagsterInstance) -> None:
    def requests() -> list[Any]:
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 1, 4, 5, tzinfo=UTC),
            resources={"storyarn": StoryarnResource(s3=S3Resource())},
        ) as context:
            found: Any = verify_backups_schedule(context)
            return list(found)

    assert isinstance(requests()[0], dg.SkipReason)
    backed_up(instance)
    assert [(x.run_key, x.partition_key) for x in requests()] == [
        ("verify-2026-01-04-mini.7", MINI)
    ]
