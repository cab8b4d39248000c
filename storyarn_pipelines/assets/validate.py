"""What validation finds, as a table, and as one check a rule."""

import json
import time
from collections.abc import Iterator

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
    step_errors,
    upstream,
)
from storyarn_pipelines.domain.tables import SECTIONS
from storyarn_pipelines.partitions import projects
from storyarn_pipelines.resources import ExportOptionsResource, StoryarnResource
from storyarn_pipelines.services.validate import validate_story
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.validation import RULES, ValidationResult

STEP = "validation"
REPORT_FILE = "validation.json"
VALIDATION_REPORT = dg.AssetKey("validation_report")
_SHOWN = 100


@dg.asset(
    key=VALIDATION_REPORT,
    deps=[snapshot_key(section) for section in SECTIONS],
    check_specs=[
        dg.AssetCheckSpec(
            rule.name, asset=VALIDATION_REPORT, description=rule.description, blocking=True
        )
        for rule in RULES.values()
    ],
    group_name="validate",
    kinds={"python"},
    description="Everything that validation finds in the story. Errors stop the exports, unless "
    "validate_before_export is off: then they are warnings.",
    partitions_def=projects,
    pool=EXPORT_POOL,
    retry_policy=RETRIES,
)
def validation_report(
    context: dg.AssetExecutionContext,
    export_options: ExportOptionsResource,
    storyarn: StoryarnResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """Validate the snapshot of this run."""
    started = time.perf_counter()
    area = storyarn.work_area()
    with step_errors(), area.step(run_ids(context), STEP) as work:
        options = export_options.options()
        digest = options.digest()
        source = upstream(context, area, SNAPSHOT, snapshot_key(SECTIONS[0]), digest)
        with area.files(source) as directory:
            story = StoryReader(directory, storyarn.media_store())
            result = validate_story(story, options, log_progress(context))
        report = json.dumps(result.as_dict(), ensure_ascii=False)
        (work.directory / REPORT_FILE).write_text(report, encoding="utf-8")
        record = work.finish(digest, {"status": result.status})
    yield dg.MaterializeResult(
        metadata={
            "status": result.status,
            **findings_metadata(result.diagnostics(), _counts(result), _SHOWN),
            **{name: number for name, number in result.statistics.items() if number},
            "step_seconds": round(time.perf_counter() - started, 3),
            **record_metadata(record, options),
        },
        check_results=_checks(result, blocking=options.validate_before_export),
    )


def _counts(result: ValidationResult) -> dict[str, int]:
    found = result.counts_by_severity
    return {"errors": found["error"], "warnings": found["warning"], "remarks": found["info"]}


def _checks(result: ValidationResult, *, blocking: bool) -> list[dg.AssetCheckResult]:
    """One result a rule. Remarks pass; errors block unless the options say otherwise."""
    checks = []
    for rule in RULES:
        found = result.of_rule(rule)
        severities = {finding.severity for finding in found}
        error = blocking and "error" in severities
        diagnostics = [finding.diagnostic() for finding in found]
        counts = {"findings": result.counts_by_rule.get(rule, 0)}
        checks.append(
            dg.AssetCheckResult(
                check_name=rule,
                passed=not severities & {"error", "warning"},
                severity=dg.AssetCheckSeverity.ERROR if error else dg.AssetCheckSeverity.WARN,
                metadata=findings_metadata(diagnostics, counts, _SHOWN),
            )
        )
    return checks
