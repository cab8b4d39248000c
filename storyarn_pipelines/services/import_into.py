"""Imports into a project that is there."""

from functools import partial
from pathlib import Path

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.domain.tables import Table
from storyarn_pipelines.errors import ImportFileError
from storyarn_pipelines.importers.compare import compare
from storyarn_pipelines.importers.document import NativeDocument, Survey
from storyarn_pipelines.importers.identity import Identities, NotKeepableError, RefList
from storyarn_pipelines.importers.loading import Place
from storyarn_pipelines.importers.plan import Plan, make_plan
from storyarn_pipelines.importers.report import ImportReport
from storyarn_pipelines.importers.source import open_source
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.services.import_base import Import
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.store.apply import reserve_ids
from storyarn_pipelines.store.merging import check_against, settle_slots, taken_numbers
from storyarn_pipelines.store.people import sheet_names

EVERYTHING = ExportOptions(include_trash=True, pretty_print=False, validate_before_export=False)
"""How the project is read that a file is held against."""


class IntoProject(Import):
    """One import that meets a project's own rows."""

    def run(self, settings: Settings, scratch: Path) -> ImportReport:
        """Compare, stage, check and apply."""
        options = self.options
        report = ImportReport({}, options.conflicts, "kept", options.dry_run)
        current = export_project(
            settings, options.into or "", "storyarn", EVERYTHING, out=scratch / "current.json"
        )
        with open_source(Path(str(current.path)), scratch) as source:
            present = NativeDocument(source)
            matches = compare(present, self.document, all_pairs=True, scratch=scratch)
            plan = make_plan(matches, options.conflicts, report)
            project = present.project
        number = int(project.ref)
        report.project = {
            "id": number,
            "workspace": project.text("workspace_slug"),
            "slug": project.text("slug"),
            "name": project.text("name"),
        }
        plan.known.setdefault(t.PROJECTS, {})[self.document.project.ref] = number
        survey = self.document.survey(self.progress)
        self._stage(plan, Place(number), survey, self._identities(plan, report))
        self.staging.finish()
        settle_slots(self.staging, number, self.notes)
        self.check(number)
        check_against(self.staging, number, plan.retired)
        self.finish(report, number, retired=plan.retired)
        return report

    def _identities(self, plan: Plan, report: ImportReport) -> Identities:
        """Ids of the rows that come in: the project's own, the file's if free, else new ones."""
        refs: dict[Table, RefList] = {}
        for entity in self.document.rows("plan", self.progress):
            if entity.table is t.PROJECTS or not plan.wants(entity):
                continue
            for row in entity.walk():
                known = plan.known.get(row.table, {})
                if row.table.key == "id" and plan.takes(entity, row) and row.ref not in known:
                    refs.setdefault(row.table, RefList()).add(row.ref)
        for found in refs.values():
            found.finish()
        try:
            if self.options.ids != "new":
                self._require_free(refs)
                return Identities(known=plan.known)
        except NotKeepableError as reason:
            if self.options.ids == "keep":
                raise ImportFileError(
                    f"import: the ids cannot be kept: {reason}; use --ids auto or new"
                ) from reason
        report.ids = "new"
        first = {
            table: reserve_ids(self.staging, table, len(found)) for table, found in refs.items()
        }
        return Identities(refs, first, plan.known)

    def _require_free(self, refs: dict[Table, RefList]) -> None:
        for table, found in refs.items():
            if found.texts:
                raise NotKeepableError(f"{next(iter(found.texts))!r} is no number of a database")
            taken = taken_numbers(self.staging, table, found.numbers)
            if taken:
                raise NotKeepableError(f"{table.name} {taken[0]} is taken")

    def _stage(self, plan: Plan, place: Place, survey: Survey, ids: Identities) -> None:
        sheets = sheet_names(self.staging, place.project_id)
        loader, content = self.loader(place, ids, survey, sheets)

        for entity in self.document.rows("read", self.progress):
            if entity.table is t.PROJECTS or not plan.wants(entity):
                continue
            if entity.table is t.ASSETS:
                self.media.take(entity, content.media_key(entity))
            loader.add(entity, takes=partial(plan.takes, entity))
