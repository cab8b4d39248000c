"""One job a format, and one for all of them from one snapshot."""

import dagster as dg

from storyarn_pipelines.assets.backup import STORED
from storyarn_pipelines.assets.cleanup import clean_work_area
from storyarn_pipelines.assets.exports import published_key
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.services.backup import BACKUP_OPTIONS

_LAUNCH = (
    " Choose a project's partition. Options: the arrow beside 'Materialize all', then"
    " 'Open launchpad'; what is not given there has its default."
)
QUEUE_TAGS = {"storyarn/queue": "exports"}

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


@dg.job(
    description="Remove what runs that ended a day ago have left in the work area.",
    tags={"storyarn/queue": "maintenance"},
)
def cleanup() -> None:
    """One step."""
    clean_work_area()
