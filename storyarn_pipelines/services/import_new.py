"""Imports that make a project."""

from collections.abc import Mapping

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.errors import ImportFileError, UnknownNameError
from storyarn_pipelines.importers.cells import escaped
from storyarn_pipelines.importers.document import Survey
from storyarn_pipelines.importers.identity import Identities, NotKeepableError, number_of
from storyarn_pipelines.importers.loading import Place
from storyarn_pipelines.importers.names import is_slug, slugify
from storyarn_pipelines.importers.report import ENTITY_TABLES, ImportReport
from storyarn_pipelines.services.import_base import Import
from storyarn_pipelines.store.apply import TakenMeanwhileError, reserve_ids
from storyarn_pipelines.store.people import find_workspace, free_slug, is_taken
from storyarn_pipelines.store.staged_checks import taken_ids

_TRIES = 20


class NewProject(Import):
    """One import that makes a project."""

    def run(self) -> ImportReport:
        """Stage, check and apply; once more where another import has taken the slug or the ids
        meanwhile."""
        for _ in range(_TRIES):
            try:
                return self._run()
            except TakenMeanwhileError:
                self.staging.clear()
                self.notes.clear()
        return self._run()

    def _run(self) -> ImportReport:
        options, project = self.options, self.document.project
        workspace = find_workspace(self.staging, options.new or "")
        owner = self._owner(workspace["owner_id"])
        name = options.name.strip() if options.name else project.text("name") or ""
        own_slug = None if options.name else project.text("slug")
        wanted = own_slug if own_slug and is_slug(own_slug) else slugify(name)
        slug = free_slug(self.staging, workspace["id"], wanted)
        columns = {
            "workspace_id": b"%d" % workspace["id"],
            "owner_id": b"%d" % owner,
            "name": escaped(name),
            "slug": slug.encode(),
        }
        report = ImportReport({}, options.conflicts, "kept", options.dry_run)
        place = self._stage(report, columns)
        report.project = {
            "id": place.project_id,
            "workspace": options.new,
            "slug": slug,
            "name": name,
        }
        self.check(None)
        self.finish(report, place.project_id, owner_id=owner)
        return report

    def _owner(self, workspace_owner: int) -> int:
        wanted = self.options.owner
        if wanted is not None:
            found = self.people.get(wanted.lower())
            if found is None:
                raise UnknownNameError(f"import: no user has the address {wanted!r} (--owner)")
            return found
        email = self.document.project.text("owner_email")
        return self.people.get(email.lower(), workspace_owner) if email else workspace_owner

    def _stage(self, report: ImportReport, columns: Mapping[str, bytes]) -> Place:
        """Stage all rows with the ids that the options ask for."""
        if self.options.ids != "new":
            try:
                return self._stage_kept(report, columns)
            except NotKeepableError as reason:
                if self.options.ids == "keep":
                    raise ImportFileError(
                        f"import: the ids cannot be kept: {reason}; use --ids auto or new"
                    ) from reason
            self.staging.clear()
            self.notes.clear()
        return self._stage_new(report, columns)

    def _stage_kept(self, report: ImportReport, columns: Mapping[str, bytes]) -> Place:
        ref = self.document.project.ref
        number = number_of(ref)
        if number is None:
            raise NotKeepableError(f"project {ref!r} is no number")
        if is_taken(self.staging, t.PROJECTS.name, number):
            raise NotKeepableError(f"project {number} exists")
        place = Place(number, columns)
        self._load(place, Identities(), Survey(), report)
        self.staging.finish()
        taken = taken_ids(self.staging)
        if taken is not None:
            raise NotKeepableError(f"some of {taken} are taken")
        report.ids = "kept"
        return place

    def _stage_new(self, report: ImportReport, columns: Mapping[str, bytes]) -> Place:
        survey = self.document.survey(self.progress)
        first = {
            table: reserve_ids(self.staging, table, len(refs))
            for table, refs in survey.refs.items()
            if len(refs)
        }
        place = Place(first[t.PROJECTS], columns)
        self._load(place, Identities(survey.refs, first), survey, report)
        report.ids = "new"
        return place

    def _load(self, place: Place, ids: Identities, names: Survey, report: ImportReport) -> None:
        loader, content = self.loader(place, ids, names)
        counts = dict.fromkeys(ENTITY_TABLES, 0)
        self.media.clear()
        for row in self.document.rows("read", self.progress):
            if row.table is t.ASSETS:
                self.media.take(row, content.media_key(row))
            loader.add(row)
            if row.table in counts:
                counts[row.table] += 1
        report.clear()
        for table, number in counts.items():
            report.count(table, "new", number)
