"""What happens by itself, and when."""

from collections.abc import Iterator

import dagster as dg

from storyarn_pipelines.jobs import cleanup, nightly_backup
from storyarn_pipelines.partitions import projects


@dg.schedule(
    job=nightly_backup,
    cron_schedule="0 2 * * *",
    description="Every night at two: a backup of every project that changed since its last one.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly_backup_schedule(
    context: dg.ScheduleEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run a project; each finds out by itself whether anything has changed."""
    keys = context.instance.get_dynamic_partitions(projects.name or "")
    if not keys:
        yield dg.SkipReason("there are no projects")
    day = f"{context.scheduled_execution_time:%Y-%m-%d}"
    for key in sorted(keys):
        yield dg.RunRequest(run_key=f"backup-{day}-{key}", partition_key=key)


cleanup_schedule = dg.ScheduleDefinition(
    job=cleanup,
    cron_schedule="30 3 * * *",
    description="Every night: removes what yesterday's runs have left in the work area.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
