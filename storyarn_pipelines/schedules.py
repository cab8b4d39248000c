"""What happens by itself, and when."""

from collections.abc import Iterator

import dagster as dg

from storyarn_pipelines.jobs import cleanup, nightly_backup, verify_backups
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.services.backup_catalogue import backups_of
from storyarn_pipelines.services.partitions import project_id


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


@dg.schedule(
    job=verify_backups,
    cron_schedule="0 5 * * 0",
    description="Every Sunday at five: each project's newest backup is restored and compared.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def verify_backups_schedule(
    context: dg.ScheduleEvaluationContext, storyarn: StoryarnResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run for each project that has a backup."""
    keys = context.instance.get_dynamic_partitions(projects.name or "")
    backed_up = {backup.project_id for backup in backups_of(storyarn.object_store())}
    wanted = [key for key in sorted(keys) if project_id(key) in backed_up]
    if not wanted:
        yield dg.SkipReason("there are no backups")
    day = f"{context.scheduled_execution_time:%Y-%m-%d}"
    for key in wanted:
        yield dg.RunRequest(run_key=f"verify-{day}-{key}", partition_key=key)


cleanup_schedule = dg.ScheduleDefinition(
    job=cleanup,
    cron_schedule="30 3 * * *",
    description="Every night: removes what yesterday's runs have left in the work area.",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
