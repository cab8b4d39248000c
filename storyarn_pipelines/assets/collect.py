"""The database's rows as a snapshot, one asset a section, all of one moment."""

import time
from collections.abc import Iterator
from typing import Any

import dagster as dg

from storyarn_pipelines.assets.steps import (
    EXPORT_POOL,
    RETRIES,
    counts_table,
    log_progress,
    record_metadata,
    run_ids,
    step_errors,
)
from storyarn_pipelines.domain.tables import SECTIONS, Section, tables_of
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.services.partitions import project_id
from storyarn_pipelines.snapshot.manifest import Manifest
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.embedded import database_url

STEP = "snapshot"


def snapshot_key(section: Section) -> dg.AssetKey:
    """The asset of one section."""
    return dg.AssetKey([STEP, section])


@dg.multi_asset(
    name=STEP,
    specs=[
        dg.AssetSpec(
            snapshot_key(section),
            group_name="collect",
            kinds={"postgres", "parquet"},
            description=f"The project's {section} as Parquet files. All sections of a run are "
            "of one moment: they are read in one transaction.",
        )
        for section in SECTIONS
    ],
    can_subset=True,
    partitions_def=projects,
    pool=EXPORT_POOL,
    retry_policy=RETRIES,
)
def snapshot(
    context: dg.AssetExecutionContext,
    export_options: ExportOptionsResource,
    storyarn: StoryarnResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """Collect the selected sections in one transaction."""
    started = time.perf_counter()
    selected = [x for x in SECTIONS if snapshot_key(x) in context.selected_asset_keys]
    settings = storyarn.settings()
    with step_errors(), storyarn.work_area().step(run_ids(context), STEP) as work:
        options = export_options.options()
        manifest = collect(
            database_url(settings),
            str(project_id(context.partition_key)),
            options,
            work.directory,
            collected_at=settings.now(),
            sections=selected,
            progress=log_progress(context),
        )
        record = work.finish(options.digest(), {"content_hash": manifest.content_hash})
    seconds = round(time.perf_counter() - started, 3)
    for section in selected:
        yield dg.MaterializeResult(
            asset_key=snapshot_key(section),
            metadata={
                **_section_metadata(manifest, section),
                "step_seconds": seconds,
                **record_metadata(record, options),
            },
            data_version=dg.DataVersion(manifest.content_hash),
        )


def _section_metadata(manifest: Manifest, section: Section) -> dict[str, Any]:
    if section not in manifest.sections:
        return {"dagster/row_count": 0, "left out": "by the export options"}
    entries = {table.name: manifest.tables[table.name] for table in tables_of(section)}
    rows = {name: entry.rows for name, entry in entries.items()}
    return {
        "dagster/row_count": sum(rows.values()),
        "tables": counts_table("table", "rows", rows),
        "bytes": sum(entry.bytes for entry in entries.values()),
        "schema_version": str(manifest.schema_version),
    }
