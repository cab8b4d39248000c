"""The transpile step of a format: every condition and instruction in its engine's language."""

import time

import dagster as dg

from storyarn_pipelines.assets.collect import STEP as SNAPSHOT
from storyarn_pipelines.assets.collect import snapshot_key
from storyarn_pipelines.assets.steps import (
    EXPORT_POOL,
    RETRIES,
    findings_metadata,
    log_progress,
    record_metadata,
    run_ids,
    severities,
    step_errors,
    upstream,
)
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.serializers.base import Serializer
from storyarn_pipelines.services.expressions import EXPRESSIONS_FILE, transpile_story
from storyarn_pipelines.snapshot.reader import StoryReader

_SHOWN = 100


def expressions_key(format_name: str) -> dg.AssetKey:
    """The asset that is a format's table of expressions."""
    return dg.AssetKey([format_name, "expressions"])


def expressions_asset(serializer: Serializer, language: str) -> dg.AssetsDefinition:
    """The asset of a format whose engine has a language of its own."""
    name = serializer.format
    step = f"{name}-expressions"

    @dg.asset(
        key=expressions_key(name),
        deps=[snapshot_key(section) for section in serializer.sections],
        group_name=f"export_{name}",
        kinds={"python", "parquet"},
        description=f"All conditions and instructions in the language of {serializer.label}, "
        "each beside its original, with what the language cannot say.",
        partitions_def=projects,
        pool=EXPORT_POOL,
        retry_policy=RETRIES,
    )
    def expressions(
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
            path = work.directory / EXPRESSIONS_FILE
            with area.files(source) as directory:
                made = transpile_story(
                    StoryReader(directory), language, path, log_progress(context)
                )
            record = work.finish(options.digest(), {"language": language})
        return dg.MaterializeResult(
            metadata={
                "language": language,
                "dagster/row_count": sum(made.counts.values()),
                **made.counts,
                **findings_metadata(made.diagnostics, severities(made.diagnostics), _SHOWN),
                "step_seconds": round(time.perf_counter() - started, 3),
                **record_metadata(record, options),
            },
            data_version=dg.DataVersion(record.files[0].sha256),
        )

    return expressions
