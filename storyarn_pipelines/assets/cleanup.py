"""Maintenance: what finished runs have left in the work area."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from storyarn_pipelines.assets.steps import UNFINISHED, step_errors
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.services.cleanup import WORK_HOURS, clean

MAINTENANCE_POOL = "maintenance"


class CleanupConfig(dg.Config):
    """How long the files of finished runs are kept for re-executions."""

    work_hours: int = WORK_HOURS


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
    context.log.info(f"removed {removed.objects} objects, {removed.bytes:,} bytes")
    context.add_output_metadata(
        {
            "objects": removed.objects,
            "bytes": removed.bytes,
            "unfinished_uploads": removed.unfinished,
        }
    )
