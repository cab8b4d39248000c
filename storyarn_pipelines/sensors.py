"""Keeps the partitions in step with the database."""

import dagster as dg

from storyarn_pipelines.assets.steps import UNFINISHED
from storyarn_pipelines.errors import StoryarnError
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import StoryarnResource
from storyarn_pipelines.services.partitions import partition_changes, project_id
from storyarn_pipelines.services.projects import projects as list_projects
from storyarn_pipelines.settings import Settings

PARTITION_TAG = "dagster/partition"


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
