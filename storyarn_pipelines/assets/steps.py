"""What every asset does around its one service call: ids, errors, records, metadata."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.progress import Progress
from storyarn_pipelines.errors import StoryarnError, UsageError
from storyarn_pipelines.serializers.checkpoints import Checkpoints
from storyarn_pipelines.services.work import RunIds, StepWork, WorkArea, WorkRecord

EXPORT_POOL = "exports"
"""Runs in this pool are limited however they were started; see `dagster.yaml`."""

RETRIES = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
ROOT_KEY, RUN_KEY, OPTIONS_KEY = "storyarn/root_run", "storyarn/run", "storyarn/options"

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def run_ids(context: dg.AssetExecutionContext) -> RunIds:
    """This run and those it re-executes."""
    run = context.run
    return RunIds(run.run_id, run.parent_run_id, run.root_run_id)


@contextmanager
def step_errors() -> Iterator[None]:
    """Fail with our one line; only what may pass by itself is tried again."""
    try:
        yield
    except StoryarnError as error:
        raise dg.Failure(str(error), allow_retries=error.transient) from error


def upstream(
    context: dg.AssetExecutionContext,
    area: WorkArea,
    step: str,
    asset: dg.AssetKey,
    options_digest: str,
) -> WorkRecord:
    """The record of an earlier step: of this run, of one it re-executes, else the latest.

    Raises UsageError when no run has finished that step with the same options.
    """
    record = area.find(run_ids(context), step, options_digest)
    if record is not None:
        return record
    for root, run in _materializing_runs(context, asset):
        record = area.first(root, step, (run,), options_digest)
        if record is not None:
            return record
    raise UsageError(
        f"{context.partition_key}: {asset.to_user_string()} was never made with these options; "
        "materialize it too, in the same run"
    )


def _materializing_runs(
    context: dg.AssetExecutionContext, asset: dg.AssetKey
) -> Iterator[tuple[str, str]]:
    filters = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[context.partition_key])
    found = context.instance.fetch_materializations(filters, limit=20)
    for record in found.records:
        materialization = record.asset_materialization
        metadata = materialization.metadata if materialization else {}
        if ROOT_KEY in metadata and RUN_KEY in metadata:
            yield str(metadata[ROOT_KEY].value), str(metadata[RUN_KEY].value)


def record_metadata(record: WorkRecord, options: ExportOptions) -> Mapping[str, Any]:
    """The options in words, and how a later run finds this step's files."""
    changed = options.changes()
    return {
        "options": dg.MetadataValue.json(changed) if changed else "defaults",
        OPTIONS_KEY: record.options_digest,
        ROOT_KEY: record.root,
        RUN_KEY: record.run,
    }


def counts_table(name: str, number: str, counts: Mapping[str, int]) -> dg.TableMetadataValue:
    """A table of two columns."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: what, number: count}) for what, count in counts.items()],
        schema=dg.TableSchema([dg.TableColumn(name), dg.TableColumn(number, "int")]),
    )


def findings_metadata(
    diagnostics: Sequence[Diagnostic], counts: Mapping[str, int], shown: int
) -> dict[str, Any]:
    """How many findings there are, and a table of the first ones if there are any."""
    if not diagnostics:
        return dict(counts)
    columns = ("severity", "code", "where", "message")
    rows = [dg.TableRecord({x: getattr(y, x) for x in columns}) for y in diagnostics[:shown]]
    schema = dg.TableSchema([dg.TableColumn(name) for name in columns])
    return {**counts, "diagnostics": dg.MetadataValue.table(rows, schema=schema)}


def severities(diagnostics: Sequence[Diagnostic]) -> dict[str, int]:
    """How many errors and warnings there are."""
    counts = Counter(finding.severity for finding in diagnostics)
    return {"errors": counts["error"], "warnings": counts["warning"]}


def log_progress(context: dg.AssetExecutionContext) -> Progress:
    """Progress as lines in the run's log."""

    def report(step: str, done: int, total: int) -> None:
        share = 100 * done // total if total else 100
        if share:
            context.log.info(f"{step}: {done:,} of {total:,} rows ({share} %)")

    return report


def logged_checkpoints(
    context: dg.AssetExecutionContext, work: StepWork
) -> Callable[[str], Checkpoints]:
    """The step's checkpoints; what is kept of an earlier try is said in the run's log."""

    def begin(binding: str) -> Checkpoints:
        made = work.checkpoints(binding)
        if made.last is not None:
            context.log.info(
                f"goes on behind {made.last.last}: {made.last.bytes:,} bytes of {made.last.file} "
                "were finished before"
            )
        return made

    return begin
