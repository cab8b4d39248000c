"""The chain of each export format, made from the registry."""

import time

import dagster as dg

from storyarn_pipelines.assets.collect import STEP as SNAPSHOT
from storyarn_pipelines.assets.collect import snapshot_key
from storyarn_pipelines.assets.steps import (
    EXPORT_POOL,
    RETRIES,
    log_progress,
    record_metadata,
    run_ids,
    step_errors,
    unfinished_removed,
    upstream,
)
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.base import Serializer
from storyarn_pipelines.services.export import export_key, publish, serialize_snapshot
from storyarn_pipelines.services.partitions import project_id
from storyarn_pipelines.services.preview import preview
from storyarn_pipelines.services.work import single_file


def artifact_key(format_name: str) -> dg.AssetKey:
    """The asset that is a format's file."""
    return dg.AssetKey([format_name, "artifact"])


def published_key(format_name: str) -> dg.AssetKey:
    """The asset that is the file in the object store."""
    return dg.AssetKey([format_name, "published"])


def _artifact(serializer: Serializer) -> dg.AssetsDefinition:
    name = serializer.format
    step = f"{name}-artifact"

    @dg.asset(
        key=artifact_key(name),
        deps=[snapshot_key(section) for section in serializer.sections],
        group_name=f"export_{name}",
        kinds={"python", serializer.file_extension},
        description=f"{serializer.label}: the file, serialized from the snapshot.",
        partitions_def=projects,
        pool=EXPORT_POOL,
        retry_policy=RETRIES,
    )
    def artifact(
        context: dg.AssetExecutionContext,
        export_options: ExportOptionsResource,
        storyarn: StoryarnResource,
    ) -> dg.MaterializeResult[None]:
        started = time.perf_counter()
        ids, area = run_ids(context), storyarn.work_area()
        with step_errors(), unfinished_removed(area, ids, step):
            options = export_options.options()
            snapshot = snapshot_key(serializer.sections[0])
            source = upstream(context, area, SNAPSHOT, snapshot, options.digest())
            made = serialize_snapshot(
                storyarn.settings(),
                area.directory(source),
                name,
                options,
                area.start(ids, step),
                log_progress(context),
            )
            facts = {"file_name": made.file_name, "sha256": made.artifact.sha256}
            record = area.finish(ids, step, options.digest(), facts)
        findings = [
            dg.TableRecord(
                {x: getattr(finding, x) for x in ("severity", "code", "where", "message")}
            )
            for finding in made.diagnostics
        ]
        return dg.MaterializeResult(
            metadata={
                "file": made.file_name,
                "bytes": made.artifact.bytes,
                "sha256": made.artifact.sha256,
                "parts": len(made.artifact.parts),
                **made.entities,
                "preview": dg.MetadataValue.md(preview(made.artifact)),
                "diagnostics": dg.MetadataValue.table(findings, schema=_FINDINGS),
                "seconds": round(time.perf_counter() - started, 3),
                **record_metadata(record),
            },
            data_version=dg.DataVersion(made.artifact.sha256),
        )

    return artifact


def _published(serializer: Serializer) -> dg.AssetsDefinition:
    name = serializer.format

    @dg.asset(
        key=published_key(name),
        deps=[artifact_key(name)],
        group_name=f"export_{name}",
        kinds={"file"},
        description=f"{serializer.label}: the file in the object store.",
        partitions_def=projects,
        pool=EXPORT_POOL,
        retry_policy=RETRIES,
    )
    def published(
        context: dg.AssetExecutionContext,
        export_options: ExportOptionsResource,
        storyarn: StoryarnResource,
    ) -> dg.MaterializeResult[None]:
        started = time.perf_counter()
        area = storyarn.work_area()
        with step_errors():
            digest = export_options.options().digest()
            record = upstream(context, area, f"{name}-artifact", artifact_key(name), digest)
            path = area.directory(record) / single_file(record).name
            number = project_id(context.partition_key)
            key = export_key(number, run_ids(context).root_id, record.facts["file_name"])
            stored = publish(storyarn.settings(), path, key)
        return dg.MaterializeResult(
            metadata={
                "key": stored.key,
                "location": dg.MetadataValue.path(stored.location),
                "bytes": stored.bytes,
                "sha256": record.facts["sha256"],
                "seconds": round(time.perf_counter() - started, 3),
            },
            data_version=dg.DataVersion(record.facts["sha256"]),
        )

    return published


_FINDINGS = dg.TableSchema(
    [dg.TableColumn(name) for name in ("severity", "code", "where", "message")]
)

export_assets: list[dg.AssetsDefinition] = [
    asset
    for serializer in FORMATS.values()
    for asset in (_artifact(serializer), _published(serializer))
]
