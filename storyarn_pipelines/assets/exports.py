"""The chain of each export format, made from the registry."""

import json
import time
from typing import Any

import dagster as dg

from storyarn_pipelines.assets.collect import STEP as SNAPSHOT
from storyarn_pipelines.assets.collect import snapshot_key
from storyarn_pipelines.assets.expressions import expressions_asset, expressions_key
from storyarn_pipelines.assets.steps import (
    EXPORT_POOL,
    RETRIES,
    counts_table,
    findings_metadata,
    log_progress,
    logged_checkpoints,
    record_metadata,
    run_ids,
    severities,
    step_errors,
    upstream,
)
from storyarn_pipelines.assets.validate import REPORT_FILE, VALIDATION_REPORT
from storyarn_pipelines.assets.validate import STEP as VALIDATION
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.errors import ValidationFailedError
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.serializers import FORMATS
from storyarn_pipelines.serializers.base import Serializer
from storyarn_pipelines.services.export import export_key, serialize_story
from storyarn_pipelines.services.partitions import project_id
from storyarn_pipelines.services.preview import preview
from storyarn_pipelines.services.work import WorkArea, single_file
from storyarn_pipelines.snapshot.reader import StoryReader

_SHOWN = 100


def artifact_key(format_name: str) -> dg.AssetKey:
    """The asset that is a format's file."""
    return dg.AssetKey([format_name, "artifact"])


def artifact_step(format_name: str) -> str:
    """The step in the work area that holds the file."""
    return f"{format_name}-artifact"


def published_key(format_name: str) -> dg.AssetKey:
    """The asset that is the file in the object store."""
    return dg.AssetKey([format_name, "published"])


def _artifact(serializer: Serializer) -> dg.AssetsDefinition:
    name = serializer.format
    step = artifact_step(name)

    @dg.asset(
        key=artifact_key(name),
        deps=[
            VALIDATION_REPORT,
            *([expressions_key(name)] if serializer.target_language else ()),
            *(snapshot_key(section) for section in serializer.sections),
        ],
        group_name=f"export_{name}",
        kinds={"python", serializer.file_extension},
        description=f"The file in the work area, made from the snapshot: {serializer.label}. "
        f"{name}/published puts it where people find it.",
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
        area = storyarn.work_area()
        with step_errors(), area.step(run_ids(context), step) as work:
            options = export_options.options()
            snapshot = snapshot_key(serializer.sections[0])
            source = upstream(context, area, SNAPSHOT, snapshot, options.digest())
            with area.files(source) as directory:
                story = StoryReader(directory, storyarn.media_store())
                found = _validation(context, area, options)
                made = serialize_story(
                    story,
                    name,
                    options,
                    work.directory,
                    log_progress(context),
                    found,
                    checkpoints=logged_checkpoints(context, work),
                )
            facts = {"file_name": made.file_name, "sha256": made.artifact.sha256}
            summary = preview(made.artifact)
            record = work.finish(options.digest(), facts)
        return dg.MaterializeResult(
            metadata={
                "file": made.file_name,
                "contents": counts_table("what", "count", made.entities),
                **findings_metadata(made.diagnostics, severities(made.diagnostics), _SHOWN),
                "preview": dg.MetadataValue.md(summary),
                "bytes": made.artifact.bytes,
                "parts": len(made.artifact.parts),
                "sha256": made.artifact.sha256,
                "step_seconds": round(time.perf_counter() - started, 3),
                **record_metadata(record, options),
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
        description=f"The file in the object store, to be downloaded: {serializer.label}.",
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
            record = upstream(context, area, artifact_step(name), artifact_key(name), digest)
            number = project_id(context.partition_key)
            key = export_key(number, run_ids(context).root_id, record.facts["file_name"])
            with area.files(record) as directory:
                stored = storyarn.object_store().put_file(key, directory / single_file(record).name)
        return dg.MaterializeResult(
            metadata={
                "key": stored.key,
                "location": dg.MetadataValue.path(stored.location),
                "bytes": stored.bytes,
                "sha256": record.facts["sha256"],
                "step_seconds": round(time.perf_counter() - started, 3),
            },
            data_version=dg.DataVersion(record.facts["sha256"]),
        )

    return published


def _validation(
    context: dg.AssetExecutionContext, area: WorkArea, options: ExportOptions
) -> dict[str, Any] | None:
    """What the report says, where the options ask for it; raises for errors in it."""
    if not options.validate_before_export:
        return None
    record = upstream(context, area, VALIDATION, VALIDATION_REPORT, options.digest())
    with area.files(record) as directory:
        report = json.loads((directory / REPORT_FILE).read_text("utf-8"))
    if report["status"] == "errors":
        raise ValidationFailedError(
            f"{context.partition_key}: validation_report has errors; correct them, or export "
            "all the same with validate_before_export: false"
        )
    return {name: report[name] for name in ("status", "errors", "warnings", "info")}


def _chain(serializer: Serializer) -> list[dg.AssetsDefinition]:
    """Transpile, where the engine has a language of its own, serialize, publish."""
    language = serializer.target_language
    transpiled = [expressions_asset(serializer, language)] if language else []
    return [*transpiled, _artifact(serializer), _published(serializer)]


export_assets: list[dg.AssetsDefinition] = [
    asset for serializer in FORMATS.values() for asset in _chain(serializer)
]
