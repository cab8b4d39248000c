"""An upload, what importing it would do, and what it did."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
import msgspec
import orjson

from storyarn_pipelines.assets.steps import RETRIES, log_progress, run_ids, step_errors
from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.errors import ObjectMissingError, StoryarnError, UsageError
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.resources import ImportUploadResource, StoryarnResource
from storyarn_pipelines.services.imports import import_file, import_was_committed
from storyarn_pipelines.services.uploads import (
    Waiting,
    fetch_upload,
    find_upload,
    rehearsal,
    settle,
    upload_options,
)
from storyarn_pipelines.services.work import WorkRecord, single_file
from storyarn_pipelines.storage import ObjectStore

IMPORT_POOL = "imports"
UPLOAD, PLAN, REPORT = (dg.AssetKey(name) for name in ("upload", "import_plan", "import_report"))
_STEP = "upload"
_SHOWN = 100


@dg.asset(
    key=UPLOAD,
    group_name="import",
    kinds={"file"},
    description="The file to import, fetched from the object store. Which one says the run's "
    "configuration.",
    pool=IMPORT_POOL,
    retry_policy=RETRIES,
)
def upload(
    context: dg.AssetExecutionContext,
    import_upload: ImportUploadResource,
    storyarn: StoryarnResource,
) -> dg.MaterializeResult[None]:
    """Copy the upload to the work area, so that a re-execution works on the same bytes."""
    store, area = storyarn.object_store(), storyarn.work_area()
    with step_errors():
        waiting = find_upload(store, import_upload.key)
    with _failures(store, waiting), area.step(run_ids(context), _STEP) as work:
        options = upload_options(store, waiting.key, import_upload.given())
        path = fetch_upload(store, waiting, work.directory)
        facts = {**asdict(waiting), "options": asdict(options)}
        record = work.finish(_digest(import_upload), facts)
    file = single_file(record)
    return dg.MaterializeResult(
        metadata={
            "file": path.name,
            "key": waiting.key,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "options": dg.MetadataValue.json(asdict(options)),
        },
        data_version=dg.DataVersion(file.sha256),
    )


@dg.asset(
    key=PLAN,
    deps=[UPLOAD],
    group_name="import",
    kinds={"postgres"},
    description="What importing the file would do: new, changed and unchanged entities, and "
    "everything that would be converted or lost. Nothing is changed.",
    pool=IMPORT_POOL,
    retry_policy=RETRIES,
)
def import_plan(
    context: dg.AssetExecutionContext,
    import_upload: ImportUploadResource,
    storyarn: StoryarnResource,
) -> dg.MaterializeResult[None]:
    """Rehearse the import."""
    record, waiting, options = _fetched(context, import_upload, storyarn)
    area = storyarn.work_area()
    with _failures(storyarn.object_store(), waiting), area.files(record) as directory:
        path = directory / single_file(record).name
        report = import_file(storyarn.settings(), path, rehearsal(options), log_progress(context))
    return dg.MaterializeResult(metadata=_metadata(report))


@dg.asset(
    key=REPORT,
    deps=[PLAN, UPLOAD],
    group_name="import",
    kinds={"postgres"},
    description="The import itself, in one transaction, and its report. The file moves to "
    "imports-done/ or imports-failed/.",
    pool=IMPORT_POOL,
    retry_policy=RETRIES,
)
def import_report(
    context: dg.AssetExecutionContext,
    import_upload: ImportUploadResource,
    storyarn: StoryarnResource,
) -> dg.MaterializeResult[None]:
    """Import the file once, whatever happens between the commit and its report."""
    started = time.perf_counter()
    record, waiting, options = _fetched(context, import_upload, storyarn)
    store, settings = storyarn.object_store(), storyarn.settings()
    marker = _Marker(storyarn.work_store(), f"{record.root}/import/commit.json")
    with _failures(store, waiting), storyarn.work_area().files(record) as directory:
        report = marker.finished(lambda xid: import_was_committed(settings, xid))
        if report is None:
            path = directory / single_file(record).name
            report = import_file(
                settings, path, options, log_progress(context), before_commit=marker.prepare
            ).as_dict()
        key = settle(store, waiting, report, done=True)
    shown = ImportReport(**{x: report[x] for x in ("project", "conflicts", "ids", "dry_run")})
    for name in ("sections", "warnings", "conversions", "errors", "plan"):
        setattr(shown, name, report[name])
    return dg.MaterializeResult(
        metadata={
            **_metadata(shown),
            "report": key,
            "step_seconds": round(time.perf_counter() - started, 3),
        }
    )


class _Marker:
    """Remembers a transaction before it is committed, so that no retry imports twice."""

    def __init__(self, work: ObjectStore, key: str) -> None:
        self._work, self._key = work, key

    def prepare(self, report: ImportReport, transaction: str) -> None:
        """Note what is about to be committed."""
        noted = {"transaction": transaction, "report": report.as_dict()}
        with TemporaryDirectory() as directory:
            path = Path(directory) / "commit.json"
            path.write_bytes(orjson.dumps(noted))
            self._work.put_file(self._key, path)

    def finished(self, was_committed: Any) -> dict[str, Any] | None:
        """The report of an earlier try that was committed, if there was one."""
        try:
            with self._work.open_read(self._key) as file:
                noted = msgspec.json.decode(file.read(), type=dict[str, Any])
        except ObjectMissingError:
            return None
        return noted["report"] if was_committed(noted["transaction"]) else None


@contextmanager
def _failures(store: ObjectStore, waiting: Waiting) -> Iterator[None]:
    """A failure that will not pass by itself settles the upload as failed."""
    with step_errors():
        try:
            yield
        except StoryarnError as error:
            if not error.transient:
                settle(store, waiting, {"errors": [str(error)]}, done=False)
            raise


def _fetched(
    context: dg.AssetExecutionContext,
    import_upload: ImportUploadResource,
    storyarn: StoryarnResource,
) -> tuple[WorkRecord, Waiting, ImportOptions]:
    """The upload that this run, or the one that it re-executes, has fetched."""
    with step_errors():
        area = storyarn.work_area()
        record = area.find(run_ids(context), _STEP, _digest(import_upload))
        if record is None:
            raise UsageError("upload: this run has not fetched it; materialize it too")
        facts = record.facts
        return record, Waiting(facts["key"], facts["version"]), ImportOptions(**facts["options"])


def _digest(import_upload: ImportUploadResource) -> str:
    values = {"key": import_upload.key, **import_upload.given()}
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _metadata(report: ImportReport) -> dict[str, Any]:
    rows = [
        dg.TableRecord({"section": name, **outcomes}) for name, outcomes in report.sections.items()
    ]
    found: dict[str, Any] = {
        "project": dg.MetadataValue.json(report.project),
        "entities": dg.MetadataValue.table(rows),
        "dry_run": report.dry_run,
        "warnings": len(report.warnings),
    }
    for name, lines in (("conversions", report.conversions), ("told", report.warnings)):
        if lines:
            found[name] = dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))
    columns = ("section", "type", "key", "name", "outcome")
    listed = [dg.TableRecord({x: entry[x] for x in columns}) for entry in report.plan[:_SHOWN]]
    if listed:
        found["plan"] = dg.MetadataValue.table(listed)
    return found
