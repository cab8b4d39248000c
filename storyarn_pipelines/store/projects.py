"""Finding projects."""

import re

import msgspec

from storyarn_pipelines.domain.options import MAX_ID
from storyarn_pipelines.domain.project import ProjectRef
from storyarn_pipelines.errors import UnknownProjectError
from storyarn_pipelines.store.sql import literal
from storyarn_pipelines.store.stream import ReadTransaction

_LIST = """
SELECT p.id, p.name::text AS name, p.slug::text AS slug, w.slug::text AS workspace,
       p.deleted_at IS NOT NULL AS in_trash
  FROM projects p JOIN workspaces w ON w.id = p.workspace_id
 {where} ORDER BY w.slug COLLATE "C", p.slug COLLATE "C", p.id
"""


def list_projects(transaction: ReadTransaction, *, trash: bool = False) -> list[ProjectRef]:
    """All projects, those in the trash only when asked for."""
    where = "" if trash else "WHERE p.deleted_at IS NULL"
    return msgspec.convert(transaction.rows(_LIST.format(where=where)), list[ProjectRef])


def find_project(transaction: ReadTransaction, name: str, *, trash: bool = False) -> ProjectRef:
    """The project that an id, ``workspace/project`` or an unambiguous slug names.

    Raises UnknownProjectError; a project in the trash needs ``trash``.
    """
    found = _matches(transaction, name)
    live = [project for project in found if trash or not project.in_trash]
    if len(live) == 1:
        return live[0]
    if len(live) > 1:
        choices = ", ".join(project.full_slug for project in live)
        raise UnknownProjectError(f"project {name!r} is ambiguous; say one of {choices}")
    if found:
        raise UnknownProjectError(
            f"project {name!r} is in the trash; take it along with -o include_trash=true"
        )
    raise UnknownProjectError(f"project {name!r} does not exist; `storyarn projects` lists them")


def _matches(transaction: ReadTransaction, name: str) -> list[ProjectRef]:
    if "\x00" in name:
        return []
    if re.fullmatch(r"[0-9]{1,19}", name) and int(name) <= MAX_ID:
        found = _query(transaction, f"p.id = {int(name)}")
        if found:
            return found
    if "/" in name:
        workspace, slug = name.split("/", 1)
        return _query(transaction, f"w.slug = {literal(workspace)} AND p.slug = {literal(slug)}")
    return _query(transaction, f"p.slug = {literal(name)}")


def _query(transaction: ReadTransaction, condition: str) -> list[ProjectRef]:
    rows = transaction.rows(_LIST.format(where=f"WHERE {condition}"))
    return msgspec.convert(rows, list[ProjectRef])
