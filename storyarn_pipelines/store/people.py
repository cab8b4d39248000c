"""Who and where: users by their addresses, workspaces by their slugs, slugs that are free."""

from collections.abc import Iterator, Mapping
from typing import Any

from storyarn_pipelines.errors import UnknownNameError
from storyarn_pipelines.store.sql import identifier, integer, literal
from storyarn_pipelines.store.staging import Staging


class People(Mapping[str, int]):
    """Users' ids by e-mail address in lower case, asked for once each."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._found: dict[str, int | None] = {}
        self.unknown: list[str] = []

    def __getitem__(self, email: str) -> int:
        """The user's id; raises KeyError for a stranger, who is remembered."""
        if email not in self._found:
            query = f"SELECT min(id) FROM users WHERE lower(email::text) = {literal(email)}"
            self._found[email] = self._staging.scalar(query)
            if self._found[email] is None:
                self.unknown.append(email)
        found = self._found[email]
        if found is None:
            raise KeyError(email)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def find_workspace(staging: Staging, slug: str) -> dict[str, Any]:
    """A workspace's ``id`` and ``owner_id``; raises UnknownNameError naming those that exist."""
    found = staging.rows(f"SELECT id, owner_id FROM workspaces WHERE slug = {literal(slug)}")
    if found:
        return found[0]
    others = staging.rows('SELECT slug FROM workspaces ORDER BY slug COLLATE "C" LIMIT 5')
    known = ", ".join(row["slug"] for row in others) or "none"
    raise UnknownNameError(f"import: workspace {slug!r} does not exist; there are: {known}")


def free_slug(staging: Staging, workspace_id: int, wanted: str) -> str:
    """``wanted``, or with the first number that no project of the workspace has, trash included."""
    rows = staging.rows(
        f"SELECT slug FROM projects WHERE workspace_id = {integer(workspace_id)} "
        f"AND starts_with(slug, {literal(wanted)})"
    )
    taken = {row["slug"] for row in rows}
    slug, number = wanted, 2
    while slug in taken:
        slug = f"{wanted}-{number}"
        number += 1
    return slug


def is_taken(staging: Staging, table: str, number: int) -> bool:
    """Whether a row has that id."""
    query = f"SELECT EXISTS (SELECT 1 FROM {identifier(table)} WHERE id = {integer(number)})"
    return bool(staging.scalar(query))


def sheet_names(staging: Staging, project_id: int) -> dict[str, int]:
    """A project's live sheets by shortcut, or by their id if they have none."""
    rows = staging.rows(
        "SELECT id, COALESCE(NULLIF(shortcut, ''), id::text) AS name FROM sheets "
        f"WHERE project_id = {integer(project_id)} AND deleted_at IS NULL"
    )
    return {row["name"]: row["id"] for row in rows}
