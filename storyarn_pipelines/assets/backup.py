"""Backups, made from the native file."""

import time
from collections.abc import Iterator
from typing import Any

import dagster as dg

from storyarn_pipelines.assets.cleanup import MAINTENANCE_POOL
from storyarn_pipelines.assets.collect import STEP as SNAPSHOT
from storyarn_pipelines.assets.collect import snapshot_key
from storyarn_pipelines.assets.exports import artifact_key, artifact_step
from storyarn_pipelines.assets.steps import (
    EXPORT_POOL,
    RETRIES,
    log_progress,
    step_errors,
    upstream,
)
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.serializers.storyarn import StoryarnSerializer
from storyarn_pipelines.services.backup import BackupResult, check_backup_options, store_backup
from storyarn_pipelines.services.partitions import project_id
from storyarn_pipelines.services.verify import Verification, verify_backup
from storyarn_pipelines.services.work import single_file
from storyarn_pipelines.snapshot.reader import StoryReader

NATIVE = StoryarnSerializer.format
STORED = dg.AssetKey(["backup", "stored"])
VERIFIED = dg.AssetKey(["backup", "verified"])
_SHOWN = 20


@dg.asset(
    key=STORED,
    deps=[artifact_key(NATIVE), *(snapshot_key(x) for x in StoryarnSerializer.sections)],
    group_name="backup",
    kinds={"json", "file"},
    description="Today's backup in the object store: the native file, its manifest, and all media.",
    partitions_def=projects,
    pool=EXPORT_POOL,
    retry_policy=RETRIES,
)
def backup_stored(
    context: dg.AssetExecutionContext,
    export_options: ExportOptionsResource,
    storyarn: StoryarnResource,
) -> dg.MaterializeResult[None]:
    """Store the backup unless the last one has the same content."""
    started = time.perf_counter()
    area = storyarn.work_area()
    with step_errors():
        options = export_options.options()
        check_backup_options(options)
        digest = options.digest()
        native = upstream(context, area, artifact_step(NATIVE), artifact_key(NATIVE), digest)
        source = upstream(context, area, SNAPSHOT, snapshot_key("media"), digest)
        with area.files(native) as files, area.files(source) as directory:
            result = store_backup(
                storyarn.object_store(),
                StoryReader(directory, storyarn.media_store()),
                files / single_file(native).name,
                storyarn.settings().now(),
                log_progress(context),
            )
    if result.unchanged:
        context.log.info(f"skipped: the content is that of the last backup, {result.key}")
    return dg.MaterializeResult(
        metadata={
            **_metadata(result),
            "step_seconds": round(time.perf_counter() - started, 3),
        },
        data_version=dg.DataVersion(result.manifest.content_hash),
    )


def _metadata(result: BackupResult) -> dict[str, dg.MetadataValue | str | int]:
    problems = result.manifest.problems
    found: dict[str, dg.MetadataValue | str | int] = {
        "result": "skipped: same content as the last backup" if result.unchanged else "stored",
        "manifest": result.key,
        "bytes": result.manifest.bytes,
        "media": len(result.manifest.media),
        "new_media": result.new_media,
        "warnings": len(problems),
        "content_hash": result.manifest.content_hash,
    }
    if problems:
        rows = [
            dg.TableRecord({"media": x.id, "key": x.key, "problem": x.problem or ""})
            for x in problems
        ]
        found["media_with_problems"] = dg.MetadataValue.table(rows)
    return found


@dg.asset(
    key=VERIFIED,
    deps=[STORED],
    check_specs=[
        dg.AssetCheckSpec(
            "restores",
            asset=VERIFIED,
            description="The newest backup, restored into a scratch database and exported again, "
            "says the same.",
        )
    ],
    group_name="backup",
    kinds={"postgres"},
    description="A restore drill: the newest backup goes into a scratch database, media and all, "
    "and comes out again.",
    partitions_def=projects,
    pool=MAINTENANCE_POOL,
    retry_policy=RETRIES,
)
def backup_verified(
    context: dg.AssetExecutionContext, storyarn: StoryarnResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Restore and compare."""
    with step_errors():
        number = project_id(context.partition_key)
        found = verify_backup(storyarn.settings(), str(number), log_progress(context))
    counts: dict[str, Any] = {
        "backup": found.backup,
        "rows": found.rows,
        "media": found.media,
    }
    told = {"differences": dg.MetadataValue.md(_differences(found))} if not found.same else {}
    yield dg.MaterializeResult(
        metadata={**counts, "seconds": found.seconds, "warnings": len(found.warnings)},
        check_results=[
            dg.AssetCheckResult(
                check_name="restores", passed=found.same, metadata={**counts, **told}
            )
        ],
    )


def _differences(found: Verification) -> str:
    listed = found.differences.as_dict()
    lines = [
        f"- {kind}: {entry['type']} {entry['key']}"
        for kind in ("added", "removed", "changed")
        for entry in listed[kind]
    ]
    return "\n".join(lines[:_SHOWN])
