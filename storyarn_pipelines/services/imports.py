"""Import a file: read, check, preview and apply it, all or nothing."""

import time
from pathlib import Path

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.progress import Progress, silent
from storyarn_pipelines.importers.document import NativeDocument
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.importers.source import open_source
from storyarn_pipelines.services.import_base import BeforeCommit
from storyarn_pipelines.services.import_into import IntoProject
from storyarn_pipelines.services.import_media import MediaIntake, StoredMedia
from storyarn_pipelines.services.import_new import NewProject
from storyarn_pipelines.services.scratch import scratch_directory
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.apply import was_committed
from storyarn_pipelines.store.embedded import database_url
from storyarn_pipelines.store.staging import open_staging


def import_file(
    settings: Settings,
    path: Path,
    options: ImportOptions,
    progress: Progress = silent,
    *,
    stored_media: StoredMedia | None = None,
    before_commit: BeforeCommit | None = None,
) -> ImportReport:
    """Import a file into a new or an existing project.

    ``stored_media`` are the bytes of a backup's media; ``before_commit`` hears of the transaction
    just before it ends. The database changes in one transaction at
    the very end, or not at all. Raises ImportFileError with the place in the file, UsageError,
    DatabaseError, StorageError.
    """
    started = time.perf_counter()
    with (
        scratch_directory(settings) as scratch,
        open_source(path, scratch, now=settings.now()) as source,
        open_staging(database_url(settings)) as staging,
    ):
        document = NativeDocument(source, settings.now())
        media = MediaIntake(settings, source, scratch, stored_media)
        if options.new is not None:
            new = NewProject(staging, document, options, media, progress, before_commit)
            report = new.run()
        else:
            into = IntoProject(staging, document, options, media, progress, before_commit)
            report = into.run(settings, scratch)
    report.seconds = round(time.perf_counter() - started, 3)
    return report


def import_was_committed(settings: Settings, transaction: str) -> bool:
    """What became of a transaction that ``before_commit`` heard of."""
    with open_staging(database_url(settings)) as staging:
        return was_committed(staging, transaction)
