"""The one Definitions object: wiring, nothing else."""

import dagster as dg
from dagster_aws.s3 import S3Resource

from storyarn_pipelines.assets.backup import backup_stored, backup_verified
from storyarn_pipelines.assets.collect import snapshot
from storyarn_pipelines.assets.exports import export_assets
from storyarn_pipelines.assets.imports import import_plan, import_report, upload
from storyarn_pipelines.assets.validate import validation_report
from storyarn_pipelines.jobs import (
    cleanup,
    export_all,
    export_jobs,
    import_upload,
    nightly_backup,
    verify_backups,
)
from storyarn_pipelines.resources import (
    ImportUploadResource,
    StoryarnResource,
    options_resource,
)
from storyarn_pipelines.schedules import (
    cleanup_schedule,
    nightly_backup_schedule,
    verify_backups_schedule,
)
from storyarn_pipelines.sensors import projects_sensor, uploads_sensor

defs = dg.Definitions(
    assets=[
        snapshot,
        validation_report,
        *export_assets,
        backup_stored,
        backup_verified,
        upload,
        import_plan,
        import_report,
    ],
    jobs=[*export_jobs, export_all, nightly_backup, verify_backups, import_upload, cleanup],
    schedules=[nightly_backup_schedule, verify_backups_schedule, cleanup_schedule],
    sensors=[projects_sensor, uploads_sensor],
    resources={
        # Configured at launch: every step of a run sees the same options.
        "export_options": options_resource(),
        "import_upload": ImportUploadResource.configure_at_launch(),
        "storyarn": StoryarnResource(s3=S3Resource()),
    },
    executor=dg.in_process_executor,
)
