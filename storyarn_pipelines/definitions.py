"""The one Definitions object: wiring, nothing else."""

import dagster as dg
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.assets.backup import backup_stored
from storyarn_pipelines.assets.collect import snapshot
from storyarn_pipelines.assets.exports import export_assets
from storyarn_pipelines.assets.validate import validation_report
from storyarn_pipelines.jobs import cleanup, export_all, export_jobs, nightly_backup
from storyarn_pipelines.resources import StoryarnResource, options_resource
from storyarn_pipelines.schedules import cleanup_schedule, nightly_backup_schedule
from storyarn_pipelines.sensors import projects_sensor

defs = dg.Definitions(
    assets=[snapshot, validation_report, *export_assets, backup_stored],
    jobs=[*export_jobs, export_all, nightly_backup, cleanup],
    schedules=[nightly_backup_schedule, cleanup_schedule],
    sensors=[projects_sensor],
    resources={
        # Configured at launch: every step of a run sees the same options.
        "export_options": options_resource(),
        "storyarn": StoryarnResource(s3=S3Resource()),
    },
    executor=dg.in_process_executor,
)
