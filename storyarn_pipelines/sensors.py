"""What happens because something else did: new projects, new uploads."""

from datetime import UTC, datetime

import dagster as dg

from storyarn_pipelines.assets.steps import UNFINISHED
from storyarn_pipelines.errors import StoryarnError
from storyarn_pipelines.jobs import IMPORT_TAGS, import_upload
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.services.partitions import partition_changes, project_id
from storyarn_pipelines.services.projects import projects as list_projects
from storyarn_pipelines.services.uploads import (
    Waiting,
    cursor_seen,
    cursor_text,
    misplaced_uploads,
    settle,
    waiting_uploads,
)
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage import ObjectStore

PARTITION_TAG = "dagster/partition"
RUN_KEY_TAG = "dagster/run_key"
_ENDED_BADLY = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def partition_requests(
    instance: dg.DagsterInstance, settings: Settings
) -> tuple[list[str], list[str]]:
    """Keys to add and keys to remove, by what the database holds now."""
    keys = instance.get_dynamic_partitions(projects.name or "")
    runs = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    busy = {project_id(run.tags[PARTITION_TAG]): True for run in runs if PARTITION_TAG in run.tags}
    return partition_changes(list_projects(settings), keys, busy)


@dg.sensor(
    name="projects_sensor",
    description="Adds a partition for every new project and removes those of projects gone.",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def projects_sensor(
    context: dg.SensorEvaluationContext, storyarn: StoryarnResource
) -> dg.SensorResult | dg.SkipReason:
    """Compare projects and partitions."""
    try:
        new, gone = partition_requests(context.instance, storyarn.settings())
    except StoryarnError as error:
        return dg.SkipReason(str(error))
    if not new and not gone:
        return dg.SkipReason("partitions and projects agree")
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if new:
        requests.append(projects.build_add_request(new))
    if gone:
        requests.append(projects.build_delete_request(gone))
    return dg.SensorResult(dynamic_partitions_requests=requests)


@dg.sensor(
    name="uploads_sensor",
    job=import_upload,
    description="Imports files that appear under imports/{project id}/ and "
    "imports/new/{workspace}/ in the object store. A file that is still being written waits.",
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def uploads_sensor(
    context: dg.SensorEvaluationContext, storyarn: StoryarnResource
) -> dg.SensorResult | dg.SkipReason:
    """One run for each version of each file."""
    try:
        store = storyarn.object_store()
        ready, seen = waiting_uploads(store, cursor_seen(context.cursor), datetime.now(UTC))
        left = [upload for upload in ready if not _settle_failed(context, store, upload)]
        misplaced = misplaced_uploads(store)
    except StoryarnError as error:
        return dg.SkipReason(str(error))
    requests = [
        dg.RunRequest(
            run_key=upload.run_key,
            run_config={"resources": {"import_upload": {"config": {"key": upload.key}}}},
            tags={**IMPORT_TAGS, "storyarn/upload": upload.key[-250:]},
        )
        for upload in left
    ]
    reason = f"names no project or workspace: {misplaced[0]}" if misplaced else "no new uploads"
    return dg.SensorResult(
        run_requests=requests,
        cursor=cursor_text(seen),
        skip_reason=None if requests else dg.SkipReason(reason),
    )


def _settle_failed(
    context: dg.SensorEvaluationContext, store: ObjectStore, upload: Waiting
) -> bool:
    """An upload whose run was killed stays where it was: it moves to the failed ones."""
    filters = dg.RunsFilter(tags={RUN_KEY_TAG: upload.run_key}, statuses=_ENDED_BADLY)
    runs = context.instance.get_runs(filters, limit=1)
    if runs:
        errors = [f"run {runs[0].run_id} ended as {runs[0].status.value}; see its log"]
        settle(store, upload, {"errors": errors}, done=False)
    return bool(runs)
