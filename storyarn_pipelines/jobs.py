"""One job a format, and one for all of them from one snapshot."""

import dagster as dg

from storyarn_pipelines.assets.backup import STORED, VERIFIED
from storyarn_pipelines.assets.cleanup import clean_work_area
from storyarn_pipelines.assets.exports import published_key
from storyarn_pipelines.assets.imports import REPORT
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.services.backup import BACKUP_OPTIONS

_LAUNCH = (
    " Choose a project's partition. Options: the arrow beside 'Materialize all', then"
    " 'Open launchpad'; what is not given there has its default."
)
QUEUE_TAGS = {"storyarn/queue": "exports"}
IMPORT_TAGS = {"storyarn/queue": "imports"}
MAINTENANCE_TAGS = {"storyarn/queue": "maintenance"}

export_jobs = [
    dg.define_asset_job(
        f"export_{name}",
        selection=dg.AssetSelection.assets(published_key(name)).upstream(),
        description=f"Export one project as {serializer.label}.{_LAUNCH}",
        tags=QUEUE_TAGS,
    )
    for name, serializer in FORMATS.items()
]

export_all = dg.define_asset_job(
    "export_all",
    selection=dg.AssetSelection.assets(*(published_key(name) for name in FORMATS)).upstream(),
    description=f"Export one project in every format, all from one snapshot.{_LAUNCH}",
    tags=QUEUE_TAGS,
)

nightly_backup = dg.define_asset_job(
    "nightly_backup",
    selection=dg.AssetSelection.assets(STORED).upstream(),
    description="Back up one project: everything in it, the trash and all media included. "
    "Nothing is stored when nothing has changed since the last backup.",
    config={"resources": {"export_options": {"config": BACKUP_OPTIONS.changes()}}},
    tags=QUEUE_TAGS,
)

verify_backups = dg.define_asset_job(
    "verify_backups",
    selection=dg.AssetSelection.assets(VERIFIED),
    description="Restore one project's newest backup into a scratch database and compare.",
    tags=MAINTENANCE_TAGS,
)

import_upload = dg.define_asset_job(
    "import_upload",
    selection=dg.AssetSelection.assets(REPORT).upstream(),
    description="Import a file from the object store. Say its key in the launchpad, under "
    "resources: import_upload; the sensor does it for files under imports/.",
    tags=IMPORT_TAGS,
)


@dg.job(
    description="Remove what runs that ended a day ago have left in the work area, uploads that "
    "were killed, and backups that are kept no longer.",
    tags=MAINTENANCE_TAGS,
)
def cleanup() -> None:
    """One step."""
    clean_work_area()
