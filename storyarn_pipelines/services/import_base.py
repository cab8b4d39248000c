"""What every import does: rows staged, checked, mended and applied."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from storyarn_pipelines.content import json_text
from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.notes import Notes
from storyarn_pipelines.domain.progress import Progress
from storyarn_pipelines.domain.tables import TABLES, Table
from storyarn_pipelines.importers.content import Content
from storyarn_pipelines.importers.document import NativeDocument, Survey
from storyarn_pipelines.importers.identity import Identities
from storyarn_pipelines.importers.indexes import Indexes
from storyarn_pipelines.importers.loading import Loader, Place
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.importers.rows import target_of
from storyarn_pipelines.services.import_media import MediaIntake
from storyarn_pipelines.store.apply import apply
from storyarn_pipelines.store.mending import mend_references
from storyarn_pipelines.store.people import People
from storyarn_pipelines.store.staged_checks import check_staged, note_circles
from storyarn_pipelines.store.staging import Staging

REFERENCES: Mapping[Table, Mapping[str, Table]] = {
    table: found
    for table in TABLES
    if (found := {x: y for x in table.columns if (y := target_of(table, x)) is not None})
}
"""Foreign keys among a project's own rows."""

BeforeCommit = Callable[[ImportReport, str], None]
"""Told the report and the transaction's id when all is done but the commit."""

_SLOW = (
    "this database role may not set session_replication_role, so every row went through "
    "Storyarn's triggers, which is slow for large projects"
)


class Import:
    """One import; those into new and into existing projects build on it."""

    def __init__(
        self,
        staging: Staging,
        document: NativeDocument,
        options: ImportOptions,
        media: MediaIntake,
        progress: Progress,
        before_commit: BeforeCommit | None = None,
    ) -> None:
        self.before_commit = before_commit
        self.staging, self.document, self.options = staging, document, options
        self.media, self.progress = media, progress
        self.people = People(staging)
        self.notes = Notes()

    def loader(
        self,
        place: Place,
        ids: Identities,
        names: Survey,
        sheets: Mapping[str, int] | None = None,
    ) -> tuple[Loader, Content]:
        """What turns the file's rows into staged ones."""
        projects = (self.document.project.ref, str(place.project_id))
        latest = json_text.Latest()
        content = Content(ids, projects, names, self.notes, self.media.brings, latest)
        indexes = Indexes(self.staging, ids, sheets or {}, latest)
        loader = Loader(
            self.staging,
            ids,
            place,
            self.people,
            content=content,
            indexes=indexes,
            stamp=self.document.stamp,
            latest=latest,
        )
        return loader, content

    def check(self, project_id: int | None) -> None:
        """Hold staged rows against the database's rules; ``project_id`` if the project is there."""
        self.staging.finish()
        mend_references(self.staging, REFERENCES, project_id, self.notes)
        check_staged(self.staging, project_id)
        note_circles(self.staging, self.notes)

    def finish(
        self,
        report: ImportReport,
        project_id: int,
        *,
        owner_id: int | None = None,
        retired: Mapping[Table, Sequence[int]] | None = None,
    ) -> None:
        """Tell what was found, and unless this is a rehearsal, apply."""
        report.conversions.extend(self.document.source.remarks)
        report.conversions.extend(self.document.conversions.lines())
        report.warnings.extend(self.notes.lines())
        if self.people.unknown:
            strangers = ", ".join(self.people.unknown[:5])
            report.warnings.append(
                "people without an account here, set to null: "
                f"{len(self.people.unknown)} ({strangers})"
            )
        report.warnings.extend(self.media.warnings())
        if self.options.dry_run:
            return
        self.media.store(self.progress)
        commit = partial(self.before_commit, report) if self.before_commit else None
        applied = apply(
            self.staging, project_id, owner_id=owner_id, retired=retired, before_commit=commit
        )
        report.rows, report.locked_seconds = applied.rows, applied.locked_seconds
        if not applied.skipped_triggers:
            report.warnings.append(_SLOW)
