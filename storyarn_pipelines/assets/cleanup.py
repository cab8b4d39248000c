"""Maintenance: what finished runs have left in the work area."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from storyarn_pipelines.assets.steps import UNFINISHED, step_errors
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.services.backup_catalogue import Retention, prune_all
from storyarn_pipelines.services.cleanup import WORK_HOURS, clean

MAINTENANCE_POOL = "maintenance"


class CleanupConfig(dg.Config):
    """How long the files of finished runs are kept for re-executions, and which backups stay:
    the last one of so many days, weeks and months."""

    work_hours: int = WORK_HOURS
    keep_daily: int = 7
    keep_weekly: int = 4
    keep_monthly: int = 12


@dg.op(pool=MAINTENANCE_POOL)
def clean_work_area(
    context: dg.OpExecutionContext, config: CleanupConfig, storyarn: StoryarnResource
) -> None:
    """Remove the files of runs that ended some time ago, killed ones included."""
    since = datetime.now(UTC) - timedelta(hours=config.work_hours)
    instance = context.instance
    kept = instance.get_runs(dg.RunsFilter(updated_after=since))
    kept = [*kept, *instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))]
    keep = {run.root_run_id or run.run_id for run in kept}
    with step_errors():
        removed = clean(storyarn.settings(), storyarn.work_store(), storyarn.object_store(), keep)
        retention = Retention(config.keep_daily, config.keep_weekly, config.keep_monthly)
        pruned = prune_all(storyarn.object_store(), retention, datetime.now(UTC))
    context.log.info(f"removed {removed.objects} objects, {removed.bytes:,} bytes")
    context.add_output_metadata(
        {
            "objects": removed.objects,
            "bytes": removed.bytes,
            "unfinished_uploads": removed.unfinished,
            "backups": pruned.backups,
            "backup_media": pruned.media,
        }
    )
